#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds events of `proclife replay` against the truth that generate wrote.

usage: check-replayed.py EVENTS TRUTH

Each life has one birth with the right parent, as many execs as it had, one
end with the true status, and there is no life that never was but init's,
whose birth no record tells. The exit status is 1 if anything is wrong.
"""

import collections
import json
import sys

problems = collections.Counter()
uncertain = 0


def problem(what, detail):
    problems[what] += 1
    if problems[what] <= 3:
        print(f"{what}: {detail}")


class Life:
    def __init__(self):
        self.forks, self.execs, self.ends = [], 0, []


def read_events(path):
    """The lives by entity id; a child's fork comes after its parent's."""
    lives = collections.defaultdict(Life)
    with open(path) as events:
        for line in events:
            event = json.loads(line)
            action = event["event"]["action"]
            if action not in ("fork", "exec", "end"):
                problem(action, line[:300])
                continue
            life = lives[event["process"]["entity_id"]]
            parent = event["process"].get("parent", {}).get("entity_id")
            if action == "fork":
                if parent and not lives[parent].forks:
                    problem("before its parent", line[:300])
                life.forks.append(event)
            elif not life.forks or life.ends:
                problem(f"{action} outside its life", line[:300])
            if action == "exec":
                life.execs += 1
            elif action == "end":
                life.ends.append(event)
    return lives


def read_truth(path):
    """number: (parent, serial, pid, parent's pid, execs, end, value)"""
    truth = {}
    with open(path) as lines:
        for line in lines:
            number, parent, serial, pid, ppid, execs, end, value = \
                line.split()
            truth[int(number)] = (int(parent), int(serial), int(pid),
                                  int(ppid), int(execs), end, int(value))
    return truth


def by_birth(lives):
    """The lives by the serial of the record that tells their birth."""
    born = {}
    for identity, life in lives.items():
        if len(life.forks) != 1:
            problem("births", (identity, len(life.forks)))
        elif life.forks[0]["proclife"]["start"] == "observed":
            born[life.forks[0]["proclife"]["serials"][0]] = identity
        elif life.forks[0]["process"]["pid"] != 1:
            problem("never was", life.forks[0])
    return born


def check_birth(number, truth, life, born):
    parent, _, pid, ppid, _, _, _ = truth[number]
    process = life.forks[0]["process"]
    if process["pid"] != pid or process["parent"]["pid"] != ppid:
        problem("birth", (number, truth[number]))
    if parent != 0 and \
            process["parent"]["entity_id"] != born.get(truth[parent][1]):
        problem("parent", (number, truth[number]))


def check_end(number, truth, life):
    global uncertain
    if len(life.ends) != 1:
        problem("ends", (number, truth[number], len(life.ends)))
        return
    told = life.ends[0]["proclife"].get("exit")
    if told is None:
        problem("no status", (number, truth[number]))
        return
    if "code" in told:
        status = "exit", told["code"]
    else:
        status = "core" if told.get("core_dumped") else "signal", \
            told["signal"]
    uncertain += not told["certain"]
    if told["certain"] and status != truth[number][5:]:
        problem("status", (number, truth[number], status))


def main():
    lives = read_events(sys.argv[1])
    truth = read_truth(sys.argv[2])
    born = by_birth(lives)
    serials = {life[1] for life in truth.values()}
    for serial in born.keys() - serials:
        problem("never was", serial)
    for number, life in truth.items():
        if life[5] == "running":
            continue
        if life[1] not in born:
            problem("not born", (number, life))
            continue
        told = lives[born[life[1]]]
        check_birth(number, truth, told, born)
        if told.execs != life[4]:
            problem("execs", (number, life, told.execs))
        check_end(number, truth, told)
    print(f"{len(truth) - 1} lives, {uncertain} ends uncertain")
    for what, count in problems.items():
        print(f"{what}: {count} times")
    sys.exit(1 if problems else 0)


main()
