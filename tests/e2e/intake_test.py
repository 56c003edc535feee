#!/usr/bin/env python3
"""While alerts cannot be written each source does what its policy says: wait, spill, drop the oldest, drop the newest.
Every line is an alert, a counted drop, or still waiting; and once there is room again it goes on by itself."""

import collections
import contextlib
import json
import os
import socket
import time

import harness
from harness import Daemon, check, equal, small_disk, wait_for

LINES = 4000
RULE = """title: Every line
id: 8d5a5f6e-3d0c-4b53-9d6f-3f7f5f5e2a10
status: test
description: For the tests
logsource: {product: drill}
detection:
  selection: {seq|exists: true}
  condition: selection
level: low
"""


def config(world, state, port, **policy):
    """One TCP source of JSON lines, each an alert, and a short queue."""
    world.write("rules/every_line.yml", RULE)
    source = {"name": "drill", "kind": "tcp", "listen": f"127.0.0.1:{port}", "format": "json", "product": "drill"}
    return {
        "state_directory": str(state),
        **harness.EVERY_ALERT,
        "rules": {"paths": [str(world.directory / "rules")]},
        "limits": {"alert_queue": 16},
        # No head is signed meanwhile: the tiles of the one before would give room back.
        "ledger": {"checkpoint_every": "1h", "heartbeat_every": "1h"},
        "workers": 1,
        "sources": [{**source, **policy}],
        "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
    }


def fill(disk):
    """Takes all the room there is; the file to remove."""
    ballast = disk / "ballast"
    with open(ballast, "wb") as file, contextlib.suppress(OSError):
        while True:
            os.write(file.fileno(), b"\0" * 4096)
    return ballast


def line(number):
    """One line."""
    return (json.dumps({"seq": number, "note": "x" * 100}) + "\n").encode()


def send(port, first, count):
    """Sends lines, and says how many bytes the daemon took within ten seconds."""
    text = b"".join(line(first + i) for i in range(count))
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(10)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < len(text):
                sent += client.send(text[sent : sent + 65536])
        if sent == len(text):
            client.shutdown(socket.SHUT_WR)
            with contextlib.suppress(TimeoutError):
                client.recv(1)
    return sent == len(text)


def seen(world):
    """How often each line stands in the output."""
    alerts, _ = harness.lines_of(world.directory / "alerts.jsonl")
    return collections.Counter(int(alert["fields"]["seq"]) for alert in alerts)


def balance(daemon):
    """(received, judged, dropped by cause, waiting): the first is the sum of the others."""
    metrics = daemon.metrics()
    judged = metrics.sum("normwatch_events_total", source="drill")
    dropped = {labels["cause"]: value for labels, value in metrics.rows("normwatch_events_dropped_total", source="drill", stage="intake") if value}
    waiting = metrics.sum("normwatch_source_waiting_lines", source="drill")
    return metrics.sum("normwatch_events_received_total", source="drill"), judged, dropped, waiting


@contextlib.contextmanager
def full_ledger(world, **policy):
    """A daemon that watches, and whose ledger's disk has become full; the daemon, the port, and what makes room."""
    state, port = world.directory / "state", harness.free_port()
    with small_disk(state / "ledger", 16 << 20) as disk:
        daemon = Daemon(world, config(world, state, port, **policy)).ready()
        check(send(port, 0, 10), "the first lines were not taken")
        wait_for("the first alerts", lambda: len(seen(world)) == 10)
        ballast = fill(disk)
        yield daemon, port, ballast.unlink


def test_block(world):
    """The sender waits; nothing is dropped."""
    with full_ledger(world) as (daemon, port, make_room):
        check(not send(port, 1000, 60_000), "the daemon took 8 MB of lines that it could not work off")
        received, judged, dropped, _ = balance(daemon)
        equal((received, dropped), (judged, {}), "received and dropped")
        make_room()
        wait_for("the connection's lines", lambda: len(seen(world)) > judged + 100)
        check(send(port, 100_000, LINES), "lines were not taken after there was room again")
        wait_for("all alerts", lambda: sum(100_000 <= n for n in seen(world)) == LINES, 60)
        equal(daemon.stop(), 0, "exit status")


def test_drop_newest(world):
    """What comes while there is no room is dropped and counted."""
    with full_ledger(world, when_full="drop_newest") as (daemon, port, make_room):
        check(send(port, 1000, LINES), "the sender had to wait")
        wait_for("all lines", lambda: balance(daemon)[0] == LINES + 10)
        received, judged, dropped, waiting = balance(daemon)
        equal(received, judged + sum(dropped.values()) + waiting, "the balance")
        check(dropped.get("drop_newest", 0) > LINES - 100, "dropped", dropped)
        check("lines_dropped" in daemon.err(), "it did not say so")
        make_room()
        wait_for("the alerts of the lines before", lambda: len(seen(world)) == judged)
        check(send(port, 100_000, 10), "lines were not taken after there was room again")
        wait_for("new alerts", lambda: sum(100_000 <= n for n in seen(world)) == 10)
        # The disk's last page and the queue take some of the first; a busy machine sends on meanwhile.
        taken = sorted(n for n in seen(world) if 1000 <= n < 100_000)
        check(len(taken) < 100 and all(n < 1000 + LINES // 2 for n in taken), "the newest were not dropped", taken)


def test_drop_oldest(world):
    """The newest lines wait in memory."""
    with full_ledger(world, when_full="drop_oldest", memory_max="128KiB") as (daemon, port, make_room):
        check(send(port, 1000, LINES), "the sender had to wait")
        wait_for("all lines", lambda: balance(daemon)[0] == LINES + 10)
        received, judged, dropped, waiting = balance(daemon)
        equal(received, judged + sum(dropped.values()) + waiting, "the balance")
        equal(set(dropped), {"drop_oldest"}, "causes")
        check(200 < waiting < 2000, "waiting lines", waiting)
        make_room()
        wait_for("the lines that waited", lambda: len(seen(world)) == judged + waiting)
        newest = {n for n in seen(world) if n >= 1000 + LINES - waiting}
        equal(len(newest), waiting, "the newest lines are those that waited")


def test_spill(world):
    """Lines go to disk and come back, also after SIGKILL; each is one alert."""
    with full_ledger(world, when_full="spill") as (daemon, port, make_room):
        check(send(port, 1000, LINES), "the sender had to wait")
        wait_for("all lines", lambda: balance(daemon)[0] == LINES + 10)
        received, judged, dropped, waiting = balance(daemon)
        equal((received, dropped), (judged + waiting, {}), "the balance")
        check(waiting > LINES - 100, "waiting lines", waiting)
        time.sleep(0.5)
        daemon.kill()
        make_room()
        # Those whose alerts were in memory are lost: nobody was told that they were safe.
        waited = range(1000 + LINES - int(waiting), 1000 + LINES)
        again = Daemon(world, config(world, world.directory / "state", port, when_full="spill"), name="again").ready()
        wait_for("the lines that waited", lambda: set(waited) <= set(seen(world)), 60)
        wait_for("an empty spool", lambda: balance(again)[3] == 0)
        again.kill()  # nothing that was worked off comes again as another alert
        last = Daemon(world, config(world, world.directory / "state", port, when_full="spill"), name="last").ready()
        check(send(port, 100_000, 10), "lines were not taken")
        wait_for("the newest lines", lambda: sum(100_000 <= n for n in seen(world)) == 10)
        equal(last.stop(), 0, "exit status")
        stored = sum(incident["alerts"] for incident in last.incidents())
        equal(stored, len(seen(world)), "alerts in the store: each line once")


def test_spill_on_the_same_disk(world):
    """A spool that has no room either: one clear message, the sender waits, nothing is lost."""
    state, port = world.directory / "state", harness.free_port()
    with small_disk(state, 24 << 20) as disk:
        daemon = Daemon(world, config(world, state, port, when_full="spill")).ready()
        check(send(port, 0, 10), "the first lines were not taken")
        wait_for("the first alerts", lambda: len(seen(world)) == 10)
        ballast = fill(disk)
        check(not send(port, 1000, 200_000), "the daemon took 25 MB of lines that it could put nowhere")
        wait_for("the message", lambda: "spill_failed" in daemon.err())
        received, judged, dropped, waiting = balance(daemon)
        equal((received, dropped), (judged + waiting, {}), "the balance")
        ballast.unlink()
        wait_for("the message that it works again", lambda: "spill_recovered" in daemon.err() or balance(daemon)[3] == 0, 60)
        wait_for("everything that waited", lambda: len(seen(world)) >= judged + waiting, 90)
        equal(daemon.err().count("spill_failed"), 1, "messages")
        equal(daemon.stop(), 0, "exit status")


if __name__ == "__main__":
    harness.main(globals())
