# SPDX-License-Identifier: GPL-2.0-or-later
"""What auditd wrote to its plugins: which lives it told of, and its gaps."""

import re
from bisect import bisect_left, bisect_right
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

# A record that comes so long after newer ones is beyond the stated lateness:
# the setting's default.
LATENESS_MS = 2000


class Gap:
    """Serial numbers in a row that are absent, and the times beside them."""

    def __init__(self, count, since_ms, until_ms):
        self.count = count
        self.since_ms = min(since_ms, until_ms)
        self.until_ms = max(since_ms, until_ms)


def absent(events):
    """The gaps among events, which are {serial: milliseconds}."""
    serials = sorted(events)
    return [Gap(after - before - 1, events[before], events[after])
            for before, after in zip(serials, serials[1:])
            if after - before > 1]


class Stream:
    """Times of records, per pid, and of events; which numbers are absent."""

    def __init__(self, lines):
        self.seen = defaultdict(list)  # of (what, pid): milliseconds
        self.late = []  # what came too late, where it belongs
        events = {}
        newest = 0
        for line in lines:
            head = HEAD.match(line)
            # auditd numbers its own records apart from the kernel's.
            if head is None or head[1].startswith("DAEMON_"):
                continue
            ms = int(head[2]) * 1000 + int(head[3])
            events.setdefault(int(head[4]), ms)
            newest = max(newest, ms)
            if ms < newest - LATENESS_MS:
                self.late.append(ms)
            if head[1] == "SYSCALL":
                self._count(ms, dict(FIELD.findall(line.split("\x1d")[0])))
        self.event_times = sorted(events.values())
        self.late.sort()
        self.gaps = absent(events)

    def _count(self, ms, fields):
        what = CALLS.get(fields["arch"], {}).get(int(fields["syscall"]))
        if what == "end":
            self.seen["end", int(fields["pid"])].append(ms)
        elif what == "exec" and fields.get("success") == "yes":
            self.seen["exec", int(fields["pid"])].append(ms)
        elif what == "fork" and fields.get("success") == "yes":
            self.seen["fork", int(fields["exit"])].append(ms)

    def events_in(self, since_ms, until_ms):
        """How many events are dated then."""
        return bisect_right(self.event_times, until_ms) - \
            bisect_left(self.event_times, since_ms)

    def came_late(self, since_ms, until_ms):
        """Whether records of then, or of just before or after, came late."""
        first = bisect_left(self.late, since_ms - LATENESS_MS)
        return first < len(self.late) and \
            self.late[first] <= until_ms + LATENESS_MS

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
