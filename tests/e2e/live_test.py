#!/usr/bin/env python3
"""Live capture accounts for each packet: sent = seen + dropped by a named cause, and seen = the sum of the outcomes.

A veth pair; tcpreplay sends at one end as fast as one core can, the daemon watches the other: with room for all of it,
with a ring that is far too small, and stopped while the packets come.
"""

import json
import re
import signal
import struct
import subprocess

import harness
from harness import MIRROR, PEER, Daemon, check, equal, need, wait_for, wire

LOOPS, PATTERNS = 20, 1000  # patterns of 18 packets, sent again and again: 360,000 packets
SEEN = ("decoded", "ignored", "malformed")
ALL, FEW = "192MiB", "1MiB"  # a ring that holds whatever is sent, and one for a few thousand packets


def ethernet(number, kind, payload):
    """A frame between two stations."""
    return bytes([2, 0, 0, 0, 1, number & 0xFF, 2, 0, 0, 0, 2, number >> 8]) + struct.pack(">H", kind) + payload


def ipv4(number, protocol, payload, response=False, place=0):
    """A packet between two hosts, other ones for each number; `place` is that of a fragment."""
    ends = bytes([10, 1, number >> 8 & 0xFF, number & 0xFF]), bytes([10, 2, 0, number % 61 + 1])
    source, destination = reversed(ends) if response else ends
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), number, place, 64, protocol, 0) + source + destination
    return ethernet(number, 0x0800, header + payload)


def ipv6(number, protocol, payload):
    """The same for IPv6."""
    hosts = b"".join(bytes.fromhex("20010db8") + bytes(10) + struct.pack(">H", host) for host in (number, number % 61))
    return ethernet(number, 0x86DD, struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64) + hosts + payload)


def tcp(number, sequence, acknowledged, flags, payload=b"", response=False):
    """A segment of an HTTP connection."""
    ports = (80, 20000 + number) if response else (20000 + number, 80)
    header = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 0x50, flags, 8192, 0, 0)
    return ipv4(number, 6, header + payload, response)


def udp(port, payload):
    """A datagram, without a sum."""
    return struct.pack(">HHHH", 30000, port, 8 + len(payload), 0) + payload


def fragments(number):
    """A datagram in two pieces."""
    whole, more = udp(7002, bytes(1192)), 0x2000
    return [("decoded", ipv4(number, 17, whole[:800], place=more)),
            ("decoded", ipv4(number, 17, whole[800:], place=100))]


def pattern(number):
    """16 packets: (what becomes of it, frame)."""
    query = struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + b"\x04pump\x07example\0" + struct.pack(">HH", 1, 1)
    request = b"GET /%d HTTP/1.1\r\nHost: pump.example\r\n\r\n" % number
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2800\r\n\r\n"
    body, begin = bytes(1400), 1001 + len(request)
    tagged = ipv4(number, 17, udp(53, query))
    return [
        ("decoded", tcp(number, 1000, 0, 0x02)),
        ("decoded", tcp(number, 5000, 1001, 0x12, response=True)),
        ("decoded", tcp(number, 1001, 5001, 0x18, request)),
        ("decoded", tcp(number, 5001, begin, 0x18, answer, response=True)),
        ("decoded", tcp(number, 5001 + len(answer), begin, 0x18, body, response=True)),
        ("decoded", tcp(number, 6401 + len(answer), begin, 0x18, body, response=True)),
        ("decoded", tcp(number, begin, 7801 + len(answer), 0x11)),
        ("decoded", ipv4(number, 17, udp(53, query))),
        ("decoded", ipv6(number, 17, udp(53, query))),
        ("decoded", ipv4(number, 17, udp(7000, bytes(472)))),
        ("decoded", tagged[:12] + struct.pack(">HH", 0x8100, 1 + number % 4000) + tagged[12:]),
        ("decoded", ipv4(number, 1, struct.pack(">BBHHH", 8, 0, 0, 7, number) + bytes(56))),
        ("ignored", ethernet(number, 0x88B5, bytes(46))),  # for experiments: IEEE 802
        ("malformed", ethernet(number, 0x0800, bytes([0x44]) + bytes(45))),  # a header of 16 bytes
        ("malformed", ipv4(number, 6, bytes(4))),  # half of a TCP header
        ("decoded", ipv4(number, 17, udp(7001, bytes(1472)))),
    ]


def capture(path):
    """Writes the capture; returns how many packets of it end in which way."""
    made = dict.fromkeys(SEEN, 0)
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number in range(PATTERNS):
            for kind, frame in pattern(number) + fragments(number):
                made[kind] += 1
                file.write(struct.pack("<IIII", 1_700_000_000, number, len(frame), len(frame)) + frame)
    return made


def packets_of(before, interface):
    """(received, sent) by an interface, and fails if it lost any."""
    shown = subprocess.run([*before, need("ip"), "-s", "-s", "-j", "link", "show", interface],
                           capture_output=True, text=True, check=True)
    counted = json.loads(shown.stdout)[0]["stats64"]
    for way, kinds in (("rx", ("dropped", "errors", "over_errors", "missed_errors")), ("tx", ("dropped", "errors"))):
        for kind in kinds:
            equal(counted[way].get(kind, 0), 0, f"{interface}: {way} {kind}")
    return counted["rx"]["packets"], counted["tx"]["packets"]


def send(enter, file):
    """All of it as fast as one core can; returns how many packets went out."""
    line = [*enter, need("tcpreplay"), "--intf1", PEER, "--topspeed", "--preload-pcap", f"--loop={LOOPS}", str(file)]
    played = subprocess.run(line, capture_output=True, text=True, check=False)
    equal(played.returncode, 0, played.stderr)
    told = dict(re.findall(r"^\s*(Successful|Failed) packets:\s+(\d+)", played.stdout, re.M))
    equal(told.get("Failed"), "0", f"packets that tcpreplay could not send\n{played.stdout}")
    return int(told["Successful"])


def watch(world, workers, ring, stopped=False):
    """Sends the capture to a daemon, and adds up; returns (how many were made, seen, dropped)."""
    file = world.directory / "made.pcap"
    made = capture(file)
    enter = wire(world)
    daemon = Daemon(world, {
        "workers": workers,
        "sources": [{"name": "mirror", "kind": "capture", "interface": MIRROR, "buffer": ring}],
    }).ready()
    if stopped:
        daemon.send(signal.SIGSTOP)
    sent = send(enter, file)
    if stopped:
        daemon.send(signal.SIGCONT)
    equal(sent, sum(made.values()) * LOOPS, "packets sent, by tcpreplay")
    equal(packets_of(enter, PEER), (0, sent), f"packets sent, by {PEER}")
    equal(packets_of([], MIRROR), (sent, 0), f"packets received, by {MIRROR}")

    def counts():
        now = daemon.metrics()
        seen = now.sum("normwatch_capture_packets_total", source="mirror")
        dropped = now.rows("normwatch_capture_dropped_packets_total", source="mirror")
        lost = {has["where"]: value for has, value in dropped}
        outcomes = {kind: now.sum(f"normwatch_packets_{kind}_total", source="mirror") for kind in SEEN}
        return seen, lost, outcomes

    last = []

    def at_rest():
        last.append(counts())
        return len(last) > 5 and last[-1] == last[-5]

    wait_for("the last packet", at_rest, 30, 0.2)
    seen, lost, outcomes = last[-1]
    equal(seen + sum(lost.values()), sent, f"packets seen ({seen:.0f}) + dropped ({lost}) = sent")
    equal(sum(outcomes.values()), seen, f"decoded + ignored + malformed = seen: {outcomes}")
    equal(daemon.stop(), 0, "exit status")
    print(f"        sent {sent}, seen {seen:.0f} {outcomes}, dropped {lost}", flush=True)
    return {kind: count * LOOPS for kind, count in made.items()}, outcomes, lost


def all_seen(world, workers):
    """With room for all: nothing is dropped, and each packet ends as it was made."""
    made, outcomes, lost = watch(world, workers, ALL)
    equal(sum(lost.values()), 0, "dropped packets")
    equal(outcomes, made, "outcomes of packets")


def test_one_worker_sees_all(world):
    """One worker, a large ring."""
    all_seen(world, 1)


def test_two_workers_see_all(world):
    """Two workers share the packets."""
    all_seen(world, 2)


def test_small_ring(world):
    """Whatever a worker with a small ring sees: the sum is right."""
    watch(world, 1, FEW)


def test_stopped_workers(world):
    """Both workers stand still while all packets come."""
    _, outcomes, lost = watch(world, 2, FEW, stopped=True)
    check(lost["kernel"] > 0, "nothing was dropped", lost)
    check(sum(outcomes.values()) > 0, "nothing was seen", outcomes)


if __name__ == "__main__":
    harness.main(globals())
