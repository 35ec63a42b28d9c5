# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs real receivers with the configurations of conf/receivers, and the real
plugin that sends to them, a file of its own beside it: what arrives must be
what stands there, byte for byte."""
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.environ.get("abs_top_srcdir",
                     os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get("abs_top_builddir", TOP)
sys.path.insert(0, os.path.join(TOP, "tests", "blackbox"))
sys.dont_write_bytecode = True

from harness import Plugin, Stream  # noqa: E402

BINARY = os.path.join(BUILD, "audisp-proclife")
CONF = os.path.join(TOP, "conf", "receivers")
DAY = os.path.join(TOP, "tests", "data", "ordinary-day", "stream")
PATIENCE = 60  # seconds; long enough for a slow machine under sanitizers
# For sinks without acknowledgement: more than a receiver's kernel takes for one
# that does not read (net.ipv4.tcp_rmem), and what it has in memory itself.
RESEND = 'resend_size = "32MiB"; '
# So long an event may be for a sink with default settings, whatever its head:
# processes of this machine, whose ends are told, too, may have longer ones.
WHOLE = 7500
BEGIN = b'{"@timestamp":'  # of an event, and nowhere within one

# A folder with receivers that are unpacked and not installed, which would
# start them, and which exclude one another.
UNPACKED = os.environ.get("PROCLIFE_RECEIVERS", "")

def need(*programs):
    """Skips the whole script where it has nothing to try."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if UNPACKED:
        os.environ["PATH"] = ":".join(
            (UNPACKED + "/usr/sbin", UNPACKED + "/usr/bin",
             os.environ["PATH"]))
    for name in programs:
        if not shutil.which(name):
            print("skipped: %s is not installed" % name)
            sys.exit(77)

def need_module(name):
    """The folder of a receiver's module; skips the script without it."""
    for root in filter(None, (UNPACKED, "/")):
        for place in "usr/lib/*", "usr/lib64", "usr/lib":
            for path in glob.glob(os.path.join(root, place, name)):
                return os.path.dirname(path)
    print("skipped: %s is not installed" % name)
    sys.exit(77)

def until(condition, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("never came true: " + what)

def free_port(given=set()):
    """Another one each time."""
    while True:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in given:
            given.add(port)
            return port

def listened(port):
    """Whether somebody listens there; without to connect, for a receiver would
    tell of who says nothing."""
    for path in "/proc/net/tcp", "/proc/net/tcp6":
        if os.path.exists(path):
            with open(path) as table:
                if re.search(r":%04X [0-9A-F]+:0000 0A " % port,
                             table.read()):
                    return True
    return False

def replaced(text, changes):
    """With the ports and paths of a test; each must be there to replace."""
    for old, new in changes.items():
        if old not in text:
            raise AssertionError("not in the configuration: " + old)
        text = text.replace(old, str(new))
    return text

def by_id(lines):
    """Whole lines by their event.id: who is killed may leave parts."""
    found = ((re.search(rb'"id":"([0-9a-f-]{36})","sequence".*}$', x), x)
             for x in lines)
    return {match[1]: line for match, line in found if match}


class Certificates:
    """An authority, and what it signed."""

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
           "-nodes")

    def __init__(self, folder):
        self.folder = folder
        self.openssl("req", "-x509", *self.key, "-days", "2", "-subj",
                     "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")

    def openssl(self, *args):
        subprocess.run(("openssl",) + args, cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, host):
        """Files HOST.pem and HOST.key."""
        with open(self.path("names"), "w") as out:
            out.write("subjectAltName=DNS:%s\n" % host)
        self.openssl("req", *self.key, "-subj", "/CN=" + host, "-keyout",
                     host + ".key", "-out", "request")
        self.openssl("x509", "-req", "-in", "request", "-days", "2", "-CA",
                     "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-extfile", "names", "-out", host + ".pem")
        return self.path(host + ".pem"), self.path(host + ".key")

class Receiver:
    """A program that takes events and writes them to files below a folder."""

    environment = {}

    def __init__(self, folder):
        self.folder = folder
        self.hosts = os.path.join(folder, "hosts")
        self.log_path = os.path.join(folder, "receiver.log")
        self.process = None

    def command(self):
        raise NotImplementedError

    def is_up(self):
        raise NotImplementedError

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
                env=dict(os.environ, **self.environment))
        until(lambda: self.process.poll() is not None or self.is_up(),
              "the receiver is up: " + self.logged())
        if self.process.poll() is not None:
            raise AssertionError("the receiver left: " + self.logged())

    def stop(self, sig=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(sig)
            self.process.wait(PATIENCE)

    def logged(self):
        with open(self.log_path, "rb") as log:
            return log.read().decode("utf-8", "replace")

    def files(self):
        return sorted(glob.glob(self.hosts + "/*/events-*.jsonl"))

    def lines(self):
        """What arrived. Who was killed while it wrote may leave a part of a
        line, on which the next one begins; the last may not be whole yet."""
        found = []
        for path in self.files():
            with open(path, "rb") as events:
                for line in events.read().split(b"\n")[:-1]:
                    found.append(line[line.rindex(BEGIN):])
        return found

class Rsyslogd(Receiver):
    """rsyslog, with a text for its configuration."""

    def __init__(self, folder, text, modules):
        super().__init__(folder)
        self.modules = modules
        self.conf = os.path.join(folder, "rsyslog.conf")
        with open(self.conf, "w") as out:
            out.write(text)

    def command(self):
        # A killed one leaves it behind, and the next would not start.
        pid = os.path.join(self.folder, "pid")
        if os.path.exists(pid):
            os.unlink(pid)
        return ["rsyslogd", "-n", "-f", self.conf, "-i", pid,
                "-M", self.modules]


class Scenario(unittest.TestCase):
    def folder(self):
        path = tempfile.mkdtemp(prefix="proclife-")
        self.addCleanup(shutil.rmtree, path, True)
        return path

    def started(self, receiver):
        self.addCleanup(receiver.stop)
        receiver.start()
        return receiver

    def plugin(self, sink):
        """With a sink that sends, and the file with all that is told."""
        p = Plugin(BINARY, start=False)
        self.addCleanup(shutil.rmtree, p.folder, True)
        self.addCleanup(p.kill)
        p.write_settings(sinks='{ type = "file"; path = "%s"; }, { %s }' % (
            p.events_dir, sink))
        p.start()
        return p

    def send_day(self, p):
        with open(DAY, "rb") as stream:
            p.send(stream.read())

    def check_arrives(self, p, receiver, whole=WHOLE):
        """Until all that stands in the file has arrived, and nothing else. Up
        to so many bytes an event is the same; what is longer, the sink may
        have cut."""
        def missing():
            return set(by_id(p.raw().splitlines())) - set(
                by_id(receiver.lines()))

        try:
            until(lambda: p.raw() and not missing(), "all arrived")
        except AssertionError:
            raise AssertionError(
                "%d events are missing, one of them %s\nplugin: %s\n"
                "receiver: %s" % (
                    len(missing()), missing().pop(), p.logged()[-2000:],
                    receiver.logged()[-2000:]))
        got = receiver.lines()
        want = by_id(p.raw().splitlines())
        for name, line in by_id(got).items():
            if len(want[name]) <= whole:
                self.assertEqual(line, want[name])
        return got

    def check_once(self, got):
        self.assertEqual(len(got), len(by_id(got)))

    def check_whole_day(self, sink, receiver):
        """A day's events arrive, each once, up to the orderly stop."""
        p = self.plugin(sink)
        self.send_day(p)
        p.until(lambda: len(p.events()) > 100, "much is told")
        self.check_arrives(p, receiver)
        self.assertEqual(p.finish(), 0, p.logged())
        self.check_once(self.check_arrives(p, receiver))
        self.assertEqual(p.losses("sink") + p.losses("spool"), [])

    def send_and_kill(self, p, receiver, kills=3, lives=300):
        """The receiver is killed again and again while events come in."""
        s = Stream()
        pids = iter(range(100000, 200000))

        def send():
            last = None
            for _ in range(lives):
                last = next(pids)
                p.send(s.life(last, parent=os.getpid()))
            return last

        for kill in range(kills):
            before = len(receiver.lines())
            send()
            until(lambda: len(receiver.lines()) > before,
                  "events arrive after %d kills: %s" % (kill, p.logged()))
            receiver.stop(signal.SIGKILL)
            send()
            receiver.start()
        p.until_told(send())

    def check_kills(self, sink, receiver):
        """None is missing; what arrived twice is the same, byte for byte."""
        p = self.plugin(sink + 'queue_size = "128MiB"; ')
        self.send_and_kill(p, receiver)
        self.check_arrives(p, receiver)
        self.assertEqual(p.finish(), 0, p.logged())
        self.check_arrives(p, receiver)
        self.assertEqual(p.losses("sink") + p.losses("spool"), [])


def run():
    """The script's tests, or those that match its argument."""
    args = sys.argv[:1]
    for pattern in sys.argv[1:]:
        args += ["-k", pattern]
    unittest.main(argv=args, verbosity=2)
