#!/usr/bin/env python3
"""The whole way on real input: tcpreplay and logger in; Alertmanager, Prometheus and the incident store out.

Two network namespaces, joined by a veth pair: the daemon, Prometheus and Alertmanager in one, tcpreplay in the other.
"""

import collections
import json
import re
import signal
import subprocess
import time
import urllib.parse

import harness
from harness import DEMO, MIRROR, PEER, Daemon, check, equal, free_port, get, get_json, need, wait_for, wire

PACKETS = 1494  # of the capture
LINE = re.compile(r"<(\d+)>(?:1 \S+ (\S+) (\S+) (\d+) - - |\w+ +\d+ \S+ (\S+) ([^\[]+)\[(\d+)\]: )(.*)")
FACILITIES = ("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv")


class Alertmanager:
    """A real one, with storage that is thrown away at each start."""

    def __init__(self, world):
        self.world, self.port, self.starts = world, free_port(), 0
        receiver = {"route": {"receiver": "none", "group_by": ["..."]}, "receivers": [{"name": "none"}]}
        self.config = world.write("alertmanager.yaml", json.dumps(receiver))
        self.start()

    def start(self):
        """Starts it, empty."""
        self.starts += 1
        storage = self.world.directory / f"alertmanager-{self.starts}"
        self.process = self.world.start(f"alertmanager-{self.starts}", [
            need("prometheus-alertmanager"), f"--config.file={self.config}", f"--storage.path={storage}",
            f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="])
        wait_for("Alertmanager", lambda: get(f"http://127.0.0.1:{self.port}/-/ready")[0] == 200, 30)

    def stop(self):
        """Ends it."""
        self.process.stop(signal.SIGTERM)

    def alerts(self):
        """What it holds: {normwatch's incident key: labels}."""
        found = get_json(f"http://127.0.0.1:{self.port}/api/v2/alerts")
        keys = [(a["labels"]["rule_id"], a["labels"].get("asset", ""), a["fingerprint"]) for a in found]
        check(len(set(keys)) == len(keys), "an alert is there twice", keys)
        return collections.Counter((rule, asset) for rule, asset, _ in keys)

    def counts(self):
        """How many alerts each of those stands for."""
        return [int(a["annotations"]["count"]) for a in get_json(f"http://127.0.0.1:{self.port}/api/v2/alerts")]


class Prometheus:
    """A real one that scrapes the daemon every second."""

    def __init__(self, world, target):
        self.port = free_port()
        scrape = {"job_name": "normwatch", "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}
        config = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": [scrape]}
        file = world.write("prometheus.yaml", json.dumps(config))
        world.start("prometheus", [
            need("prometheus"), f"--config.file={file}", f"--storage.tsdb.path={world.directory / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self.port}"])
        wait_for("Prometheus", lambda: get(f"http://127.0.0.1:{self.port}/-/ready")[0] == 200, 30)

    def value(self, expression):
        """An instant query's single value; None while there is none."""
        query = urllib.parse.urlencode({"query": expression})
        result = get_json(f"http://127.0.0.1:{self.port}/api/v1/query?{query}")["data"]["result"]
        check(len(result) <= 1, f"{expression} has {len(result)} values")
        return float(result[0]["value"][1]) if result else None


def send_logs(udp_port, tcp_port):
    """The demonstration's lines by logger(1): jump1's as RFC 5424 over UDP, the others' as RFC 3164 over TCP."""
    sent = collections.Counter()
    for line in (DEMO / "water.log").read_text().splitlines():
        match = LINE.fullmatch(line)
        check(match, f"not understood: {line}")
        modern = match[2] is not None
        host, tag, pid, text = (*match.group(2, 3, 4), match[8]) if modern else (*match.group(5, 6, 7), match[8])
        priority = f"{FACILITIES[int(match[1]) // 8]}.{int(match[1]) % 8}"
        shape = ["--rfc5424", "-d", "-P", str(udp_port)] if modern else ["--rfc3164", "-T", "-P", str(tcp_port)]
        line = [need("logger"), "-n", "127.0.0.1", *shape, "-t", tag, f"--id={pid}", "-p", priority, "--", text]
        # The name that logger states is the machine's: give it a machine of that name.
        rename = 'echo "$0" >/proc/sys/kernel/hostname && exec "$@"'
        subprocess.run([need("unshare"), "--uts", "sh", "-c", rename, host, *line], check=True)
        sent["udp" if modern else "tcp"] += 1
    return sent


def configuration(world, udp_port, tcp_port, alertmanager_port):
    """Everything at once."""
    return {
        "site": "e2e",
        "workers": 2,
        "limits": {"udp_idle": "3s", "tcp_idle": "20s"},
        "correlation": {"lateness": "3s"},
        "fold": {"interval": "1s"},
        "sources": [
            {"name": "mirror", "kind": "capture", "interface": MIRROR, "buffer": "8MiB"},
            {"name": "udp", "kind": "udp", "listen": f"127.0.0.1:{udp_port}", "format": "syslog", "product": "linux"},
            {"name": "tcp", "kind": "tcp", "listen": f"127.0.0.1:{tcp_port}", "format": "syslog", "product": "linux"},
        ],
        "outputs": [
            {"name": "alertmanager", "kind": "alertmanager", "urls": [f"http://127.0.0.1:{alertmanager_port}"],
             "resend": "3s", "resolve_after": "1h"},
            {"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")},
        ],
    }


def conserved(metrics):
    """Nothing vanishes: per source events, and per capture packets."""
    for source in metrics.values("normwatch_events_received_total", "source"):
        received = metrics.sum("normwatch_events_received_total", source=source)
        ended = metrics.sum("normwatch_events_total", source=source)
        in_flight = metrics.sum("normwatch_events_in_flight", source=source)
        equal(ended + in_flight, received, f"events of {source}: matched + unmatched + in flight")
    for source in metrics.values("normwatch_capture_packets_total", "source"):
        kinds = ("decoded", "ignored", "malformed")
        found = {kind: metrics.sum(f"normwatch_packets_{kind}_total", source=source) for kind in kinds}
        captured = metrics.sum("normwatch_capture_packets_total", source=source)
        equal(sum(found.values()), captured, f"packets of {source}: {found}")
    for name in ("normwatch_capture_dropped_packets_total", "normwatch_events_dropped_total"):
        equal(metrics.sum(name), 0, name)


def by_group(incidents):
    """Groups of alerts, as Alertmanager knows them, by (rule, asset): an incident may have several, and share one."""
    groups = {group["group_key"]: (group["rule_id"], incident["asset"]) for incident in incidents for group in incident["groups"]}
    return collections.Counter(groups.values())


def expected(world):
    """What `replay` makes of the same packets and lines: the (rule, asset) pairs and the number of alerts. Without
    silences, and what follows from one: the packets come twelve times as fast, so none lasts long enough."""
    done = world.run("replay", DEMO / "water.pcap", DEMO / "water.log")
    equal(done.returncode, 0, done.stderr)
    alerts = [json.loads(line) for line in done.stdout.splitlines()]
    alerts = [alert for alert in alerts if not alert["rule_title"].startswith("Field device silent")]
    return {(alert["rule_id"], alert.get("asset", "")) for alert in alerts}, len(alerts)


def test_everything(world):
    """Packets and logs in; the same alerts in all three places, over a restart of Alertmanager."""
    tcpreplay = need("tcpreplay")
    enter = wire(world)
    alertmanager = Alertmanager(world)
    udp_port, tcp_port = free_port(), free_port()
    daemon = Daemon(world, configuration(world, udp_port, tcp_port, alertmanager.port)).ready()
    prometheus = Prometheus(world, daemon.port)
    want_groups, want_alerts = expected(world)

    played = subprocess.run([*enter, tcpreplay, "--intf1", PEER, "--multiplier", "12", DEMO / "water.pcap"],
                            capture_output=True, text=True, check=False)
    equal(played.returncode, 0, played.stderr)
    wait_for("some alert in Alertmanager", alertmanager.alerts)
    alertmanager.stop()
    sent = send_logs(udp_port, tcp_port)

    def made(metrics):
        return metrics.sum("normwatch_alerts_total") + metrics.sum("normwatch_alerts_folded_total")

    wait_for(f"{want_alerts} alerts", lambda: made(daemon.metrics()) == want_alerts, 60)
    time.sleep(2)  # more would be wrong too; and the last repeats are summed up meanwhile
    metrics = daemon.metrics()
    equal(made(metrics), want_alerts, "alerts, counted by the daemon")
    check(metrics.sum("normwatch_alerts_folded_total") > 0, "nothing was folded")
    conserved(metrics)
    equal(metrics.sum("normwatch_capture_packets_total", source="mirror"), PACKETS, "packets captured")
    for name in ("udp", "tcp"):
        equal(metrics.sum("normwatch_events_received_total", source=name), sent[name], f"lines by {name}")

    alertmanager.start()
    wait_for("all alerts in the new Alertmanager", lambda: set(alertmanager.alerts()) == want_groups, 60)
    incidents = daemon.incidents()
    equal(set(by_group(incidents)), want_groups, "incidents")
    equal(alertmanager.alerts(), by_group(incidents), "Alertmanager and the incident store")
    equal(sum(incident["alerts"] for incident in incidents), want_alerts, "alerts in the incident store")
    equal(sum(alertmanager.counts()), want_alerts, "alerts that Alertmanager was told of")
    wait_for("Prometheus to have the last numbers",
             lambda: prometheus.value("sum(normwatch_alerts_total) + sum(normwatch_alerts_folded_total)") == want_alerts,
             15)
    equal(prometheus.value("sum(normwatch_incidents_open)"), len(incidents), "open incidents, by Prometheus")
    equal(prometheus.value("sum(normwatch_capture_dropped_packets_total)"), 0, "dropped packets, by Prometheus")

    equal(daemon.stop(), 0, "exit status")
    alerts, folds = harness.lines_of(world.directory / "alerts.jsonl")
    equal(len(alerts) + sum(fold["folded"] for fold in folds), want_alerts, "alerts in the file, and folded")
    equal(len({alert["id"] for alert in alerts}), len(alerts), "alerts in the file, by id")


if __name__ == "__main__":
    harness.main(globals())
