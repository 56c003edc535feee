#!/usr/bin/env python3
"""The regime over the control socket: two people set it, the ledger knows, alerts carry what was in force at their event time."""

import json
import os
import socket

import harness
from harness import Daemon, check, equal, free_port, wait_for

RULE = """title: Write to a controller
id: 6f1c1c52-6b0c-4a51-9d10-000000000c01
status: experimental
logsource:
    product: plant
    service: modbus
detection:
    write:
        func: WRITE_SINGLE_COIL
    condition: write
level: medium
normwatch:
    norm: 13f
"""
FROM, BEFORE, WITHIN, AFTER = "2026-03-01T00:00:00Z", "2026-02-20T08:00:00Z", "2026-03-20T08:00:00Z", "2026-05-20T08:00:00Z"


class Plant:
    """A daemon over the sample register, which is told events with the time that a test wants."""

    def __init__(self, world):
        self.world, self.port = world, free_port()
        world.write("rules/1.yml", RULE)
        self.config = {
            "rules": {"paths": [str(world.directory / "rules")]},
            "sources": [{"name": "plant", "kind": "udp", "listen": f"127.0.0.1:{self.port}", "format": "json",
                         "product": "plant", "service": "modbus", "path_name": "modbus"}],
            **harness.EVERY_ALERT,
            "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
        }
        self.start("first")

    def start(self, name):
        self.daemon = Daemon(self.world, dict(self.config), name=name).ready()

    def regime(self, *arguments, code=0):
        """`normwatch regime ...`; what it says."""
        done = self.world.run("regime", *arguments, "--state", self.daemon.state)
        equal(done.returncode, code, f"regime {arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def book(self):
        return json.loads(self.regime("show", "--json"))

    def propose(self, code=0, by="A. Keita", **changes):
        options = {"kind": "niac", "territory": "AT,DE-BY", "from": FROM, "basis": "determination of the ministry",
                   "document": "REF-7", "by": by, **changes}
        return self.regime("propose", *[part for key, value in options.items() for part in (f"--{key}", value)], code=code)

    def alert(self, when):
        """The alert of one event at the water works, at `when`."""
        file = self.world.directory / "alerts.jsonl"
        before = len(harness.lines_of(file)[0])
        event = {"ts": when, "id.orig_h": "203.0.113.7", "id.resp_h": "192.0.2.10", "func": "WRITE_SINGLE_COIL"}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(json.dumps(event).encode(), ("127.0.0.1", self.port))
        wait_for("the alert", lambda: len(harness.lines_of(file)[0]) > before)
        return harness.lines_of(file)[0][-1]

    def entries(self):
        """How many entries of each kind the ledger has."""
        return [len(harness.ledger_bodies(self.daemon.state, f"regime-{kind}")) for kind in ("propose", "confirm", "reject")]


def test_two_people_set_and_end_it(world):
    plant = Plant(world)
    alert = plant.alert(WITHIN)
    equal((alert["regime"], alert["level"], alert["tlp"]), ("peacetime", "medium", "amber"), "the default")
    check(not any("AP II" in hook for hook in alert["hooks"]), "no law of armed conflict", alert["hooks"])
    check(alert["missing_evidence"], "what a case file would need", alert)

    told = plant.propose()
    check("neither legitimises nor encourages" in told, "the caution beside the switch", told)
    waiting = plant.book()["proposals"]
    equal(len(waiting), 1, "what waits")
    equal(waiting[0]["period"]["proposed"]["uid"], os.getuid(), "the user at the socket")
    name = waiting[0]["id"]
    equal(plant.alert(WITHIN)["regime"], "peacetime", "a proposal is not in force")
    plant.regime("confirm", name, "--by", "  a. KEITA ", code=78)
    plant.regime("confirm", "nothing", "--by", "B. Okafor", code=78)
    plant.regime("confirm", name, code=64)
    check("neither legitimises" in plant.regime("confirm", name, "--by", "B. Okafor"), "the caution once more")
    wait_for("the ledger", lambda: plant.entries() == [1, 1, 0])

    def within():
        return plant.alert(WITHIN)

    alert = wait_for("the conflict", lambda: (one := within())["regime"] == "armed_conflict" and one)
    equal((alert["regime_kind"], alert["level"], alert["rule_level"]), ("niac", "high", "medium"), "kind and level")
    equal((alert["tlp"], alert["retain_days"]), ("amber+strict", 3650), "sharing and retention")
    check("determination of the ministry (REF-7)" in alert["regime_basis"], "the basis", alert)
    check(any(hook.startswith("object carries protection flag indispensable: AP II art. 14") for hook in alert["hooks"]),
          "the protected object", alert["hooks"])
    check(any("Charter art. 2(4)" in hook for hook in alert["hooks"]), "what always holds", alert["hooks"])
    equal(plant.alert(BEFORE)["regime"], "peacetime", "an earlier event time")
    equal(plant.daemon.status()["regime"]["now"], "armed_conflict", "status")
    metrics = plant.daemon.metrics()
    equal(metrics.sum("normwatch_regime", regime="armed_conflict", kind="niac"), 1, "the metric")
    equal(metrics.sum("normwatch_regime", regime="peacetime"), 0, "the metric of peacetime")

    # A reload keeps it; so does a restart.
    equal(world.run("reload", "--wait", "--state", plant.daemon.state).returncode, 0, "reload")
    equal(within()["regime"], "armed_conflict", "after a reload")
    equal(plant.daemon.stop(), 0, "the end")
    plant.start("second")
    equal(within()["regime"], "armed_conflict", "after a restart")

    plant.regime("end", name, "--at", "2026-05-01T00:00:00Z", "--by", "A. Keita")
    plant.regime("confirm", f"{name}-end", "--by", "A. Keita", code=78)
    plant.regime("confirm", f"{name}-end", "--by", "B. Okafor")
    wait_for("its end", lambda: plant.alert(AFTER)["regime"] == "peacetime")
    equal(within()["regime"], "armed_conflict", "what was in force then")
    shown = plant.regime("show")
    check("end proposed by A. Keita" in shown and "to 2026-05-01" in shown, "show", shown)
    wait_for("the ledger", lambda: plant.entries() == [2, 2, 0])


def test_refusals(world):
    plant = Plant(world)
    for changes in ({"kind": "war"}, {"territory": "Austria"}, {"from": "yesterday"}, {"to": "2026-01-01T00:00:00Z"}, {"by": " "}):
        plant.propose(code=64, **changes)
    plant.propose()
    name = plant.book()["proposals"][0]["id"]
    plant.regime("reject", name, "--by", "B. Okafor")
    equal(plant.book()["proposals"], [], "nothing waits")
    wait_for("the ledger", lambda: plant.entries() == [1, 0, 1])
    equal(plant.alert(WITHIN)["regime"], "peacetime", "it never was in force")
    equal(plant.daemon.stop(), 0, "the end")

    (plant.daemon.state / "regime.yaml").write_text("version: 1\nperiods: [{id: x}]\n")
    done = world.run("run", "--config", plant.daemon.config_file, seconds=30)
    equal(done.returncode, 65, f"a damaged book stops the start: {done.stderr}")
    check("regime.yaml:2:" in done.stderr and "put it aside" in done.stderr, "it says where, and what to do", done.stderr)


def test_replay_takes_a_book(world):
    world.write("rules/1.yml", RULE)
    config = world.write("replay.yaml", json.dumps({"rules": {"paths": [str(world.directory / "rules")]}}))
    events = world.write("events.json", json.dumps({"ts": WITHIN, "id.orig_h": "203.0.113.7", "id.resp_h": "192.0.2.10",
                                                    "func": "WRITE_SINGLE_COIL", "_path": "modbus"}) + "\n")
    act = {"by": "A", "at": WITHIN}
    period = {"id": "x", "kind": "iac", "territory": ["AT"], "from": FROM, "basis": "b", "document": "d", "proposed": act,
              "confirmed": {**act, "by": "B"}}
    book = world.write("book.yaml", json.dumps({"version": 1, "periods": [period]}))

    def replayed(*more):
        done = world.run("replay", events, "--config", config, "--format", "json", "--product", "plant", "--service", "modbus",
                         "--quiet", *more)
        return done, [json.loads(line) for line in done.stdout.splitlines()]

    equal([alert["regime"] for alert in replayed()[1]], ["peacetime"], "without a book")
    alerts = replayed("--regime", book)[1]
    equal([(alert["regime"], alert["regime_kind"]) for alert in alerts], [("armed_conflict", "iac")], "with one")
    bad = world.write("bad.yaml", json.dumps({"version": 1, "periods": [{**period, "confirmed": act}]}))
    done = replayed("--regime", bad)[0]
    equal(done.returncode, 65, "one person is not two")
    check("same-identity" in done.stderr, "and it says so", done.stderr)


if __name__ == "__main__":
    harness.main(globals())
