#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds what generate wrote against the rules of a real kernel.

usage: check-generated.py STREAM ACCT TRUTH [SHAPE]

Reads the stream as text, without any code of proclife, and checks that
serials have no gap, that every event is whole, that stream, accounting
records and truth tell of the same lives, that no order is one that a kernel
cannot make, and that the stream is of the shape. Prints what was found; the
exit status is 1 if anything is wrong.
"""

import collections
import re
import struct
import sys

RECORD = re.compile(
    rb"(?:node=\S+ )?type=(\w+) msg=audit\((\d+)\.(\d+):(\d+)\):(.*)")
FIELD = re.compile(rb"(\w+(?:\[\d+\])?)=(\"[^\"]*\"|\S*)")
ACCT = struct.Struct("=BBHIIIIIIf8H16s")

BIRTHS = {b"c000003e": {b"56", b"57", b"58", b"435"},
          b"40000003": {b"2", b"120", b"190", b"435"}}
EXECS = {b"c000003e": {b"59", b"322"}, b"40000003": {b"11", b"358"}}
EXIT_GROUP = {b"c000003e": b"231", b"40000003": b"252"}
CLONE = {b"c000003e": b"56", b"40000003": b"120"}
CLONE_THREAD = 0x10000

# The system calls of other rules: for each its name, and for each name what
# its PATH records may be. For all of them but one a rule has a key.
OTHERS = {b"c000003e": {b"1": "write", b"42": "connect", b"82": "rename",
                        b"257": "openat", b"263": "unlinkat",
                        b"268": "fchmodat"},
          b"40000003": {b"4": "write", b"362": "connect", b"38": "rename",
                        b"295": "openat", b"301": "unlinkat",
                        b"306": "fchmodat"}}
NAMETYPES = {"write": {""}, "connect": {"", "NORMAL"},
             "rename": {"PARENT PARENT DELETE DELETE CREATE"},
             "openat": {"NORMAL", "PARENT NORMAL", "PARENT CREATE"},
             "unlinkat": {"PARENT DELETE"}, "fchmodat": {"NORMAL"}}
INET_SIZE, LOCAL_SIZE = 16, 110

# What programs say themselves: one record, its msg in libaudit's form.
USER_TYPES = {b"USER_AUTH", b"USER_ACCT", b"USER_START", b"USER_END",
              b"USER_LOGIN", b"CRED_ACQ", b"CRED_REFR", b"CRED_DISP",
              b"SERVICE_START", b"SERVICE_STOP"}
USER_MESSAGE = re.compile(
    rb" pid=\d+ uid=\d+ auid=\d+ ses=\d+ subj=\S+ msg='(op|unit)=\S+ .*"
    rb"exe=\"/\S+\" hostname=\S+ addr=\S+ terminal=\S+"
    rb" res=(success|failed)'")
LOGIN = re.compile(
    rb" pid=\d+ uid=\d+ subj=\S+ old-auid=\d+ auid=\d+ tty=\S+"
    rb" old-ses=\d+ ses=\d+ res=[01]")
SINGLE_TYPES = USER_TYPES | {b"ANOM_ABEND"}

# Nine of ten events; and how many are in progress at once.
MIXED_SHARE = 0.88, 0.92
STORM_OPEN = 60

problems = collections.Counter()


def problem(what, detail):
    problems[what] += 1
    if problems[what] <= 3:
        print(f"{what}: {detail}")


class Event:
    """The records of one serial number."""

    def __init__(self, serial, ms):
        self.serial, self.ms = serial, ms
        self.types = []
        self.fields = {}
        self.execve = {}
        self.nametypes = []
        self.saddr = b""
        self.first = self.last = 0

    def add(self, kind, text):
        self.types.append(kind)
        if kind == b"SYSCALL" or kind in SINGLE_TYPES:
            self.fields = dict(FIELD.findall(text))
        elif kind == b"EXECVE":
            self.execve.update(FIELD.findall(text))
        elif kind == b"PATH":
            self.nametypes.append(
                re.search(r"nametype=(\w+)", text.decode())[1])
        elif kind == b"SOCKADDR":
            self.saddr = bytes.fromhex(text.decode().split("=")[1])
        if kind in USER_TYPES and not USER_MESSAGE.fullmatch(text) or \
                kind == b"LOGIN" and not LOGIN.fullmatch(text):
            problem("form", text)

    def call(self):
        """Its system call, if it is of another rule than proclife's."""
        return OTHERS.get(self.fields.get(b"arch"), {}).get(
            self.fields.get(b"syscall"))

    def is_other(self):
        return self.types[0] in USER_TYPES or self.call() is not None

    def number(self, name, base=10):
        return int(self.fields[name], base)


def read_events(path):
    """The events by serial, and how many were split by another's records."""
    events = {}
    split = previous = 0
    with open(path, "rb") as stream:
        for at, line in enumerate(stream):
            match = RECORD.match(line.split(b"\x1d")[0].rstrip(b"\n"))
            if match is None:
                problem("not a record", line[:80])
                continue
            kind, seconds, ms, serial, text = match.groups()
            if kind.startswith(b"DAEMON_"):
                continue
            serial = int(serial)
            if serial not in events:
                events[serial] = Event(
                    serial, int(seconds) * 1000 + int(ms))
                events[serial].first = at
            elif serial != previous:
                split += 1
            events[serial].add(kind, text)
            events[serial].last = at
            previous = serial
    return events, split


def check_whole(events):
    serials = sorted(events)
    if serials != list(range(serials[0], serials[0] + len(serials))):
        problem("serial gap", serials[:3])
    order = [b"LOGIN", b"SYSCALL", b"EXECVE", b"SOCKADDR", b"CWD", b"PATH",
             b"PROCTITLE", b"EOE"]
    for event in events.values():
        if len(event.types) == 1 and event.types[0] in SINGLE_TYPES:
            continue
        ranks = [order.index(kind) for kind in event.types]
        if ranks != sorted(ranks) or event.types.count(b"SYSCALL") != 1 or \
                b"PROCTITLE" not in event.types:
            problem("records out of order", (event.serial, event.types))
        if event.types.count(b"PATH") != event.number(b"items"):
            problem("items", event.serial)
        check_arguments(event)
        if event.is_other():
            check_other(event)


def check_other(event):
    """The records that this system call makes, and no others."""
    call = event.call()
    nametypes = " ".join(event.nametypes)
    if nametypes not in NAMETYPES[call] or \
            (b"CWD" in event.types) != bool(nametypes):
        problem("paths", (event.serial, call, nametypes))
    size = LOCAL_SIZE if nametypes else INET_SIZE
    if len(event.saddr) != (size if call == "connect" else 0):
        problem("address", (event.serial, event.saddr))
    if (b"LOGIN" in event.types) != (call == "write") or \
            (event.fields[b"key"] == b"(null)") != (call == "write"):
        problem("key", event.serial)


def check_arguments(event):
    """argc arguments, each whole: its parts as long as it says."""
    for n in range(int(event.execve.get(b"argc", 0))):
        name = b"a%d" % n
        if name in event.execve:
            continue
        parts = [value for key, value in event.execve.items()
                 if key.startswith(name + b"[")]
        length = sum(len(p) - (2 if p.startswith(b'"') else 0)
                     for p in parts)
        if length != int(event.execve.get(name + b"_len", -1)):
            problem("argument", (event.serial, n))


def read_truth(path):
    with open(path) as truth:
        for line in truth:
            number, parent, serial, pid, ppid, execs, kind, value = \
                line.split()
            yield (int(number), int(parent), int(serial), int(pid),
                   int(ppid), int(execs), kind, int(value))


def read_acct(path):
    """The accounting records by pid, in the order of the file."""
    by_pid = collections.defaultdict(collections.deque)
    with open(path, "rb") as file:
        while record := file.read(ACCT.size):
            values = ACCT.unpack(record)
            by_pid[values[6]].append(
                {"status": values[3], "ppid": values[7],
                 "begin": values[8], "elapsed": values[9],
                 "flags": values[0]})
    return by_pid


def shape_of_birth(event):
    """Process or thread, as far as a successful birth's record tells."""
    fields = event.fields
    if fields.get(b"syscall") not in BIRTHS.get(fields.get(b"arch"), ()) or \
            event.number(b"exit") < 0:
        return None
    if fields[b"syscall"] == b"435":
        return "unknown"
    if fields[b"syscall"] == CLONE[fields[b"arch"]] and \
            event.number(b"a0", 16) & CLONE_THREAD:
        return "thread"
    return "process"


def check_births(events, truth):
    """Every birth of a process is a life's, and no other is."""
    born = {life[2] for life in truth}
    if len(born) != len(truth):
        problem("births", "two lives of one birth")
    shapes = collections.Counter()
    for event in events.values():
        shape = shape_of_birth(event)
        shapes[shape] += event.serial in born
        if (shape == "process") != (event.serial in born) and \
                shape != "unknown":
            problem("births", (event.serial, shape))
    if sum(shapes.values()) != len(truth) - 1:
        problem("births", shapes)


def kind_of(status):
    if status & 0x7f == 0:
        return "exit", status >> 8
    return "core" if status & 0x80 else "signal", status & 0x7f


def sort_by_pid(events):
    by_pid = collections.defaultdict(list)
    for serial in sorted(events):
        by_pid[events[serial].number(b"pid")].append(events[serial])
    return by_pid


def check_order(by_pid):
    """A process's own events arrive whole and in their order."""
    for pid, own in by_pid.items():
        for one, two in zip(own, own[1:]):
            if one.last > two.first:
                problem("order within a process", (pid, two.serial))


def check_life(life, events, record):
    _, _, serial, pid, ppid, _, kind, value = life
    birth = events[serial]
    if birth.number(b"exit") != pid or birth.number(b"pid") != ppid:
        problem("birth", life)
    if kind_of(record["status"]) != (kind, value):
        problem("status", (life, record))
    # A coarse clock's tick and hundredths of a second lie between them;
    # vfork's birth is stamped before the child is there.
    late = record["begin"] - birth.ms / 1000
    if not -1.01 < late < 2.01:
        problem("birth time", (life, late))
    if bool(record["flags"] & 1) != (life[5] == 0):
        problem("AFORK", life)


def first_and_last(life, events, record):
    """When the life can have said something, in milliseconds."""
    birth = events[life[2]].ms
    return birth, birth + record["elapsed"] * 10 + 30


def check_own_events(life, own, events, record):
    """As many execs as the truth says, an end that agrees with it."""
    execs = sum(1 for e in own if e.execve)
    if execs != life[5]:
        problem("execs", (life, execs))
    ends = [e for e in own if is_exit_group(e)]
    exited = life[6] == "exit"
    if len(ends) != exited or (
            exited and ends[0].number(b"a0", 16) & 0xff != life[7]):
        problem("exit_group", life)
    abends = [e for e in own if b"ANOM_ABEND" in e.types]
    if len(abends) > 1 or (abends and
                           abends[0].number(b"sig") != life[7]):
        problem("ANOM_ABEND", life)
    low, high = first_and_last(life, events, record)
    for event in own:
        if not low <= event.ms <= high:
            problem("event outside its life", (life, event.serial))


def split_own_events(lives, by_pid, records):
    """Each life of a pid with the events of its own, by their times."""
    pid = lives[0][3]
    queue = collections.deque(by_pid[pid])
    for life, record, following in zip(
            lives, records, lives[1:] + [None]):
        own = []
        while queue and (following is None or
                         not is_of_next(queue[0], life, following, own)):
            own.append(queue.popleft())
        yield life, record, own


def is_of_next(event, life, following, own):
    """By the next birth's time; within one tick, by what life still owes."""
    if own and is_last_word(own[-1]):
        return True
    if event.ms != following[-1]:
        return event.ms > following[-1]
    if b"ANOM_ABEND" in event.types:
        return life[6] == "exit" or event.number(b"sig") != life[7]
    return life[6] != "exit"


def is_exit_group(event):
    return b"SYSCALL" in event.types and \
        event.fields[b"syscall"] == EXIT_GROUP[event.fields[b"arch"]]


def is_last_word(event):
    return b"ANOM_ABEND" in event.types or is_exit_group(event)


def check_lives(events, truth, acct):
    by_pid = sort_by_pid(events)
    check_order(by_pid)
    of_pid = collections.defaultdict(list)
    for life in truth:
        if life[6] != "running":
            of_pid[life[3]].append(life + (events[life[2]].ms,))
    early = 0
    for pid, lives in of_pid.items():
        lives.sort(key=lambda life: life[0])
        records = list(acct.pop(pid, ()))
        if len(records) != len(lives):
            problem("accounting records", (pid, len(records), len(lives)))
            continue
        for life, record, own in split_own_events(lives, by_pid, records):
            check_life(life[:8], events, record)
            check_own_events(life[:8], own, events, record)
            early += bool(own) and own[0].first < events[life[2]].first
    if acct:
        problem("accounting without a life", list(acct)[:3])
    return early


def most_open(events):
    """How many events were in progress at once."""
    steps = [(e.first, 1) for e in events.values()] + \
        [(e.last, -1) for e in events.values()]
    now = most = 0
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return most


def check_shape(shape, share, most):
    low, high = MIXED_SHARE if shape == "mixed" else (0, 0)
    if not low <= share <= high:
        problem("share of other events", share)
    if shape == "storm" and most < STORM_OPEN:
        problem("events in progress", most)


def main():
    stream, acct, truth = sys.argv[1:4]
    events, split = read_events(stream)
    check_whole(events)
    lives = list(read_truth(truth))
    check_births(events, lives)
    early = check_lives(events, lives, read_acct(acct))
    inversions = sum(
        1 for s in events if s + 1 in events and
        events[s].first > events[s + 1].first)
    share = sum(e.is_other() for e in events.values()) / len(events)
    most = most_open(events)
    check_shape(sys.argv[4] if len(sys.argv) > 4 else "lives", share, most)
    print(f"{len(lives) - 1} lives, {len(events)} events ({share:.0%} of "
          f"other kinds), {split} times split, {most} in progress at once, "
          f"{inversions} inversions, {early} children before their birth")
    for what, count in problems.items():
        print(f"{what}: {count} times")
    sys.exit(1 if problems else 0)


main()
