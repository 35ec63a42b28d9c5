# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON Schemas that refer to others in their folder by "$id": the versions of
jsonschema differ in how they are told of those, so they are made one here."""

import glob
import json
import os

import jsonschema


def moved(node, home, homes):
    """The same, in a schema where the root that "#" refers to stands at home,
    and the roots of others where homes says."""
    if isinstance(node, list):
        return [moved(item, home, homes) for item in node]
    if not isinstance(node, dict):
        return node
    result = {}
    for name, value in node.items():
        if name == "$ref" and isinstance(value, str):
            root, _, pointer = value.partition("#")
            value = "#" + (homes[root] if root else home) + pointer
        result[name] = moved(value, home, homes)
    return result


def read(path):
    with open(path, encoding="utf-8") as source:
        return json.load(source)


def load(path):
    """The schema in a file, and in its $defs the others of the folder."""
    schema, others = read(path), {}
    for name in glob.glob(os.path.join(os.path.dirname(path),
                                       "*.schema.json")):
        other = read(name)
        others[other.pop("$id")] = other
    homes = {name: "/$defs/" + name for name in others}
    if others.pop(schema.get("$id"), None):
        homes[schema["$id"]] = ""
    whole = moved(schema, "", homes)
    for name, other in others.items():
        whole.setdefault("$defs", {})[name] = moved(other, homes[name], homes)
    return whole


def validator(path):
    """What holds events against the schema in a file."""
    schema = load(path)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)
