# SPDX-License-Identifier: GPL-2.0-or-later
"""Which told life is which life of the witness.

Within one pid both sides are in order, but either may have lives that the other
lacks. Of all ways to go through both in order, the one is taken that leaves the
least to find fault with: lives far from one another in time, of other parents,
and so on. In a storm hundreds of lives of one pid begin in one second, and what
is told of each may be what its neighbour did: when it was born says most.
"""

from array import array
from collections import defaultdict
from statistics import median

from .told import End

# What speaks against a pair. All together it is less than leaving both alone.
APART_MS = 10  # each one
FAR = 300
FARTHER_S = 1  # each one
FARTHEST = 330
OTHER_PARENT = 200
OTHER_EXECS = 50
OTHER_STATUS = 20
ALONE = 301

# So many more lives of one side than there are to spare may be left alone.
SLACK = 16


def pair(witness, book, offset):
    """Returns {life of the witness: told life} and the told left over."""
    pairs = {}
    left = []
    for pid, told in by_pid(book).items():
        # The kernel's own are not told.
        lives = [life for life in witness.by_pid.get(pid, [])
                 if not life.is_kernel_thread]
        chosen = align(lives, told, offset)
        pairs.update(chosen)
        paired = {one for _, one in chosen}
        left += [one for one in told if one not in paired]
    return pairs, left


def by_pid(book):
    told = defaultdict(list)
    for one in book.lives.values():
        told[one.pid].append(one)
    return told


def told_below_roots(pairs, left):
    """Those of left that are told as descendants of a judged life."""
    judged = {told.entity for life, told in pairs.items() if life.suite}
    found = []
    for told in left:  # parents are told before their children
        parent = told.birth and told.birth.process.get("parent", {})
        if parent and parent.get("entity_id") in judged:
            judged.add(told.entity)
            found.append(told)
    return found


def clock_offset(witness, book):
    """Real time minus the witness's clock, in ms, by births beyond doubt."""
    offsets = []
    for pid, told in by_pid(book).items():
        lives = witness.by_pid.get(pid, [])
        if len(lives) == len(told) == 1 and lives[0].born_ns is not None:
            offsets.append(told[0].lines[0].time_ms - lives[0].born_ns / 1e6)
    return median(offsets) if offsets else 0


class Traits:
    """What tells one life from others of its pid; None: unknown."""

    def __init__(self, ms, parent, execs, status):
        self.ms = ms
        self.parent = parent
        self.execs = execs
        self.status = status

    @classmethod
    def seen(cls, life, offset):
        return cls(life.born_ns and life.born_ns / 1e6 + offset,
                   life.parent and life.parent.pid, life.execs,
                   life.status if life.ended else None)

    @classmethod
    def told(cls, told):
        first = told.birth or told.lines[0]
        parent = first.process.get("parent", {})
        born_before = first.action == "already_running"
        return cls(None if born_before else told.lines[0].time_ms,
                   parent.get("pid"), len(told.execs),
                   End(told.end).status if told.end else None)

    def difference(self, other):
        """What speaks against their being the same."""
        if self.ms is None or other.ms is None:
            cost = 0 if self.ms is other.ms else FAR
        else:
            apart = abs(self.ms - other.ms)
            cost = min(APART_MS * apart, FAR + FARTHER_S * apart / 1000,
                       FARTHEST)
        if None not in (self.parent, other.parent) and \
                self.parent != other.parent:
            cost += OTHER_PARENT
        if self.execs != other.execs:
            cost += OTHER_EXECS
        if self.status != other.status:
            cost += OTHER_STATUS
        return cost


def align(lives, told, offset):
    """The pairs, in order, that leave the least to find fault with."""
    if len(lives) == len(told) == 1:
        return [(lives[0], told[0])]
    seen = [Traits.seen(life, offset) for life in lives]
    said = [Traits.told(one) for one in told]
    return [(lives[i], told[j]) for i, j in cheapest(
        len(lives), len(told), lambda i, j: seen[i].difference(said[j]))]


ROW_ALONE, BOTH, COLUMN_ALONE = range(3)


def cheapest(rows, columns, cost):
    """Pairs rows and columns, in order, at the least cost; returns [(i, j)].

    Only what lies near the diagonals from the start and to the end is tried:
    at is how far the column is from the lowest of them.
    """
    low = min(columns - rows, 0) - SLACK
    width = abs(columns - rows) + 2 * SLACK + 1
    infinite = float("inf")
    # The cost of all before row i and column i + low + at.
    least = [ALONE * (low + at) if 0 <= low + at <= columns else infinite
             for at in range(width)]
    steps = []
    for i in range(1, rows + 1):
        above = least + [infinite]
        least = [infinite] * width
        step = array("b", [ROW_ALONE]) * width
        for at in range(max(0, -low - i), min(width, columns - low - i + 1)):
            j = i + low + at
            best = above[at + 1] + ALONE
            if j > 0:
                both = above[at] + cost(i - 1, j - 1)
                if both <= best:
                    best = both
                    step[at] = BOTH
            if at > 0 and least[at - 1] + ALONE < best:
                best = least[at - 1] + ALONE
                step[at] = COLUMN_ALONE
            least[at] = best
        steps.append(step)
    return walk_back(steps, low, columns - rows - low)


def walk_back(steps, low, at):
    """The pairs on the way that ends at the last row's at."""
    pairs = []
    i = len(steps)
    while i > 0:
        step = steps[i - 1][at]
        if step == BOTH:
            pairs.append((i - 1, i + low + at - 1))
        if step == ROW_ALONE:
            at += 1
        if step == COLUMN_ALONE:
            at -= 1
        else:
            i -= 1
    return pairs[::-1]
