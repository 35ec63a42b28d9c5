# SPDX-License-Identifier: GPL-2.0-or-later
"""What proclife told: its lines, and the lives they make."""

import copy
import json
from collections import Counter
from datetime import datetime


def milliseconds(timestamp):
    when = datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%S.%fZ")
    epoch = datetime(1970, 1, 1)
    return round((when - epoch).total_seconds() * 1000)


def bytes_told(doc, field):
    """The exact bytes of a field: a string's, a list of them, or None.

    What is not UTF-8 has its bytes in proclife.hex.
    """
    value = doc
    for name in field.split("."):
        value = value.get(name)
        if value is None:
            return None
    broken = doc["proclife"].get("hex", {}).get(field, {})
    if isinstance(value, list):
        return [bytes.fromhex(broken[str(index)]) if str(index) in broken
                else one.encode() for index, one in enumerate(value)]
    return bytes.fromhex(broken) if broken else value.encode()


class Line:
    """One event, with its place in the order of all lines."""

    def __init__(self, place, doc):
        self.place = place
        self.doc = doc
        self.action = doc["event"]["action"]
        self.time_ms = milliseconds(doc["@timestamp"])
        self.run = doc["agent"].get("ephemeral_id")  # replay has none
        self.boot = doc.get("host", {}).get("boot", {}).get("id")
        self.process = doc.get("process")
        self.proclife = doc["proclife"]
        self.again = False  # told before, by a run that was killed

    def said(self):
        """What it says, whoever tells it, and when."""
        doc = copy.deepcopy(self.doc)
        for group, name in (("event", "sequence"), ("event", "created"),
                            ("agent", "ephemeral_id")):
            doc[group].pop(name, None)
        return doc


class ToldLife:
    """The lines of one process.entity_id."""

    def __init__(self, entity, pid):
        self.entity = entity
        self.pid = pid
        self.lines = []

    def lines_of(self, action):
        return [line for line in self.lines if line.action == action]

    @property
    def birth(self):
        births = self.lines_of("fork")
        return births[0] if births else None

    @property
    def found_running(self):
        return self.birth is None and bool(self.lines_of("already_running"))

    @property
    def is_inferred(self):
        return self.birth.proclife.get("start") == "inferred"

    @property
    def execs(self):
        return [line for line in self.lines_of("exec")
                if line.doc["event"].get("outcome") != "failure"]

    @property
    def end(self):
        ends = self.lines_of("end")
        return ends[0] if ends else None

    def __str__(self):
        first = self.lines[0]
        actions = " ".join(line.action for line in self.lines)
        return (f"pid {self.pid} {first.process.get('name')} from line "
                f"{first.place + 1}: {actions}, {self.entity}")


class End:
    """What an end line says of the status, as waitpid(2) would."""

    def __init__(self, line):
        told = line.proclife.get("exit")
        self.known = told is not None
        self.certain = self.known and told.get("certain", False)
        self.status = None
        self.shell = line.process.get("exit_code")
        if not self.known:
            return
        if "code" in told:
            self.status = told["code"] << 8
        elif "core_dumped" in told:
            self.status = told["signal"] | (0x80 if told["core_dumped"] else 0)


class Book:
    """All lines of one run of proclife (or of several, one after another).

    boot: of lives and losses only those of the boot with this id; None: all.
    killed: whether the plugin was. Then the next run tells again what may not
    have been written, and a reader drops it by its event.id: it is the same but
    for who tells it, and when.
    """

    def __init__(self, boot=None, killed=False):
        self.boot = boot
        self.killed = killed
        self.written = set()
        self.told = {}
        self.again = []
        self.dying = None  # whose last lines are being written again
        self.lines = []
        self.of_boot = []
        self.broken = []  # what cannot be read as an event
        self.lives = {}

    def read(self, raw_lines):
        for number, raw in enumerate(raw_lines, 1):
            try:
                self._add(raw)
            except (ValueError, KeyError, TypeError) as error:
                self.broken.append(f"line {number}: {error!r}: {raw[:200]!r}")

    def _add(self, raw):
        if not raw.endswith(b"\n"):
            raise ValueError("no newline at its end")
        line = Line(len(self.lines), json.loads(raw.decode("utf-8")))
        if self.killed and self._is_written_again(raw):
            self.dying = self.lines[-1].run
            return
        if self.dying == line.run is not None:
            self.broken.append(f"line {line.place + 1}: told by who wrote "
                               "again, but was not killed")
        self.dying = None
        self.lines.append(line)
        if self.killed and self._is_told_again(line):
            return
        if self.boot not in (None, line.boot):
            return
        self.of_boot.append(line)
        if line.process is None:
            return
        entity, pid = line.process["entity_id"], line.process["pid"]
        life = self.lives.setdefault(entity, ToldLife(entity, pid))
        if life.pid != pid:
            raise ValueError(f"{entity} had pid {life.pid}, now {pid}")
        life.lines.append(line)

    def _is_written_again(self, raw):
        again = raw in self.written
        self.written.add(raw)
        if again:
            self.again.append(f"{raw[:200]!r}")
        return again

    def _is_told_again(self, line):
        said = line.said()
        first = self.told.setdefault(line.doc["event"].get("id"), (line, said))
        line.again = first[0] is not line and first[1] == said
        if line.again:
            self.again.append(f"line {line.place + 1}")
        return line.again

    def repeated_ids(self):
        ids = Counter(line.doc["event"].get("id") for line in self.lines
                      if not line.again)
        return [f"event.id {name}: {count} times"
                for name, count in ids.items() if count > 1 or name is None]

    def sequence_faults(self):
        """Where event.sequence does not count 1, 2, 3... in each run."""
        faults = []
        last = {}
        for line in self.lines:
            told = line.doc["event"].get("sequence")
            expected = last.get(line.run, 0) + 1
            if told != expected:
                faults.append(f"line {line.place + 1}: event.sequence "
                              f"{told}, expected {expected}")
            last[line.run] = told if isinstance(told, int) else expected
        return faults

    def not_ended_once(self):
        """Those told to live on after a boot that is over, or to end again."""
        return [f"{told}" for told in self.lives.values()
                if len(told.lines_of("end")) != 1]

    def began_ms(self, run):
        """When a run told its first line; None: it does not say."""
        first = next(line for line in self.lines if line.run == run)
        created = first.doc["event"].get("created")
        return created and milliseconds(created)

    def losses(self):
        return [line for line in self.of_boot if line.action == "loss"]
