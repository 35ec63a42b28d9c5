#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures the private memory of the running plugin.

usage: live-memory.py [--gone] PLUGIN LIVES...

Tells the plugin, as auditd would, of processes that are born, execute a
program and live on; with --gone, of which each is over when 1000 more were
born. Prints a line for each number of LIVES, in growing order: how many were
born by then, how many the plugin has in its table, and its private memory in
KiB (Private_Clean and Private_Dirty of all of /proc/PID/smaps). Needs no root.
"""

import fcntl
import os
import re
import shutil
import struct
import sys
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "blackbox"))
sys.dont_write_bytecode = True

from harness import Plugin  # noqa: E402

SETTINGS = "limits: { lives = 4000000; };"
RATE = 2000          # lives a second of the stream's time
ALIVE = 1000         # at a time, with --gone
SENT_AT_ONCE = 100   # lives

# Higher than those of most real processes; there are pids up to 2^22 - 1.
FIRST_PID = 100000
PIDS = 4194304 - FIRST_PID

# Who was born just before the plugin began may be told of by the stream yet.
OLD_ENOUGH = 3  # seconds

STAMP = "msg=audit(%(stamp)s:%(serial)d): "
CALL = (
    "type=SYSCALL " + STAMP + "arch=c000003e syscall=%(call)d success=yes "
    "exit=%(result)d a0=%(a0)s a1=7ffc2b1d a2=0 a3=0 items=%(items)d "
    "ppid=%(ppid)d pid=%(pid)d auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 "
    "fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts1 ses=3 comm=\"%(comm)s\""
    " exe=\"/usr/bin/%(comm)s\" key=\"proclife\"\x1dARCH=x86_64 AUID=\"user\" "
    "UID=\"user\" GID=\"user\" EUID=\"user\" SUID=\"user\" FSUID=\"user\" "
    "EGID=\"user\" SGID=\"user\" FSGID=\"user\"\n")
EXEC = (
    "type=EXECVE " + STAMP + "argc=2 a0=\"sleep\" a1=\"%(pid)d\"\n"
    "type=CWD " + STAMP + "cwd=\"/home/user\"\n"
    "type=PATH " + STAMP + "item=0 name=\"/usr/bin/sleep\" inode=123 dev=fe:01 "
    "mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 "
    "cap_fe=0 cap_fver=0 cap_frootid=0\x1dOUID=\"root\" OGID=\"root\"\n")
END = ("type=PROCTITLE " + STAMP + "proctitle=2F62696E2F736C656570\n"
       "type=EOE " + STAMP + "\n")


class Stream:
    """Events of made processes, whose parent is this one."""

    def __init__(self):
        self.start_ms = int(time.time() * 1000)
        self.serial = 0
        self.lives = 0

    def event(self, records, call, pid, ppid, comm, a0="0", result=0):
        self.serial += 1
        ms = self.start_ms + self.lives * 1000 // RATE
        return (records + END) % {
            "stamp": "%d.%03d" % (ms // 1000, ms % 1000),
            "serial": self.serial, "call": call, "pid": pid, "ppid": ppid,
            "comm": comm, "a0": a0, "result": result,
            "items": int(records is not CALL)}

    def life(self):
        own = os.getpid()
        pid = FIRST_PID + self.lives % PIDS
        self.lives += 1
        return (self.event(CALL, 56, own, os.getppid(), "sh", a0="1200011",
                           result=pid) +
                self.event(CALL + EXEC, 59, pid, own, "sleep"))

    def end(self, life):
        return self.event(CALL, 231, FIRST_PID + life % PIDS, os.getpid(),
                          "sleep")


def send_lives(plugin, stream, until, gone):
    """Until so many were born."""
    while stream.lives < until:
        text = []
        for _ in range(min(SENT_AT_ONCE, until - stream.lives)):
            text.append(stream.life())
            if gone and stream.lives > ALIVE:
                text.append(stream.end(stream.lives - ALIVE - 1))
        plugin.send("".join(text).encode())


def unread(plugin):
    waits = fcntl.ioctl(plugin.socket, termios.TIOCOUTQ, struct.pack("i", 0))
    return struct.unpack("i", waits)[0]


def private_kib(pid):
    with open("/proc/%d/smaps" % pid) as smaps:
        return sum(map(int, re.findall(
            r"^Private_(?:Clean|Dirty): +(\d+) kB$", smaps.read(), re.M)))


def measure(plugin, stream, until, gone):
    send_lives(plugin, stream, until, gone)
    plugin.until(lambda: unread(plugin) == 0, "the end of the stream")
    # Soon: who is not in /proc is taken for dead, by and by.
    known = int(plugin.state()["proclife_lives"])
    print(until, known, private_kib(plugin.process.pid), flush=True)


def main():
    gone = "--gone" in sys.argv[1:2]
    binary, *numbers = sys.argv[2 if gone else 1:]
    time.sleep(OLD_ENOUGH)
    plugin = Plugin(os.path.abspath(binary), settings=SETTINGS)
    try:
        plugin.until(plugin.segments, "the first event")
        stream = Stream()
        for until in map(int, numbers):
            measure(plugin, stream, until, gone)
    finally:
        plugin.kill()
        shutil.rmtree(plugin.folder)


if __name__ == "__main__":
    main()
