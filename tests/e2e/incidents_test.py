#!/usr/bin/env python3
"""Incidents as cases: rules of a family join, people act over the control socket, the ledger has it all and gives it back."""

import json
import os
import shutil
import socket

import harness
from harness import Daemon, check, equal, free_port, wait_for

RULE = """title: {title}
id: 6f1c1c52-6b0c-4a51-9d10-00000000d00{number}
status: experimental
logsource:
    product: plant
    service: modbus
detection:
    write:
        func: {func}
    condition: write
level: {level}
normwatch:
    norm: 13f
    detection_id: NW-F-05
"""
CASE_RULE = """title: Case about to close without its factors
id: 6f1c1c52-6b0c-4a51-9d10-00000000d009
status: experimental
logsource:
    product: normwatch
    service: case
    category: incident
detection:
    closing:
        phase: closing
    complete:
        factors|all: [technical, scope, context, consultations]
    condition: closing and not complete
level: medium
normwatch:
    norm: 13b
"""
FACTORS = ("technical", "scope", "context", "consultations")
UNAVAILABLE, NO_INPUT, USAGE, REFUSED = 69, 66, 64, 78


class Desk:
    """A daemon over the sample register, which is told events of actors; and the commands of its staff."""

    def __init__(self, world):
        self.world, self.port = world, free_port()
        world.write("rules/1.yml", RULE.format(number=1, title="Coil written", func="WRITE_SINGLE_COIL", level="medium"))
        world.write("rules/2.yml", RULE.format(number=2, title="Register written", func="WRITE_REGISTER", level="high"))
        world.write("rules/3.yml", CASE_RULE)
        self.config = {
            "rules": {"paths": [str(world.directory / "rules")]},
            "sources": [{"name": "plant", "kind": "udp", "listen": f"127.0.0.1:{self.port}", "format": "json",
                         "product": "plant", "service": "modbus", "path_name": "modbus"}],
            **harness.EVERY_ALERT,
            "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
        }
        self.minute = 0
        self.start("first")

    def start(self, name):
        self.daemon = Daemon(self.world, dict(self.config), name=name).ready()

    def alerts(self):
        return harness.lines_of(self.world.directory / "alerts.jsonl")[0]

    def event(self, actor, func="WRITE_SINGLE_COIL"):
        """One event at the water works; returns once its alert is in the store."""
        before, self.minute = self.stored(), self.minute + 1
        told = {"ts": f"2026-03-20T08:{self.minute:02}:00Z", "id.orig_h": actor, "id.resp_h": "192.0.2.10", "func": func}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(json.dumps(told).encode(), ("127.0.0.1", self.port))
        wait_for("the alert in the store", lambda: self.stored() > before)

    def stored(self):
        return sum(incident["alerts"] for incident in self.daemon.incidents())

    def run(self, *arguments, code=0):
        done = self.world.run("incidents", *arguments, "--state", self.daemon.state)
        equal(done.returncode, code, f"incidents {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def act(self, *arguments, code=0, by="s-17"):
        return self.run(*arguments, "--by", by, code=code)

    def show(self, incident):
        return json.loads(self.run("show", incident, "--json"))

    def listed(self, *arguments):
        return [json.loads(line)["id"] for line in self.run("list", "--json", *arguments).splitlines()]


def test_a_case_from_its_alerts_to_its_end(world):
    desk = Desk(world)
    for actor, func in (("203.0.113.7", "WRITE_SINGLE_COIL"), ("203.0.113.7", "WRITE_REGISTER"), ("203.0.113.8", "WRITE_REGISTER")):
        desk.event(actor, func)
    second, first = desk.listed()
    shown = desk.show(first)
    equal((shown["incident"]["alerts"], shown["incident"]["level"], len(shown["incident"]["groups"])), (2, "high", 2),
          "two rules of a family, by one actor, are one incident")
    equal(shown["incident"]["family"], "NW-F-05", "the family")
    groups = {alert["rule_id"] for alert in desk.alerts()}
    equal({group["rule_id"] for group in shown["incident"]["groups"]}, groups, "its groups")
    equal(desk.listed("--group", shown["incident"]["groups"][0]["group_key"])[-1], first, "found by Alertmanager's group")

    check("--by is missing" in desk.run("acknowledge", first, code=USAGE), "somebody must do it")
    desk.act("contain", first, code=REFUSED)
    told = desk.act("acknowledge", first)
    check("now acknowledged; ledger entry" in told, "what it says", told)
    desk.act("acknowledge", "NW-2026-000077", code=NO_INPUT)
    desk.act("assign", first, "s-18")
    act = ("note", first, "The foreman has a new laptop.", "--act", "0123456789abcdef" * 2)
    equal(desk.act(*act), desk.act(*act), "asked again, it is not done again")
    desk.act("note", first, "Something else.", *act[3:], code=REFUSED)
    desk.act("note", first, "x", "--act", "7", code=USAGE)
    check("did you mean 'availability.dos'" in desk.act("classify", first, "--rsit", "availability.doss", code=USAGE), "a class")
    desk.act("hypothesis", first, "maintenance that nobody announced")
    check("technical, scope, context, consultations" in desk.act("resolve", first, "--why", "done", code=REFUSED),
          "what is missing")
    wait_for("the rule about such cases", lambda: any(alert["norm"] == "13b" for alert in desk.alerts()))
    for factor in FACTORS:
        desk.act("factor", first, factor, f"about {factor}")
    desk.act("label", first, "--tlp", "TLP:RED", "--pap", "amber")
    desk.act("label", first, "--tlp", "green", code=REFUSED)
    desk.act("resolve", first, code=USAGE)
    desk.act("resolve", first, "--why", "the laptop was it")
    shown = desk.show(first)
    equal((shown["incident"]["state"], shown["incident"]["assigned"], shown["incident"]["tlp"], shown["incident"]["pap"]),
          ("resolved", "s-18", "red", "amber"), "the case")
    equal({act["act"]["uid"] for act in shown["acts"]}, {os.getuid()}, "who was at the socket")
    text = desk.run("show", first)
    for part in ("engages norm 13f", "about consultations", "Coil written", "why: the laptop was it", "with          s-18"):
        check(part in text, f"'{part}' in what show prints", text)
    equal(desk.listed("--in", "resolved"), [first], "by state")
    equal(desk.listed("--assigned", "s-18", "--norm", "13f", "--level", "high"), [first], "by the others")
    equal(desk.listed("--in", "open", "--norm", "13f"), [second], "by state")
    desk.run("list", "--in", "lost", code=USAGE)
    equal([json.loads(line)["id"] for line in desk.run("find", "foreman", "laptop", "--json").splitlines()], [first], "found")
    desk.run("find", "x" * 200, code=USAGE)

    def counted():
        metrics = desk.daemon.metrics()
        return [metrics.sum("normwatch_incidents", state=state, severity="high") for state in ("open", "resolved")] + [
            metrics.sum("normwatch_incident_acts_total", act=act) for act in ("factor", "resolve", "merge")]

    wait_for("metrics", lambda: counted() == [1, 1, 4, 1, 0])
    check(desk.daemon.metrics().sum("normwatch_incident_acts_refused_total") >= 3, "refused acts are counted")
    equal(desk.daemon.status()["cases"]["resolved"], 1, "status")
    equal(desk.daemon.stop(), 0, "exit status")
    desk.act("note", first, "too late", code=UNAVAILABLE)


def test_merge_split_and_rebuild(world):
    desk = Desk(world)
    for actor in ("203.0.113.7", "203.0.113.8", "203.0.113.7"):
        desk.event(actor)
    second, first = desk.listed()
    told = desk.act("merge", second, first, "--why", "one campaign")
    entry = told.split("ledger entry ")[1].split(";")[0]
    check(f"split {first} --merge {entry}" in told, "how to take it back", told)
    equal(desk.listed(), [first], "what counts elsewhere is not listed")
    desk.event("203.0.113.8")
    equal(desk.show(first)["incident"]["alerts"], 4, "its alerts follow it")
    desk.act("note", second, "x", code=REFUSED)
    desk.act("split", first, "--merge", entry, "--why", "they were two")
    equal([desk.show(one)["incident"]["alerts"] for one in (first, second)], [2, 2], "as before")
    alert = desk.show(first)["alerts"][0]["id"]
    told = desk.act("split", first, "--alerts", alert, "--why", "another matter")
    third = told.split("split off as ")[1].strip()
    equal(desk.show(third)["alerts"][0]["id"], alert, "the alert is an incident of its own")

    state = desk.daemon.state
    refused = world.run("record", "rebuild", "--state", state)
    equal(refused.returncode, UNAVAILABLE, f"beside a daemon: {refused.stderr}")
    check("stop normwatch first" in refused.stderr, "what to do", refused.stderr)
    equal(desk.daemon.stop(), 0, "exit status")
    before = [desk.show(one) for one in (first, second, third)]
    shutil.copy(state / "incidents.sqlite", world.directory / "before.sqlite")
    (state / "incidents.sqlite").write_bytes(b"rubbish")
    made = world.run("record", "rebuild", "--state", state)
    equal(made.returncode, 0, f"rebuild: {made.stderr}")
    check("3 incidents, 4 alerts, 3 acts, 0 unreadable" in made.stdout, "what it says", made.stdout)
    equal([desk.show(one) for one in (first, second, third)], before, "the same cases")
    desk.start("second")
    equal([desk.show(one) for one in (first, second, third)], before, "the same cases after a start")
    desk.act("acknowledge", third)
    equal(desk.daemon.stop(), 0, "exit status")


if __name__ == "__main__":
    harness.main(globals())
