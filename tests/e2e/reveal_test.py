#!/usr/bin/env python3
"""Reveals by two custodians against a running daemon: from the request to the clear value, each refusal, erasure, holds,
retention, and the monthly report."""

import datetime
import json
import socket

import harness
from harness import Daemon, check, equal, free_port, need, wait_for

RULE = """title: Write to a controller
id: 6f1c1c52-6b0c-4a51-9d10-000000000d01
status: experimental
logsource:
    product: plant
    service: modbus
detection:
    write:
        func: WRITE_SINGLE_COIL
        user|exists: true
    condition: write
level: medium
normwatch:
    norm: 13f
"""
ADDRESS, USER = "203.0.113.77", "zoe.winter"
BASIS = "Act on network security, section 12"


class Site:
    """A daemon with three custodians, and one alert of an incident."""

    def __init__(self, world, **retention):
        self.world, self.port = world, free_port()
        world.write("rules/1.yml", RULE)
        lines = []
        for name in ("duty", "privacy", "operator"):
            done = world.run("keys", "custodian", name, "--body", f"body of {name}", "--out", world.directory / f"{name}.key")
            equal(done.returncode, 0, f"keys custodian: {done.stderr}")
            lines.append(done.stdout.splitlines()[0])
        world.write("custodians.yaml", "version: 1\ncustodians:\n" + "\n".join(lines) + "\n")
        self.config = {
            "rules": {"paths": [str(world.directory / "rules")]},
            "sources": [{"name": "plant", "kind": "udp", "listen": f"127.0.0.1:{self.port}", "format": "json",
                         "product": "plant", "service": "modbus", "path_name": "modbus"}],
            **harness.EVERY_ALERT,
            "privacy": {"custodians": str(world.directory / "custodians.yaml"), "expires_after": "1h"},
            "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
        }
        if retention:
            self.config["retention"] = retention
        self.start("first")

    def start(self, name):
        self.daemon = Daemon(self.world, dict(self.config), name=name).ready()
        wait_for("the ledger to be read", lambda: self.daemon.status()["reveals"]["read"])

    def alert(self):
        """A new alert, as an output has it."""
        file = self.world.directory / "alerts.jsonl"
        before = len(harness.lines_of(file)[0])
        event = {"ts": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "id.orig_h": ADDRESS,
                 "id.resp_h": "192.0.2.10", "func": "WRITE_SINGLE_COIL", "user": USER}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(json.dumps(event).encode(), ("127.0.0.1", self.port))
        wait_for("the alert", lambda: len(harness.lines_of(file)[0]) > before)
        return harness.lines_of(file)[0][-1]

    def case(self):
        """The incident of the alerts."""
        return wait_for("the incident", self.daemon.incidents)[0]["id"]

    def privacy(self, *arguments, code=0, station="", stdin=None, offline=False):
        """`normwatch privacy ...`, as from a machine of that name; what it says."""
        before = [need("unshare"), "--uts", "sh", "-c", f'hostname {station} && exec "$@"', "--"] if station else []
        where = [] if offline else ["--state", self.daemon.state]
        done = self.world.run("privacy", *arguments, *where, before=before, stdin=stdin)
        equal(done.returncode, code, f"privacy {arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def request(self, alert, values, code=0, by="R. Haddad", station="desk", **changes):
        """Asks; the request's id, or what it says when it is refused."""
        options = {"case": self.case(), "alert": alert["id"], "purpose": "notify-victim", "basis": BASIS,
                   "why": "to warn who is harmed", "by": by, "key": str(self.world.directory / "requester.key"), **changes}
        said = self.privacy("request", *values, *[part for key, value in options.items() for part in (f"--{key}", value)],
                            code=code, station=station)
        return said.split()[2].rstrip(";") if code == 0 else said

    def approve(self, request, name, code=0, station=None):
        return self.privacy("approve", request, "--key", self.world.directory / f"{name}.key", "--by", name, "--yes", code=code,
                            station=station or f"{name}-desk")

    def entries(self, kind):
        """The ledger's entries of a type, as texts."""
        text = "".join(path.read_bytes().decode("latin-1") for path in sorted((self.daemon.state / "ledger/journal").rglob("*"))
                       if path.is_file())
        return [part for part in text.split('{"body":') if f'"type":"{kind}"' in part]


def values_of(alert):
    """The pseudonym and the token in it."""
    text = json.dumps(alert)
    found = [word for word in text.replace('"', " ").split() if word.startswith(("pfx:", "tok:"))]
    pfx = [word for word in found if word.startswith("pfx:")]
    tok = [word for word in found if ":user:" in word]
    check(pfx and tok, "a pseudonym and a token of a user", alert)
    return pfx[0], tok[0]


def test_two_custodians_reveal(world):
    site = Site(world)
    alert = site.alert()
    for clear in (ADDRESS, USER):
        check(clear not in json.dumps(alert), "nothing clear leaves", alert)
    pfx, tok = values_of(alert)
    request = site.request(alert, (pfx, tok))
    shown = site.privacy("show", request)
    for word in ("R. Haddad", site.case(), BASIS, pfx, tok):
        check(word in shown, "the request in words", word, shown)
    site.privacy("reveal", request, "--key", world.directory / "requester.key", "--by", "R. Haddad", code=78)

    # One at the daemon's own socket, the other one offline, brought as a file.
    check("one of two" in site.approve(request, "duty"), "the first approval")
    file, made = world.directory / "request.json", world.directory / "approval.json"
    site.privacy("show", request, "--out", file)
    check(pfx in site.privacy("approve", "--request", file, "--key", world.directory / "operator.key", "--by", "operator",
                              "--out", made, station="far-away", stdin=f"{request}\n", offline=True), "it shows what it is")
    check("2 of 2 values" in site.privacy("submit", made), "opened")
    told = site.privacy("reveal", request, "--key", world.directory / "requester.key", "--by", "R. Haddad", "--json")
    clear = {line["stored"]: line.get("clear") for line in map(json.loads, told.splitlines())}
    equal(clear, {pfx: ADDRESS, tok: USER}, "the clear values")
    site.privacy("reveal", request, "--key", world.directory / "duty.key", "--by", "duty", code=77)

    for kind, count in (("reveal-request", 1), ("reveal-approve", 2), ("reveal-done", 1)):
        equal(len(site.entries(kind)), count, kind)
    for path in site.daemon.state.rglob("*"):
        if path.is_file():
            for value in (ADDRESS, USER):
                check(value.encode() not in path.read_bytes(), f"{value} is clear in {path}")
    equal(site.daemon.metrics().sum("normwatch_reveal_steps_total", step="done"), 1, "the metric")

    # A restart keeps the result; what waited is closed.
    waiting = site.request(alert, (pfx,))
    equal(site.daemon.stop(), 0, "the end")
    site.start("second")
    site.privacy("reveal", request, "--key", world.directory / "requester.key", "--by", "R. Haddad")
    wait_for("the close", lambda: "key_lost" in site.privacy("show", waiting))


def test_refusals(world):
    site = Site(world)
    alert = site.alert()
    pfx, tok = values_of(alert)
    check("[custodian_asks]" in site.request(alert, (pfx,), by="duty", code=78), "a custodian asks")
    check("[unknown_case]" in site.request(alert, (pfx,), case="NW-1999-000001", code=78), "no such case")
    check("[not_in_alert]" in site.request(alert, ("pfx:e2026-01:global4:1.2.3.4",), code=78), "a value of no alert")
    check("tells an address" in site.request(alert, (pfx,), why=f"who is {ADDRESS}", code=64), "a clear value in the reason")
    site.request(alert, (ADDRESS,), code=64)
    site.request(alert, (pfx,), purpose="curiosity", code=64)

    request = site.request(alert, (pfx, tok))
    check("[own_request]" in site.privacy("approve", request, "--key", world.directory / "duty.key", "--by", "r. haddad", "--yes",
                                          code=78, station="elsewhere"), "their own")
    site.approve(request, "requester", code=66)
    site.approve(request, "duty")
    check("[same_custodian]" in site.approve(request, "duty", code=78), "twice")
    check("[same_host]" in site.approve(request, "privacy", code=78, station="duty-desk"), "from one station")
    check("not approved" in site.privacy("approve", request, "--key", world.directory / "privacy.key", "--by", "privacy",
                                         code=78, station="privacy-desk", stdin="no\n"), "a custodian who says no")
    site.privacy("deny", request, "--by", "privacy", "--why", "not needed any more")
    check("[closed]" in site.approve(request, "privacy", code=78), "closed")
    equal(len(site.entries("reveal-approve")), 1, "approvals")
    check(len([e for e in site.entries("reveal-deny") if '"what":"refused"' in e]) >= 6, "refusals are in the ledger")


def test_erase_hold_and_purge(world):
    site = Site(world, evidence="3s", every="1s")
    held, other = site.alert(), site.alert()
    site.privacy("hold", "--alert", held["id"], "--by", "R. Haddad", "--why", "the court asks")
    site.privacy("erase", "--alert", held["id"], "--by", "R. Haddad", "--why", "they ask", code=78)
    erased = site.alert()
    site.privacy("erase", "--alert", erased["id"], "--by", "R. Haddad", "--why", "they ask")
    begun, done = site.entries("erase")
    check('"what":"begun"' in begun and "they ask" in begun, "said before", begun)
    check('"what":"done"' in done and '"objects":1' in done, "said after", done)
    equal(site.daemon.metrics().sum("normwatch_deletions_unfinished"), 0, "unfinished")
    wait_for("the purge", lambda: site.daemon.metrics().sum("normwatch_purged_total", **{"class": "evidence"}) >= 1)
    wait_for("what is held", lambda: site.daemon.metrics().sum("normwatch_retention_held", **{"class": "evidence"}) >= 1)
    equal(site.daemon.metrics().sum("normwatch_retention_overdue", **{"class": "evidence"}), 0, "overdue")
    pfx, tok = values_of(held)
    check("[nothing_to_open]" in site.request(other, (tok,), code=78), "purged")
    site.request(held, (pfx, tok))
    hold = json.loads(site.privacy("list", "--json"))["other"]["holds"][0]["id"]
    site.privacy("release", hold, "--by", "B. Okafor", "--why", "the court is done")
    wait_for("the end of the hold", lambda: site.daemon.metrics().sum("normwatch_retention_held", **{"class": "evidence"}) == 0)

    month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
    duty = ("--by", "duty", "--key", world.directory / "duty.key")
    check("in use" in site.privacy("destroy-epoch", month, *duty, "--why", "x", code=78), "the month is not over")
    site.privacy("destroy-epoch", month, *duty, "--confirm", code=78)
    check("--key" in site.privacy("destroy-epoch", month, "--by", "R. Haddad", "--why", "x", code=64), "a name alone")
    challenge, word = world.directory / "challenge", world.directory / "word"
    site.privacy("destroy-epoch", month, "--challenge", challenge)
    site.privacy("destroy-epoch", month, *duty, "--why", "x", "--from", challenge, "--out", word, offline=True)
    check("in use" in site.privacy("destroy-epoch", month, "--hand-in", word, code=78), "brought by a courier")
    equal(site.daemon.stop(), 0, "the end")
    said = site.privacy("report", "--month", month, "--json")
    report = json.loads(said)
    check(report["counts"]["reveals"] and report["counts"]["erased"], "the report", said)
    check(ADDRESS not in said and "Haddad" not in said and pfx not in said, "it names nobody", said)
    equal(said, site.privacy("report", "--month", month, "--json", "--ledger", site.daemon.state / "ledger", offline=True),
          "from the ledger alone")


if __name__ == "__main__":
    harness.main(globals())
