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

    def has_all_of(self, life):
        """Whether the stream has each record that this life gives rise to."""
        ended = (self.seen["end", life.pid] or not life.ended or
                 life.status & KILLED)
        return bool(self.seen["fork", life.pid] and ended and
                    len(self.seen["exec", life.pid]) == life.execs)
