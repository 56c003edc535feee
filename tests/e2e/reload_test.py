#!/usr/bin/env python3
"""Reloading: a good set is taken up between two events, a bad one leaves the old one running and says so."""

import json
import os
import signal
import socket

import harness
from harness import Daemon, check, equal, free_port, wait_for

RULE = """title: {title}
id: 6f1c1c52-6b0c-4a51-9d10-0000000000{number:02d}
status: experimental
logsource:
    product: app
detection:
    word:
        message|contains: '{word}'
    condition: word
level: low
"""


class Fed:
    """A daemon that listens for JSON lines, with one rule in a directory of its own."""

    def __init__(self, world):
        self.world, self.port = world, free_port()
        self.rule(1, "one", "alpha")
        listen = f"127.0.0.1:{self.port}"
        self.daemon = Daemon(world, {
            "rules": {"paths": [str(world.directory / "rules")]},
            "sources": [{"name": "app", "kind": "udp", "listen": listen, "format": "json", "product": "app"}],
            **harness.EVERY_ALERT,
            "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
        }).ready()
        self.control = self.daemon.state / "control.sock"

    def rule(self, number, title, word):
        """Writes a rule."""
        self.world.write(f"rules/{number}.yml", RULE.format(number=number, title=title, word=word))

    def say(self, message):
        """One line to the daemon."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(json.dumps({"message": message}).encode(), ("127.0.0.1", self.port))

    def alerts(self):
        """(rule, text) of what was written."""
        file = self.world.directory / "alerts.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [json.loads(line)["rule_title"] for line in lines]

    def reload(self):
        """`normwatch reload --wait`."""
        return self.world.run("reload", "--wait", "--control", self.control)


def test_command(world):
    """Good, bad, good again; nothing sent in between is lost."""
    fed = Fed(world)
    fed.say("alpha beta")
    wait_for("the first rule to fire", lambda: fed.alerts() == ["one"])
    fed.rule(2, "two", "beta")
    done = fed.reload()
    equal(done.returncode, 0, f"reload of a good set: {done.stdout}{done.stderr}")
    fed.say("alpha beta")
    wait_for("both rules to fire", lambda: sorted(fed.alerts()) == ["one", "one", "two"])

    world.write("rules/2.yml", RULE.format(number=2, title="two", word="x").replace("contains", "contians"))
    done = fed.reload()
    equal(done.returncode, 78, f"exit status of a refused reload: {done.stdout}{done.stderr}")
    check("2.yml:8:" in done.stdout + done.stderr, "the place is not named", done.stdout + done.stderr)
    equal(fed.daemon.metrics().sum("normwatch_config_last_reload_successful"), 0, "the metric after a refused reload")
    fed.say("alpha beta")
    wait_for("the old rules to go on", lambda: sorted(fed.alerts()) == ["one"] * 3 + ["two"] * 2)

    os.unlink(world.directory / "rules/2.yml")
    equal(fed.reload().returncode, 0, "reload after the mending")
    equal(fed.daemon.metrics().sum("normwatch_config_last_reload_successful"), 1, "the metric after a good reload")
    fed.say("alpha beta")
    wait_for("one rule alone", lambda: sorted(fed.alerts()) == ["one"] * 4 + ["two"] * 2)
    wait_for("four events to be counted", lambda: fed.daemon.metrics().sum("normwatch_events_total", source="app") == 4)
    equal(fed.daemon.stop(), 0, "exit status")


def test_signal(world):
    """SIGHUP does the same; the outcome is in the metric and in the log."""
    fed = Fed(world)
    before = fed.daemon.metrics().sum("normwatch_config_last_reload_success_timestamp_seconds")
    fed.rule(2, "two", "beta")
    fed.daemon.send(signal.SIGHUP)

    def reloaded():
        metrics = fed.daemon.metrics()
        return metrics.sum("normwatch_config_last_reload_success_timestamp_seconds") > before

    wait_for("the reload", reloaded)
    fed.say("beta")
    wait_for("the new rule", lambda: fed.alerts() == ["two"])
    world.write("rules/2.yml", "title: [\n")
    fed.daemon.send(signal.SIGHUP)
    wait_for("the refusal", lambda: fed.daemon.metrics().sum("normwatch_config_last_reload_successful") == 0)
    check("2.yml" in fed.daemon.err(), "the log does not name the file", fed.daemon.err()[-500:])
    fed.say("beta")
    wait_for("the old rule", lambda: fed.alerts() == ["two", "two"])
    equal(fed.daemon.stop(), 0, "exit status")


ASSET = """version: 1
assets:
  - asset: {asset}
    sector: water.supply
    class: {{a: C1, i: C1, c: C3}}
    networks: [{network}]
"""


def test_register(world):
    """A register of several files: each version of it is an entry of the ledger, and a bad one is refused."""
    world.write("assets.d/a.yaml", ASSET.format(asset="a1", network="192.0.2.0/25"))
    daemon = Daemon(world, {
        "registry": str(world.directory / "assets.d"),
        "sources": [{"name": "app", "kind": "udp", "listen": f"127.0.0.1:{free_port()}", "format": "json"}],
    }).ready()

    def loads():
        text = "".join(path.read_bytes().decode("latin-1") for path in sorted((daemon.state / "ledger").rglob("*"))
                       if path.is_file())
        return [json.loads(part.rsplit('"body":', 1)[1].split("}", 1)[0] + "}")
                for part in text.split('"type":"register-load"')[:-1]]

    def reload():
        return world.run("reload", "--wait", "--control", daemon.state / "control.sock")

    wait_for("the first entry", lambda: len(loads()) == 1)
    equal({key: loads()[0][key] for key in ("files", "assets", "prefixes")}, {"files": 1, "assets": 1, "prefixes": 1},
          "the first entry")
    equal(reload().returncode, 0, "reload of the same register")
    world.write("assets.d/b.yml", ASSET.format(asset="b1", network="192.0.2.128/25"))
    world.write("assets.d/.hidden.yaml", "no register")
    done = reload()
    equal(done.returncode, 0, f"reload with a second file: {done.stdout}{done.stderr}")
    wait_for("one entry more, not two", lambda: [load["files"] for load in loads()] == [1, 2])
    check(loads()[0]["sha256"] != loads()[1]["sha256"], "two registers, one hash")

    world.write("assets.d/c.yaml", ASSET.format(asset="a1", network="198.51.100.0/24"))
    done = reload()
    equal(done.returncode, 78, "exit status of an asset in two files")
    check("c.yaml:3:12: duplicate-asset" in done.stdout + done.stderr and "a.yaml" in done.stdout + done.stderr,
          "the two files are not named", done.stdout + done.stderr)
    equal(daemon.stop(), 0, "exit status")
    equal([load["files"] for load in loads()], [1, 2], "entries in the end")


def test_configuration(world):
    """A configuration with a typo, and one that changes what only a restart can change."""
    fed = Fed(world)
    file = fed.daemon.config_file
    good = file.read_text()
    file.write_text(good.replace('"outputs"', '"ouputs"'))
    done = fed.reload()
    equal(done.returncode, 78, "exit status")
    check("outputs" in done.stdout + done.stderr, "no nearest key", done.stdout + done.stderr)
    moved = json.loads(good)
    moved["sources"][0]["name"] = "other"
    file.write_text(json.dumps(moved))
    done = fed.reload()
    equal(done.returncode, 78, "exit status")
    check("restart" in (done.stdout + done.stderr).lower(), "it does not say that a restart is needed", done.stderr)
    file.write_text(good)
    equal(fed.reload().returncode, 0, "reload of the old file")
    fed.say("alpha")
    wait_for("an alert", lambda: fed.alerts() == ["one"])


if __name__ == "__main__":
    harness.main(globals())
