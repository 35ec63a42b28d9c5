#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures what sinks cost the plugin.

usage: sink-costs.py RUNS LIVES [RATE]

Has the plugin read a stream of so many lives, as fast as it can or so many a
second, with the sinks of each of these by turns, and receivers that take all.
Prints a line for each run: name, microseconds of user and of system CPU. Fails
if one of several sinks did not get as many lines as every other.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from sink_bench import (  # noqa: E402
    GENERATE, Plugin, Receiver, file_settings, until, whole_lines)

# As much as all events take, lest any is lost to a receiver without a
# processor of its own.
ROOM = 'queue_size = "512MiB"; '

# Name, whether there is a file, and who else.
CASES = (
    ("file", True, ()),
    ("unix", False, (("unix", ROOM),)),
    ("tcp", False, (("tcp", ROOM),)),
    ("relp", False, (("relp", ROOM + "spool = false; "),)),
    ("relp-spool", False, (("relp", ROOM),)),
    ("all", True, (("unix", ROOM), ("tcp", ROOM),
                   ("relp", ROOM + "spool = false; "))),
    ("all-spool", True, (("unix", ROOM), ("tcp", ROOM), ("relp", ROOM))),
)

RATE = 5000          # lives a second of the stream's time, at full speed
TICK = 0.01          # seconds; so often something is written, if slower
GENERATE_OPTIONS = ["--services", "60", "--live-max", "30000",
                    "--pids", "3000000-3098303", "--no-crashes"]


def make_stream(folder, lives, rate):
    """All of it is in the past, since the plugin has all of accounting."""
    rate = rate or RATE
    with open(os.path.join(folder, "stream"), "wb") as out:
        subprocess.run(
            [GENERATE, *GENERATE_OPTIONS, "--lives", str(lives),
             "--rate", str(rate), "--acct", os.path.join(folder, "pacct"),
             "--base", str(int(time.time() - lives / rate) - 1)],
            stdout=out, check=True)


def send(plugin, folder, seconds):
    """The stream, within so many seconds."""
    path = os.path.join(folder, "stream")
    size = os.path.getsize(path)
    begun = time.monotonic()
    sent = 0
    with open(path, "rb") as stream:
        while sent < size:
            due = size
            if seconds > 0:
                time.sleep(TICK)
                due = int(size * (time.monotonic() - begun) / seconds)
            data = stream.read(min(due - sent, 65536))
            while data:
                data = data[os.write(plugin.stdin, data):]
            sent = stream.tell()


def run(folder, case, lives, rate):
    """The plugin's use of the machine."""
    _, has_file, senders = case
    make_stream(folder, lives, rate)
    receivers = [Receiver(folder, kind).start() for kind, _ in senders]
    sinks = [r.settings(more) for r, (_, more) in zip(receivers, senders)]
    if has_file:
        sinks.insert(0, file_settings(folder))
    plugin = Plugin(folder, sinks,
                    'mode = "follow"; files = ["%s/pacct"];' % folder)
    try:
        send(plugin, folder, lives / rate if rate else 0)
        until(plugin.is_through, "all arrived", pause=0.5)
        used = plugin.finish()
    finally:
        plugin.kill()
        for r in receivers:
            r.kill()
    paths = [r.paths for r in receivers]
    if has_file:
        paths.append(plugin.paths())
    got = {sum(1 for _ in whole_lines(p)) for p in paths}
    if len(got) != 1 or min(got) < lives:
        sys.exit("%s: lines that arrived: %s" % (case[0], sorted(got)))
    return used


def main():
    runs, lives, *rate = map(int, sys.argv[1:])
    for _ in range(runs):
        for case in CASES:
            folder = tempfile.mkdtemp(prefix="proclife-")
            try:
                used = run(folder, case, lives, rate[0] if rate else 0)
            finally:
                shutil.rmtree(folder)
            print(case[0], round(used.ru_utime * 1e6),
                  round(used.ru_stime * 1e6), flush=True)


if __name__ == "__main__":
    main()
