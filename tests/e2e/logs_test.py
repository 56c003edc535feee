#!/usr/bin/env python3
"""Log lines from real senders by every way that there is, and SIGKILL in the middle: what was acknowledged is there, and
each line is one alert."""

import collections
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time

import harness
from harness import Daemon, check, equal, need, wait_for

RULE = """title: Every line that says drill
id: 5b8f3d5e-43a8-4c6b-9a53-6a2f1f0c7d11
status: test
description: For the tests
logsource: {PRODUCT}
detection:
  keywords: [drill]
  condition: keywords
level: low
"""
# JSON lines whose number is in the alert.
NUMBERED = """title: Every numbered line
id: 8d5a5f6e-3d0c-4b53-9d6f-3f7f5f5e2a10
status: test
description: For the tests
logsource: {product: drill}
detection:
  selection: {seq|exists: true}
  condition: selection
level: low
"""


def config(world, sources, rule=NUMBERED):
    """A configuration with these sources, every line an alert of its own."""
    world.write("rules/drill.yml", rule)
    return {
        "state_directory": str(world.directory / "state"),
        **harness.EVERY_ALERT,
        "rules": {"paths": [str(world.directory / "rules")]},
        "workers": 1,
        "sources": sources,
        "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
    }


def numbered(name, **source):
    """A source of numbered JSON lines."""
    return {"name": name, "format": "json", "product": "drill", **source}


def seen(world):
    """How often each numbered line stands in the output."""
    alerts, _ = harness.lines_of(world.directory / "alerts.jsonl")
    return collections.Counter(int(alert["fields"]["seq"]) for alert in alerts)


def stored(daemon):
    """Alerts in the incident store."""
    return sum(incident["alerts"] for incident in daemon.incidents())


def seq(number):
    """One numbered line."""
    return json.dumps({"seq": number, "note": "x" * 60})


class Writer(threading.Thread):
    """Writes numbered lines into a file that it rotates: by renaming, by compressing what was renamed, by copying."""

    def __init__(self, path, count, rate):
        super().__init__()
        self.path, self.count, self.rate = path, count, rate

    def run(self):
        out = open(self.path, "a", encoding="utf-8")
        for number in range(self.count):
            out.write(seq(number) + "\n")
            out.flush()
            if number % 20 == 0:
                time.sleep(20 / self.rate)
            if number % 500 == 499:
                out.close()
                self.rotate(number // 500)
                out = open(self.path, "a", encoding="utf-8")
        out.close()

    def rotate(self, turn):
        """As logrotate does: .1 becomes .2.gz, the file becomes .1."""
        for old in range(9, 1, -1):
            file = pathlib.Path(f"{self.path}.{old}.gz")
            if file.exists():
                file.rename(f"{self.path}.{old + 1}.gz")
        first = pathlib.Path(f"{self.path}.1")
        if first.exists():
            with open(first, "rb") as plain, gzip.open(f"{self.path}.2.gz", "wb") as packed:
                shutil.copyfileobj(plain, packed)
            first.unlink()
        pathlib.Path(self.path).rename(first)


def test_kill_tail(world):
    """SIGKILL five times while a file that rotates is followed: every line is in the store, once."""
    path, lines = world.directory / "app.log", 6000
    path.write_text("")
    sources = [numbered("tail", kind="file", path=str(path))]
    writer = Writer(str(path), lines, 1000)
    writer.start()
    for turn in range(5):
        daemon = Daemon(world, config(world, sources), name=f"killed-{turn}").ready()
        time.sleep(0.9)
        daemon.kill()
    writer.join()
    daemon = Daemon(world, config(world, sources), name="last").ready()
    wait_for("every line", lambda: len(seen(world)) == lines, 60)
    time.sleep(1.5)
    equal(daemon.stop(), 0, "exit status")
    equal(stored(daemon), lines, "alerts in the store")
    again = Daemon(world, config(world, sources), name="again").ready()
    time.sleep(1.5)
    equal(again.metrics().sum("normwatch_log_lines_total"), 0, "lines read again after an orderly end")


if __name__ == "__main__":
    harness.main(globals())
