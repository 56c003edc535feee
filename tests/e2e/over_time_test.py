#!/usr/bin/env python3
"""Rules over time: a crash in the middle of a window changes nothing, late events are kept aside, replays agree."""

import datetime
import json
import socket
import time

import harness
from harness import Daemon, check, equal, wait_for

RULES = """
title: A failed logon
name: failed_logon
id: 20000000-0000-4000-8000-000000000001
status: experimental
logsource: {product: linux, service: sshd}
detection:
    failed: {message|startswith: Failed password}
    condition: failed
level: low
---
title: Many failed logons at one host
id: 20000000-0000-4000-8000-000000000002
status: experimental
correlation:
    type: event_count
    rules: [failed_logon]
    group-by: [host]
    timespan: 10m
    condition: {gte: 6}
level: high
---
title: A host that says no more
id: 20000000-0000-4000-8000-000000000003
status: experimental
logsource: {product: linux, service: sshd}
detection:
    any: {host|contains: gate}
    condition: any
level: medium
normwatch: {absence: {key: [host], for: 3s}}
"""

LATENESS = 2  # seconds


def line(host, when, text="Failed password for root from 203.0.113.7 port 22 ssh2"):
    stamp = datetime.datetime.fromtimestamp(when, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"<86>1 {stamp} {host} sshd 1 - - {text}".encode()


def watching(world, port):
    (world.directory / "rules").mkdir(exist_ok=True)
    (world.directory / "rules/over_time.yml").write_text(RULES)
    return {
        "state_directory": str(world.directory / "state"),
        "rules": {"paths": [str(world.directory / "rules")]},
        "correlation": {"lateness": f"{LATENESS}s"},
        "keys": {"directory": str(world.keys)},
        **harness.in_clear(world),
        "sources": [{"name": "log", "kind": "udp", "listen": f"127.0.0.1:{port}", "format": "syslog", "product": "linux"}],
        "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
    }


def alerts(world, title):
    read, _ = harness.lines_of(world.directory / "alerts.jsonl")
    return [alert for alert in read if alert["rule_title"] == title]


def told(daemon):
    """Events that rules over time were told of."""
    metrics = daemon.metrics()
    return metrics.sum("normwatch_correlation_contributions_total") + metrics.sum("normwatch_correlation_pending")


def test_kill_in_a_window(world):
    """SIGKILL between the third and the fourth of six logons, and again after the alert: once, as without a crash."""
    other = harness.World(world.binary, world.directory / "undisturbed")
    other.directory.mkdir()
    other.keys = world.keys
    calm = Daemon(other, watching(other, 5141)).ready()
    daemon = Daemon(world, watching(world, 5140)).ready()
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    now = time.time()

    def say(first, last):
        for i in range(first, last):
            for port in (5140, 5141):
                out.sendto(line("pump-1", now + i / 100), ("127.0.0.1", port))

    say(0, 3)
    wait_for("three logons counted", lambda: told(daemon) >= 3)
    journal = world.directory / "state/correlation/journal.bin"
    wait_for("the journal", lambda: journal.exists() and journal.stat().st_size > 0)
    daemon.kill()
    daemon = Daemon(world, watching(world, 5140)).ready()
    now = time.time()
    say(3, 6)
    title = "Many failed logons at one host"
    want = wait_for("the alert without a crash", lambda: alerts(other, title))
    got = wait_for("the alert after a crash", lambda: alerts(world, title))
    equal([alert["id"] for alert in got], [alert["id"] for alert in want], "the same alert, by its id")
    equal(got[0]["fields"]["correlation.events"], "6", "events of both lives")
    daemon.kill()
    daemon = Daemon(world, watching(world, 5140)).ready()
    time.sleep(LATENESS + 1)
    equal(len(alerts(world, title)), 1, "alerts after the second crash")
    equal(daemon.stop(), 0, "exit status")
    equal(calm.stop(), 0, "exit status of the undisturbed one")


def test_full_disk(world):
    """No room in the middle of a window: it is said once and counted, no alert is lost, and afterwards it keeps again."""
    title = "Many failed logons at one host"
    with harness.small_disk(world.directory / "disk", 4 << 20) as disk:
        config = {**watching(world, 5140), "state_directory": str(disk / "state")}
        daemon = Daemon(world, config).ready()
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

        def say(*hosts):
            for i, host in enumerate(hosts):
                out.sendto(line(host, time.time() + i / 1000), ("127.0.0.1", 5140))

        say(*["pump-1"] * 3)
        wait_for("three logons counted", lambda: told(daemon) >= 3)
        with open(disk / "ballast", "wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"\0" * 4096)
            except OSError:
                pass
        say(*["pump-1"] * 3)
        failures = "normwatch_correlation_save_failures_total"

        def failed():
            say(f"other-{time.monotonic_ns()}")  # the journal's last page may still have room
            return daemon.metrics().sum(failures) >= 3

        wait_for("the failures counted", failed, every=0.2)
        check(daemon.running(), "it ended instead of going on")
        (disk / "ballast").unlink()
        wait_for("the alert", lambda: alerts(world, title))
        before = told(daemon)
        say(*["pump-2"] * 3)
        wait_for("three more", lambda: told(daemon) >= before + 3)
        equal(world.run("reload", "--wait", "--config", daemon.config_file).returncode, 0, "exit status of the reload")
        wait_for("a state that is kept again", lambda: "correlation_state_recovered" in daemon.err())
        equal([daemon.err().count(text) for text in ("correlation_state_failed", "correlation_state_recovered")], [1, 1],
              "how often it said so")
        daemon.kill()
        daemon = Daemon(world, config, name="second").ready()
        say(*["pump-2"] * 3)
        wait_for("the alert of both lives", lambda: len(alerts(world, title)) == 2)
        equal([alert["fields"]["host"] for alert in alerts(world, title)], ["pump-1", "pump-2"], "whose logons")
        equal(daemon.stop(), 0, "exit status")


def test_torn_journal(world):
    """Two crashes, the first in the middle of a write, and no save in between: what came after the tear is kept too."""
    title = "Many failed logons at one host"
    state = world.directory / "state/correlation"
    daemon = Daemon(world, watching(world, 5140)).ready()
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def say(count):
        size = (state / "journal.bin").stat().st_size if (state / "journal.bin").exists() else 0
        before = told(daemon)
        for _ in range(count):
            out.sendto(line("pump-1", time.time()), ("127.0.0.1", 5140))
        wait_for("the logons counted", lambda: told(daemon) >= before + count)
        wait_for("the journal", lambda: (state / "journal.bin").exists() and (state / "journal.bin").stat().st_size > size)

    say(2)
    daemon.kill()
    with open(state / "journal.bin", "ab") as file:
        file.write(b"\x40" + b"\0" * 7 + b"torn")  # the beginning of a frame of 64 bytes
    (state / "state.bin.tmp").mkdir()  # no save can succeed
    daemon = Daemon(world, watching(world, 5140)).ready()
    say(2)
    daemon.kill()
    (state / "state.bin.tmp").rmdir()
    daemon = Daemon(world, watching(world, 5140)).ready()
    say(2)
    found = wait_for("the alert", lambda: alerts(world, title))
    equal(found[0]["fields"]["correlation.events"], "6", "events of three lives")
    equal(daemon.stop(), 0, "exit status")


def test_reload_keeps_windows(world):
    """A reload in the middle of a window: rules that stayed keep what they counted."""
    daemon = Daemon(world, watching(world, 5140)).ready()
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for i in range(3):
        out.sendto(line("pump-1", time.time()), ("127.0.0.1", 5140))
    wait_for("three logons counted", lambda: told(daemon) >= 3)
    (world.directory / "rules/more.yml").write_text(RULES.split("---")[0].replace("0001", "0009").replace("name: failed_logon", "name: more"))
    equal(world.run("reload", "--wait", "--config", daemon.config_file).returncode, 0, "exit status of the reload")
    for i in range(3):
        out.sendto(line("pump-1", time.time()), ("127.0.0.1", 5140))
    wait_for("the alert", lambda: alerts(world, "Many failed logons at one host"))
    equal(daemon.stop(), 0, "exit status")


def test_late(world):
    """What comes later than the bound is counted, kept aside, and gives its alert when it is replayed."""
    daemon = Daemon(world, watching(world, 5140)).ready()
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    time.sleep(0.5)
    for i in range(6):
        out.sendto(line("pump-2", time.time() - 3600 + i), ("127.0.0.1", 5140))
    wait_for("six late logons", lambda: daemon.metrics().sum("normwatch_correlation_contributions_total", outcome="late") == 6)
    equal(alerts(world, "Many failed logons at one host"), [], "alerts of late events")
    equal(daemon.stop(), 0, "exit status")
    done = world.run("replay", "--late", "--config", daemon.config_file, "--quiet",
                     (world.directory / "state/correlation/late.bin"))
    equal(done.returncode, 0, "exit status of the replay")
    found = [json.loads(text) for text in done.stdout.splitlines()]
    equal([alert["rule_title"] for alert in found], ["Many failed logons at one host"], "alerts of the replay")


def test_future(world):
    """Lines that claim to be from the future count when they are received, and block nobody."""
    daemon = Daemon(world, watching(world, 5140)).ready()
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for i in range(6):
        out.sendto(line("pump-3", time.time() + 3e8 + i), ("127.0.0.1", 5140))
    wait_for("the alert", lambda: alerts(world, "Many failed logons at one host"))
    for i in range(6):
        out.sendto(line("pump-4", time.time()), ("127.0.0.1", 5140))
    wait_for("the second alert", lambda: len(alerts(world, "Many failed logons at one host")) == 2)
    equal(daemon.metrics().sum("normwatch_correlation_contributions_total", outcome="late"), 0, "late events")
    equal(daemon.stop(), 0, "exit status")


def test_silence(world):
    """A host that goes silent is found while others speak; when nobody speaks, the sensor may be blind."""
    daemon = Daemon(world, watching(world, 5140)).ready()
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.sendto(line("gate-1", time.time(), "Accepted"), ("127.0.0.1", 5140))

    def others_speak():
        out.sendto(line("other", time.time(), "Accepted"), ("127.0.0.1", 5140))
        return alerts(world, "A host that says no more")

    found = wait_for("the silence", others_speak, every=0.3)
    equal([alert["fields"]["host"] for alert in found], ["gate-1"], "who is silent")
    out.sendto(line("gate-1", time.time(), "Accepted"), ("127.0.0.1", 5140))
    wait_for("an excused silence", lambda: daemon.metrics().sum("normwatch_correlation_excused_total") >= 1)
    equal(len(alerts(world, "A host that says no more")), 1, "alerts when nobody speaks")
    equal(daemon.stop(), 0, "exit status")


def test_signs_of_life(world):
    """Any line says that its source is there, also one of which no event is made."""
    config = watching(world, 5140)
    config["sources"][0] |= {"format": "json", "service": "door"}  # what is no JSON is of no service, so nobody wants it
    (world.directory / "rules/over_time.yml").write_text(RULES.rsplit("---", 1)[1].replace("sshd", "door"))
    daemon = Daemon(world, config).ready()
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stamp = datetime.datetime.now(datetime.timezone.utc).isoformat()
    out.sendto(json.dumps({"@timestamp": stamp, "host": "gate-1"}).encode(), ("127.0.0.1", 5140))

    def noise():
        out.sendto(b"no JSON", ("127.0.0.1", 5140))
        return alerts(world, "A host that says no more")

    found = wait_for("the silence", noise, every=0.3)
    equal([alert["fields"]["host"] for alert in found], ["gate-1"], "who is silent")
    equal(daemon.metrics().sum("normwatch_correlation_contributions_total"), 1, "events that rules were told of")
    equal(daemon.stop(), 0, "exit status")


EXPECTED = """
title: A designated host that says nothing
id: 20000000-0000-4000-8000-000000000004
status: experimental
logsource: {product: linux, service: sshd}
detection:
    any: {nw.dst.role: jump}
    condition: any
level: medium
normwatch: {absence: {key: [host], expect: register, for: 3s}}
"""

REGISTER = """
version: 1
assets:
    - asset: g4t3s1
      operator: op-1
      sector: water.supply
      functions: [treat-water]
      class: {a: C1, i: C1, c: C3}
      disclosure: restricted
      networks: [192.0.2.0/24]
      hosts:
          - {addr: 192.0.2.200, name: nobody, roles: [historian]}
"""


def designate(world, *names):
    hosts = "".join(f"          - {{addr: 192.0.2.{name[-1]}, name: {name}, roles: [jump]}}\n" for name in names)
    (world.directory / "registry.yaml").write_text(REGISTER + hosts)


def test_designated(world):
    """Who is designated is missed though it never spoke; a reload begins with the new ones and lets the removed go."""
    config = {**watching(world, 5140), "registry": str(world.directory / "registry.yaml")}
    (world.directory / "rules/expected.yml").write_text(EXPECTED)
    designate(world, "jump1", "jump2")
    daemon = Daemon(world, config).ready()
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    spoken = ["other"]

    def silent():
        for host in spoken:
            out.sendto(line(host, time.time(), "Accepted"), ("127.0.0.1", 5140))
        return sorted(alert["fields"]["host"] for alert in alerts(world, "A designated host that says nothing"))

    wait_for("the two that never spoke", lambda: silent() == ["jump1", "jump2"], every=0.3)
    first = alerts(world, "A designated host that says nothing")[0]
    equal((first["asset"], first["fields"]["correlation.events"]), ("g4t3s1", "0"), "asset and events of the alert")
    spoken.append("jump1")
    silent()
    designate(world, "jump2", "jump3")
    spoken.remove("jump1")
    equal(world.run("reload", "--wait", "--config", daemon.config_file).returncode, 0, "exit status of the reload")
    wait_for("the new one", lambda: silent() == ["jump1", "jump2", "jump3"], every=0.3)
    equal(daemon.stop(), 0, "exit status")
    daemon = Daemon(world, config).ready()
    until = time.time() + 3 + LATENESS + 2
    while time.time() < until:
        silent()
        time.sleep(0.3)
    equal(silent(), ["jump1", "jump2", "jump3"], "nobody is told of twice, and the removed is not missed")
    equal(daemon.stop(), 0, "exit status")


def test_idle(world):
    """Without rules over time nothing is written down for them."""
    config = watching(world, 5140) | harness.EVERY_ALERT
    (world.directory / "rules/over_time.yml").write_text(RULES.split("---")[0])
    daemon = Daemon(world, config).ready()
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(8):
        out.sendto(line("pump-1", time.time()), ("127.0.0.1", 5140))
        time.sleep(0.3)
    wait_for("the alerts of single events", lambda: len(alerts(world, "A failed logon")) == 8)
    equal((world.directory / "state/correlation/journal.bin").exists(), False, "there is a journal")
    equal(daemon.stop(), 0, "exit status")


if __name__ == "__main__":
    harness.main(globals())
