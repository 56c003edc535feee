#!/usr/bin/env python3
"""The daemon under SIGKILL at random moments, a full disk, a disk that becomes read-only, a torn last write and flipped
bits, while alerts come without end: no accepted alert is lost or doubled, and damage is named.

usage: torture.py [--kills N] [--seed N] [--binary PATH] [--only NAME] [--keep]
"""

import os
import random
import struct
import subprocess
import sys

import feed
import harness
import sealed
from harness import check, equal, small_disk, wait_for

KILLS, SEED = "NW_TORTURE_KILLS", "NW_TORTURE_SEED"


def kills():
    return int(os.environ.get(KILLS, "20"))


def dice(name):
    """Random numbers of one test; the seed is printed, so that a run can be had again."""
    seed = os.environ.setdefault(SEED, str(random.randrange(1 << 32)))
    print(f"        {name}: seed {seed}", flush=True)
    random.seed(f"{seed} {name}")
    return random


def test_kill(world):
    """SIGKILL, at a random moment of starting, reading, writing or delivering; and again."""
    roll = dice("kill")
    site = feed.Site(world)
    site.feed.start()
    for turn in range(kills()):
        daemon = site.spawn("killed")
        if roll.random() < 0.7:
            daemon.ready()
        # The place in the file is saved once a second: now and then there is time for it, or nothing would go forward.
        feed.pause(roll.uniform(0, 0.6))
        check(daemon.running(), f"kill {turn}: it ended by itself with {daemon.handle.poll()}", daemon.err()[-3000:])
        daemon.kill()
        before = len(site.journal.accepted)
        site.journal.read()
        if turn % 100 == 99:
            site.journal.unchanged()
            print(f"        {turn + 1} kills, {len(site.journal.accepted)} alerts accepted", flush=True)
        check(len(site.journal.accepted) >= before, "the journal became shorter")
    check(len(site.journal.accepted) > kills(), "there was no load", len(site.journal.accepted))
    # The store may be far behind: it got little time.
    done = site.finish(seconds=120 + 2 * kills())
    # Each kill may leave a batch that was delivered, and of which nobody noted it any more.
    print(f"        {done['lines']} alerts, {done['repeats']} delivered twice by {kills()} kills", flush=True)
    again = site.spawn("again").ready()
    equal(site.settle(again, done["lines"])["repeats"], done["repeats"], "repeats after an orderly end")


def test_full_disk(world):
    """No room: it waits and says so, a kill and a start in that state lose nothing, and it goes on by itself."""
    roll = dice("full disk")
    with small_disk(world.directory / "disk", 24 << 20) as disk:
        site = feed.Site(world, disk / "state")
        site.feed.start()
        daemon = site.spawn("before").ready()
        wait_for("alerts", lambda: len(site.journal.read()) > 200)
        ballast = feed.fill(disk)
        wait_for("it to say that the disk is full", lambda: "no space" in daemon.err().lower(), 40)
        check(daemon.running(), "it ended instead of waiting")
        feed.pause(roll.uniform(0, 0.5))
        daemon.kill()
        site.journal.unchanged()
        daemon = site.spawn("within")
        feed.pause(roll.uniform(0.5, 1.5))
        if not daemon.running():
            check("no space" in daemon.err().lower(), "it did not start, and did not say why", daemon.err()[-3000:])
        ballast.unlink()
        if not daemon.running():
            daemon = site.spawn("after").ready()
        wait_for("it to go on", lambda: len(site.journal.read()) > 1000, 60)
        site.settle(daemon, site.feed.stop())


def read_only_at_start(world):
    """Where no disk can be made to fail: it is read-only while no daemon runs, and a start says so."""
    with small_disk(world.directory / "disk", 48 << 20) as disk:
        site = feed.Site(world, disk / "state")
        site.feed.start()
        daemon = site.spawn("before").ready()
        wait_for("alerts", lambda: len(site.journal.read()) > 200)
        daemon.kill()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        daemon = site.spawn("within")
        check(daemon.wait(60) != 0 and "not writable" in daemon.err(), "a start on a read-only disk", daemon.err()[-2000:])
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        site.finish()


def test_read_only(world):
    """The disk becomes read-only under the daemon: it says so and goes on trying; after a repair all of it is there."""
    dice("read-only")
    try:
        disk = feed.LoopDisk(world.directory / "disk", 48)
    except harness.Skip as reason:
        print(f"        read-only under open files is left out: {reason}", flush=True)
        read_only_at_start(world)
        return
    try:
        site = feed.Site(world, disk.mounted / "state")
        site.feed.start()
        daemon = site.spawn("before").ready()
        wait_for("alerts", lambda: len(site.written()) > 200)
        disk.fail()
        wait_for("it to say that the disk is read-only", lambda: "read-only" in daemon.err().lower(), 40)
        check(daemon.running(), "it ended instead of waiting")
        # Accepted is what was synced, which outputs alone tell here: the file may have more, from before the sync failed.
        # What waits in memory never was: its lines are read again.
        check(daemon.stop(seconds=90) in (0, 74), "exit status", daemon.handle.returncode)
        daemon = site.spawn("within")
        status = daemon.wait(60)
        check(status != 0 and "read-only" in daemon.err().lower(), "a start on a read-only disk", status, daemon.err()[-2000:])
        disk.mend()
        gone = set(site.written()) - set(site.journal.read())
        equal(gone, set(), "accepted alerts went with the repair")
        site.finish()
    finally:
        disk.close()


def test_torn_write(world):
    """The end of the journal is any part of a record, or zeros: it is cut off, said, and nothing that was accepted goes."""
    roll = dice("torn write")
    site = feed.Site(world)
    site.feed.start()
    payload = b'{"body":{},"t":"2026-01-15T08:00:00.000Z","type":"heartbeat","v":1}'
    record = struct.pack("<II", len(payload), 0xDEADBEEF) + payload  # of a checksum that is not written yet
    tails = [record[:1], record[:7], record[:8], record[: roll.randrange(9, len(record))], record, b"\0" * 4096]
    for turn, tail in enumerate(tails):
        daemon = site.spawn(f"torn-{turn}").ready()
        # Alerts of this turn, too.
        want = len(site.journal.read()) + 20
        wait_for("alerts", lambda want=want: len(site.journal.read()) > want)
        daemon.kill()
        before = len(site.journal.unchanged())
        with open(site.journal.files()[-1], "ab") as file:
            file.write(tail)
        daemon = site.spawn(f"mended-{turn}").ready()
        check("ledger_torn" in daemon.err(), f"it did not say that {len(tail)} bytes were cut off", daemon.err()[-2000:])
        daemon.kill()
        check(len(site.journal.unchanged()) >= before, "accepted alerts were cut off")
    site.finish()


def start_refused(site, name, *words):
    """A start that must fail and name the damage."""
    daemon = site.spawn(name)
    status = wait_for("it to refuse", lambda: not daemon.running() and [daemon.handle.returncode], 40)[0]
    check(status != 0, "it ended as if all was well")
    for word in words:
        check(word in daemon.err(), f"it did not name {word!r}", daemon.err()[-2000:])


def test_flipped_bits(world):
    """One bit, while no daemon runs: of the journal it is refused and named; store and cursors are made again."""
    roll = dice("flipped bits")
    site = feed.Site(world, rate=2000)
    site.feed.start()
    daemon = site.spawn("before").ready()
    wait_for("three files of the journal", lambda: len(site.journal.files()) > 2, 60)
    lines = site.feed.stop()
    repeats = site.settle(daemon, lines)["repeats"]
    equal(repeats, 0, "repeats of an undisturbed run")

    # The last file is read at each start; nothing can bring back what was in it but a copy.
    last = site.journal.files()[-1]
    end = max(at for at, _ in feed.records(last))
    for turn in range(3):
        turned = feed.flip(last, at=roll.randrange(end))
        start_refused(site, f"last-{turn}", last.name)
        feed.flip(*turned)
    site.settle(site.spawn("last-mended").ready(), lines)

    # An earlier one is read by whoever reads it; whole verification reads all.
    first = site.journal.files()[0]
    turned = feed.flip(first, at=roll.randrange(first.stat().st_size))
    done = world.run("record", "rebuild", "--state", site.state)
    check(done.returncode != 0 and first.name in done.stdout + done.stderr, "a rebuild over a damaged file",
          done.returncode, done.stdout + done.stderr)
    feed.flip(*turned)

    # The store holds nothing that the ledger does not: it is made again.
    for at in (0, 20, 100):
        turned = feed.flip(site.state / "incidents.sqlite", at=at)
        daemon = site.spawn(f"store-{at}").ready()
        site.settle(daemon, lines)
        if at == 0:
            check("incident_store_rebuilt" in daemon.err(), "it did not say that the store was made again", daemon.err()[-2000:])

    # A cursor that cannot be read is named with the way out: remove it, and all is delivered once more.
    cursor = site.state / "outputs/alerts.cursor"
    feed.flip(cursor, at=roll.randrange(cursor.stat().st_size))
    start_refused(site, "cursor", cursor.name)
    cursor.unlink()
    equal(site.settle(site.spawn("cursor-mended").ready(), lines)["repeats"], lines, "repeats: all of it once more")


def with_evidence(world):
    """A site whose alerts are sealed for two custodians, after three runs: so three files of evidence."""
    people = sealed.Custodians(world)
    site = feed.Site(world, more=people.config)
    site.feed.start()
    for turn in range(3):
        # In order: what is read again after a kill is sealed again, and would be there twice.
        equal(more_alerts(site, f"before-{turn}").stop(), 0, "exit status")
    check(len(people.files(site.state)) >= 3, "each start begins a file of evidence", people.files(site.state))
    check(people.hold(site.state) > 60, "sealed alerts")
    return people, site


def more_alerts(site, name, count=20):
    """A running daemon that has accepted some more: nothing held it up."""
    want = len(site.journal.read()) + count
    daemon = site.spawn(name).ready()
    wait_for("alerts", lambda: len(site.journal.read()) > want)
    return daemon


def test_torn_evidence(world):
    """The last file of evidence ends in any part of an object: it is cut off and said, and what stands before opens."""
    roll = dice("torn evidence")
    people, site = with_evidence(world)
    file, start, end = next(iter(people.opened(site.state).values()))
    whole = file.read_bytes()[start:end]
    tails = [whole[:1], whole[:67], whole[:68], whole[: roll.randrange(69, len(whole))], whole[:-1], b"\0" * 4096]
    for turn, tail in enumerate(tails):
        last = people.files(site.state)[-1]
        with open(last, "ab") as out:
            out.write(tail)
        daemon = more_alerts(site, f"mended-{turn}")
        check("evidence_torn_tail_cut" in daemon.err() and last.name in daemon.err(),
              f"it did not say that {len(tail)} bytes of {last.name} were cut off", daemon.err()[-2000:])
        daemon.kill()
        people.hold(site.state)
    site.finish()
    print(f"        {people.hold(site.state)} sealed alerts open", flush=True)


def test_flipped_evidence(world):
    """One bit of a file of evidence: named where the daemon reads it, and nothing else is lost or held up."""
    roll = dice("flipped evidence")
    people, site = with_evidence(world)
    # Which file, where in it, whether a start reads it: bodies only in the last file.
    cases = [("header", 0, lambda at, end: roll.randrange(at, at + 68), True),
             ("body", 0, lambda at, end: roll.randrange(at + 68, end), False),
             ("body", -1, lambda at, end: roll.randrange(at + 68, end), True)]
    for turn in range(6):
        what, which, place, named = cases[turn % len(cases)]
        file = people.files(site.state)[which]
        # Not the last object: there, it could not be told from a write that was cut off.
        inside = sorted((at, end, alert) for alert, (path, at, end) in people.opened(site.state).items() if path == file)
        at, end, alert = roll.choice(inside[:-1])
        turned = feed.flip(file, at=place(at, end))
        daemon = more_alerts(site, f"{what}-{turn}")
        check(not named or ("evidence_damaged" in daemon.err() and file.name in daemon.err()),
              f"it did not name the damaged {what} at {turned[1]} of {file.name}", daemon.err()[-2000:])
        equal(daemon.stop(), 0, "exit status")
        people.hold(site.state, without=[alert])
        feed.flip(*turned)
        people.hold(site.state)
    # A damaged head: nobody can open the file's objects. Others open, and alerts go on.
    file = people.files(site.state)[0]
    inside = [alert for alert, (path, _, _) in people.opened(site.state).items() if path == file]
    turned = feed.flip(file, at=roll.randrange(124))
    daemon = more_alerts(site, "head")
    check("evidence_damaged" in daemon.err() and file.name in daemon.err(),
          f"it did not name the head, damaged at {turned[1]}, of {file.name}", daemon.err()[-2000:])
    equal(daemon.stop(), 0, "exit status")
    people.hold(site.state, without=inside)
    feed.flip(*turned)
    site.finish()
    print(f"        {people.hold(site.state)} sealed alerts open", flush=True)


if __name__ == "__main__":
    arguments = []
    rest = iter(sys.argv[1:])
    for word in rest:
        if word in ("--kills", "--seed"):
            os.environ[KILLS if word == "--kills" else SEED] = str(int(next(rest)))
        else:
            arguments.append(word)
    sys.argv[1:] = arguments
    harness.main(globals())
