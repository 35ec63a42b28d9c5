# SPDX-License-Identifier: GPL-2.0-or-later
"""What really happened: procoracle's lines, and what parents wrote down."""

from collections import defaultdict


class Life:
    """One process from birth to end, as the witness saw it."""

    def __init__(self, pid, born_ns, parent):
        self.pid = pid
        self.born_ns = born_ns  # None: born before the witness listened
        self.parent = parent  # a Life; None: unknown
        self.suite = None  # below which root it was born, if any
        self.execs = 0
        self.tasks = {pid}
        self.task_status = None  # of the last task that ended
        self.waited = None  # what waitpid(2) told its parent
        self.shell = None  # what $? told a shell

    @property
    def ended(self):
        return not self.tasks

    @property
    def status(self):
        return self.task_status if self.waited is None else self.waited

    def __str__(self):
        if self.parent is None:
            return f"pid {self.pid}"
        return f"pid {self.pid} (parent {self.parent.pid})"


class Witness:
    """All lives, in order of birth; those of one pid under by_pid."""

    def __init__(self, alive=()):
        self.lives = []
        self.by_pid = defaultdict(list)
        self.lost = 0
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
            self._born(pid, ns, self._now(parent))
        else:
            self._now(tgid).tasks.add(pid)

    def _line_E(self, _ns, tgid, _pid):
        # An exec ends all other threads; the exits of some are reported later.
        life = self._now(tgid)
        life.execs += 1
        life.tasks = {tgid}

    def _line_X(self, _ns, tgid, pid, status, _parent):
        life = self._now(tgid)
        life.tasks.discard(pid)
        life.task_status = status

    def _line_L(self, count):
        self.lost += count

    def name_suite(self, name, pid):
        """Gives every life born below the root pid to a suite."""
        inside = set(self.by_pid[pid][:1])
        for life in self.lives:
            if life.parent in inside:
                life.suite = name
                inside.add(life)


def read_truth(witness, lines):
    """Adds what parents wrote down: "W <pid> <status>", "S <pid> <$?>".

    Returns the pids for which it cannot be said which life is meant.
    """
    told = defaultdict(list)
    for line in lines:
        kind, pid, value = line.split()
        told[int(pid)].append((kind, int(value)))
    unclear = []
    for pid, values in told.items():
        lives = [life for life in witness.by_pid[pid] if life.suite]
        if len(lives) != len(values):
            unclear.append(pid)
            continue
        for life, (kind, value) in zip(lives, values):
            if kind == "W":
                life.waited = value
            else:
                life.shell = value
    return unclear


def shell_value(status):
    """What a shell calls a wait status."""
    signal = status & 0x7F
    return 128 + signal if signal else status >> 8 & 0xFF
