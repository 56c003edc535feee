#!/usr/bin/env python3
"""Baselines of control networks: what deviates fires the rule; learn, review, approve, and it deviates no more."""

import json
import socket
import time

import harness
from harness import DEMO, Daemon, check, equal, free_port, wait_for

RULE = """title: Conversation that nobody designated
id: 6f1c1c52-6b0c-4a51-9d10-000000000b01
status: experimental
logsource:
    product: normwatch
    service: modbus
detection:
    deviation:
        pdu_type: REQ
        nw.baseline: [new_pair, new_function, new_direction]
    condition: deviation
level: low
"""


class Plant:
    """A daemon that is told Modbus events as JSON lines."""

    def __init__(self, world, **baseline):
        self.world, self.port = world, free_port()
        world.write("rules/1.yml", RULE.replace("product: normwatch\n    service: modbus", "product: plant"))
        listen = f"127.0.0.1:{self.port}"
        self.daemon = Daemon(world, {
            "rules": {"paths": [str(world.directory / "rules")]},
            "baseline": {"file": str(world.directory / "designated.yaml"), "learn": True, **baseline},
            **harness.in_clear(world),
            "sources": [{"name": "plant", "kind": "udp", "listen": listen, "format": "json", "product": "plant",
                         "path_name": "modbus"}],
            **harness.EVERY_ALERT,
            "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
        }).ready()

    def say(self, source, destination, function, kind="REQ"):
        """One event to the daemon."""
        event = {"id.orig_h": source, "id.resp_h": destination, "func": function, "pdu_type": kind}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(json.dumps(event).encode(), ("127.0.0.1", self.port))

    def alerts(self):
        """nw.baseline of every alert."""
        file = self.world.directory / "alerts.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [json.loads(line)["fields"]["nw.baseline"] for line in lines]

    def baseline(self, *arguments):
        """`normwatch baseline ...`."""
        return self.world.run("baseline", *arguments, "--state", self.daemon.state)

    def candidates(self):
        """`normwatch baseline review --json`; nothing while there is no file."""
        done = self.baseline("review", "--json")
        return [json.loads(line) for line in done.stdout.splitlines()] if done.returncode == 0 else []

    def entries(self):
        """How many of the ledger's entries are about approvals."""
        return len(harness.ledger_bodies(self.daemon.state, "baseline-approve"))


def test_learn_review_approve(world):
    """The whole circle, and what it leaves in the file, the ledger and the metrics."""
    plant = Plant(world)
    plant.say("10.0.0.20", "10.0.0.11", "READ_COILS")
    plant.say("10.0.0.20", "10.0.0.11", "READ_COILS", "RESP")
    plant.say("10.0.0.21", "10.0.0.11", "WRITE_SINGLE_COIL")
    wait_for("both conversations to fire", lambda: plant.alerts() == ["new_pair", "new_pair"])
    found = wait_for("the candidates", lambda: len(plant.candidates()) == 2 and plant.candidates())
    equal([(c["from"], c["function"], c["count"]) for c in found],
          [("10.0.0.20", "READ_COILS", 2), ("10.0.0.21", "WRITE_SINGLE_COIL", 1)], "the candidates")
    check("none is allowed" in plant.baseline("review").stdout, "the text of review")

    # Learned is not allowed.
    plant.say("10.0.0.20", "10.0.0.11", "READ_COILS")
    wait_for("what was learned to fire still", lambda: plant.alerts() == ["new_pair"] * 3)

    pair = ["--from", "10.0.0.20", "--to", "10.0.0.11"]
    for missing in (["--by", "A. Keita"], ["--reason", "screens"], []):
        equal(plant.baseline("approve", *pair, *missing).returncode, 64, f"an approval with only {missing}")
    equal(plant.baseline("approve", "--by", "A", "--reason", "r").returncode, 64, "an approval of nothing named")
    equal(plant.baseline("approve", "--from", "10.0.0.99", "--to", "10.0.0.11", "--by", "A", "--reason", "r").returncode,
          65, "an approval of what was never seen")
    equal(plant.entries(), 0, "ledger entries before the approval")
    done = plant.baseline("approve", *pair, "--by", "A. Keita", "--reason", "the operator's screens")
    equal(done.returncode, 0, f"approve: {done.stdout}{done.stderr}")
    written = (world.directory / "designated.yaml").read_text()
    check('approved_by: "A. Keita"' in written and "READ_COILS" in written, "the designated file", written)
    check("WRITE_SINGLE_COIL" not in written, "what nobody approved", written)
    wait_for("the ledger entry", lambda: plant.entries() == 1)

    plant.say("10.0.0.20", "10.0.0.11", "READ_COILS")
    plant.say("10.0.0.20", "10.0.0.11", "WRITE_SINGLE_COIL")
    plant.say("10.0.0.11", "10.0.0.20", "READ_COILS")
    wait_for("the other deviations", lambda: plant.alerts() == ["new_pair"] * 3 + ["new_function", "new_direction"])
    wait_for("their candidates", lambda: len(plant.candidates()) == 3)
    metrics = plant.daemon.metrics()
    equal(metrics.sum("normwatch_baseline_conversations"), 1, "designated")
    equal(metrics.sum("normwatch_baseline_candidates"), 3, "candidates")
    equal(metrics.sum("normwatch_baseline_deviations_total", kind="new_direction"), 1, "deviations")
    equal(metrics.sum("normwatch_config_stale"), 0, "an approval is no edit")

    # Restart: the baseline and the candidates are still there.
    equal(plant.daemon.stop(), 0, "the daemon's end")
    equal(len(plant.candidates()), 3, "candidates after the end")
    # Learning has been switched off meanwhile: what was learned can be approved still.
    config = json.loads(plant.daemon.config_file.read_text())
    config["baseline"]["learn"] = False
    exported = Daemon(world, config, name="second").ready()
    done = plant.baseline("export")
    equal(done.stdout, written, "export")
    equal(exported.metrics().sum("normwatch_baseline_candidates"), 3, "candidates after a restart")
    done = plant.baseline("approve", "--all", "--by", "A. Keita", "--reason", "commissioning")
    equal(done.returncode, 0, f"approve --all: {done.stdout}{done.stderr}")
    equal(plant.candidates(), [], "candidates after all were approved")
    plant.say("10.0.0.77", "10.0.0.11", "READ_COILS")
    wait_for("the deviation", lambda: len(plant.alerts()) == 6)
    time.sleep(4)
    equal(plant.candidates(), [], "nothing is learned any more")


def test_import_and_edits(world):
    """A file is merged; a bad one is refused with its place; an edit that nobody reloaded is not taken along."""
    plant = Plant(world, learn=False)
    good = world.write("good.yaml", "version: 1\nconversations:\n  - {from: 10.0.0.20, to: 10.0.0.11, protocol: modbus, "
                       "functions: [READ_COILS], approved_by: X, reason: y, approved_at: 2026-11-28T09:00:00Z}\n")
    bad = world.write("bad.yaml", good.read_text().replace("from:", "form:"))
    approval = ["--by", "B", "--reason", "from the old plant"]
    done = plant.baseline("import", bad, *approval)
    equal(done.returncode, 65, "a bad file")
    check("bad.yaml:3:6: unknown-key" in done.stderr, "the place of the fault", done.stderr)
    done = plant.baseline("import", good, *approval)
    equal(done.returncode, 0, f"import: {done.stdout}{done.stderr}")
    check('approved_by: "B"' in plant.baseline("export").stdout, "the importer's approval")
    check("already" in plant.baseline("import", good, *approval).stdout, "a second import")
    plant.say("10.0.0.20", "10.0.0.11", "READ_COILS")
    plant.say("10.0.0.20", "10.0.0.12", "READ_COILS")
    wait_for("the deviation", lambda: plant.alerts() == ["new_pair"])

    file = world.directory / "designated.yaml"
    edited = file.read_text().replace("10.0.0.11", "10.0.0.13")
    file.write_text(edited)
    world.write("good.yaml", good.read_text().replace("10.0.0.11", "10.0.0.14"))
    done = plant.baseline("import", good, *approval)
    equal(done.returncode, 78, "an import beside an edit")
    check("reload" in done.stderr, "what to do", done.stderr)
    equal(file.read_text(), edited, "the edited file")
    equal(world.run("reload", "--wait", "--state", plant.daemon.state).returncode, 0, "reload")
    equal(plant.baseline("import", good, *approval).returncode, 0, "import after the reload")


def test_flood(world):
    """Invented addresses fill half of the candidates; the rest are counted."""
    plant = Plant(world, candidates_max=16)
    for i in range(1, 101):
        plant.say(f"10.9.1.{i}", "10.9.0.1", "READ_COILS")
    wait_for("all of them", lambda: len(plant.alerts()) == 100)
    wait_for("the candidates", lambda: len(plant.candidates()) == 8)
    check(plant.daemon.metrics().sum("normwatch_baseline_candidates_left_out_total") >= 80, "left out")


def test_replay(world):
    """`normwatch replay` holds captures against the configured baseline."""
    world.write("rules/1.yml", RULE)
    config = world.write("c.yaml", json.dumps({"rules": {"paths": "rules"}, "baseline": {"file": "designated.yaml"}}))
    capture = DEMO / "water.pcap"

    def replay():
        done = world.run("replay", "--config", config, capture, "--quiet")
        equal(done.returncode, 0, f"replay: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    alerts = replay()
    check(alerts and all(a["fields"]["nw.baseline"] == "new_pair" for a in alerts), "without a file all are new")
    seen = {(a["source_address"], a["destination_address"], a["fields"].get("func")) for a in alerts}
    seen = {(source, to, function) for source, to, function in seen if function}
    check(seen, "the function is on the event")
    rows = "".join(f'  - {{from: "{source}", to: "{to}", protocol: modbus, functions: ["{function}"], approved_by: A, '
                   "reason: r, approved_at: 2026-11-28T09:00:00Z}\n" for source, to, function in sorted(seen))
    world.write("designated.yaml", "version: 1\nconversations:\n" + rows)
    equal(replay(), [], "alerts when every conversation is designated")
    world.write("designated.yaml", "version: 1\nconversations:\n" + rows.split("\n", 1)[1])
    check(replay(), "one that is not designated fires")
    world.write("designated.yaml", "version: 1\nconversations:\n  - {form: x}\n")
    done = world.run("replay", "--config", config, capture, "--quiet")
    equal(done.returncode, 78, "a bad baseline is the configuration's fault")
    check("designated.yaml:3:6: unknown-key" in done.stderr, "its place", done.stderr)


if __name__ == "__main__":
    harness.main(globals())
