# SPDX-License-Identifier: GPL-2.0-or-later
"""The same events in the format ocsf, as another sink of the plugin has them.
"""

import json
from itertools import zip_longest


class OcsfLine:
    """One event, with its place in the order of all lines."""

    def __init__(self, place, doc):
        self.place = place
        self.doc = doc
        metadata = doc["metadata"]
        agents = doc["device"].get("agent_list", [{}])
        self.event = (metadata["event_code"], metadata["uid"], doc["time"],
                      metadata["sequence"], agents[0].get("uid_alt"))


class OcsfBook:
    """All lines of one run of proclife."""

    def __init__(self):
        self.lines = []
        self.broken = []  # what cannot be read as an event

    def read(self, raw_lines):
        for number, raw in enumerate(raw_lines, 1):
            try:
                if not raw.endswith(b"\n"):
                    raise ValueError("no newline at its end")
                doc = json.loads(raw.decode("utf-8"))
                self.lines.append(OcsfLine(len(self.lines), doc))
            except (ValueError, KeyError, TypeError) as error:
                self.broken.append(f"line {number}: {error!r}: {raw[:200]!r}")


def ecs_event(line):
    event = line.doc["event"]
    return (line.action, event.get("id"), line.time_ms, event["sequence"],
            line.run)


def other_events(book, ocsf, killed):
    """Yields where two sinks were told of different events, or in another
    order. After a kill each may have got some again that the other one had:
    then only which events they are is the same."""
    left = [ecs_event(line) for line in book.lines]
    right = [line.event for line in ocsf.lines]
    if killed:
        for name, here, there in (("ecs", left, right), ("ocsf", right, left)):
            missing = {event[:3] for event in here}
            missing -= {event[:3] for event in there}
            yield from (f"{event} in {name} alone"
                        for event in sorted(missing))
        return
    for place, (one, other) in enumerate(zip_longest(left, right), 1):
        if one != other:
            yield f"line {place}: ecs {one}, ocsf {other}"
