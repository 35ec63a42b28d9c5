# SPDX-License-Identifier: GPL-2.0-or-later
"""Which told life is which life of the witness.

Within one pid both sides are in order. Where one side has more lives than the
other, the pairs that lie nearest in time are taken.
"""

from array import array
from collections import defaultdict
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
    """The cheapest pairs in order, as many as there can be."""
    if len(lives) == len(told):
        return list(zip(lives, told))

    def distance(life, one):
        if life.born_ns is None:
            return 0 if one.lines_of("already_running") else 1e12
        return abs(one.lines[0].time_ms - life.born_ns / 1e6 - offset)

    if len(lives) < len(told):
        return [(lives[i], told[j])
                for i, j in cheapest(len(lives), len(told), lambda i, j:
                                     distance(lives[i], told[j]))]
    return [(lives[j], told[i])
            for i, j in cheapest(len(told), len(lives), lambda i, j:
                                 distance(lives[j], told[i]))]


def cheapest(few, many, cost):
    """Gives each i < few a j < many, in order; returns the cheapest (i, j)."""
    spare = many - few
    # best[s]: the least cost so far if s of the many were passed over.
    best = [0.0] * (spare + 1)
    passed = []  # for each i and s: how many were before it
    for i in range(few):
        before = array("L")
        least = 0
        for skipped in range(spare + 1):
            if best[skipped] < best[least]:
                least = skipped
            before.append(least)
        best = [best[least] + cost(i, i + skipped)
                for skipped, least in enumerate(before)]
        passed.append(before)
    skipped = best.index(min(best))
    pairs = []
    for i in reversed(range(few)):
        pairs.append((i, i + skipped))
        skipped = passed[i][skipped]
    return pairs[::-1]
