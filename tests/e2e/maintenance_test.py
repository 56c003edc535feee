#!/usr/bin/env python3
"""Planned maintenance: what belongs to it pages nobody, an unplanned write does, and the window's end brings one digest."""

import json
import time

import harness
from harness import Daemon, check, equal, wait_for
from pipeline_test import Alertmanager

RULES = """
title: Someone looks
id: 30000000-0000-4000-8000-000000000001
status: experimental
logsource: {product: plant}
detection:
    look: {ics.operation: read}
    condition: look
level: high
---
title: Someone writes
id: 30000000-0000-4000-8000-000000000002
status: experimental
logsource: {product: plant}
detection:
    write: {ics.operation: write}
    condition: write
level: high
"""

DIGEST = "normwatch-maintenance-digest"


def registry(start):
    return f"""version: 1
assets:
  - asset: plant1
    sector: water.supply
    class: {{a: C1, i: C1, c: C3}}
    networks: [192.0.2.0/25]
    hosts:
      - {{addr: 192.0.2.10, roles: [plc], writers: [192.0.2.20]}}
    maintenance:
      - {{ticket: CHG-7, start: "{start}", minutes: 1}}
"""


def watching(world, alertmanager):
    return {
        "state_directory": str(world.directory / "state"),
        "rules": {"paths": [str(world.directory / "rules.yml")]},
        "registry": str(world.directory / "registry.yaml"),
        "correlation": {"lateness": "1s"},
        **harness.in_clear(world),
        "sources": [{"name": "plant", "kind": "file", "path": str(world.directory / "plant.jsonl"), "format": "json",
                     "product": "plant"}],
        "outputs": [
            {"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")},
            {"name": "am", "kind": "alertmanager", "urls": [f"http://127.0.0.1:{alertmanager.port}"]},
        ],
    }


def alerts(world):
    return harness.lines_of(world.directory / "alerts.jsonl")[0]


def folds(world):
    return harness.lines_of(world.directory / "alerts.jsonl")[1]


def stamp(when):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(when))


def say(world, operation, origin):
    with open(world.directory / "plant.jsonl", "a", encoding="utf-8") as out:
        event = {"@timestamp": stamp(time.time()) + "Z", "id.orig_h": origin, "id.resp_h": "192.0.2.10", "ics.operation": operation}
        out.write(json.dumps(event) + "\n")


def test_a_window(world):
    alertmanager = Alertmanager(world)
    world.write("rules.yml", RULES)
    end = int(time.time()) + 12
    world.write("registry.yaml", registry(stamp(end - 60)))
    world.write("plant.jsonl", "")
    daemon = Daemon(world, watching(world, alertmanager)).ready()
    say(world, "read", "203.0.113.5")  # reads, and writes of an allowed writer, belong to the work
    say(world, "read", "203.0.113.6")
    say(world, "write", "192.0.2.20")
    say(world, "write", "203.0.113.5")
    wait_for("four alerts", lambda: len(alerts(world)) == 4)
    equal([(a.get("maintenance"), a.get("quiet", False)) for a in alerts(world)],
          [("CHG-7", True), ("CHG-7", True), ("CHG-7", True), ("CHG-7", False)], "what is quiet")
    wait_for("the unplanned write pages", lambda: sum(alertmanager.alerts().values()) == 1)
    daemon.kill()  # neither loses the digest nor makes two
    daemon = Daemon(world, watching(world, alertmanager)).ready()
    for _ in range(3):  # the first is an alert, its repeats are folded into it
        say(world, "read", "203.0.113.7")
    wait_for("its alert", lambda: [a for a in alerts(world) if a["source_address"] == "203.0.113.7"])
    wait_for("repeats", lambda: daemon.metrics().sum("normwatch_alerts_folded_total") >= 2)
    check(time.time() < end, "all that was before the end", time.time(), end)
    check(not [a for a in alerts(world) if a["rule_id"] == DIGEST], "no digest before the end")
    wait_for("the digest", lambda: [a for a in alerts(world) if a["rule_id"] == DIGEST], seconds=40)
    digest = [a for a in alerts(world) if a["rule_id"] == DIGEST][0]
    check(time.time() >= end, "after the end", digest)
    quiet = [a for a in alerts(world) if a.get("quiet")]
    # The file may have been read anew after the kill: then there are more repeats than those three.
    folded = [fold for fold in folds(world) if fold.get("maintenance") == "CHG-7"]
    check([fold for fold in folded if fold["actor"] == "203.0.113.7" and fold["count"] == 3], "its fold", folded)
    equal(digest["fields"]["digest.alerts"], str(len(quiet) + sum(fold["folded"] for fold in folded)), "alerts in the digest")
    equal(digest["maintenance"], "CHG-7", "its ticket")
    equal((digest["regime"], digest["level"]), ("peacetime", "informational"), "the regime in force when the window ended")
    equal({fold["regime"] for fold in folded}, {"peacetime"}, "the regime of what was folded")
    wait_for("the digest in Alertmanager", lambda: sum(alertmanager.alerts().values()) == 2)
    equal(daemon.metrics().sum("normwatch_maintenance_digests_total"), 1, "digests")
    say(world, "read", "203.0.113.5")  # the window is over
    wait_for("a read pages again", lambda: sum(alertmanager.alerts().values()) == 3)
    daemon.kill()
    daemon = Daemon(world, watching(world, alertmanager)).ready()
    time.sleep(3)
    equal(len([a for a in alerts(world) if a["rule_id"] == DIGEST]), 1, "one digest")
    equal(daemon.stop(), 0, "exit status")


if __name__ == "__main__":
    harness.main(globals())
