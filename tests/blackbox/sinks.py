# SPDX-License-Identifier: GPL-2.0-or-later
"""The running plugin and the receivers of its events, which go and come. A file
sink beside them has all that is told."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from harness import TOP, Scenario, Stream
from scripted import (
    MuteTlsReceiver, Receiver, RelpReceiver, SyslogReceiver, UnixReceiver)

SPOOL = "spool = true; "
SMALL = 'queue_size = "64KiB"; '
# More than that holds, and than what is under way to a receiver.
MANY = 400
SYSLOG_MAX = 8000


def ids(lines):
    return [json.loads(x)["event"]["id"] for x in lines]


class SinkScenario(Scenario):
    def setUp(self):
        self.stream = Stream()
        self.pids = iter(range(100000, 4000000))
        self.fed = set()

    def receiver(self, kind=Receiver, up=True):
        if kind is UnixReceiver:
            folder = tempfile.mkdtemp(prefix="proclife-")
            self.addCleanup(shutil.rmtree, folder, True)
            r = kind(folder)
        else:
            r = kind()
        self.addCleanup(r.gone)
        return r.up() if up else r

    def write(self, p, *sinks, settings=""):
        sinks = ('type = "file"; path = "%s"; ' % p.events_dir,) + sinks
        p.write_settings(settings, ", ".join("{ %s }" % x for x in sinks))

    def start(self, *sinks, settings=""):
        p = self.plugin(start=False)
        self.write(p, *sinks, settings=settings)
        p.start()
        return p

    def reload(self, p, *sinks, word="settings read again"):
        before = p.logged().count(word)
        self.write(p, *sinks)
        p.signal(signal.SIGHUP)
        p.until(lambda: p.logged().count(word) > before, word)

    def feed(self, p, lives):
        """So many lives; when this returns, the file has them."""
        for _ in range(lives):
            pid = next(self.pids)
            self.fed.add(pid)
            p.send(self.stream.life(pid, parent=os.getpid()))
        p.until_told(pid)

    def lives(self, lines):
        """(action, pid) of those that were fed. Others of this machine, who
        were there when the plugin started, may end at any time, and that is
        told, too."""
        docs = [json.loads(x) for x in lines]
        told = [(x["event"]["action"], x["process"]["pid"])
                for x in docs if "process" in x]
        return [x for x in told if x[1] in self.fed]

    def waiting(self, p, sink):
        return int(p.state()['proclife_sink_waiting_events{sink="%s"}' % sink])

    def until_sure(self, p, sink):
        """Until it knows itself that all has arrived."""
        pending = 'proclife_sink_pending_bytes{sink="%s"}' % sink
        p.until(lambda: int(p.state()[pending]) == 0, "nothing is pending")

    def lost(self, p):
        """How many in each loss on the way out; None: it is not known."""
        return [x.get("count") for x in p.losses()
                if x["source"] in ("sink", "spool", "restart")]

    def file_lines(self, p):
        """Those that are whole: more may be being written."""
        return [x for x in p.raw().splitlines(True) if x.endswith(b"\n")]

    def until_lost(self, p):
        """Until a sink's loss is told. Returns how many lines were before."""
        p.until(lambda: p.losses("sink"), "the loss")
        return [json.loads(x)["event"]["action"]
                for x in self.file_lines(p)].index("loss")

    def until_all(self, p, *receivers):
        """Until they have all that the file has, and nothing else."""
        def got():
            return {x for r in receivers for x in r.lines()}
        p.until(lambda: set(self.file_lines(p)) <= got(), "all arrived")
        self.assertEqual(got() - set(self.file_lines(p)), set())

    def check_once(self, p, *receivers):
        self.until_all(p, *receivers)
        lines = [x for r in receivers for x in r.lines()]
        self.assertEqual(len(lines), len(set(lines)))

    def finish(self, p):
        self.assertEqual(p.finish(), 0, p.logged())

    def log_of(self, p, sink):
        return [x for x in p.logged().splitlines()
                if "sink %s: " % sink in x]

    def until_gone_and_back(self, p, sink):
        """One line when it went, one when it came back. Returns how many it
        says were lost."""
        p.until(lambda: "sink %s: works again" % sink in p.logged(),
                "it works again")
        went, came = self.log_of(p, sink)
        self.assertNotIn("works again", went)
        return int(re.search(r"(\d+) events were lost", came)[1])


class SinkReload(SinkScenario):
    """SIGHUP, and what waits for a receiver meanwhile."""

    def test_unchanged_sink_keeps_connection_and_queue(self):
        r = self.receiver()
        p = self.start(r.sink())
        self.feed(p, 10)
        self.until_all(p, r)
        r.reads = False
        self.feed(p, MANY)
        self.reload(p, r.sink())
        self.assertGreater(self.waiting(p, "tcp"), 0)
        self.feed(p, 10)
        r.reads = True
        self.check_once(p, r)
        self.finish(p)
        self.assertEqual(r.accepted, 1)
        self.assertEqual(self.lost(p), [])

    def move(self, kind, more):
        """To another receiver, while lines wait for the first one."""
        first, second = self.receiver(kind), self.receiver(kind)
        p = self.start(first.sink(more))
        self.feed(p, 10)
        self.until_all(p, first)
        first.down()
        self.feed(p, 10)
        self.reload(p, second.sink(more))
        self.feed(p, 10)
        self.until_all(p, first, second)
        self.finish(p)
        self.until_all(p, first, second)
        self.assertEqual(self.lost(p), [])
        self.assertEqual(len(second.lines()), len(set(second.lines())))

    def test_another_port(self):
        self.move(Receiver, "")

    def test_another_port_with_a_spool(self):
        self.move(Receiver, SPOOL)

    def test_another_port_of_relp(self):
        self.move(RelpReceiver, "")

    def test_another_port_of_relp_with_a_spool(self):
        self.move(RelpReceiver, SPOOL)

    def test_another_socket(self):
        self.move(UnixReceiver, "")

    def test_another_socket_with_a_spool(self):
        self.move(UnixReceiver, SPOOL)

    def test_moves_while_lines_are_under_way(self):
        for kind in Receiver, UnixReceiver, RelpReceiver:
            for more in "", SPOOL:
                first, second = self.receiver(kind), self.receiver(kind)
                p = self.start(first.sink(more))
                self.feed(p, 10)
                self.until_all(p, first)
                first.reads = False
                self.feed(p, 50)
                self.reload(p, second.sink(more))
                self.feed(p, 10)
                self.until_all(p, first, second)
                self.finish(p)
                self.until_all(p, first, second)
                self.assertEqual(self.lost(p), [])

    def test_another_queue_size_with_a_spool(self):
        r = self.receiver(up=False)
        p = self.start(r.sink(SPOOL))
        self.feed(p, MANY)
        self.reload(p, r.sink(SPOOL + SMALL))
        r.up()
        self.feed(p, 10)
        self.check_once(p, r)
        self.finish(p)
        self.assertEqual(self.lost(p), [])

    def test_another_queue_size_in_memory(self):
        """What waited is lost, and counted."""
        r = self.receiver(up=False)
        p = self.start(r.sink())
        self.feed(p, 10)
        self.reload(p, r.sink(SMALL))
        waited = self.until_lost(p)
        self.assertEqual(self.lost(p), [waited])
        r.up()
        p.until(lambda: r.lines() == self.file_lines(p)[waited:], "the rest")
        self.finish(p)

    def test_filters_change_with_a_spool(self):
        """What waits stays; what is told from now on is filtered."""
        r = self.receiver(up=False)
        p = self.start(r.sink(SPOOL))
        self.feed(p, 10)
        waited = self.file_lines(p)
        self.reload(p, r.sink(SPOOL + 'actions = [ "end" ]; '))
        self.feed(p, 10)
        ends = [x for x in self.lives(self.file_lines(p)[len(waited):])
                if x[0] == "end"]
        self.assertEqual(len(ends), 10)
        self.reload(p, r.sink(SPOOL + 'users = [ "!1000" ]; '))
        self.feed(p, 10)
        self.reload(p, r.sink(SPOOL))
        self.feed(p, 1)
        last = self.file_lines(p)[-1]
        r.up()
        p.until(lambda: last in r.lines(), "what is told")
        self.finish(p)
        self.assertEqual(r.lines()[:len(waited)], waited)
        self.assertEqual(self.lives(r.lines()[len(waited):]),
                         ends + self.lives(self.file_lines(p))[-3:])
        self.assertEqual(self.lost(p), [])

    def test_taken_out_with_lines_in_memory(self):
        r = self.receiver(up=False)
        p = self.start(r.sink())
        self.feed(p, 10)
        self.reload(p)
        waited = self.until_lost(p)
        self.assertEqual(self.lost(p), [waited])
        self.assertIn("sink tcp: closed with %d events" % waited, p.logged())
        self.finish(p)
        self.assertEqual(len(self.lost(p)), 1)

    def test_taken_out_after_it_had_lost(self):
        """Those that found no room are in that number, too."""
        r = self.receiver(up=False)
        p = self.start(r.sink(SMALL))
        self.feed(p, MANY)
        told = len(self.file_lines(p))
        self.assertLess(self.waiting(p, "tcp"), told)
        self.reload(p)
        told = self.until_lost(p)
        self.assertEqual(self.lost(p), [told])
        self.finish(p)

    def test_taken_out_when_all_had_arrived(self):
        for kind in Receiver, UnixReceiver, RelpReceiver:
            r = self.receiver(kind)
            p = self.start(r.sink())
            self.feed(p, 10)
            self.until_all(p, r)
            self.until_sure(p, r.type)
            self.reload(p)
            self.feed(p, 10)
            self.finish(p)
            self.assertEqual(self.lost(p), [])

    def test_taken_out_with_lines_in_a_spool(self):
        """They wait there until it is in the settings again."""
        r = self.receiver(up=False)
        p = self.start(r.sink(SPOOL))
        self.feed(p, 10)
        waited = self.file_lines(p)
        self.reload(p)
        self.feed(p, 10)
        between = len(self.file_lines(p))
        r.up()
        self.reload(p, r.sink(SPOOL))
        self.feed(p, 10)
        last = self.file_lines(p)[-1]
        p.until(lambda: last in r.lines(), "the last line")
        self.finish(p)
        self.assertEqual(r.lines()[:len(waited)], waited)
        self.assertEqual(self.lives(r.lines()[len(waited):]),
                         self.lives(self.file_lines(p)[between:]))
        self.assertEqual(self.lost(p), [])

    def check_nothing_changed(self, *broken):
        """In settings with an error."""
        r, other = self.receiver(), self.receiver()
        spooled = self.receiver(RelpReceiver, up=False)
        p = self.start(r.sink(), spooled.sink(SPOOL))
        self.feed(p, 10)
        self.until_all(p, r)
        broken = [x % other.port if "%" in x else x for x in broken]
        self.reload(p, *broken, word="settings not changed")
        self.feed(p, 10)
        self.check_once(p, r)
        spooled.up()
        self.check_once(p, spooled)
        self.finish(p)
        self.assertEqual((r.accepted, other.accepted), (1, 0))
        self.assertEqual(self.lost(p), [])

    def test_wrong_settings_change_nothing(self):
        self.check_nothing_changed(
            'type = "tcp"; host = "127.0.0.1"; port = %d; ',
            'type = "relp"; host = "127.0.0.1"; port = 70000; ')

    def test_sink_that_cannot_be_opened_changes_nothing(self):
        """Though others of the new ones were open by then."""
        self.check_nothing_changed(
            'type = "tcp"; host = "127.0.0.1"; port = %d; ',
            'type = "relp"; host = "127.0.0.1"; port = 7; spool = true; '
            'queue_size = "1MiB"; ',
            'type = "tls"; host = "127.0.0.1"; port = 7; '
            'ca_file = "/nonexistent"; ')


class SinkEnd(SinkScenario):
    """Its own end, while receivers are away."""

    def stop(self, p):
        """As auditd does, without an end of stdin."""
        p.signal(signal.SIGTERM)
        self.assertEqual(p.wait(), 0)

    def test_spool_is_sent_after_the_next_start(self):
        for kind in Receiver, UnixReceiver, RelpReceiver:
            r = self.receiver(kind, up=False)
            p = self.start(r.sink(SPOOL))
            self.feed(p, 50)
            self.stop(p)
            self.assertNotIn("are lost", p.logged())
            r.up()
            p.start()
            self.feed(p, 10)
            self.check_once(p, r)
            self.finish(p)
            self.assertEqual(self.lost(p), [])

    def test_spool_of_who_takes_nothing(self):
        r = self.receiver(RelpReceiver)
        r.reads = False
        p = self.start(r.sink(SPOOL))
        self.feed(p, MANY)
        self.stop(p)
        r.down()
        r.up()
        r.reads = True
        p.start()
        self.feed(p, 10)
        self.until_all(p, r)
        self.finish(p)
        self.assertEqual(self.lost(p), [])

    def test_memory_is_lost_and_said(self):
        r = self.receiver(up=False)
        p = self.start(r.sink())
        self.feed(p, 50)
        self.stop(p)
        said = re.search(r"sink tcp: closed with (\d+) events not written",
                         p.logged())
        self.assertEqual(int(said[1]), len(self.file_lines(p)))
        r.up()
        p.start()
        self.feed(p, 10)
        p.until(lambda: p.losses("restart"), "the loss")
        self.finish(p)
        self.assertEqual(len(self.lost(p)), 1)

    def test_nothing_is_lost_when_all_had_arrived(self):
        for kind in Receiver, UnixReceiver, RelpReceiver:
            r = self.receiver(kind)
            p = self.start(r.sink())
            self.feed(p, 50)
            self.until_all(p, r)
            self.stop(p)
            p.start()
            self.feed(p, 10)
            self.check_once(p, r)
            self.finish(p)
            self.assertEqual(self.lost(p), [])
            self.assertNotIn("closed with", p.logged())


class SinkKill(SinkScenario):
    """It is killed, and its spool has what the receiver lacks."""

    def said(self, line):
        """What may differ when it is told again."""
        doc = json.loads(line)
        for group, name in (("event", "sequence"), ("event", "created"),
                            ("agent", "ephemeral_id")):
            doc[group].pop(name, None)
        return doc

    def check_delivered(self, p, r):
        """All that the file has, by event.id; what came twice is the same."""
        p.until(lambda: set(ids(self.file_lines(p))) == set(ids(r.lines())),
                "all arrived")
        first = {}
        for line in r.lines() + self.file_lines(p):
            said = self.said(line)
            self.assertEqual(first.setdefault(said["event"]["id"], said), said)

    def storm(self, kind, is_up):
        r = self.receiver(kind, up=is_up(0))
        p = self.start(r.sink(SPOOL))
        for kill in range(1, 6):
            for _ in range(60 + 17 * kill):
                p.send(self.stream.life(next(self.pids), parent=os.getpid()))
            p.kill()
            if is_up(kill) != is_up(kill - 1):
                r.up() if is_up(kill) else r.down()
            p.start()
            self.feed(p, 5)
        if not is_up(5):
            r.up()
        self.check_delivered(p, r)
        self.finish(p)
        self.check_delivered(p, r)
        self.assertEqual(p.losses("sink"), [])
        # Whose write was cut by a kill is told again, but the spool can't know.
        if "has a torn end" not in p.logged():
            self.assertEqual(p.losses("spool"), [])

    def test_relp(self):
        self.storm(RelpReceiver, lambda kill: True)

    def test_relp_is_away(self):
        self.storm(RelpReceiver, lambda kill: False)

    def test_relp_goes_and_comes(self):
        self.storm(RelpReceiver, lambda kill: kill % 2 == 0)

    def test_tcp_goes_and_comes(self):
        self.storm(Receiver, lambda kill: kill % 2 == 0)

    def test_unix(self):
        self.storm(UnixReceiver, lambda kill: True)


class SinkDead(SinkScenario):
    """A receiver that is away holds up nothing; what it lacks is counted. Where
    that fills a small queue, the ends of the machine's others do not fill it
    once more: they are seldom of this user."""

    FEW = SMALL + 'users = [ "1000" ]; '

    def wanted(self, p):
        def user(line):
            return json.loads(line).get("user", {}).get("id")
        return [x for x in self.file_lines(p) if user(x) in (None, "1000")]

    def check_counted(self, p, r, name):
        """When it is back: exactly what is missing is told as lost."""
        lost = self.until_gone_and_back(p, name)
        p.until(lambda: p.losses("sink"), "the loss")
        self.feed(p, 10)
        last = self.wanted(p)[-1]
        p.until(lambda: last in r.lines(), "the last line")
        self.finish(p)
        missing = set(self.wanted(p)) - set(r.lines())
        self.assertGreater(lost, 0)
        self.assertEqual(len(missing), lost)
        self.assertEqual(self.lost(p), [lost])
        self.assertEqual(len(r.lines()), len(set(r.lines())))
        self.assertEqual(len(self.log_of(p, name)), 2)

    def test_nobody_listens(self):
        r = self.receiver(up=False)
        p = self.start(r.sink(self.FEW))
        self.feed(p, MANY)
        p.until(lambda: p.state()["proclife_last_serial"].strip() ==
                str(self.stream.serial), "all is read")
        r.up()
        self.check_counted(p, r, "tcp")

    @unittest.skipUnless(os.geteuid() == 0, "mounting needs root")
    def test_full_disk_under_the_spool(self):
        """What is there arrives all the same, and it is said once."""
        r = self.receiver()
        p = self.plugin(start=False)
        spool = os.path.join(p.folder, "spool")
        ballast = os.path.join(spool, "ballast")
        self.small_disk(spool, "1m")
        self.write(p, r.sink(SPOOL))
        p.start()
        self.feed(p, 10)
        self.until_all(p, r)
        self.fill(ballast)
        p.until(lambda: self.feed(p, 10) or self.log_of(p, "tcp"),
                "a complaint")
        for _ in range(5):
            self.feed(p, 10)
            time.sleep(0.1)  # turns in which the link is well
        os.unlink(ballast)
        self.assertEqual(self.until_gone_and_back(p, "tcp"), 0)
        self.feed(p, 10)
        self.until_all(p, r)
        self.finish(p)
        self.assertEqual(self.lost(p), [])
        self.assertEqual(len(self.log_of(p, "tcp")), 2)

    def hang(self, kind, name):
        """It takes the connection and reads nothing."""
        r = self.receiver(kind)
        r.reads = False
        p = self.start(r.sink(self.FEW))
        self.feed(p, 2 * MANY)
        r.reads = True
        self.check_counted(p, r, name)
        self.assertEqual(r.accepted, 1)

    def test_hangs(self):
        self.hang(Receiver, "tcp")

    def test_hangs_on_a_unix_socket(self):
        self.hang(UnixReceiver, "unix")

    def test_hangs_in_relp(self):
        self.hang(RelpReceiver, "relp")

    def test_hangs_before_it_speaks_tls(self):
        r = self.receiver(MuteTlsReceiver)
        r.reads = False
        p = self.start(r.sink())
        p.until(lambda: r.accepted, "the connection")
        self.feed(p, MANY)
        self.reload(p)
        told = self.until_lost(p)
        self.assertEqual(self.lost(p), [told])
        self.finish(p)

    def test_goes_while_lines_are_under_way(self):
        """It had not read them, and its kernel forgets them."""
        for kind in Receiver, UnixReceiver, RelpReceiver:
            for more in "", SPOOL:
                r = self.receiver(kind)
                p = self.start(r.sink(more))
                self.feed(p, 10)
                self.until_all(p, r)
                r.reads = False
                self.feed(p, 50)
                r.down()
                r.reads = True
                r.up()
                self.feed(p, 10)
                self.until_all(p, r)
                self.finish(p)
                self.until_all(p, r)
                self.assertEqual(self.lost(p), [])

    def slam(self, kind, name):
        """It takes each connection and gives it up at once."""
        r = self.receiver(kind)
        r.slams = True
        p = self.start(r.sink(self.FEW))
        self.feed(p, MANY)
        p.until(lambda: r.accepted >= 3, "tries")
        went, = self.log_of(p, name)
        r.slams = False
        self.check_counted(p, r, name)

    def test_slams(self):
        self.slam(Receiver, "tcp")

    def test_slams_a_unix_socket(self):
        self.slam(UnixReceiver, "unix")

    def test_slams_before_it_speaks_tls(self):
        r = self.receiver(MuteTlsReceiver)
        r.slams = True
        p = self.start(r.sink())
        self.feed(p, 10)
        p.until(lambda: r.accepted >= 3, "tries")
        self.feed(p, 10)
        self.assertEqual(len(self.log_of(p, "tls")), 1)
        self.finish(p)

    def test_slams_in_relp(self):
        self.slam(RelpReceiver, "relp")

    def test_slams_with_a_spool(self):
        """Nothing is lost then."""
        r = self.receiver()
        r.slams = True
        p = self.start(r.sink(SPOOL))
        self.feed(p, MANY)
        p.until(lambda: r.accepted >= 3, "tries")
        self.assertEqual(len(self.log_of(p, "tcp")), 1)
        r.slams = False
        self.assertEqual(self.until_gone_and_back(p, "tcp"), 0)
        self.check_once(p, r)
        self.finish(p)
        self.assertEqual(self.lost(p), [])


class SinkLines(SinkScenario):
    """What is told, to whom."""

    def test_longer_than_a_syslog_message(self):
        r = self.receiver(SyslogReceiver)
        p = self.start(r.sink(), settings='limits: { args_bytes = "64KiB"; };')
        pid = next(self.pids)
        words = ["word-%03d-%s" % (i, "x" * 80) for i in range(200)]
        records = [("EXECVE", "argc=201 a0=\"true\"")]
        for at in range(0, 200, 50):
            records.append(("EXECVE", " ".join(
                "a%d=\"%s\"" % (i + 1, words[i]) for i in range(at, at + 50))))
        p.send(self.stream.fork(os.getpid(), pid) +
               self.stream.call(59, pid, os.getpid(), 0, comm="true",
                                exe="/usr/bin/true", more=records))
        self.feed(p, 1)
        p.until(lambda: len(r.messages()) == len(self.file_lines(p)),
                "as many messages")
        self.finish(p)
        whole, = [x for x in p.events() if x["event"]["action"] == "exec" and
                  x["process"]["pid"] == pid]
        self.assertEqual(whole["process"]["args"], ["true"] + words)
        self.assertNotIn("truncated", whole["proclife"].get("args", {}))
        self.assertLessEqual(max(map(len, r.messages())), SYSLOG_MAX)
        cut, = [x for x in map(json.loads, r.lines())
                if x["event"]["id"] == whole["event"]["id"]]
        self.assertIs(cut["proclife"]["args"]["truncated"], True)
        args = cut["process"]["args"]
        self.assertGreater(len(args), 10)
        self.assertEqual(args[:-1], whole["process"]["args"][:len(args) - 1])
        self.assertEqual(self.lost(p), [])

    def test_filters(self):
        """By action, by user, by both; a loss has no user."""
        wanted = {
            "ends": ('actions = [ "end" ]; ',
                     lambda action, user: action == "end"),
            "root": ('users = [ "root" ]; ',
                     lambda action, user: user in (None, "0")),
            "others": ('users = [ "!0" ]; ',
                       lambda action, user: user != "0"),
            "both": ('actions = [ "exec", "loss" ]; users = [ "1000-2000" ]; ',
                     lambda action, user: action == "loss" or
                     (action == "exec" and user == "1000")),
        }
        receivers = {name: self.receiver() for name in wanted}
        p = self.start(*[r.sink('name = "%s"; ' % name + wanted[name][0])
                         for name, r in receivers.items()])
        self.feed(p, 10)
        for _ in range(10):
            p.send(self.stream.life(next(self.pids), parent=os.getpid())
                   .replace(b"uid=1000", b"uid=0"))
        self.stream.serial += 3
        self.feed(p, 10)
        p.until(lambda: p.losses(), "the loss")
        self.finish(p)

        def told(line):
            doc = json.loads(line)
            return doc["event"]["action"], doc.get("user", {}).get("id")

        users = {told(x)[1] for x in self.file_lines(p)}
        self.assertLessEqual({None, "0", "1000"}, users)
        for name, r in receivers.items():
            want = [x for x in self.file_lines(p) if wanted[name][1](*told(x))]
            self.assertGreater(len(want), 0)
            p.until(lambda: len(r.lines()) >= len(want), name)
            self.assertEqual(r.lines(), want)

    def test_two_formats_side_by_side(self):
        try:
            import jsonschema  # noqa: F401
        except ImportError:
            self.skipTest("no python3-jsonschema")
        sys.path.append(os.path.join(TOP, "tests"))
        import schemas

        ecs, ocsf = self.receiver(), self.receiver()
        p = self.start(ecs.sink('name = "a"; '),
                       ocsf.sink('name = "b"; format = "ocsf"; '))
        with open(os.path.join(TOP, "tests", "data", "ordinary-day",
                               "stream"), "rb") as stream:
            p.send(stream.read())
        p.until(lambda: len(p.events()) > 100, "much is told")
        self.finish(p)
        self.check_once(p, ecs)
        p.until(lambda: len(ocsf.lines()) == len(ecs.lines()), "as many")
        docs = [json.loads(x) for x in ocsf.lines()]
        self.assertEqual(
            [(x["metadata"]["event_code"], x["metadata"]["uid"],
              x["metadata"]["sequence"]) for x in docs],
            [(x["action"], x["id"], x["sequence"]) for x in
             (json.loads(x)["event"] for x in ecs.lines())])
        for name, lines in ("v1", ecs.lines()), ("ocsf-v1", ocsf.lines()):
            validator = schemas.validator(os.path.join(
                TOP, "conf", "schema", "proclife-%s.schema.json" % name))
            for line in lines:
                validator.validate(json.loads(line))


class SinkNames(SinkScenario):
    """Hosts whose addresses are not to be had."""

    NAMED = 'type = "tcp"; host = "receiver.invalid"; port = 7; '

    def check_others_go_on(self, p, r):
        self.feed(p, MANY)
        self.check_once(p, r)
        self.reload(p, r.sink(), self.NAMED + 'resend_size = "64KiB"; ')
        self.feed(p, 10)
        self.check_once(p, r)
        self.assertEqual(r.accepted, 1)
        p.signal(signal.SIGTERM)
        self.assertEqual(p.wait(), 0)
        self.check_once(p, r)

    def test_unknown(self):
        r = self.receiver(UnixReceiver)
        p = self.start(r.sink(), self.NAMED)
        p.until(lambda: "look up receiver.invalid" in p.logged(), "the failure")
        self.check_others_go_on(p, r)
        self.assertEqual(p.logged().count("look up receiver.invalid"), 1,
                         p.logged())

    @unittest.skipUnless(os.geteuid() == 0, "a network of its own needs root")
    def test_hangs(self):
        """Its name server takes questions and gives no answers."""
        r = self.receiver(UnixReceiver)
        p = self.plugin(start=False)
        self.write(p, r.sink(), self.NAMED)
        conf = os.path.join(p.folder, "resolv.conf")
        with open(conf, "w") as out:
            out.write("nameserver 127.0.0.1\noptions timeout:30\n")
        asked = os.path.join(p.folder, "asked")
        p.wrapper = ["unshare", "--net", "--mount", sys.executable,
                     os.path.join(os.path.dirname(__file__), "mute_names.py"),
                     conf, asked] + p.wrapper
        p.start()
        p.until(lambda: os.path.exists(asked), "the question")
        self.check_others_go_on(p, r)
        self.assertEqual(p.logged().count("look up"), 0)
