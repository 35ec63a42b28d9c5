# SPDX-License-Identifier: GPL-2.0-or-later
"""What really happened: procoracle's lines, and what parents wrote down."""

from bisect import bisect_left
from collections import defaultdict

KTHREADD = 2  # the parent of all kernel threads


class Life:
    """One process from birth to end, as the witness saw it."""

    def __init__(self, pid, born_ns, parent):
        self.pid = pid
        self.born_ns = born_ns  # None: born before the witness listened
        self.parent = parent  # a Life; None: unknown
        self.suite = None  # below which root it was born, if any
        self.execs = 0
        self.exec_ns = []  # when these were
        self.tasks = {pid}
        self.task_status = None  # of the last task that ended
        self.ended_ns = None  # when that was
        self.waited = None  # what waitpid(2) told its parent
        self.shell = None  # what $? told a shell
        self.undecidable = None  # why its status cannot be known
        self.images = None  # what its execs ran, if that was written down
        self.rebooted = False  # it lived until the machine was booted anew
        self.helper = False  # the kernel made it: only its end is recorded

    def end(self, ns, status):
        self.ended_ns = ns
        self.task_status = status

    @property
    def is_kernel(self):
        """kthreadd, or a kernel thread, as far as can be known."""
        return self.pid == KTHREADD or self.is_kernel_thread

    @property
    def is_kernel_thread(self):
        return self.parent is not None and self.parent.pid == KTHREADD and \
            not self.execs

    @property
    def ended(self):
        """A parent knows better: of threads that an exec ends before it
        fails, the witness hears no end by their own numbers."""
        return not self.tasks or self.waited is not None

    @property
    def status(self):
        return self.task_status if self.waited is None else self.waited

    def __str__(self):
        if self.parent is None:
            return f"pid {self.pid}"
        return f"pid {self.pid} (parent {self.parent.pid})"


class Clock:
    """How far the real clock was ahead of the witness's, where a workload
    that set it wrote that down."""

    # What is dated by the begin of a call is seen at its end, or later.
    SLACK_MS = 500

    def __init__(self):
        self.read_ms = []  # when both were read, by the witness's
        self.ahead_ms = []

    def add(self, seen_ns, real_ns):
        self.read_ms.append(seen_ns / 1e6)
        self.ahead_ms.append((real_ns - seen_ns) / 1e6)

    def _aheads(self, since_ms, until_ms):
        """What was true at some time between the two."""
        first = max(bisect_left(self.read_ms, since_ms) - 1, 0)
        return self.ahead_ms[first:bisect_left(self.read_ms, until_ms) + 1]

    def readings(self, real_ms, seen_ns):
        """When it may have been that the real clock showed this, of what was
        seen then, or at a time that is not known; real time itself if it was
        never set."""
        if not self.read_ms:
            return [real_ms]
        if seen_ns is None:
            return [real_ms - ahead for ahead in self.ahead_ms]
        seen_ms = seen_ns / 1e6
        found = (real_ms - ahead for ahead in self._aheads(
            seen_ms - self.SLACK_MS, seen_ms + self.SLACK_MS))
        return [ms for ms in found if abs(ms - seen_ms) <= self.SLACK_MS]


class Witness:
    """All lives, in order of birth; those of one pid under by_pid."""

    def __init__(self, alive=()):
        self.lives = []
        self.by_pid = defaultdict(list)
        self.lost = 0
        self.clock = Clock()
        for pid in alive:
            self._born(pid, None, None)

    def _born(self, pid, ns, parent):
        life = Life(pid, ns, parent)
        self.lives.append(life)
        self.by_pid[pid].append(life)
        return life

    def _now(self, pid):
        """The life that has this pid now."""
        lives = self.by_pid[pid]
        return lives[-1] if lives else self._born(pid, None, None)

    def read(self, lines):
        for line in lines:
            kind, *words = line.split()
            numbers = [int(word) for word in words]
            getattr(self, f"_line_{kind}")(*numbers)

    def _line_F(self, ns, parent, pid, tgid):
        if pid == tgid:
            for life in self.by_pid[pid][-1:]:
                life.tasks.clear()  # the exits of some are reported later
            self._born(pid, ns, self._now(parent))
        else:
            self._now(tgid).tasks.add(pid)

    def _line_E(self, ns, tgid, _pid):
        # An exec ends all other threads; the exits of some are reported later.
        life = self._now(tgid)
        life.execs += 1
        life.exec_ns.append(ns)
        life.tasks = {tgid}

    def _line_X(self, ns, tgid, pid, status, parent):
        life = self._now(tgid)
        # It may be reported when its process's number is somebody else's
        # (kernel/exit.c, do_exit() calls exit_notify() first), and then without
        # a parent if that is reaped (drivers/connector/cn_proc.c).
        before = self.by_pid[tgid][-2:-1]
        if before and pid == tgid and before[0].ended_ns is None and \
                (ns < life.born_ns or parent == 0):
            before[0].end(ns, status)
            return
        if life.born_ns is not None and pid not in life.tasks:
            return
        life.end(ns, status)
        life.tasks.discard(pid)

    def _line_L(self, count):
        self.lost += count

    def name_suite(self, name, pid, began_s=None):
        """Gives every life born below a root to a suite: the first that had
        the pid, or the one that had it began_s after boot."""
        roots = self.by_pid[pid][:1]
        if began_s is not None:
            # The time was read in hundredths, rounded down.
            roots = [life for life in self.by_pid[pid] if life.born_ns is None
                     or life.born_ns < (began_s + 0.01) * 1e9][-1:]
        self._inherit(name, set(roots))

    def reboot(self):
        """The machine was booted anew."""
        for life in self.lives:
            life.rebooted = not life.ended

    def adopt(self, name, life):
        """Gives a life that is nobody's child, and its family, to a suite."""
        life.suite = name
        self._inherit(name, {life})

    def _inherit(self, name, inside):
        for life in self.lives:
            if life.parent in inside:
                life.suite = name
                inside.add(life)


class Image:
    """What one exec ran, byte for byte."""

    def __init__(self, executable, name, script, folder, args):
        self.executable = executable
        self.name = name
        self.script = script  # None: the image is no interpreter's
        self.folder = folder
        self.args = args

    @classmethod
    def read(cls, words):
        *fields, args = (
            None if word == "-" else bytes.fromhex(word) for word in words)
        return cls(*fields, args.split(b"\0")[:-1])


class Truth:
    """What was written down of one life."""

    def __init__(self):
        self.waited = self.shell = self.undecidable = None
        self.images = []
        self.closed = False  # by the status, which comes last

    def add(self, kind, words):
        if kind == "U":
            self.undecidable = " ".join(words)
        elif kind == "A":
            self.images.append(Image.read(words))
        elif kind == "W":
            self.waited = int(words[0])
        elif kind == "S":
            self.shell = int(words[0])
        else:
            raise ValueError(f"truth of an unknown kind: {kind}")
        self.closed = kind in "WS"

    def fits(self, life):
        return not self.images or len(self.images) == life.execs

    def tell(self, life):
        life.waited = self.waited
        life.shell = self.shell
        life.undecidable = self.undecidable
        if self.images:
            life.images = self.images


def read_truth(witness, suite, lines):
    """Adds what the processes of a suite wrote down, each in one line:

    W PID STATUS  what waitpid(2) told its parent
    S PID $?      what a shell was told
    U PID REASON  the two books do not decide its status; before its W or S
    A PID EXECUTABLE NAME SCRIPT FOLDER ARGS
                  what its next exec ran, in hexadecimal: arguments end with a
                  NUL each, "-" is nothing; all of its execs, before its W
    H PID         a helper of the kernel's, who is judged though nobody's child
    C SEEN REAL   both clocks at once, the witness's and the real one, in ns:
                  before and after that was set, in order
    D PID WHAT    something failed, so that the workload proves nothing

    Returns what cannot be used: the lines, or pids, of which it is unclear
    which life is meant, and what failed.
    """
    told = defaultdict(list)
    unusable = []
    for line in lines:
        kind, pid, *words = line.split()
        pid = int(pid)
        if kind == "C":
            witness.clock.add(pid, int(words[0]))
            continue
        if kind in "HD":
            if kind == "D" or not add_helper(witness, suite, pid):
                unusable.append(line.strip())
            continue
        truths = told[pid]
        if not truths or truths[-1].closed:
            truths.append(Truth())
        truths[-1].add(kind, words)
    for pid, truths in told.items():
        lives = [life for life in witness.by_pid[pid] if life.suite == suite]
        if len(lives) != len(truths) or not all(
                truth.fits(life) for life, truth in zip(lives, truths)):
            unusable.append(pid)
            continue
        for life, truth in zip(lives, truths):
            truth.tell(life)
    return unusable


def add_helper(witness, suite, pid):
    lives = [life for life in witness.by_pid[pid] if life.suite is None]
    if len(lives) > 1:  # the number was used again, by a kernel thread, too
        lives = [life for life in lives if life.execs and
                 life.parent is not None and life.parent.is_kernel]
    if len(lives) != 1:
        return False
    witness.adopt(suite, lives[0])
    lives[0].helper = True
    return True


def shell_value(status):
    """What a shell calls a wait status."""
    signal = status & 0x7F
    return 128 + signal if signal else status >> 8 & 0xFF
