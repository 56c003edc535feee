#!/usr/bin/env python3
"""Log lines from real senders by every way that there is, and SIGKILL in the middle: what was acknowledged is there, and
each line is one alert."""

import collections
import gzip
import json
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import time

import clients_of_logs
import harness
from harness import Daemon, check, equal, need, wait_for
from nats_server import NatsClient, NatsServer

RULE = """title: Every line that says drill
id: 5b8f3d5e-43a8-4c6b-9a53-6a2f1f0c7d11
status: test
description: For the tests
logsource: {PRODUCT}
detection:
  keywords: [drill]
  condition: keywords
level: low
"""
# JSON lines whose number is in the alert.
NUMBERED = """title: Every numbered line
id: 8d5a5f6e-3d0c-4b53-9d6f-3f7f5f5e2a10
status: test
description: For the tests
logsource: {product: drill}
detection:
  selection: {seq|exists: true}
  condition: selection
level: low
"""


def config(world, sources, rule=NUMBERED):
    """A configuration with these sources, every line an alert of its own."""
    world.write("rules/drill.yml", rule)
    return {
        "state_directory": str(world.directory / "state"),
        **harness.EVERY_ALERT,
        "rules": {"paths": [str(world.directory / "rules")]},
        "workers": 1,
        "sources": sources,
        "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
    }


def numbered(name, **source):
    """A source of numbered JSON lines."""
    return {"name": name, "format": "json", "product": "drill", **source}


def seen(world):
    """How often each numbered line stands in the output."""
    alerts, _ = harness.lines_of(world.directory / "alerts.jsonl")
    return collections.Counter(int(alert["fields"]["seq"]) for alert in alerts)


def stored(daemon):
    """Alerts in the incident store."""
    return sum(incident["alerts"] for incident in daemon.incidents())


def seq(number):
    """One numbered line."""
    return json.dumps({"seq": number, "note": "x" * 60})


class Writer(threading.Thread):
    """Writes numbered lines into a file that it rotates: by renaming, by compressing what was renamed, by copying."""

    def __init__(self, path, count, rate):
        super().__init__()
        self.path, self.count, self.rate = path, count, rate

    def run(self):
        out = open(self.path, "a", encoding="utf-8")
        for number in range(self.count):
            out.write(seq(number) + "\n")
            out.flush()
            if number % 20 == 0:
                time.sleep(20 / self.rate)
            if number % 500 == 499:
                out.close()
                self.rotate(number // 500)
                out = open(self.path, "a", encoding="utf-8")
        out.close()

    def rotate(self, turn):
        """As logrotate does: .1 becomes .2.gz, the file becomes .1."""
        for old in range(9, 1, -1):
            file = pathlib.Path(f"{self.path}.{old}.gz")
            if file.exists():
                file.rename(f"{self.path}.{old + 1}.gz")
        first = pathlib.Path(f"{self.path}.1")
        if first.exists():
            with open(first, "rb") as plain, gzip.open(f"{self.path}.2.gz", "wb") as packed:
                shutil.copyfileobj(plain, packed)
            shutil.copystat(first, f"{self.path}.2.gz")
            first.unlink()
        pathlib.Path(self.path).rename(first)


def test_kill_tail(world):
    """SIGKILL five times while a file that rotates is followed: every line is in the store, once."""
    path, lines = world.directory / "app.log", 6000
    path.write_text("")
    sources = [numbered("tail", kind="file", path=str(path))]
    writer = Writer(str(path), lines, 1000)
    writer.start()
    for turn in range(5):
        daemon = Daemon(world, config(world, sources), name=f"killed-{turn}").ready()
        time.sleep(0.9)
        daemon.kill()
    writer.join()
    daemon = Daemon(world, config(world, sources), name="last").ready()
    wait_for("every line", lambda: len(seen(world)) == lines, 60)
    time.sleep(1.5)
    equal(daemon.stop(), 0, "exit status")
    equal(stored(daemon), lines, "alerts in the store")
    again = Daemon(world, config(world, sources), name="again").ready()
    time.sleep(1.5)
    equal(again.metrics().sum("normwatch_log_lines_total"), 0, "lines read again after an orderly end")


TEXT = RULE.replace("PRODUCT", "product: drill")
FORWARD = """
module(load="imptcp")
module(load="omrelp")
global(defaultNetstreamDriverCAFile="{ca}")
ruleset(name="forward") {{
  action(type="omfwd" target="127.0.0.1" port="{udp}" protocol="udp" template="RSYSLOG_SyslogProtocol23Format")
  action(type="omfwd" target="127.0.0.1" port="{tcp}" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format")
  action(type="omfwd" target="127.0.0.1" port="{counted}" protocol="tcp" template="RSYSLOG_TraditionalForwardFormat"
         TCP_Framing="octet-counted")
  action(type="omfwd" target="127.0.0.1" port="{tls}" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format"
         StreamDriver="{driver}" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid")
  action(type="omrelp" target="127.0.0.1" port="{relp}" template="RSYSLOG_SyslogProtocol23Format")
}}
input(type="imptcp" port="{entry}" address="127.0.0.1" ruleset="forward")
"""


def certificate(world):
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    files = world.directory / "server.pem", world.directory / "server.key"
    subprocess.run([need("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files[1], "-out", files[0]],
                   check=True, capture_output=True)
    return files


def lines_of(daemon, source):
    """How many lines a source has read."""
    rows = daemon.metrics().rows("normwatch_log_lines_total", source=source)
    return rows[0][1] if rows else 0


def expect(daemon, source, count):
    """Waits for so many lines of a source, all of them understood."""
    wait_for(f"{count} lines at '{source}'", lambda: lines_of(daemon, source) >= count, 40)
    equal(lines_of(daemon, source), count, f"lines of '{source}'")
    unparsed = daemon.metrics().rows("normwatch_log_lines_unparsed_total", source=source)
    equal(sum(value for _, value in unparsed), 0, f"lines of '{source}' that were not understood")


def test_rsyslog(world):
    """rsyslog forwards each line five ways: UDP, TCP, counted TCP, TLS, RELP."""
    rsyslogd, count = need("rsyslogd"), 300
    drivers = [name for name in ("ossl", "gtls") if any(pathlib.Path("/usr/lib").glob(f"**/rsyslog/lmnsd_{name}.so"))]
    check(drivers and any(pathlib.Path("/usr/lib").glob("**/rsyslog/omrelp.so")), "rsyslog's TLS or RELP is not installed (tests/packages.txt)")
    pem, key = certificate(world)
    ports = {name: harness.free_port() for name in ("udp", "tcp", "counted", "tls", "relp", "entry")}
    sources = [
        {"name": "udp", "kind": "udp", "listen": f"127.0.0.1:{ports['udp']}"},
        {"name": "tcp", "kind": "tcp", "listen": f"127.0.0.1:{ports['tcp']}"},
        {"name": "counted", "kind": "tcp", "listen": f"127.0.0.1:{ports['counted']}"},
        {"name": "tls", "kind": "tls", "listen": f"127.0.0.1:{ports['tls']}", "certificate": str(pem), "key": str(key)},
        {"name": "relp", "kind": "relp", "listen": f"127.0.0.1:{ports['relp']}"},
    ]
    daemon = Daemon(world, config(world, [{**source, "product": "drill"} for source in sources], TEXT)).ready()
    text = FORWARD.format(ca=pem, driver=drivers[0], **ports)
    file = world.write("rsyslog.conf", text)
    world.start("rsyslog", [rsyslogd, "-n", "-f", file, "-i", world.directory / "pid"])
    wait_for("rsyslog", lambda: not refused(ports["entry"]))
    with socket.create_connection(("127.0.0.1", ports["entry"])) as client:
        for number in range(count):
            client.sendall(f"<13>Nov 30 05:00:00 plant{number % 7} pump[{number}]: drill {number}\n".encode())
    for source in sources:
        expect(daemon, source["name"], count)
    wait_for("an alert for each", lambda: len(ids(world)) == 5 * count)
    equal(daemon.metrics().sum("normwatch_source_acknowledged_lines_total", source="relp"), count, "acknowledged by RELP")
    check(daemon.metrics().sum("normwatch_source_certificate_expiry_timestamp_seconds", source="tls") > time.time() + 86400, "the certificate's end")


def refused(port):
    """Whether nobody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def ids(world):
    """The ids of all alerts."""
    return {alert["id"] for alert in harness.lines_of(world.directory / "alerts.jsonl")[0]}


def test_logger(world):
    """util-linux's logger: UDP, TCP, and a Unix socket."""
    logger = need("logger")
    port, path = harness.free_port(), world.directory / "log"
    sources = [{"name": "udp", "kind": "udp", "listen": f"127.0.0.1:{port}"}, {"name": "tcp", "kind": "tcp", "listen": f"127.0.0.1:{port}"},
               {"name": "unix", "kind": "unix", "path": str(path)}]
    daemon = Daemon(world, config(world, [{**source, "product": "drill"} for source in sources], TEXT)).ready()
    for way in (["-n", "127.0.0.1", "-P", str(port), "-d"], ["-n", "127.0.0.1", "-P", str(port), "-T"],
                ["-n", "127.0.0.1", "-P", str(port), "-T", "--octet-count"], ["-u", str(path)], ["-u", str(path), "--rfc3164"]):
        for form in ([], ["--rfc5424"]):
            if "--rfc3164" not in way:
                subprocess.run([logger, *way, *form, "-t", "pump", "drill by logger"], check=True)
    subprocess.run([logger, "-u", str(path), "--rfc3164", "-t", "pump", "drill by logger"], check=True)
    for source, count in (("udp", 2), ("tcp", 4), ("unix", 3)):
        expect(daemon, source, count)
    wait_for("an alert for each", lambda: len(ids(world)) == 9)


def test_http(world):
    """curl: NDJSON with a token, Elasticsearch's bulk API, OTLP; answered once the alerts are in the ledger."""
    curl, port = need("curl"), harness.free_port()
    token = world.write("tokens", "s3cret-of-the-plant\n")
    daemon = Daemon(world, config(world, [numbered("push", kind="http", listen=f"127.0.0.1:{port}", token_file=str(token))])).ready()

    def push(path, body, *more, secret="s3cret-of-the-plant"):
        file = world.write("body", body)
        done = subprocess.run([curl, "-s", "-S", "-o", world.directory / "answer", "-w", "%{http_code}", "-H", f"Authorization: Bearer {secret}",
                               "--data-binary", f"@{file}", *more, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
        return int(done.stdout), (world.directory / "answer").read_text()

    equal(push("/ingest", seq(1) + "\n", secret="wrong")[0], 401, "a wrong token")
    status, _ = push("/ingest", "".join(seq(n) + "\n" for n in range(100)), "-H", "Content-Type: application/x-ndjson")
    check(status in (200, 202, 204), "NDJSON was not taken", status)
    equal(len(ledger_lines(world)), 100, "lines in the ledger when the answer came")
    bulk = "".join('{"create":{"_index":"logs"}}\n' + seq(n) + "\n" for n in range(100, 200))
    status, answer = push("/_bulk", bulk, "-H", "Content-Type: application/x-ndjson")
    answer = json.loads(answer)
    equal((status, answer["errors"], len(answer["items"])), (200, False, 100), "the bulk answer")
    otlp = {"resourceLogs": [{"scopeLogs": [{"logRecords": [
        {"timeUnixNano": "1764478800000000000", "body": {"stringValue": "pump"}, "attributes": [{"key": "seq", "value": {"intValue": str(n)}}]}
        for n in range(200, 300)]}]}]}
    status, _ = push("/v1/logs", json.dumps(otlp), "-H", "Content-Type: application/json")
    equal(status, 200, "the answer to OTLP")
    equal(len(ledger_lines(world)), 300, "lines in the ledger")
    # Sent again, as after an answer that was lost: the same alerts.
    push("/_bulk", bulk, "-H", "Content-Type: application/x-ndjson")
    wait_for("the alerts", lambda: set(seen(world)) == set(range(300)))
    equal(daemon.stop(), 0, "exit status")
    equal(stored(daemon), 300, "alerts in the store")


def ledger_lines(world):
    """The numbers of the lines whose alerts are in the ledger."""
    found = set()
    for file in (world.directory / "state/ledger/journal").iterdir():
        found |= {int(number) for number in re.findall(rb'"seq":"(\d+)"', file.read_bytes())}
    return found


def test_kill_relp(world):
    """SIGKILL while rsyslog sends by RELP: nothing that it sent is missing, and each line is in the store once."""
    killed_while_sending(world, {}, None)


def test_kill_relp_tls(world):
    """The same over TLS."""
    pem, key = certificate(world)
    killed_while_sending(world, {"certificate": str(pem), "key": str(key)}, clients_of_logs.RelpTls(pem))


def killed_while_sending(world, keys, tls):
    """The daemon dies four times while rsyslog sends to it."""
    port, count = harness.free_port(), 3000
    sources = [{"name": "relp", "kind": "relp", "listen": f"127.0.0.1:{port}", "product": "drill", **keys}]
    daemon = Daemon(world, config(world, sources, TEXT), name="first").ready()
    sender = clients_of_logs.start_relp_sender(world, "127.0.0.1", port, tls=tls)
    for turn in range(4):
        sender.feed(f"drill {n}" for n in range(turn * count // 4, (turn + 1) * count // 4))
        time.sleep(0.4)
        daemon.kill()
        daemon = Daemon(world, config(world, sources, TEXT), name=f"again-{turn}").ready()
    wait_for("every line", lambda: len({alert_text(alert) for alert in harness.lines_of(world.directory / "alerts.jsonl")[0]}) == count, 90)
    time.sleep(1)
    equal(daemon.stop(), 0, "exit status")
    equal(stored(daemon), count, "alerts in the store")


def test_kill_nats(world):
    """SIGKILL of the daemon four times, and once of nats-server, while it reads a stream: every message is in the store, once."""
    count = 3000
    server = NatsServer(world, world.directory / "store").start()
    sources = [numbered("stream", kind="nats", servers=[server.url], subject="drill.>", stream="DRILL", durable="watch")]
    with NatsClient(server.port) as client:
        client.add_stream("DRILL", "drill.>")
    daemon = Daemon(world, config(world, sources), name="first").ready()
    for turn in range(4):
        with NatsClient(server.port) as client:
            for number in range(turn * count // 4, (turn + 1) * count // 4):
                client.store("drill.lines", seq(number))
        daemon.kill()
        if turn == 1:
            server.kill()
            server.start()
        daemon = Daemon(world, config(world, sources), name=f"again-{turn}").ready()
    wait_for("every message", lambda: len(seen(world)) == count, 90)

    def acknowledged():
        with NatsClient(server.port) as client:
            return client.consumer("DRILL", "watch")["ack_floor"]["stream_seq"] == count

    wait_for("every acknowledgement", acknowledged)
    equal(daemon.stop(), 0, "exit status")
    equal(stored(daemon), count, "alerts in the store")


def alert_text(alert):
    """What the line said behind its header."""
    return next(atom["value"] for atom in alert["atoms"]).rsplit("drill ", 1)[-1]


def test_flow_records(world):
    """softflowd: NetFlow v5, v9 and IPFIX of the demonstration; the daemon remembers v9's templates over a restart."""
    softflowd, ports = need("softflowd"), {version: harness.free_port() for version in (5, 9, 10)}
    sources = [{"name": f"v{version}", "kind": "udp", "format": "flows", "listen": f"127.0.0.1:{port}"} for version, port in ports.items()]
    daemon = Daemon(world, {**config(world, sources), "record_all": True}).ready()
    for version, port in ports.items():
        subprocess.run([softflowd, "-r", harness.DEMO / "water.pcap", "-n", f"127.0.0.1:{port}", "-v", str(version), "-d",
                        "-c", "none", "-p", world.directory / "pid"],
                       check=True, capture_output=True)
    metrics = wait_for("records of each version", lambda: all(daemon.metrics().sum("normwatch_flow_records_total", source=f"v{v}") for v in ports) and daemon.metrics())
    counts = {version: metrics.sum("normwatch_flow_records_total", source=f"v{version}") for version in ports}
    check(min(counts.values()) > 50, "records", counts)
    for version in ports:
        equal(metrics.sum("normwatch_flow_datagrams_malformed_total", source=f"v{version}"), 0, f"malformed datagrams of v{version}")
    templates = metrics.sum("normwatch_flow_templates", source="v9")
    check(templates > 0, "templates", templates)
    equal(daemon.stop(), 0, "exit status")
    again = Daemon(world, {**config(world, sources), "record_all": True}, name="again").ready()
    wait_for("the templates", lambda: again.metrics().sum("normwatch_flow_templates", source="v9") == templates)


if __name__ == "__main__":
    harness.main(globals())
