# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the real audisp-proclife as auditd would, and watches it.

stdin is one end of a socketpair, the environment is empty, most signals are
ignored and the others blocked (audit-userspace audisp/audispd.c).
"""
import glob
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.environ.get("abs_top_srcdir", os.path.join(HERE, "..", ".."))
BUILD = os.environ.get("abs_top_builddir", TOP)
BINARY = os.path.join(BUILD, "audisp-proclife")

# Seconds: long enough for a slow machine under sanitizers, and for the longest
# pause that a sink makes between two tries.
PATIENCE = 90

# A program that runs the plugin, with its arguments: valgrind.
WRAPPER = os.environ.get("PROCLIFE_WRAPPER", "").split()


def auditd_child():
    """What a plugin inherits from an auditd that starts it again."""
    for sig in range(1, signal.NSIG):
        if sig not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
            signal.signal(sig, signal.SIG_IGN)
    mine = {signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2,
            signal.SIGCHLD, signal.SIGCONT}
    for sig in mine:
        signal.signal(sig, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, mine)
    os.chdir("/")


class Stream:
    """Makes audit text: one event a call, serials without a gap."""

    def __init__(self, node=None):
        self.serial = 100
        self.ms = int(time.time() * 1000)
        self.late_ms = 0  # by which stamps are older, as a vfork's may be
        self.prefix = "node=%s " % node if node else ""

    def event(self, *records, eoe=True):
        self.serial += 1
        self.ms = max(self.ms, int(time.time() * 1000))
        ms = self.ms - self.late_ms
        stamp = "audit(%d.%03d:%d)" % (ms // 1000, ms % 1000, self.serial)
        lines = ["%stype=%s msg=%s: %s\n" % (self.prefix, kind, stamp, body)
                 for kind, body in records]
        if eoe:
            lines.append("%stype=EOE msg=%s: \n" % (self.prefix, stamp))
        return "".join(lines).encode("latin-1")

    def call(self, nr, pid, ppid, result=None, a0="0", comm="sh",
             exe="/usr/bin/dash", more=(), eoe=True):
        done = "" if result is None else " success=%s exit=%d" % (
            "yes" if result >= 0 else "no", result)
        body = ("arch=c000003e syscall=%d%s a0=%s a1=0 a2=0 a3=0 items=0 "
                "ppid=%d pid=%d auid=1000 uid=1000 gid=1000 euid=1000 "
                "suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 "
                "tty=pts1 ses=3 comm=\"%s\" exe=\"%s\" key=\"proclife\"" % (
                    nr, done, a0, ppid, pid, comm, exe))
        return self.event(("SYSCALL", body), *more, eoe=eoe)

    def fork(self, parent, child):
        # Who names another parent than he has is another process.
        ppid = os.getppid() if parent == os.getpid() else 1
        return self.call(56, parent, ppid, child, a0="1200011")

    def execve(self, pid, ppid, *args):
        told = " ".join("a%d=\"%s\"" % (i, a) for i, a in enumerate(args))
        return self.call(59, pid, ppid, 0, comm=args[0],
                         exe="/usr/bin/" + args[0],
                         more=[("EXECVE", "argc=%d %s" % (len(args), told))])

    def exit_group(self, pid, ppid, code):
        return self.call(231, pid, ppid, a0="%x" % code)

    def life(self, pid, code=0, parent=4000000):
        return (self.fork(parent, pid) + self.execve(pid, parent, "true") +
                self.exit_group(pid, parent, code))


def acct_record(pid, birth, elapsed, status, ppid=1, comm=b"true", mem=500,
                flags=0):
    """64 bytes as the kernel writes them (struct acct_v3; kernel/acct.c,
    fill_ac(), has the birth from two times that were cut)."""
    btime = int(birth + elapsed) - int(elapsed)
    return struct.pack("=BBHIIIIIIf8H16s", flags, 3, 0, status, 1000, 1000,
                       pid, ppid, btime, int(elapsed * 100), 1, 2, mem, 0, 0,
                       3, 0, 0, comm)


class Kernel:
    """Accounting that works: somebody dies all the time, of whom nothing is
    told (a thread of the kernel's)."""

    def __init__(self, path):
        self.path = path
        self.thread = None

    def on(self):
        self.enough = threading.Event()
        self.thread = threading.Thread(target=self.write)
        self.thread.start()

    def off(self):
        if self.thread is not None:
            self.enough.set()
            self.thread.join()
        self.thread = None

    def write(self):
        while not self.enough.wait(0.05):
            with open(self.path, "ab") as out:
                out.write(acct_record(70, time.time(), 0, 0, ppid=2, mem=0,
                                      comm=b"kworker", flags=1))


class Plugin:
    """One run of the plugin in a folder of its own, which may be kept."""

    def __init__(self, binary, folder=None, settings="", sinks=None,
                 acct="off", preexec=auditd_child, stdout=None, start=True):
        self.binary = binary
        self.folder = folder or tempfile.mkdtemp(prefix="proclife-")
        os.chmod(self.folder, 0o755)
        self.conf = os.path.join(self.folder, "conf")
        self.events_dir = os.path.join(self.folder, "events")
        self.pacct = os.path.join(self.folder, "pacct")
        self.log_path = os.path.join(self.folder, "log")
        self.write_settings(settings, sinks, acct)
        self.process = None
        self.open_things = []
        self.wrapper = WRAPPER
        if start:
            self.start(preexec, stdout)

    def write_settings(self, settings="", sinks=None, acct="off"):
        if sinks is None:
            sinks = '{ type = "file"; path = "%s"; }' % self.events_dir
        with open(self.conf, "w") as out:
            out.write(
                'user = "";\nstate_path = "%s/state";\nrun_path = "%s/run";\n'
                'spool_path = "%s/spool";\n'
                'stop_timeout = "3s";\n'
                'events: { already_running = false; };\n'
                'capabilities: { audit_control = false; };\n'
                'acct: { mode = "%s"; files = ["%s"]; poll = "50ms"; };\n'
                '%s\nsinks: ( %s );\n' % (
                    self.folder, self.folder, self.folder, acct, self.pacct,
                    settings, sinks))

    def start(self, preexec=auditd_child, stdout=None):
        ours, theirs = socket.socketpair()
        self.socket = ours
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            self.wrapper + [self.binary, "-f", "-c", self.conf], stdin=theirs,
            stdout=stdout or subprocess.DEVNULL, stderr=self.log, env={},
            preexec_fn=preexec)
        theirs.close()
        self.open_things += [ours, self.log]

    def send(self, data):
        self.socket.sendall(data)

    def close(self):
        self.socket.close()

    def signal(self, sig):
        self.process.send_signal(sig)

    def wait(self, timeout=PATIENCE):
        return self.process.wait(timeout)

    def finish(self):
        self.close()
        return self.wait()

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for thing in self.open_things:
            thing.close()

    def segments(self):
        return sorted(glob.glob(self.events_dir + "/events-*.jsonl"))

    def raw(self):
        data = b""
        for path in self.segments():
            with open(path, "rb") as segment:
                data += segment.read()
        return data

    def events(self):
        """Those that are written by now; what is written again after a kill
        is dropped by its event.id."""
        events = {}
        for line in self.raw().splitlines(True):
            if line.endswith(b"\n"):
                event = json.loads(line)
                events.setdefault(event["event"]["id"], event)
        return list(events.values())

    def told(self, actions=("fork", "exec", "end")):
        """(action, pid) of the process events, in order; by default without
        those of processes that were there at the start: the machine's own
        may end at any time."""
        return [(e["event"]["action"], e["process"]["pid"])
                for e in self.events() if e["event"]["action"] in actions and
                (e["proclife"]["start"] != "snapshot" or
                 "already_running" in actions)]

    def losses(self, source=None):
        found = [e["proclife"]["loss"] for e in self.events()
                 if e["event"]["action"] == "loss"]
        return [x for x in found if source in (None, x["source"])]

    def logged(self):
        with open(self.log_path, "rb") as log:
            return log.read().decode("utf-8", "replace")

    def state(self):
        """The counters, as they are now."""
        path = os.path.join(self.folder, "run", "state")
        if os.path.exists(path):
            os.unlink(path)
        self.signal(signal.SIGUSR1)
        self.until(lambda: os.path.exists(path), "the state file")
        with open(path) as state:
            return dict(line.rsplit(" ", 1) for line in state)

    def until(self, condition, what):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.02)
        raise AssertionError("never came true: %s\nevents: %s\nlog: %s" % (
            what, self.raw()[-2000:], self.logged()[-2000:]))

    def until_told(self, pid, action="end"):
        self.until(lambda: (action, pid) in self.told(),
                   "%s of %d" % (action, pid))


class Scenario(unittest.TestCase):
    def plugin(self, **options):
        p = Plugin(BINARY, **options)
        self.addCleanup(shutil.rmtree, p.folder, True)
        self.addCleanup(p.kill)
        return p

    def small_disk(self, path, size):
        """A disk of its own for the folder."""
        os.mkdir(path)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "none",
                        path], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", path])

    def fill(self, path):
        """Takes all the room there is."""
        with open(path, "wb", buffering=0) as out:
            try:
                while out.write(b"x" * 4096):
                    pass
            except OSError:
                pass


def main():
    """Runs the caller's scenarios, or those whose names have its argument."""
    argv = sys.argv[:1] + (["-k", sys.argv[1]] if len(sys.argv) > 1 else [])
    unittest.main(argv=argv, verbosity=2)
