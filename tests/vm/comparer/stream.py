# SPDX-License-Identifier: GPL-2.0-or-later
"""What auditd wrote to its plugins: which lives it told of, and its gaps."""

import re
from collections import defaultdict

HEAD = re.compile(
    r"(?:node=\S+ )?type=(\S+) msg=audit\((\d+)\.(\d+):(\d+)\)")
FIELD = re.compile(r"(\w+)=(\S+)")

# Per architecture the numbers of what begins, changes and ends a process.
CALLS = {
    "c000003e": {56: "fork", 57: "fork", 58: "fork", 435: "fork",
                 59: "exec", 322: "exec", 231: "end"},
    "40000003": {2: "fork", 120: "fork", 190: "fork", 435: "fork",
                 11: "exec", 358: "exec", 252: "end"},
}

KILLED = 0x7F  # the bits of a wait status that name a signal

# A record may be dated so long before the witness sees a birth, or after an
# end; numbers are not used again so soon where it matters.
SLACK_MS = 500


class Stream:
    """Times of records, per pid; and how many serial numbers are absent."""

    def __init__(self, lines):
        self.seen = defaultdict(list)  # of (what, pid): milliseconds
        serials = set()
        for line in lines:
            head = HEAD.match(line)
            # auditd numbers its own records apart from the kernel's.
            if head is None or head[1].startswith("DAEMON_"):
                continue
            serials.add(int(head[4]))
            if head[1] == "SYSCALL":
                self._count(int(head[2]) * 1000 + int(head[3]),
                            dict(FIELD.findall(line.split("\x1d")[0])))
        self.absent = 0
        if serials:
            self.absent = max(serials) - min(serials) + 1 - len(serials)

    def _count(self, ms, fields):
        what = CALLS.get(fields["arch"], {}).get(int(fields["syscall"]))
        if what == "end":
            self.seen["end", int(fields["pid"])].append(ms)
        elif what == "exec" and fields.get("success") == "yes":
            self.seen["exec", int(fields["pid"])].append(ms)
        elif what == "fork" and fields.get("success") == "yes":
            self.seen["fork", int(fields["exit"])].append(ms)

    def of(self, life, what, offset):
        """When records of this kind were made of a life; offset: real time
        minus the witness's clock, in ms."""
        times = self.seen[what, life.pid]
        if life.born_ns is not None:
            since = life.born_ns / 1e6 + offset - SLACK_MS
            times = [ms for ms in times if since <= ms]
        if life.ended_ns is not None:
            until = life.ended_ns / 1e6 + offset + SLACK_MS
            times = [ms for ms in times if ms <= until]
        return times

    def has_all_of(self, life, offset):
        """Whether the stream has each record that this life gives rise to."""
        ended = (self.of(life, "end", offset) or not life.ended or
                 life.status & KILLED)
        return bool(self.of(life, "fork", offset) and ended and
                    len(self.of(life, "exec", offset)) == life.execs)
