#!/usr/bin/env python3
"""The daemon dies, is stopped, or finds its disk full: no accepted alert is lost, none is counted twice."""

import collections
import json
import os
import shutil
import signal
import time

import harness
from harness import DEMO, Daemon, check, equal, small_disk, wait_for


def replaying(world, pace, state=None):
    """A configuration that replays the demonstration into a file of alerts."""
    log = {"name": "log", "kind": "replay", "path": str(DEMO / "water.log"), "format": "syslog", "product": "linux"}
    packets = {"name": "packets", "kind": "replay", "path": str(DEMO / "water.pcap")}
    return {
        "state_directory": str(state or world.directory / "state"),
        **harness.EVERY_ALERT,
        "keys": {"directory": str(world.keys)},
        "sources": [{**source, "pace": pace} for source in (packets, log)],
        "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
    }


def written(world):
    """How often each alert id stands in the output."""
    alerts, _ = harness.lines_of(world.directory / "alerts.jsonl")
    return collections.Counter(alert["id"] for alert in alerts)


def reference(world):
    """The ids of an undisturbed run."""
    elsewhere = harness.World(world.binary, world.directory / "reference")
    elsewhere.directory.mkdir()
    elsewhere.keys = world.keys
    daemon = Daemon(elsewhere, replaying(elsewhere, "fast")).ready()
    daemon.read_all()
    equal(daemon.stop(), 0, "exit status of the undisturbed run")
    ids = written(elsewhere)
    check(len(ids) > 20 and set(ids.values()) == {1}, "alerts of an undisturbed run", len(ids))
    return set(ids), stored(daemon)


def stored(daemon):
    """Of the incident store: alerts by (rule, asset)."""
    counts = collections.Counter()
    for incident in daemon.incidents():
        for group in incident["groups"]:
            counts[group["rule_id"], incident["asset"]] += group["alerts"]
    return counts


def test_fold(world):
    """Folding: fewer alerts are written, the store counts as many."""
    want, want_stored = reference(world)
    daemon = Daemon(world, {**replaying(world, "fast"), "fold": {"interval": "1m"}}).ready()
    daemon.read_all()
    folded = daemon.metrics().sum("normwatch_alerts_folded_total")
    equal(daemon.stop(), 0, "exit status")
    check(folded > 0, "nothing was folded", folded)
    equal(len(written(world)) + folded, len(want), "alerts written and folded")
    alerts, folds = harness.lines_of(world.directory / "alerts.jsonl")
    check({fold["id"] for fold in folds} <= {alert["id"] for alert in alerts}, "folds of alerts that are not there")
    equal(sum(stored(daemon).values()), sum(want_stored.values()), "alerts in the incident store")


def test_fold_kill(world):
    """SIGKILL three times while alerts fold, then the whole, and the whole once more: each is counted once."""
    want, want_stored = reference(world)
    folding = {"fold": {"interval": "1s"}}
    for moment in (0.4, 1.5, 2.5):
        daemon = Daemon(world, {**replaying(world, "120x"), **folding}).ready()
        time.sleep(moment)
        daemon.kill()
    check(written(world), "no alert was written before the kills")
    for name in ("first", "again"):
        daemon = Daemon(world, {**replaying(world, "fast"), **folding}, name=name).ready()
        daemon.read_all()
        repeated = daemon.metrics().sum("normwatch_alerts_repeated_total")
        equal(daemon.stop(), 0, "exit status")
        check(repeated > 0, "nothing came again")
        equal(stored(daemon), want_stored, "the store's counts")
        alerts, folds = harness.lines_of(world.directory / "alerts.jsonl")
        check({alert["id"] for alert in alerts} <= want, "alerts that nobody made")
        # A fold may be delivered twice, the same both times.
        folded = sum({(fold["id"], fold["count"]): fold["folded"] for fold in folds}.values())
        equal(len({alert["id"] for alert in alerts}) + folded, len(want), "alerts written and folded")


def test_kill(world):
    """SIGKILL three times in the middle, then the whole: all there, the store counts each once."""
    want, want_stored = reference(world)
    kept = collections.Counter()
    for moment in (0.4, 0.9, 1.6):
        daemon = Daemon(world, replaying(world, "120x")).ready()
        time.sleep(moment)
        daemon.kill()
        now = written(world)
        check(set(kept) <= set(now), "alerts that were written are gone", set(kept) - set(now))
        kept = now
    check(kept, "no alert was written before the kills")
    daemon = Daemon(world, replaying(world, "fast")).ready()
    daemon.read_all()
    equal(daemon.stop(), 0, "exit status")
    check(set(written(world)) == want, "alerts after the kills", f"missing: {want - set(written(world))}",
          f"unknown: {set(written(world)) - want}")
    equal(stored(daemon), want_stored, "the store's counts")


def test_damaged_store(world):
    """An incident store that is damaged, or ahead of the ledger, is put aside and made again; the watching goes on."""
    daemon = Daemon(world, replaying(world, "fast")).ready()
    daemon.read_all()
    equal(daemon.stop(), 0, "exit status")
    before = stored(daemon)
    state = world.directory / "state"
    store = state / "incidents.sqlite"
    store.write_bytes(b"\x00garbage" * 2000)
    daemon = Daemon(world, replaying(world, "fast"), name="second").ready()
    equal(daemon.stop(), 0, "exit status with a damaged store")
    equal(stored(daemon), before, "the store's counts after it was made again")
    check("incident_store_rebuilt" in daemon.err(), "it did not say so")
    equal(len(list(state.glob("incidents.sqlite.damaged-*"))), 1, "stores put aside")
    shutil.rmtree(state / "ledger/tree")  # else the shorter ledger would be refused
    for file in (state / "ledger/journal").iterdir():
        file.unlink()
    daemon = Daemon(world, replaying(world, "fast"), name="third").ready()
    daemon.read_all()
    equal(daemon.stop(), 0, "exit status with a store that is ahead")
    equal(stored(daemon), before, "the store's counts after the ledger began anew")


def test_terminate(world):
    """SIGTERM in the middle: what was seen is recorded and delivered before the end, quickly."""
    daemon = Daemon(world, replaying(world, "60x")).ready()
    wait_for("the first alerts", lambda: len(written(world)) >= 3)
    started = time.monotonic()
    equal(daemon.stop(signal.SIGTERM), 0, "exit status")
    check(time.monotonic() - started < 10, "it took too long to stop")
    equal(sum(stored(daemon).values()), len(written(world)), "alerts in the store and in the output")
    equal(set(written(world).values()), {1}, "deliveries of each alert")
    daemon = Daemon(world, replaying(world, "fast")).ready()
    equal(daemon.stop(signal.SIGINT), 0, "exit status after SIGINT")


def test_full_disk(world):
    """A disk without room: it says so, waits, and goes on when there is room again. Nothing is lost."""
    want, want_stored = reference(world)
    with small_disk(world.directory / "disk", 8 << 20) as disk:
        state = disk / "state"
        daemon = Daemon(world, replaying(world, "fast", state)).ready()
        daemon.read_all()
        equal(daemon.stop(), 0, "exit status")
        for file in sorted(state.rglob("*"), reverse=True):  # start anew, on a disk that is all but full
            file.unlink() if not file.is_dir() else file.rmdir()
        (world.directory / "alerts.jsonl").unlink()

        daemon = Daemon(world, replaying(world, "20x", state), name="second").ready()
        ballast = disk / "ballast"
        with open(ballast, "wb") as file:
            try:
                while True:
                    os.write(file.fileno(), b"\0" * 4096)
            except OSError:
                pass
        wait_for("the daemon to say that its disk is full", lambda: "no space" in daemon.err().lower(), 40)
        check(daemon.running(), "it ended instead of waiting")
        accepted = len(written(world))
        check(accepted < len(want), "the disk was never full while there was something to write")
        time.sleep(1)
        ballast.unlink()
        daemon.read_all(90)
        wait_for("all alerts", lambda: set(written(world)) == want, 30)
        equal(daemon.stop(), 0, "exit status")
        equal(stored(daemon), want_stored, "the store's counts")


if __name__ == "__main__":
    harness.main(globals())
