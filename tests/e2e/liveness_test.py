#!/usr/bin/env python3
"""A source that falls silent is an alert that names the rules that are now blind; when it speaks again, that is told too."""

import socket
import time

import harness
from harness import Daemon, check, equal, free_port, wait_for

SILENT = "Designated source fallen silent"
BLIND = "Audit or log of a designated host switched off or emptied"  # which only this source feeds
HEALTH = "normwatch_source_health"


def watching(world, port):
    return {
        "state_directory": str(world.directory / "state"),
        "sources": [{"name": "log", "kind": "udp", "listen": f"127.0.0.1:{port}", "format": "syslog", "product": "linux",
                     "expect": {"silent_after": "2s"}}],
        "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
        **harness.EVERY_ALERT,
    }


def told(world):
    return [alert for alert in harness.lines_of(world.directory / "alerts.jsonl")[0] if alert["rule_title"] == SILENT]


def speaks_until(daemon, port, what, probe):
    """A line each fifth of a second, until the probe is content."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        def speak():
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            sender.sendto(f"<86>1 {stamp} jump1 cron 1 - - all is well".encode(), ("127.0.0.1", port))
            return probe(daemon.metrics())
        wait_for(what, speak, seconds=30, every=0.2)


def test_silence_and_its_end(world):
    port = free_port()
    daemon = Daemon(world, watching(world, port)).ready()
    speaks_until(daemon, port, "the source to be heard and well",
                 lambda now: now.sum("normwatch_log_lines_total", source="log") >= 15
                 and now.sum(HEALTH, source="log") == 0)
    before = len(told(world))  # a slow machine may have begun with silence
    wait_for("the alert", lambda: len(told(world)) > before)
    alert = told(world)[-1]
    fields = alert["fields"]
    equal((alert["source"], alert["norm"], alert["level"]), ("normwatch", "13g", "high"), "what the alert is")
    equal((fields["source_name"], fields["state"], fields["phase"]), ("log", "silent", "begin"), "what it is about")
    check(float(fields["seen"]) >= float(fields["expected"]) == 2, "its figures", fields)
    check(int(fields["blind_rule_count"]) > 10 and fields["blind_rules"], "the alert names blind rules", fields)
    now = daemon.metrics()
    equal(now.sum(HEALTH, source="log", state="silent"), 1, "the metric of the state")
    equal(now.sum("normwatch_source_expected_silence_seconds", source="log"), 2, "what is declared")
    equal(now.sum("normwatch_rules_blind"), int(fields["blind_rule_count"]), "rules that are blind")
    status = daemon.status()
    equal([(one["name"], one["state"]) for one in status["unwell_sources"]], [("log", "silent")], "status")
    check(BLIND in status["unwell_sources"][0]["blind_rules"], "status names it, too", status["unwell_sources"])
    plain = world.run("status", "--state", daemon.state)
    check("unwell_sources log: " in plain.stdout, "a line for people", plain.stdout)
    check("source_unwell" in daemon.err(), "a warning in the log", daemon.err()[-2000:])

    speaks_until(daemon, port, "the source to be well again", lambda now: now.sum(HEALTH, source="log") == 0)
    now = daemon.metrics()
    equal(now.sum("normwatch_rules_blind"), 0, "no rule is blind")
    equal(daemon.status()["unwell_sources"], [], "status")
    check("source_well" in daemon.err(), "its end in the log", daemon.err()[-2000:])
    for source in ("log", "normwatch"):
        received = now.sum("normwatch_events_received_total", source=source)
        equal(now.sum("normwatch_events_total", source=source), received, f"events of {source} are conserved")
    equal(daemon.stop(), 0, "exit status")
    check((daemon.state / "liveness.bin").exists(), "what was learned is kept")

    daemon = Daemon(world, watching(world, port), name="again").ready()
    check("liveness_state_damaged" not in daemon.err(), "and read again", daemon.err()[-2000:])
    daemon.stop()


if __name__ == "__main__":
    harness.main(globals())
