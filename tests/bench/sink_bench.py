# SPDX-License-Identifier: GPL-2.0-or-later
"""What measurements of sinks have in common: receivers, and a plugin that sends
to them. BUILD is where the programs are."""
import os
import re
import signal
import socket
import subprocess
import time

BUILD = os.environ.get("abs_top_builddir", ".")
PLUGIN = os.path.join(BUILD, "audisp-proclife")
GENERATE = os.path.join(BUILD, "tests", "generate")
RECEIVE = os.path.join(BUILD, "tests", "receive")
PATIENCE = 30  # seconds

SETTINGS = """user = "";
state_path = "{folder}/state";
run_path = "{folder}/run";
spool_path = "{folder}/spool";
capabilities: {{ audit_control = false; }};
events: {{ already_running = false; }};
acct: {{ {acct} }};
sinks: ( {sinks} );
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(condition, what, patience=PATIENCE, pause=0.01):
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("never came true: " + what)
        time.sleep(pause)


class Receiver:
    """tests/receive, which may be stopped, or killed and started again. Each
    run has a file of its own."""

    def __init__(self, folder, kind):
        self.folder = folder
        self.kind = kind
        self.place = (os.path.join(folder, "socket") if kind == "unix" else
                      str(free_port()))
        self.paths = []
        self.process = None

    def start(self):
        self.paths.append(os.path.join(
            self.folder, "%s-%d" % (self.kind, len(self.paths))))
        self.process = subprocess.Popen(
            [RECEIVE, self.kind, self.place, self.paths[-1]],
            stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            raise AssertionError("the receiver does not start")
        return self

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def settings(self, more=""):
        if self.kind == "unix":
            where = 'socket = "%s";' % self.place
        else:
            where = 'host = "127.0.0.1"; port = %s;' % self.place
        return '{ type = "%s"; %s %s }' % (self.kind, where, more)


class Plugin:
    """Reads from a pipe of the size that pipes have."""

    def __init__(self, folder, sinks, acct='mode = "off";'):
        self.folder = folder
        self.events_dir = os.path.join(folder, "events")
        self.log_path = os.path.join(folder, "log")
        os.makedirs(os.path.join(folder, "spool"), 0o700)
        self.conf = os.path.join(folder, "conf")
        with open(self.conf, "w") as out:
            out.write(SETTINGS.format(folder=folder, acct=acct,
                                      sinks=", ".join(sinks)))
        self.starts = 0
        self.start()

    def start(self):
        """The first time, or again, with what is kept."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [PLUGIN, "-f", "-c", self.conf], stdin=subprocess.PIPE,
                stderr=log)
        self.stdin = self.process.stdin.fileno()
        self.starts += 1
        until(lambda: self.logged().count(" started, ") == self.starts,
              "the plugin starts")

    def logged(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def paths(self):
        return sorted(os.path.join(self.events_dir, x)
                      for x in os.listdir(self.events_dir))

    def state(self):
        """The counters, as they are now."""
        path = os.path.join(self.folder, "run", "state")
        if os.path.exists(path):
            os.unlink(path)
        self.process.send_signal(signal.SIGUSR1)
        until(lambda: os.path.exists(path), "the state file")
        with open(path) as state:
            return dict(line.split() for line in state)

    def is_through(self):
        """All that was sent is read, and with the receivers."""
        state = self.state()
        return state["proclife_stdin_drained"] == "1" and all(
            n == "0" for name, n in state.items()
            if name.startswith("proclife_sink_waiting_events"))

    def is_well(self):
        """No sink is in trouble: what was lost meanwhile is told."""
        said = [line for line in self.logged().splitlines()
                if ": sink " in line]
        return not said or "works again" in said[-1]

    def private_kib(self):
        path = "/proc/%d/smaps_rollup" % self.process.pid
        with open(path) as smaps:
            return sum(map(int, re.findall(
                r"^Private_(?:Clean|Dirty): +(\d+) kB$", smaps.read(), re.M)))

    def finish(self):
        """Its use of the machine, when it has left."""
        self.process.stdin.close()
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode != 0:
            with open(self.log_path, errors="replace") as log:
                raise AssertionError("the plugin failed: " + log.read())
        return used

    def kill(self):
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()


def file_settings(folder):
    return '{ type = "file"; path = "%s/events"; }' % folder


def whole_lines(paths):
    """Those of a receiver that was killed may end within one."""
    for path in paths:
        with open(path, "rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield line
