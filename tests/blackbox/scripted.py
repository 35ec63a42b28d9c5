# SPDX-License-Identifier: GPL-2.0-or-later
"""Receivers of events that do as they are told: go, come back, take nothing,
take a connection and give it up at once."""
import os
import select
import socket
import threading


class Receiver:
    """Of lines, over TCP. Its port is the same whenever it is up."""

    type = "tcp"

    def __init__(self):
        self.port = 0
        self.accepted = 0
        self.taken = []  # of each connection: bytes, in order
        self.reads = True
        self.slams = False
        self.thread = None
        self.down_to_come_up()

    def down_to_come_up(self):
        """Learns where it will be. Nobody else is given that meanwhile: the
        port is taken by one who does not listen."""
        self.place = self.bound()
        self.port = self.place.getsockname()[1]

    def bound(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", self.port))
        return s

    def listen(self):
        s = self.bound()
        # Much that is not read shall not be here, but wait for us there.
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.listen()
        return s

    def sink(self, more=""):
        return 'type = "%s"; host = "127.0.0.1"; port = %d; %s' % (
            self.type, self.port, more)

    def up(self):
        self.listener = self.listen()
        self.connections = {}  # each with what it has taken
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def down(self):
        """What it has not read by now is lost to it."""
        if self.thread is None:
            return
        self.over.set()
        self.thread.join()
        self.thread = None
        for s in [self.listener, *self.connections]:
            s.close()

    def gone(self):
        """Down, for good."""
        self.down()
        self.place.close()

    def serve(self):
        while not self.over.is_set():
            wait = [self.listener, *(self.connections if self.reads else ())]
            ready, _, _ = select.select(wait, [], [], 0.02)
            for s in ready:
                if s is self.listener:
                    self.accept()
                else:
                    self.read(s)

    def accept(self):
        s, _ = self.listener.accept()
        self.accepted += 1
        if self.slams:
            s.close()
            return
        self.connections[s] = bytearray()
        self.taken.append(self.connections[s])

    def read(self, s):
        try:
            data = s.recv(1 << 16)
        except ConnectionError:
            data = b""
        if data:
            self.take(s, data)
        else:
            s.close()
            del self.connections[s]

    def take(self, s, data):
        self.connections[s] += data

    def lines(self):
        """All that came whole, in order."""
        found = []
        for taken in self.taken:
            lines = bytes(taken).splitlines(True)
            found += [x for x in lines if x.endswith(b"\n")]
        return found


class MuteTlsReceiver(Receiver):
    """Never gets to TLS, of which it knows nothing."""

    type = "tls"


class UnixReceiver(Receiver):
    """Of lines, over a Unix socket."""

    type = "unix"

    def __init__(self, folder):
        self.path = os.path.join(folder, "receiver")
        super().__init__()

    def down_to_come_up(self):
        pass

    def gone(self):
        self.down()

    def listen(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        s = socket.socket(socket.AF_UNIX)
        s.bind(self.path)
        s.listen()
        return s

    def sink(self, more=""):
        return 'type = "unix"; socket = "%s"; %s' % (self.path, more)


def without_head(message):
    """A syslog message's event, as the line that a file has of it."""
    return message[message.index(b" - {") + 3:] + b"\n"


class SyslogReceiver(Receiver):
    """Of syslog messages, each with its length before it."""

    def sink(self, more=""):
        return super().sink('framing = "syslog"; ' + more)

    def messages(self):
        found = []
        for taken in self.taken:
            rest = bytes(taken)
            while b" " in rest:
                length, _, rest = rest.partition(b" ")
                message, rest = rest[:int(length)], rest[int(length):]
                if len(message) == int(length):
                    found.append(message)
        return found

    def lines(self):
        return [without_head(x) for x in self.messages()]


class RelpReceiver(Receiver):
    """Of syslog messages over RELP; it acknowledges what it has taken."""

    type = "relp"

    def __init__(self):
        super().__init__()
        self.got = []

    def sink(self, more=""):
        """As the other types are: without a spool, and nothing is cut."""
        if "spool = " not in more:
            more += "spool = false; "
        return super().sink('max_event = "64KiB"; ' + more)

    def take(self, s, data):
        rest = self.connections[s]
        rest += data
        while True:
            head, newline, _ = bytes(rest[:64]).partition(b"\n")
            number, command, length = head.split(b" ")[:3] \
                if head.count(b" ") >= 2 else (b"", b"", b"")
            if not length or (not newline and head.count(b" ") < 3):
                return
            start = len(number) + len(command) + len(length) + 2
            start += length != b"0"  # the blank before the data
            end = start + int(length)
            if len(rest) <= end:
                return
            text = bytes(rest[start:end])
            del rest[:end + 1]
            self.answer(s, number, command, text)

    def answer(self, s, number, command, text):
        said = b"200 OK"
        if command == b"open":
            said += b"\nrelp_version=0\nrelp_software=test\ncommands=syslog"
        elif command == b"syslog":
            self.got.append(text)
        try:
            s.sendall(b"%s rsp %d %s\n" % (number, len(said), said))
        except ConnectionError:
            pass  # it was killed; read() finds out

    def lines(self):
        return [without_head(x) for x in list(self.got)]
