#!/usr/bin/env python3
"""Invented keys, as fast as they are taken: rules over time stay within their memory, and know designated assets still.

NW_FLOOD_SECONDS says for how long (8; the long form takes 60). Each test prints what it measured.
"""

import datetime
import ipaddress
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

import harness
from harness import DEMO, Daemon, check, equal, need, wait_for
from pipeline_test import MIRROR, PEER, wire

sys.path.insert(0, str(DEMO))
from packets import Wire  # noqa: E402: it lies with the demonstration

SECONDS = int(os.environ.get("NW_FLOOD_SECONDS", "8"))
BUDGET = 2 << 20  # bytes for each rule: some ten thousand keys
PENDING = 16 << 20  # bytes of events that wait for their turn
# What comes and goes with a save, bytes: it holds what waits a second time, and 65,536 events wait to be taken meanwhile.
TIDE = PENDING + (32 << 20)
WARM_UP = 6  # seconds until queues, budgets and the journal have been full once
GROWTH_MAX = 1.05  # of the last third's memory over the first third's, after that, besides the tide
SENT = 2 * (WARM_UP + SECONDS)  # by the designated host, one each half second

# Half of what the designated host sends during the whole flood: it is only found when it is never forgotten.
RULES = """
title: A failed logon
name: failed_logon
id: 21000000-0000-4000-8000-000000000001
status: experimental
logsource: {{product: linux, service: sshd}}
detection:
    failed: {{message|startswith: Failed password}}
    condition: failed
level: low
---
title: Failed logons at one host
id: 21000000-0000-4000-8000-000000000002
status: experimental
correlation:
    type: event_count
    rules: [failed_logon]
    group-by: [host]
    timespan: 1h
    condition: {{gte: {enough}}}
level: high
---
title: A datagram
name: datagram
id: 21000000-0000-4000-8000-000000000003
status: experimental
logsource: {{product: normwatch, service: conn}}
detection:
    any: {{proto: udp}}
    condition: any
level: low
---
title: Datagrams from one address
id: 21000000-0000-4000-8000-000000000004
status: experimental
correlation:
    type: event_count
    rules: [datagram]
    group-by: [id.orig_h]
    timespan: 1h
    condition: {{gte: {enough}}}
level: high
"""


def configuration(world, source):
    """One source, little memory for each rule."""
    world.write("rules/flood.yml", RULES.format(enough=SENT // 2))
    return {
        "state_directory": str(world.directory / "state"),
        "workers": 1,
        "rules": {"paths": [str(world.directory / "rules")]},
        "correlation": {"lateness": "1s", "bytes_per_rule": BUDGET, "pending_bytes": PENDING},
        "limits": {"flows_max": 20_000, "udp_idle": "1s"},
        "sources": [source],
        **harness.in_clear(world),
        "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}],
    }


def resident(pid):
    """Bytes of a process's memory that are in use."""
    for text in harness.pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if text.startswith("VmRSS:"):
            return int(text.split()[1]) << 10
    raise harness.Failed(f"process {pid} is gone")


def measure(daemon, rule):
    """Samples the memory of the flooded daemon, after its warm-up."""
    samples = []
    time.sleep(WARM_UP)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        samples.append(resident(daemon.pid))
        for _, spent in daemon.metrics().rows("normwatch_correlation_memory_bytes", rule=rule):
            check(spent <= BUDGET, "a rule is beyond its budget", spent)
        time.sleep(min(1.0, SECONDS / 12))
    return samples


def judge(world, daemon, samples, rule, title, key):
    """Flat memory, keys that left, none of them designated, and the alert about the designated one."""
    third = len(samples) // 3
    before, after = (statistics.median(part) for part in (samples[:third], samples[-third:]))
    metrics = daemon.metrics()
    evicted = metrics.sum("normwatch_correlation_evicted_total", rule=rule, registered="no")
    told = {outcome: int(metrics.sum("normwatch_correlation_contributions_total", outcome=outcome))
            for outcome in ("on_time", "hurried", "late")}
    print(f"        {SECONDS} s: {told}, {evicted:.0f} keys left, {before / 1e6:.1f} MB at first, {after / 1e6:.1f} MB at last")
    check(evicted > 0, "no key left: the flood was too small to show anything", told)
    equal(metrics.sum("normwatch_correlation_evicted_total", rule=rule, registered="yes"), 0, "designated keys that left")
    check(after <= before * GROWTH_MAX + TIDE, "memory grew", [f"{sample / 1e6:.1f}" for sample in samples])
    file = world.directory / "alerts.jsonl"

    def alerts():
        return [json.loads(text) for text in file.read_text().splitlines()] if file.exists() else []

    wait_for("the alert about the designated host", alerts)
    equal([(alert["rule_title"], alert["fields"][key[0]]) for alert in alerts()], [(title, key[1])], "alerts")
    equal(daemon.stop(), 0, "exit status")


def logon(host):
    """A line of a log, now."""
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"<86>1 {stamp} {host} sshd 1 - - Failed password for root from 192.0.2.7 port 22 ssh2\n"


def test_log_lines(world):
    """A new host in each line, by TCP: it is taken as fast as the daemon reads. `jump1` is in the register."""
    port = harness.free_port()
    daemon = Daemon(world, configuration(world, {"name": "log", "kind": "tcp", "listen": f"127.0.0.1:{port}",
                                                 "format": "syslog", "product": "linux"})).ready()
    over = threading.Event()

    def flood():
        number = 0
        with socket.create_connection(("127.0.0.1", port)) as out:
            while not over.is_set():
                first, _, rest = logon("\0").partition("\0")
                out.sendall("".join(f"{first}invented-{number + i}{rest}" for i in range(500)).encode())
                number += 500

    def steady():
        with socket.create_connection(("127.0.0.1", port)) as out:
            while not over.wait(0.5):
                out.sendall(logon("jump1").encode())

    threads = [threading.Thread(target=work) for work in (flood, steady)]
    for thread in threads:
        thread.start()
    try:
        samples = measure(daemon, "21000000-0000-4000-8000-000000000002")
    finally:
        over.set()
        for thread in threads:
            thread.join()
    judge(world, daemon, samples, "21000000-0000-4000-8000-000000000002", "Failed logons at one host", ("host", "jump1"))


def test_packets(world):
    """A new address in each packet, over an interface. 192.0.2.20, the operator station, is in the register."""
    enter = wire(world)
    daemon = Daemon(world, configuration(world, {"name": "mirror", "kind": "capture", "interface": MIRROR,
                                                 "buffer": "8MiB"})).ready()
    invented, designated = (Wire(0, [], {}) for _ in range(2))
    for i in range(20_000):
        source = ipaddress.ip_address("198.18.0.0") + i  # the range for measuring (RFC 2544)
        invented.udp(i, str(source), 40_000, "203.0.113.9", 9, b"invented")
    for i in range(SENT):
        designated.udp(i * 500_000, "192.0.2.20", 41_000 + i, "203.0.113.9", 9, b"steady")
    files = []
    for name, frames in (("invented", invented), ("designated", designated)):
        files.append(world.directory / f"{name}.pcap")
        files[-1].write_bytes(frames.pcap())
    player = [*enter, need("tcpreplay"), "--intf1", PEER]
    world.start("steady", [*player, files[1]])
    flood = world.start("flood", [*player, "--loop", "1000000", "--unique-ip", "--preload-pcap", "--pps", "40000", files[0]])
    samples = measure(daemon, "21000000-0000-4000-8000-000000000004")
    flood.kill()
    metrics = daemon.metrics()
    print(f"        packets: {metrics.sum('normwatch_capture_packets_total'):.0f} taken, "
          f"{metrics.sum('normwatch_capture_dropped_packets_total'):.0f} dropped by the kernel")
    judge(world, daemon, samples, "21000000-0000-4000-8000-000000000004", "Datagrams from one address",
          ("id.orig_h", "192.0.2.20"))


if __name__ == "__main__":
    harness.main(globals())
