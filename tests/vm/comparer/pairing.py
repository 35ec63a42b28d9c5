# SPDX-License-Identifier: GPL-2.0-or-later
"""Which told life is which life of the witness.

Within one pid both sides are in order. Where one side has more lives than the
other, the pairs that lie nearest in time are taken.
"""

from collections import defaultdict
from functools import lru_cache
from statistics import median


def pair(witness, book):
    """Returns {life of the witness: told life} and the told left over."""
    told_by_pid = defaultdict(list)
    for told in book.lives.values():
        told_by_pid[told.pid].append(told)
    offset = clock_offset(witness, told_by_pid)
    pairs = {}
    left = []
    for pid, told in told_by_pid.items():
        chosen = align(witness.by_pid.get(pid, []), told, offset)
        pairs.update(chosen)
        paired = {one for _, one in chosen}
        left += [one for one in told if one not in paired]
    return pairs, left


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


def clock_offset(witness, told_by_pid):
    """Real time minus the witness's clock, in ms, by births beyond doubt."""
    offsets = []
    for pid, told in told_by_pid.items():
        lives = witness.by_pid.get(pid, [])
        if len(lives) == len(told) == 1 and lives[0].born_ns is not None:
            offsets.append(told[0].lines[0].time_ms - lives[0].born_ns / 1e6)
    return median(offsets) if offsets else 0


def align(lives, told, offset):
    if len(lives) == len(told):
        return list(zip(lives, told))

    def distance(life, one):
        if life.born_ns is None:
            return 0 if one.lines_of("already_running") else 1e12
        return abs(one.lines[0].time_ms - life.born_ns / 1e6 - offset)

    @lru_cache(maxsize=None)
    def best(i, j):
        """The cheapest pairs of lives[i:] and told[j:], as many as can be."""
        if i == len(lives) or j == len(told):
            return 0, ()
        cost, rest = best(i + 1, j + 1)
        options = [(cost + distance(lives[i], told[j]), ((i, j),) + rest)]
        if len(lives) - i > len(told) - j:
            options.append(best(i + 1, j))
        elif len(lives) - i < len(told) - j:
            options.append(best(i, j + 1))
        return min(options)

    return [(lives[i], told[j]) for i, j in best(0, 0)[1]]
