#!/usr/bin/env python3
"""What rules over time find in captures and logs, and that quiet ones stay quiet; the same for 1, 2 and 4 workers.

The rules are tests/data/over_time/rules.yml. The project's own captures and logs are made here; real ones are read where
the corpora lie (NW_CORPORA, or ../shared/corpora beside the project), and that part is skipped where they do not.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import struct
import sys
import time

import harness
from harness import DEMO, PROJECT, check, equal

sys.path.insert(0, str(DEMO))
from packets import US, Tcp, Wire, checksum, modbus  # noqa: E402: it lies with the demonstration

CORPORA = pathlib.Path(os.environ.get("NW_CORPORA", PROJECT.parent / "shared/corpora"))
WORKERS = (1, 2, 4)
BASE = 1_768_464_000  # 15 January 2026, 08:00 UTC
LENGTH = 480  # seconds of each capture of our own
PORTS, HOSTS, ONE, MANY = "Scan of ports", "Scan of hosts", "Flood from one address", "Flood from many addresses"
LOGINS, GUESSES, SPRAYING = "Password guessing, as the network sees it", "Password guessing", "Password spraying"
BEACON, SILENT = "Beacon", "Silent controller"

# Real captures and logs: what is found in them, and about whom. In the corpora there is no beacon and no spraying.
FOUND = {
    "pcap/attack/csanders__synscan.pcapng": {(PORTS, "172.16.0.8"), (ONE, "172.16.0.8")},
    "pcap/attack/ndpi__synscan.pcap": {(PORTS, "172.16.0.8"), (ONE, "172.16.0.8")},
    "pcap/attack/maltrail__port_scan.pcap": {(PORTS, "203.0.113.9")},
    "pcap/attack/slips__test7-malicious.pcap": {(HOSTS, "192.168.2.16")},
    "pcap/attack/slips__test12-icmp-portscan.pcap": {(HOSTS, "192.168.1.109")},
    "pcap/attack/slips__malicious-ssh-bruteforce.pcap": {(LOGINS, "147.32.80.40")},
    "pcap/attack/zeek__ftp_bruteforce.pcap": {(LOGINS, "192.168.56.1")},
    "pcap/attack/zeek__dhcp_dhcp_flood.pcap": {(MANY, "67")},
    "logs/attack/crowdsec/ssh-bf.log": {(GUESSES, "sd-126005")},
    "logs/syslog/loghub/Linux_2k.log": {(GUESSES, "combo")},
}
# Six controllers, asked every three seconds for three minutes; one of them is cut out from the middle on.
POLLED, CUT = "pcap/attack/lemay__moving_two_files_modbus_6RTU.pcap", "192.168.1.103"
# Quiet captures: all below pcap/it and pcap/ics with so many packets, but for these.
QUIET_PACKETS = 50
NOT_QUIET = {
    "pcap/ics/quickdraw__modbus_test_data_part1.pcap": "10.0.0.3 rests for minutes between tests",
    "pcap/ics/arkime__modbus.pcap": "the same packets, and another capture behind them, days later",
    "pcap/ics/emreekin__Mergecap_kokteyl.pcapng": "merged of interfaces that differ, which is refused",
}


def configuration(world):
    """The trial rules, and nothing else."""
    return world.write("normwatch.yaml", json.dumps({
        "state_directory": str(world.directory / "state"),
        "rules": {"paths": [str(PROJECT / "tests/data/over_time")]},
    }))


def replay(world, config, file, workers=1, *arguments):
    """The alerts of a file, as bytes of text."""
    if pathlib.Path(file).suffix == ".log":
        arguments += ("--format", "syslog", "--product", "linux")
    done = world.run("replay", "--config", config, "--workers", workers, "--quiet", *arguments, file)
    equal(done.returncode, 0, f"exit status of {file}: {done.stderr}")
    return done.stdout


def about(text):
    """Which rules alerted, about whom: the first field of the group."""
    found = set()
    for line in text.splitlines():
        alert = json.loads(line)
        key = next(value for name, value in alert["fields"].items() if not name.startswith(("nw.", "correlation.")))
        found.add((alert["rule_title"], key))
    return found


def agree(world, config, file, *arguments):
    """The alerts, which must be the same bytes for any number of workers."""
    texts = {replay(world, config, file, workers, *arguments) for workers in WORKERS}
    equal(len(texts), 1, f"different outputs of {file} for {WORKERS} workers")
    return texts.pop()


def corpora():
    """Where the real captures and logs are; a skip of this part where they are not."""
    if not (CORPORA / "pcap/LIBPCAP.tsv").exists():
        print(f"        skipped: no corpora at {CORPORA}")
        return None
    return CORPORA


# The project's own.


def ping(wire, now, source, destination, number):
    """An echo request."""

    def payload(_):
        header = struct.pack("!BBHHH", 8, 0, 0, number & 0xFFFF, 1)
        return header[:2] + struct.pack("!H", checksum(header)) + header[4:]

    wire.ip(now, source, destination, 1, payload)


def quiet(wire, silent_from=LENGTH):
    """A plant's day: three controllers are asked, people log in, look at pages, and mistype an address."""
    dice = random.Random(4)
    links = [Tcp(wire, ("192.0.2.20", 49_200 + i), (f"192.0.2.{10 + i}", 502)) for i in range(3)]
    for i, link in enumerate(links):
        link.open(i * 100_000)
    for turn in range(1, LENGTH // 3):
        for i, link in enumerate(links):
            silent = i == 2 and turn * 3 >= silent_from
            reply = b"" if silent else modbus(turn, i, 3, b"\x02\0\x07")
            link.exchange(turn * 3 * US + i * 100_000, modbus(turn, i, 3, b"\0\0\0\x01"), reply)
    for i in range(6):
        session = Tcp(wire, ("192.0.2.21", 50_000 + i), ("192.0.2.130", 22))
        session.close(session.exchange(session.open(i * 70 * US), b"SSH-2.0-a\r\n", b"SSH-2.0-b\r\n") + US)
    now = 0
    for i in range(40):
        now += int(dice.expovariate(1 / 10) * US)
        page = Tcp(wire, ("192.0.2.150", 51_000 + i), ("203.0.113.80", 443))
        page.close(page.exchange(page.open(now), b"\x16\x03\x01\0\x01\x01", b"\x16\x03\x03\0\x01\x02"))
    for i in range(5):
        Tcp(wire, ("192.0.2.150", 52_000 + i), (f"192.0.2.{200 + i}", 80)).attempt(i * 50 * US)
    for i in range(30):
        ping(wire, i * 15 * US, "192.0.2.30", "192.0.2.132", i)


def scan_ports(wire):
    """Sixty ports of a controller, all refused."""
    for port in range(1, 61):
        Tcp(wire, ("203.0.113.66", 40_000 + port), ("192.0.2.11", port)).refused(60 * US + port * 200_000)


def scan_hosts(wire):
    """One port of thirty hosts, all unanswered."""
    for host in range(30):
        Tcp(wire, ("203.0.113.67", 40_000 + host), (f"198.51.100.{host + 1}", 445)).attempt(60 * US + host * US)


def syn_flood(wire):
    """1,200 connections asked for in five seconds."""
    for i in range(1200):
        Tcp(wire, ("203.0.113.68", 10_000 + i), ("192.0.2.141", 11211)).attempt(60 * US + i * 4_000)


def udp_flood(wire):
    """1,200 datagrams in five seconds, each from a port of its own: many flows."""
    for i in range(1200):
        wire.udp(60 * US + i * 4_000, "203.0.113.69", 10_000 + i, "192.0.2.132", 123, b"x" * 48)


def ping_flood(wire):
    """400 addresses in four seconds. Of ICMP, the ports are its type and code."""
    for i in range(400):
        ping(wire, 60 * US + i * 10_000, f"198.18.{i // 250}.{i % 250 + 1}", "192.0.2.132", i)


def logins(wire):
    """Forty SSH sessions in as many seconds."""
    for i in range(40):
        session = Tcp(wire, ("203.0.113.70", 40_000 + i), ("192.0.2.130", 22))
        session.close(session.exchange(session.open(60 * US + i * US), b"SSH-2.0-a\r\n", b"SSH-2.0-b\r\n"))


def beacon(wire):
    """A call every nineteen seconds, more or less."""
    dice = random.Random(7)
    for i in range(24):
        call = Tcp(wire, ("192.0.2.150", 53_000 + i), ("203.0.113.99", 443))
        call.close(call.exchange(call.open(i * 19 * US + dice.randrange(US)), b"\x16\x03\x01\0\x01\x01", b"\x16\x03\x03\0\x01\x02"))


OWN = {
    "quiet": (lambda wire: None, LENGTH, set()),
    "scan of ports": (scan_ports, LENGTH, {(PORTS, "203.0.113.66")}),
    "scan of hosts": (scan_hosts, LENGTH, {(HOSTS, "203.0.113.67")}),
    "SYN flood": (syn_flood, LENGTH, {(ONE, "203.0.113.68")}),
    "UDP flood": (udp_flood, LENGTH, {(ONE, "203.0.113.69")}),
    "ping flood": (ping_flood, LENGTH, {(MANY, "0")}),
    "guessing over SSH": (logins, LENGTH, {(LOGINS, "203.0.113.70")}),
    "beacon": (beacon, LENGTH, {(BEACON, "192.0.2.150")}),
    "silent controller": (lambda wire: None, 240, {(SILENT, "192.0.2.12")}),
}


def test_own_captures(world):
    """One plant's traffic, quiet, and with each harm put into it."""
    config = configuration(world)
    for name, (harm, silent_from, want) in OWN.items():
        wire = Wire(BASE, ["192.0.2.0/24"], {})
        quiet(wire, silent_from)
        harm(wire)
        file = world.directory / f"{name}.pcap"
        file.write_bytes(wire.pcap())
        equal(about(agree(world, config, file)), want, name)


def test_own_logs(world):
    """Guesses at one account, and one password tried at many; a few mistakes are neither."""
    config = configuration(world)

    def lines(count):
        return "".join(f"<86>1 2026-01-15T08:00:{i:02}Z jump1 sshd {i} - - Failed password for root from 203.0.113.66 "
                       f"port {i} ssh2\n" for i in range(count))

    def logons(users):
        return "".join(json.dumps({"@timestamp": f"2026-01-15T08:00:{i:02}Z", "Channel": "Security", "EventID": 4625,
                                   "TargetUserName": f"user{i % users}", "IpAddress": "203.0.113.66"}) + "\n"
                       for i in range(20))

    for name, text, want in (("guesses.log", lines(10), {(GUESSES, "jump1")}), ("mistakes.log", lines(4), set()),
                             ("spraying.jsonl", logons(20), {(SPRAYING, "203.0.113.66")}), ("one.jsonl", logons(3), set())):
        arguments = ("--format", "json", "--product", "windows") if name.endswith(".jsonl") else ()
        equal(about(agree(world, config, world.write(name, text), *arguments)), want, name)


def test_demonstration(world):
    """The demonstration: a controller is told to listen only, and 20 ports of one host are tried."""
    config = configuration(world)
    want = {(SILENT, "192.0.2.12"), (PORTS, "203.0.113.67")}
    equal(about(agree(world, config, DEMO / "water.pcap")), want, "its packets")
    equal(about(agree(world, config, DEMO / "water.log")), {(GUESSES, "jump1"), (GUESSES, "cert-mail")}, "its log")


# Real ones.


def test_found(world):
    """Scans, floods and guessing in real captures and logs."""
    if top := corpora():
        config = configuration(world)
        for name, want in FOUND.items():
            equal(about(agree(world, config, top / name)), want, name)


def test_silent_controller(world):
    """A real capture of six controllers: whole, and without one of them from its middle on."""
    if not (top := corpora()):
        return
    config = configuration(world)
    whole = (top / POLLED).read_bytes()
    equal(whole[:4], b"\xd4\xc3\xb2\xa1", "a pcap of microseconds, little endian")
    address = bytes(int(part) for part in CUT.split("."))
    kept, at, first = [whole[:24]], 24, None
    while at < len(whole):
        seconds, _, size, _ = struct.unpack_from("<IIII", whole, at)
        first = first or seconds
        if seconds < first + 90 or whole[at + 16 + 26:at + 16 + 30] != address:  # Ethernet, IPv4: the source
            kept.append(whole[at:at + 16 + size])
        at += 16 + size
    file = world.directory / "silent.pcap"
    file.write_bytes(b"".join(kept))
    equal(about(agree(world, config, top / POLLED)), set(), "the whole capture")
    equal(about(agree(world, config, file)), {(SILENT, CUT)}, "without its answers")


def test_quiet(world):
    """Captures of everyday and of control networks: no alert."""
    if not (top := corpora()):
        return
    config = configuration(world)
    rows = (line.split("\t") for line in (top / "pcap/LIBPCAP.tsv").read_text().splitlines()[1:])
    names = [row[0] for row in rows if row[0].startswith(("pcap/it/", "pcap/ics/")) and int(row[2] or 0) >= QUIET_PACKETS]
    names = [name for name in names if name not in NOT_QUIET]
    check(len(names) > 200, "suspiciously few quiet captures", len(names))
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        loud = [(name, about(text)) for name, text in zip(names, pool.map(lambda name: replay(world, config, top / name), names))
                if text]
    equal(loud, [], "alerts of quiet captures")
    print(f"        {len(names)} captures, {time.monotonic() - started:.0f} s; left out: {', '.join(NOT_QUIET)}")


if __name__ == "__main__":
    harness.main(globals(), isolated=False)
