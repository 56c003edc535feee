#!/usr/bin/env python3
"""Who must be told of an incident, and by when: statements of people over the control socket, clocks, drafts, metrics."""

import csv
import datetime
import io
import json
import socket

import harness
from harness import Daemon, check, equal, free_port, wait_for

RULE = """title: Write to a controller
id: 6f1c1c52-6b0c-4a51-9d10-000000000d01
status: experimental
logsource:
    product: plant
    service: modbus
detection:
    write:
        func: WRITE_SINGLE_COIL
    condition: write
level: high
normwatch:
    norm: 13f
"""
GATE_RULE = """title: Outgoing text held
id: 6f1c1c52-6b0c-4a51-9d10-000000000d02
status: experimental
logsource:
    product: normwatch
    service: case
    category: export
detection:
    gate:
        gate: wording
    condition: gate
level: medium
normwatch:
    norm: 13b
"""
OUTSIDE = "203.0.113.7"


def ago(**span):
    """RFC 3339 of so long ago."""
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Site:
    """A daemon with one incident at the water works of the sample register."""

    def __init__(self, world, regimes=("nis2",)):
        self.world, self.port = world, free_port()
        world.write("rules/1.yml", RULE)
        world.write("rules/2.yml", GATE_RULE)
        self.config = {
            "rules": {"paths": [str(world.directory / "rules")]},
            "sources": [{"name": "plant", "kind": "udp", "listen": f"127.0.0.1:{self.port}", "format": "json",
                         "product": "plant", "service": "modbus", "path_name": "modbus"}],
            "reporting": {"regimes": list(regimes)},
            "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
        }
        self.daemon = Daemon(world, dict(self.config)).ready()
        event = {"ts": ago(minutes=5), "id.orig_h": OUTSIDE, "id.resp_h": "192.0.2.10", "func": "WRITE_SINGLE_COIL"}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(json.dumps(event).encode(), ("127.0.0.1", self.port))
        self.id = wait_for("the incident", self.daemon.incidents)[0]["id"]

    def run(self, *arguments, code=0):
        """`normwatch reporting ...` with the daemon's configuration; (standard output, standard error)."""
        done = self.world.run("reporting", *arguments, "--config", self.daemon.config_file)
        equal(done.returncode, code, f"reporting {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def stage(self, stage, *arguments):
        """That deadline of the incident, as JSON."""
        clock = json.loads(self.run("status", self.id, "--json", *arguments)[0].splitlines()[0])
        equal(clock["incident"], self.id, "whose clock")
        return next(one for one in clock["deadlines"] if one["stage"] == stage)

    def alerts(self, title):
        return [one for one in harness.lines_of(self.world.directory / "alerts.jsonl")[0] if one["rule_title"] == title]

    def ledger(self):
        return b"\n".join(harness.journal(self.daemon.state))


def test_clocks_start_with_a_person(world):
    site = Site(world)
    equal(site.stage("early_warning")["state"], "not_started", "a detection starts no clock")
    check("of 1 open incidents nobody has said" in site.run("status")[0], "who waits")
    metrics = site.daemon.metrics()
    equal(metrics.sum("normwatch_reporting_open", regime="nis2"), 0, "nothing is open")
    equal(metrics.rows("normwatch_reporting_due_timestamp_seconds"), [], "nothing is due")

    site.run("aware", site.id, code=64)  # by whom?
    site.run("aware", site.id, "--by", "p1", "--at", "2026-01-15 08:00", code=64)  # no zone
    check("future" in site.run("aware", site.id, "--by", "p1", "--at", "2199-01-01T00:00:00Z", code=64)[1], "the future")
    site.run("aware", "NW-2026-999999", "--by", "p1", code=66)
    check(b'"moment"' not in site.ledger(), "what was refused is not in the ledger")

    aware = ago(hours=20)
    site.run("aware", site.id, "--by", "p1", "--at", aware)
    warning = site.stage("early_warning", "--zone", "Europe/Vienna")
    equal(warning["state"], "running", "the clock runs")
    check(warning["due_local"][-6:] in ("+01:00", "+02:00"), "the zone of who looks", warning)
    equal(datetime.datetime.fromisoformat(warning["due"][:-1]) - datetime.datetime.fromisoformat(aware[:-1]),
          datetime.timedelta(days=1), "a day later")
    wait_for("the log", lambda: "reporting_due_soon" in site.daemon.err())

    # The metric, and what is late; a later statement replaces the first.
    site.run("aware", site.id, "--by", "p1", "--at", ago(hours=25), "--why", "found in the mail of the day before")

    def overdue():
        return site.daemon.metrics().sum("normwatch_reporting_overdue", regime="nis2", stage="early_warning") == 1

    wait_for("the metric", overdue, 30)
    wait_for("the log", lambda: "reporting_overdue" in site.daemon.err(), 70)
    equal(site.daemon.status()["reporting"]["overdue"], 1, "status")
    check(" late " in site.run("status")[0], "the list")
    equal(site.ledger().count(b'"aware_at"'), 2, "the ledger keeps both")

    site.run("sent", site.id, "--regime", "nis2", "--stage", "early_waning", "--by", "p1", code=64)
    site.run("sent", site.id, "--regime", "nis2", "--stage", "early_warning", "--by", "p1")
    equal(site.stage("early_warning")["state"], "done_late", "sent, but late")
    wait_for("the metric", lambda: not overdue(), 30)

    # Without a daemon the store is read alike, and nothing can be stated.
    equal(site.daemon.stop(), 0, "exit status")
    equal(site.stage("early_warning")["state"], "done_late", "from the store alone")
    site.run("aware", site.id, "--by", "p1", code=69)


def test_the_two_known_bugs(world):
    """Frozen clocks: an hour of another zone or of a change of clocks moves no deadline, and a limit that has passed is late."""
    cases = [
        # (aware, now, state, due)
        ("2024-03-29T09:00:00Z", "2024-04-04T09:00:00Z", "overdue", "2024-03-30T09:00:00Z"),
        ("2024-03-29T09:00:00Z", "2024-03-30T09:00:00Z", "running", "2024-03-30T09:00:00Z"),
        ("2024-03-29T09:00:00Z", "2024-03-30T09:00:00.000000001Z", "overdue", "2024-03-30T09:00:00Z"),
        ("2024-04-11T19:25:00+02:00", "2024-04-12T19:04:00+02:00", "running", "2024-04-12T17:25:00Z"),
        ("2025-09-16T14:00:00Z", "2025-09-17T08:00:00Z", "running", "2025-09-17T14:00:00Z"),
        ("2024-03-29T18:00:00+09:00", "2024-03-30T04:00:00-05:00", "running", "2024-03-30T09:00:00Z"),
        # Clocks go forward at night: 24 hours stay 24 hours.
        ("2026-03-28T13:00:00+01:00", "2026-03-29T14:00:00+02:00", "running", "2026-03-29T12:00:00Z"),
        ("2026-03-28T13:00:00+01:00", "2026-03-29T14:00:01+02:00", "overdue", "2026-03-29T12:00:00Z"),
    ]
    site = Site(world)
    for aware, now, state, due in cases:
        done = world.run("reporting", "clock", "--regime", "nis2", "--aware-at", aware, "--now", now, "--zone",
                         "Europe/Vienna", "--json")
        equal(done.returncode, 0, done.stderr)
        warning = json.loads(done.stdout)["deadlines"][0]
        equal((warning["state"], warning["due"]), (state, due), f"clock: {aware} at {now}")
        site.run("aware", site.id, "--by", "p1", "--at", aware)
        # The statement itself was made today: as of then it holds nevertheless.
        warning = site.stage("early_warning", "--now", now, "--zone", "Europe/Vienna")
        equal((warning["state"], warning["due"]), (state, due), f"status: {aware} at {now}")


def test_significance_is_decided_by_people(world):
    site = Site(world, ["nis2", "dora"])
    site.run("aware", site.id, "--by", "p1", "--at", ago(hours=30))
    check("cannot say" in site.run("significance", site.id, "--regime", "nis2")[0], "no facts")
    check("did you mean 'death'" in site.run("fact", site.id, "deth=yes", "--by", "p1", code=64)[1], "the nearest")
    site.run("fact", site.id, "death=maybe", "--by", "p1", code=64)
    site.run("fact", site.id, "financial_loss=many", "--by", "p1", code=64)
    site.run("fact", site.id, "financial_loss=600000", "--by", "p1")
    told = site.run("significance", site.id, "--regime", "nis2")[0]
    check("proposed" in told and "600000" in told and "official text" in told, "proposal, reason, mark", told)
    site.run("significance", site.id, "--regime", "nis2", "--decide", "yes", code=64)  # by whom?
    told = site.run("significance", site.id, "--regime", "nis2", "--decide", "no", "--by", "p2", code=64)[1]
    check("say why" in told, "a departure wants a reason", told)
    equal(site.stage("early_warning")["state"], "overdue", "nothing was decided")
    site.run("significance", site.id, "--regime", "nis2", "--decide", "no", "--by", "p2", "--why", "the loss is insured")
    equal(site.stage("early_warning")["state"], "not_needed", "decided")
    check("decided: no, by p2" in site.run("status", site.id)[0], "who decided")

    def overdue():
        return [value for _, value in site.daemon.metrics().rows("normwatch_reporting_overdue", regime="nis2") if value]

    wait_for("the metric", lambda: not overdue(), 30)
    site.run("fact", site.id, "financial_loss=", "--by", "p1")
    check("cannot say" in site.run("significance", site.id, "--regime", "nis2")[0], "the fact was taken back")
    site.run("significance", site.id, "--regime", "nis2", "--decide", "yes", "--by", "p2", "--why", "others are hit, too")
    equal(site.stage("early_warning")["state"], "overdue", "a later decision")


def test_drafts(world):
    site = Site(world)
    site.run("aware", site.id, "--by", "p1", "--at", ago(hours=1))
    site.run("fact", site.id, "malicious=yes", "--by", "p1")
    site.run("fact", site.id, "cross_border=no", "--by", "p1")
    wanted = ["draft", site.id, "--regime", "nis2", "--stage", "early_warning"]
    text, told = site.run(*wanted)
    check(text.splitlines()[1].startswith("Subject: TLP:"), "label and subject", text)
    for part in ("DRAFT, not sent", "Suspected of unlawful or malicious acts: yes", "Evidence: ledger entries ", "\nDue: "):
        check(part in text, f"the draft has {part!r}", text)
    check(OUTSIDE not in text, "an address outside", text)
    check("missing: contact" in told, "what is missing", told)
    whole = json.loads(site.run(*wanted, "--say", "contact=cert@example.org", "--json")[0])
    equal((whole["missing"], whole["held"]), ([], []), "whole")
    wait_for("the ledger", lambda: b'"outcome":"drafted"' in site.ledger())
    equal(site.alerts("Outgoing text held"), [], "nothing was held")

    final = ["draft", site.id, "--regime", "nis2", "--stage", "final_report"]
    told = site.run(*final, "--say", "root_cause=attributed to a perpetrator", code=65)[1]
    check("held: " in told, "what the gate holds", told)
    alert = wait_for("the rule", lambda: site.alerts("Outgoing text held"))[0]
    equal(alert["norm"], "13b", "the rule over exports")
    wait_for("the ledger", lambda: b'"outcome":"held"' in site.ledger())
    site.run("draft", site.id, "--regime", "nis2", "--stage", "nothing", code=64)
    site.run("draft", site.id, "--regime", "nis2", "--stage", "early_warning", "--say", "contcat=x", code=64)

    # What went out is read, too, and kept from nobody: who releases over the gate answers for it.
    sent = world.write("sent.txt", "The perpetrator is known.\n")
    told = site.run("sent", site.id, "--regime", "nis2", "--stage", "early_warning", "--by", "p1", "--text", str(sent),
                    "--why", "it quotes the victim's letter")[1]
    check("perpetrator" in told, "what was in it", told)
    wait_for("the ledger", lambda: b'"outcome":"overridden"' in site.ledger())

    equal(site.daemon.stop(), 0, "exit status")
    text, told = site.run(*wanted)
    check("DRAFT" in text and "the ledger does not say" in told, "without a daemon", told)


def test_statistics(world):
    site = Site(world)
    site.run("aware", site.id, "--by", "p1", "--at", "2026-03-01T08:00:00Z")
    rows = list(csv.reader(io.StringIO(site.run("statistics", "--year", "2026", "--least", "1")[0])))
    equal(rows[0], ["year", "dimension", "key", "measure", "value"], "the head")
    check(["2026", "norm", "13f", "incidents", "1"] in rows, "the norm", rows)
    check(["2026", "stage", "nis2/early_warning", "late", "1"] in rows, "the clock", rows)
    few = site.run("statistics", "--year", "2026")[0]
    check("2026,all,incidents,incidents,<5" in few, "few are hidden", few)
    check(site.id not in few and OUTSIDE not in few, "nobody is told", few)
    site.run("statistics", code=64)


def test_regimes_of_the_configuration(world):
    """`normwatch check` says what is wrong; a reload brings other regimes, or leaves the old ones."""
    site = Site(world)
    site.run("aware", site.id, "--by", "p1", "--at", ago(hours=1))
    own = world.write("own.yaml", (harness.PROJECT / "config/regimes/template.yaml").read_text().replace("id: template", "id: own"))
    for reporting, want in (({"regimes": ["nis"]}, "did you mean 'nis2'"),
                            ({"regimes": ["nis2"], "roles": ["clod"]}, "did you mean 'cloud'"),
                            ({"regimes": [str(world.directory / "none.yaml")]}, "cannot read")):
        world.write("bad.yaml", json.dumps({**site.config, "state_directory": str(site.daemon.state), "reporting": reporting}))
        done = world.run("check", "--config", world.directory / "bad.yaml")
        equal(done.returncode, 78, f"check {reporting}: {done.stderr}")
        check(want in done.stderr, f"check {reporting}", done.stderr)
    site.daemon.config_file.write_text(json.dumps({**json.loads(site.daemon.config_file.read_text()),
                                                   "reporting": {"regimes": ["nis2", str(own)]}}))
    done = world.run("reload", "--wait", "--state", site.daemon.state)
    equal(done.returncode, 0, done.stderr)
    wait_for("the new regime", lambda: site.daemon.metrics().rows("normwatch_reporting_open", regime="own"), 30)
    wait_for("its clock", lambda: site.daemon.metrics().sum("normwatch_reporting_open", regime="own", state="running") == 1, 30)
    own.write_text("version: 1\n")
    done = world.run("reload", "--wait", "--state", site.daemon.state)
    equal(done.returncode, 78, "a bad regime")
    check(site.daemon.metrics().rows("normwatch_reporting_open", regime="own"), "the old ones go on")


if __name__ == "__main__":
    harness.main(globals())
