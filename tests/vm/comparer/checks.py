# SPDX-License-Identifier: GPL-2.0-or-later
"""The faults a told life can have."""

from collections import defaultdict
from math import inf
from signal import SIGKILL

from .told import End, bytes_told, milliseconds
from .witness import shell_value

# What each suite is judged by, in the order of the report.
LIFE_FAULTS = (
    "births missing",
    "births told as running",
    "births told twice",
    "parents missing",
    "wrong parents",
    "execs missing",
    "execs too many",
    "execs wrong",
    "ends missing",
    "ends told twice",
    "ends of the living",
    "statuses missing",
    "statuses uncertain",
    "statuses wrong",
    "certain but wrong",
    "order",
    "times",
)

# What is counted but no fault. A status that the workload declares to be
# undecidable from the two books may be unknown, or uncertain and even wrong.
LIFE_NOTES = (
    "births inferred",
    "parents left out",
    "undecidable",
    "undecidable and unknown",
    "undecidable and uncertain",
    "undecidable and wrong",
    "excused",
)


def judge(life, told, pairs, clock):
    """Yields (kind, detail) for one life; told is None if nobody told it."""
    if told is None:
        yield "births missing", f"{life}"
        if life.ended or life.rebooted:
            yield "ends missing", f"{life}"
        return
    if told.birth is not None:
        yield from judge_birth(life, told, pairs)
    elif told.found_running:
        yield "births told as running", f"{life}"
    else:
        yield "births missing", f"{life}"
    yield from judge_execs(life, told)
    yield from judge_end(life, told)
    yield from judge_order(life, told, pairs)
    yield from judge_times(life, told, pairs, clock)


def judge_birth(life, told, pairs):
    births = len(told.lines_of("fork")) + len(told.lines_of("already_running"))
    if births > 1:
        yield "births told twice", f"{life}: {births} times"
    if told.is_inferred:
        yield "births inferred", f"{life}"
    parent = told.birth.process.get("parent", {})
    expected = pairs.get(life.parent)
    if not parent:
        # Who was not seen to be born may have had another parent by then.
        yield ("parents left out" if told.is_inferred else
               "parents missing"), f"{life}"
    elif parent.get("pid") != life.parent.pid:
        yield "wrong parents", f"{life}: told {parent.get('pid')}"
    elif expected is not None and parent.get("entity_id") != expected.entity:
        yield "wrong parents", (f"{life}: the right pid but another life: "
                                f"{parent.get('entity_id')}")


def judge_execs(life, told):
    recorded = 0 if life.helper else life.execs
    more = len(told.execs) - recorded
    if more:
        kind = "execs too many" if more > 0 else "execs missing"
        yield kind, f"{life}: {len(told.execs)}, not {recorded}"
    elif life.images is not None:
        for number, (image, line) in enumerate(zip(life.images, told.execs)):
            for fault in image_faults(image, line):
                yield "execs wrong", f"{life}: exec {number}: {fault}"


def image_faults(image, line):
    """Yields what an exec's line says otherwise than the one who ran it."""
    for field, value in (("process.executable", image.executable),
                         ("process.name", image.name),
                         ("process.working_directory", image.folder),
                         ("proclife.script", image.script)):
        said = bytes_told(line.doc, field)
        if said != value:
            yield f"{field} {shorten(said)}, not {shorten(value)}"
    said = bytes_told(line.doc, "process.args")
    if said != image.args:
        yield (f"process.args, {len(said)} of {len(image.args)}: "
               f"{shorten(said)}, not {shorten(image.args)}")
    if line.process.get("args_count") != len(image.args):
        yield f"process.args_count {line.process.get('args_count')}"
    if "args" in line.proclife:
        yield f"proclife.args {line.proclife['args']}"


def shorten(value):
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "..."


def judge_end(life, told):
    ends = told.lines_of("end")
    if not ends and (life.ended or life.rebooted):
        yield "ends missing", f"{life}"
    if len(ends) > 1:
        yield "ends told twice", f"{life}: {len(ends)} times"
    if ends and life.rebooted:
        how = ends[-1].proclife.get("end")
        if how != "restart":
            yield "statuses wrong", f"{life}: {how}, not restart"
    elif ends and not life.ended:
        yield "ends of the living", f"{life}"
    elif ends:
        yield from judge_status(life, End(ends[-1]))


def judge_status(life, end):
    undecidable = life.undecidable is not None
    should = life.undecidable or f"{life}: should be {life.status:#06x}"
    if undecidable:
        yield "undecidable", should
    if not end.known:
        yield ("undecidable and unknown" if undecidable else
               "statuses missing"), should
        return
    if not end.certain:
        yield ("undecidable and uncertain" if undecidable else
               "statuses uncertain"), should
    faults = status_faults(life, end)
    if not faults:
        return
    detail = f"{life}: " + "; ".join(faults)
    if undecidable and not end.certain:
        yield "undecidable and wrong", detail
        return
    yield "statuses wrong", detail
    if end.certain:
        yield "certain but wrong", detail


def status_faults(life, end):
    faults = []
    if end.status != life.status:
        said = "unknown" if end.status is None else f"{end.status:#06x}"
        faults.append(f"{said}, not {life.status:#06x}")
    if end.shell != shell_value(life.status):
        faults.append(f"process.exit_code {end.shell}")
    if life.shell not in (None, end.shell):
        faults.append(f"process.exit_code {end.shell}, $? was {life.shell}")
    return faults


def judge_order(life, told, pairs):
    actions = [line.action for line in told.lines]
    if "fork" in actions and actions[0] != "fork":
        yield "order", f"{life}: its fork is not first: {actions}"
    if "end" in actions and actions[-1] != "end":
        yield "order", f"{life}: its end is not last: {actions}"
    parent = pairs.get(life.parent)
    if parent is None or told.birth is None:
        return
    if parent.birth is not None and parent.birth.place > told.birth.place:
        yield "order", f"{life}: its fork is told before its parent's"
    # A birth that was only inferred may be known when the parent is gone.
    if parent.end is not None and not told.is_inferred and \
            parent.end.place < told.birth.place:
        yield "order", f"{life}: its fork is told after its parent's end"


def judge_times(life, told, pairs, clock):
    # What is told of nothing that was seen is a fault of another kind.
    lines = [(told.birth, life.born_ns), *zip(told.execs, life.exec_ns),
             (told.end, life.ended_ns)]
    dated = [(line, seen_ns) for line, seen_ns in lines if line is not None]
    last_ms = -inf
    for line, seen_ns in dated:
        readings = clock.readings(line.time_ms, seen_ns)
        if not readings:
            yield "times", f"{life}: its {line.action} is dated " \
                f"{line.time_ms}, and was seen at {seen_ns}"
            return
        if max(readings) < last_ms:
            yield "times", f"{life}: its times go back: " \
                f"{[one.time_ms for one, _ in dated]}"
            return
        last_ms = min(ms for ms in readings if ms >= last_ms)
    yield from judge_times_of_parent(life, told, pairs.get(life.parent), clock)


def judge_times_of_parent(life, told, parent, clock):
    if parent is None or parent.birth is None or told.birth is None or \
            "parent" not in told.birth.process:
        return
    earliest = clock.readings(parent.birth.time_ms, life.parent.born_ns)
    latest = clock.readings(told.birth.time_ms, life.born_ns)
    if earliest and latest and min(earliest) > max(latest):
        yield "times", f"{life}: its fork is dated before its parent's"


def judge_suites(witness, pairs, is_excused):
    """Returns {suite: (number of lives, {kind: [details]})}.

    A fault for which is_excused(life, kind) is of the kind "excused".
    """
    counts = defaultdict(int)
    faults = defaultdict(lambda: defaultdict(list))
    for life in witness.lives:
        if life.suite is None:
            continue
        counts[life.suite] += 1
        for kind, detail in judge(
                life, pairs.get(life), pairs, witness.clock):
            if is_excused(life, kind):
                kind, detail = "excused", f"{kind}: {detail}"
            faults[life.suite][kind].append(detail)
    return {suite: (counts[suite], faults[suite]) for suite in counts}


class Unaccounted:
    """Who died while accounting was told to be lost.

    switched: suites in which it was switched, or its disk was full; only
    while they run it can be.
    """

    FAULTS = ("statuses missing", "statuses uncertain", "statuses wrong")

    # A loss is noticed late, and dated by what was proven before.
    SLACK_MS = 5000

    def __init__(self, witness, book, pairs, switched):
        self.pairs = pairs
        # Real time minus the witness's clock: a birth is dated when its
        # system call began, or a moment earlier, and seen when it is done.
        self.offset_ms = max((
            told.birth.time_ms - life.born_ns / 1e6
            for life, told in pairs.items() if life.born_ns is not None and
            told.birth is not None and not told.is_inferred), default=0)
        told = [
            (milliseconds(loss["since"]), milliseconds(loss["until"]))
            for loss in (line.proclife["loss"] for line in book.losses())
            if loss["source"].startswith("accounting_")]
        times = [self.time_of(witness, suite) for suite in switched]
        self.losses = [one for one in told if any(
            since <= one[0] and one[1] <= until for since, until in times)]
        self.untrue = [one for one in told if one not in self.losses]

    def time_of(self, witness, suite):
        """When it ran, by those of it that the witness saw."""
        seen = [ns / 1e6 + self.offset_ms for life in witness.lives
                if life.suite == suite
                for ns in (life.born_ns, life.ended_ns) if ns is not None]
        return (min(seen, default=0) - self.SLACK_MS,
                max(seen, default=0) + self.SLACK_MS)

    def has(self, life, told):
        """Whether its end lies, or may lie, in one of these times: that is
        between what its end is dated and the witness's word that it is over,
        if there is such a word: one that overran has none.
        """
        if told is None or told.end is None:
            return False
        over = told.end.time_ms
        if life.ended_ns is not None:
            over = life.ended_ns / 1e6 + self.offset_ms
        began = min(told.end.time_ms, over)
        return any(since <= over and began <= until
                   for since, until in self.losses)

    def excuses(self, life, kind):
        """Nothing that is told as certain."""
        told = self.pairs.get(life)
        return kind in self.FAULTS and self.has(life, told) and \
            not End(told.end).certain


class Excuses:
    """What may be lacking in a suite during which auditd was restarted, or
    the plugin killed, and what is otherwise of those who are older than
    proclife itself, and of ends while accounting was lost. Where the machine
    was booted anew, auditd was stopped before the rest was."""

    MISSING = ("births missing", "parents missing", "execs missing",
               "ends missing", "statuses missing", "statuses uncertain")

    # What accounting tells, which goes on until the machine is down.
    ACCOUNTED = ("ends missing", "statuses missing")

    # What a record may change in a life that came to the other plugin, and is
    # lost to ours as it says. An end, accounting always tells.
    TAKEN = {
        "births missing": ("fork",),
        "births told as running": ("fork",),
        "parents missing": ("fork",),
        "execs missing": ("exec",),
        "statuses uncertain": ("fork", "end"),
    }

    # Which may have taken the word that a pid namespace was rebooted.
    OF_AUDIT = ("serial_gap", "kernel_lost", "auditd_queue", "auditing_off",
                "restart")

    def __init__(self, options, stream, book, offset, unaccounted):
        self.rebooted = options.rebooted
        self.interrupted = options.interrupted + options.rebooted
        self.killed = options.killed
        self.stream = stream
        self.offset = offset
        told = [line.proclife["loss"] for line in book.losses()]
        self.windows = [
            (milliseconds(loss["since"]), milliseconds(loss["until"]))
            for loss in told
            if loss["source"] in ("restart", "serial_gap") and
            "since" in loss]
        self.unheard = [
            (milliseconds(loss["since"]), milliseconds(loss["until"]))
            for loss in told
            if loss["source"] in self.OF_AUDIT and "since" in loss]
        self.began_ms = book.of_boot[0].time_ms if book.of_boot else 0
        self.unaccounted = unaccounted

    def lacks_records(self, life):
        return life.suite in self.interrupted and \
            not self.stream.has_all_of(life, self.offset)

    def was_taken(self, life, what):
        """Whether a record of it is inside a loss that was told."""
        return life.suite in self.killed + self.interrupted and any(
            since <= ms <= until for since, until in self.windows
            for ms in self.stream.of(life, what, self.offset))

    def may_be_found(self, life):
        """Whether it may be found running: it is older, or its birth fell
        into an interruption."""
        return life.suite in self.interrupted or \
            life.born_ns / 1e6 + self.offset < self.began_ms

    def may_be_rebooted(self, life, told):
        """Whether reboot(2) may have made another status of a SIGKILL that is
        told: nobody sees of a clone3 whether it makes a pid namespace."""
        return told is not None and told.end is not None and \
            life.status == End(told.end).status == SIGKILL and any(
                since <= told.end.time_ms <= until
                for since, until in self.unheard)

    def is_excused(self, life, kind):
        """What never reached the stream may be missing."""
        if kind == "statuses uncertain" and self.may_be_rebooted(
                life, self.unaccounted.pairs.get(life)):
            return True
        if kind == "births told as running" and self.may_be_found(life):
            return True
        if any(self.was_taken(life, what) for what in self.TAKEN.get(kind, ())):
            return True
        if self.unaccounted.excuses(life, kind):
            return True
        if life.suite in self.rebooted and kind in self.ACCOUNTED:
            return False
        return kind in self.MISSING and self.lacks_records(life)

    def is_comparable(self, life, told):
        """Whether replay must tell the same as was told live."""
        found = told is not None and told.found_running
        if life.rebooted:
            return False
        if any(self.was_taken(life, what) for what in ("fork", "exec", "end")):
            return False
        return not self.lacks_records(life) and not (
            found and self.may_be_found(life)) and \
            not self.unaccounted.has(life, told)


def read_losses(path):
    """What the machine knows of its losses: "kernel_lost COUNT" and
    "auditing_off SINCE UNTIL" in seconds since 1970, a line each."""
    if path is None:
        return []
    with open(path, encoding="ascii") as file:
        return [line.split() for line in file]


def judge_losses(book, stream, known, killed):
    """Yields where losses and told losses do not go together.

    killed: whether the plugin was; what it had been given then is in the
    stream, and lost all the same.
    """
    told = [line.proclife["loss"] for line in book.losses()]
    yield from judge_gaps(
        [Told(book, line, killed) for line in book.losses()
         if line.proclife["loss"]["source"] in ("serial_gap", "restart")],
        stream)
    for source, *words in known:
        if source == "kernel_lost":
            count = counts_of(told, source)
            if count != int(words[0]):
                yield f"the kernel lost {words[0]} records, {count} are told"
        elif not any(covers(loss, *words) for loss in told
                     if loss["source"] == source):
            yield f"no {source} from {words[0]} to {words[1]} is told"


class Told:
    """A told loss of serial numbers."""

    # Stamps are of the begin of a call, serials of its end.
    SLACK_MS = 2000

    def __init__(self, book, line, killed):
        loss = line.proclife["loss"]
        self.count = loss.get("count", 0)
        self.since_ms, self.until_ms = -inf, inf
        if "since" in loss:
            self.since_ms = milliseconds(loss["since"]) - self.SLACK_MS
        if "until" in loss:
            self.until_ms = milliseconds(loss["until"]) + self.SLACK_MS
        # Of what a killed plugin had been given, some is in the stream.
        self.taken = bool(killed) and (
            loss["source"] == "restart" or was_before(book, line))

    def meets(self, gap):
        return gap.since_ms <= self.until_ms and self.since_ms <= gap.until_ms

    def most(self, stream):
        """How many numbers can be meant."""
        count = sum(gap.count for gap in stream.gaps if self.meets(gap))
        if self.taken:
            count += stream.events_in(self.since_ms, self.until_ms)
        return count


def was_before(book, line):
    """Whether a loss began before the run that tells it did; what began with
    that run has no beginning."""
    began_ms = book.began_ms(line.run)
    since = line.proclife["loss"].get("since")
    return None not in (began_ms, since) and milliseconds(since) < began_ms


def judge_gaps(told, stream):
    faults = [f"{gap.count} serials are missing at {gap.since_ms}, untold"
              for gap in stream.gaps if not any(one.meets(gap) for one in told)]
    faults += [f"{one.count} serials are told to be missing from "
               f"{one.since_ms} to {one.until_ms}"
               for one in told if one.count > one.most(stream)]
    yield from faults
    missing = sum(gap.count for gap in stream.gaps)
    all_told = sum(one.count for one in told)
    taken = sum(one.count for one in told if one.taken)
    if not faults and not all_told - taken <= missing <= all_told:
        yield f"{missing} serials are missing, {all_told} are told, " \
              f"{taken} of them of who was killed"


def counts_of(told, source):
    return sum(loss.get("count", 0) for loss in told
               if loss["source"] == source)


def covers(loss, since, until):
    """Whether it begins and ends within a second of these times: the kernel
    dates the records of what was done in between."""
    return abs(milliseconds(loss["since"]) - float(since) * 1e3) < 1000 and \
        abs(milliseconds(loss["until"]) - float(until) * 1e3) < 1000


def summary(life, told, lives):
    """What must be the same however the same records were read.

    lives: which life of the witness an entity_id is.
    """
    if told is None:
        return None
    parent = told.birth and told.birth.process.get("parent", {})
    same = {
        "births": len(told.lines_of("fork")),
        "parent": parent and str(lives.get(parent.get("entity_id"))),
        "execs": [line.process.get("args") for line in told.execs],
    }
    if life.undecidable is None:  # else perhaps only /proc knows of its end
        same["ends"] = len(told.lines_of("end"))
        same["status"] = told.end and End(told.end).status
    return same


class UsedAgain:
    """Lives whose number another one had hardly more than a second before or
    after: accounting tells deaths to the second, and who reads saved logs has
    no /proc to say what clone3 bore."""

    SOON_MS = 1500

    def __init__(self, witness, offset):
        self.offset = offset
        self.times = {}
        self.lives = set()
        for pid, lives in witness.by_pid.items():
            for older, younger in zip(lives, lives[1:]):
                if younger.born_ns is not None and older.ended_ns is not None \
                        and younger.born_ns - older.ended_ns < \
                        self.SOON_MS * 1e6:
                    self.lives.update((older, younger))
                    self.times.setdefault(pid, []).append(younger.born_ns / 1e6)

    def has(self, life):
        """So is what its parent is: who of that number that was."""
        return life in self.lives or life.parent in self.lives

    def may_be(self, told):
        """The same of one who was told, and never was."""
        ms = told.lines[0].time_ms - self.offset
        return any(abs(ms - time) < self.SOON_MS
                   for time in self.times.get(told.pid, ()))


def differences(witness, pairs, other_pairs, is_comparable):
    """Yields what two books say differently of the judged lives."""
    books = [(one, {told.entity: life for life, told in one.items()})
             for one in (pairs, other_pairs)]
    for life in witness.lives:
        if life.suite is None or not is_comparable(life, pairs.get(life)):
            continue
        first, second = (summary(life, one.get(life), lives)
                         for one, lives in books)
        parent = pairs.get(life.parent)
        # Only who looked into /proc knows which life that is; and who infers
        # a birth may leave the parent out.
        if first and second and (parent and parent.found_running or
                                 not first["parent"] or not second["parent"]):
            first["parent"] = second["parent"]
        if first != second:
            yield f"{life}: {first} but {second}"


def certain_but_wrong(witness, pairs):
    """Yields each status of a book that must not be called certain."""
    for life in witness.lives:
        told = pairs.get(life)
        if life.suite is not None and told is not None and life.ended:
            yield from (detail for kind, detail in judge_end(life, told)
                        if kind == "certain but wrong")
