#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures what a receiver that is stopped, or killed, does to the plugin.

usage: sink-stopped.py SECONDS

Tells the plugin of short lives through a pipe, so many that some 2000 events a
second come out of it, into a file and to a receiver over one kind of sink,
without and with a spool. After a while the receiver is stopped, or killed, for
so many seconds, then it goes on, and all is waited for. Prints a line for each
run:

  the sink; spool: no or yes; what was done: none, stop or kill
  lines in the file
  those of them that the receiver did not get, by event.id
  how many were lost as events of losses tell it
  how many lines the receiver got once more than he should
  the longest time that the pipe was not read from though there was something
  to read, in ms, and when that was over, in s
  the longest time that a write to the pipe took, in ms
  the plugin's peak private memory, in KiB
"""
import collections
import fcntl
import json
import os
import shutil
import struct
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "blackbox"))
sys.dont_write_bytecode = True

from harness import Stream  # noqa: E402
from sink_bench import (  # noqa: E402
    Plugin, Receiver, file_settings, until, whole_lines)

EVENTS = 2000        # a second, of which a life has three
EVENTS_OF_LIFE = 3
BEFORE = 5           # seconds, until the receiver is stopped
UNDISTURBED = 20     # seconds, if nothing is done to the receiver
AFTER = 10           # seconds, from when it goes on
TICK = 0.001         # seconds
LOOK = 0.5           # seconds, from one look at the memory to the next
FIRST_PID = 100000   # higher than those of most real processes
PIDS = 4000000 - FIRST_PID

# From when the receiver goes on, until all must have arrived: a try to connect
# follows the last within 75 seconds.
PATIENCE = 300

SENDERS = "unix", "tcp", "relp"


class Pace:
    """Writes lives at their pace, and watches how they are read."""

    def __init__(self, plugin):
        self.plugin = plugin
        self.stream = Stream()
        self.begun = time.monotonic()
        self.lives = 0
        self.written = self.seen = self.taken = 0
        self.moved = self.begun  # when last something was taken, or all was
        self.pause = self.pause_at = self.write = 0
        self.memory = 0
        self.looked = self.begun

    def put(self, now):
        due = int((now - self.begun) * EVENTS / EVENTS_OF_LIFE)
        data = b""
        for self.lives in range(self.lives, due):
            data += self.stream.life(FIRST_PID + self.lives % PIDS)
        self.lives = due
        if not data:
            return
        begun = time.monotonic()
        self.written += len(data)
        while data:
            data = data[os.write(self.plugin.stdin, data):]
        self.write = max(self.write, time.monotonic() - begun)

    def watch(self):
        """No pause was longer than what is found here, and a tick."""
        waits = fcntl.ioctl(self.plugin.stdin, termios.FIONREAD,
                            struct.pack("i", 0))
        taken = self.written - struct.unpack("i", waits)[0]
        now = time.monotonic()
        if now - self.moved > self.pause and self.taken < self.seen:
            self.pause, self.pause_at = now - self.moved, now - self.begun
        if taken > self.taken or taken == self.written:
            self.moved = now
        self.seen, self.taken = self.written, taken

    def run(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            now = time.monotonic()
            self.put(now)
            self.watch()
            if now - self.looked > LOOK:
                self.memory = max(self.memory, self.plugin.private_kib())
                self.looked = now
            time.sleep(TICK)


def event_of(line):
    """Over RELP a line has a head of syslog."""
    return json.loads(line[line.index(b"{"):])


def compare(told_paths, got_paths):
    """Lines told, missing, counted as lost, and got too often."""
    told, lost = set(), 0
    for line in whole_lines(told_paths):
        event = event_of(line)
        told.add(event["event"]["id"])
        loss = event.get("proclife", {}).get("loss", {})
        if loss.get("source") in ("sink", "spool"):
            lost += loss["count"]
    got = collections.Counter(event_of(line)["event"]["id"]
                              for line in whole_lines(got_paths))
    if not set(got) <= told:
        sys.exit("the receiver got what is not in the file")
    return (len(told), len(told - set(got)), lost,
            sum(got.values()) - len(got))


def measure(folder, kind, spool, what, seconds):
    receiver = Receiver(folder, kind).start()
    sender = receiver.settings("spool = %s; spool_size = \"64GiB\";" % (
        "true" if spool else "false"))
    plugin = Plugin(folder, [file_settings(folder), sender])
    pace = Pace(plugin)
    try:
        pace.run(BEFORE)
        if what == "stop":
            receiver.stop()
        elif what == "kill":
            receiver.kill()
        pace.run(min(seconds, UNDISTURBED) if what == "none" else seconds)
        if what == "stop":
            receiver.go_on()
        elif what == "kill":
            receiver.start()
        pace.run(AFTER)
        until(plugin.is_well, "the sink works again", PATIENCE, 1)
        until(plugin.is_through, "all arrived", PATIENCE, 1)
        plugin.finish()
        if spool:  # what was told last may be in it, and is sent once more
            plugin.start()
            until(plugin.is_through, "the rest arrived", PATIENCE, 1)
            plugin.finish()
    finally:
        plugin.kill()
        receiver.kill()
    print(kind, "yes" if spool else "no", what,
          *compare(plugin.paths(), receiver.paths),
          round(pace.pause * 1000), round(pace.pause_at),
          round(pace.write * 1000), pace.memory, flush=True)


def main():
    seconds = int(sys.argv[1])
    for kind in SENDERS:
        for spool, what in ((False, "none"), (False, "stop"), (False, "kill"),
                            (True, "none"), (True, "stop"), (True, "kill")):
            folder = tempfile.mkdtemp(prefix="proclife-")
            try:
                measure(folder, kind, spool, what, seconds)
            finally:
                shutil.rmtree(folder)


if __name__ == "__main__":
    main()
