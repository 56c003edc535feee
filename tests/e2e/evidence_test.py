#!/usr/bin/env python3
"""The packets of an alert: captured live, sealed, committed to in the ledger, and opened by two custodians.

Opening is written here a second time, from the formats' descriptions, over libsodium (which the daemon itself needs).
"""

import base64
import ctypes
import hashlib
import json
import struct
import subprocess

import harness
from harness import EVERY_ALERT, MIRROR, PEER, Daemon, check, equal, need, wait_for, wire

SECRET_WORD = b"opensesame"  # in the request's path: what must not lie on disk in clear
RULE = """\
title: A secret door was asked for
id: 5a9f0c52-6f0e-4f7a-9a51-2f0e6a1b7c{number:02}
logsource: {{product: zeek, service: http}}
detection:
    selection: {{uri|contains: '{word}'}}
    condition: selection
level: high
normwatch: {{evidence: {policy}}}
"""


def sodium():
    """libsodium, or a skip that names it."""
    for name in ("libsodium.so.23", "libsodium.so.26", "libsodium.so"):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise harness.Skip("libsodium cannot be loaded")


def key_pair(lib):
    """(public, secret) of a custodian."""
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    equal(lib.crypto_box_keypair(public, secret), 0, "key pair")
    return public.raw, secret.raw


def open_box(lib, box, pair):
    """What a sealed box holds; None: it is not for this pair, or was changed."""
    out = ctypes.create_string_buffer(len(box) - 48)
    done = lib.crypto_box_seal_open(out, box, ctypes.c_ulonglong(len(box)), pair[0], pair[1])
    return out.raw if done == 0 else None


def epoch_key(lib, file, pairs):
    """The (public, secret) evidence key of a month: what two custodians make together (record/privacy/sealing.h)."""
    lines = file.read_text().splitlines()
    equal(lines[0], "normwatch-sealed-key/v1", "sealed key")
    first = next(line.split() for line in lines if line.startswith("box 0 1 "))
    halves = [open_box(lib, base64.b64decode(first[3 + i]), pairs[i]) for i in range(2)]
    check(all(halves), "the custodians' boxes do not open")
    secret = bytes(a ^ b for a, b in zip(*halves))
    public = ctypes.create_string_buffer(32)
    equal(lib.crypto_scalarmult_base(public, secret), 0, "public key")
    return public.raw, secret


def objects(lib, directory, pair):
    """Each object that opens, of every segment (record/evidence/format.h): (alert, kind, nonce, bytes)."""
    found = []
    for file in sorted(directory.glob("*.evidence")):
        data = file.read_bytes()
        equal(data[:8], b"NWevid1\n", f"{file.name}: head")
        year, month = struct.unpack_from("<HB", data, 8)
        check(data[12:44] == pair[0], f"{file.name} is sealed for another key")
        data_key = open_box(lib, data[44:124], pair)
        check(data_key, f"{file.name}: the data key does not open")
        at = 128
        while at < len(data):
            mark, _, size, _, stored, alert, nonce, kind, _, state = struct.unpack_from("<4sIIIq16s24sBHB", data, at)
            equal(mark, b"NWob", f"{file.name} at {at}")
            body = data[at + 68 : at + 68 + size + 48]
            at += 68 + len(body)
            if state:
                continue
            bound = b"normwatch-evidence/v1" + b"%04d-%02d" % (year, month) + struct.pack("<Iq", size, stored) + alert
            bound += bytes([kind])
            out, length = ctypes.create_string_buffer(size + 32), ctypes.c_ulonglong()
            done = lib.crypto_aead_xchacha20poly1305_ietf_decrypt(
                out, ctypes.byref(length), None, body, ctypes.c_ulonglong(len(body)), bound,
                ctypes.c_ulonglong(len(bound)), nonce, data_key)
            equal(done, 0, f"{file.name}: an object of {alert.hex()} does not open")
            found.append((alert.hex(), ("values", "packets", "line")[kind], out.raw[:32], out.raw[32:]))
    return found


def segment(sequence, acknowledged, flags, payload=b"", response=False):
    """A segment of an HTTP connection between two hosts, as a frame."""
    hosts, ports = (bytes([10, 1, 0, 5]), bytes([10, 2, 0, 9])), (20005, 80)
    if response:
        hosts, ports = hosts[::-1], ports[::-1]
    header = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 0x50, flags, 8192, 0, 0)
    packet = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(payload), 7, 0, 64, 6, 0) + hosts[0] + hosts[1] + header + payload
    return bytes([2, 0, 0, 0, 1, 5, 2, 0, 0, 0, 2, 9]) + struct.pack(">H", 0x0800) + packet


def conversation():
    """A connection whose one request a rule is about, with its answer."""
    request = b"GET /" + SECRET_WORD + b" HTTP/1.1\r\nHost: pump.example\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nthe treasure"
    after = 1001 + len(request)
    return [segment(1000, 0, 0x02), segment(5000, 1001, 0x12, response=True), segment(1001, 5001, 0x10),
            segment(1001, 5001, 0x18, request), segment(5001, after, 0x18, answer, response=True),
            segment(after, 5001 + len(answer), 0x11), segment(5001 + len(answer), after + 1, 0x11, response=True)]


def watched(world, lib, custodians):
    """A daemon that watches the mirror port with two rules, and what sends frames to it."""
    for number, policy in enumerate(("payload", "flow")):
        world.write(f"rules/{policy}.yml", RULE.format(number=number, policy=policy, word=SECRET_WORD.decode()))
    people = [{"name": f"custodian-{i}", "body": f"body {i}", "key": pair[0].hex()} for i, pair in enumerate(custodians)]
    config = {
        "workers": 1,
        "rules": {"paths": [str(world.directory / "rules")]},
        "sources": [{"name": "mirror", "kind": "capture", "interface": MIRROR, "filter": "tcp"}],
        "evidence": {"ring_bytes": "4MiB"},
    } | EVERY_ALERT
    if people:
        file = world.write("custodians.yaml", json.dumps({"version": 1, "custodians": people}))
        config["privacy"] = {"custodians": str(file)}
    enter = wire(world)
    return Daemon(world, config).ready(), enter


def send(world, enter, frames):
    """The frames, a few milliseconds apart."""
    file = world.directory / "sent.pcap"
    with open(file, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, frame in enumerate(frames):
            out.write(struct.pack("<IIII", 1_700_000_000, 5000 * number, len(frame), len(frame)) + frame)
    done = subprocess.run([*enter, need("tcpreplay"), "--intf1", PEER, str(file)], capture_output=True, text=True, check=False)
    equal(done.returncode, 0, done.stderr)


def evidence_entries(state):
    """Bodies of the ledger's entries of type evidence, from the journal's files as they lie there."""
    bodies = []
    for file in sorted((state / "ledger/journal").glob("*.log")):
        data, at = file.read_bytes(), 0
        while at + 8 <= len(data):
            length = struct.unpack_from("<I", data, at)[0]
            entry = json.loads(data[at + 8 : at + 8 + length])
            at += 8 + length
            if entry["type"] == "evidence":
                bodies.append(entry["body"])
    return bodies


def tshark(file, *fields):
    """A line of fields for each packet."""
    line = [need("tshark"), "-r", str(file), "-T", "fields"]
    for field in fields:
        line += ["-e", field]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    return [row.split("\t") for row in done.stdout.rstrip("\n").split("\n")]


def look_at_packets(world, found, entries):
    """The two files of packets: both directions, comments, payload only where a rule asks for it, commitments."""
    kept = [row for row in found if row[1] == "packets"]
    equal(len(kept), 2, "an object for each alert")
    with_payload = 0
    for alert, _, nonce, content in kept:
        entry = next(e for e in entries if e["alert"] == alert and e["kind"] == "packets")
        digest = hashlib.sha256(b"normwatch-commit/v1\0" + nonce + content).hexdigest()
        equal(entry["commitment"], "commit:" + digest, "commitment")
        equal(entry["bytes"], len(content), "bytes")
        equal((entry["frames"], entry["complete"]), (7, True), "frames, and all of them")
        file = world.directory / f"{alert}.pcapng"
        file.write_bytes(content)
        rows = tshark(file, "frame.interface_name", "frame.comment", "tcp.srcport", "frame.len")
        equal([row[2] for row in rows], ["20005", "80", "20005", "20005", "80", "20005", "80"], "both directions")
        check(f"alert {alert}" in rows[0][1] and rows[0][0] == MIRROR, "the first packet's comment", rows[0])
        check("the alert was made at this packet" in "".join(row[1] for row in rows), "no packet is marked", rows)
        equal([int(row[3]) for row in rows], [len(frame) for frame in conversation()], "lengths on the wire")
        with_payload += SECRET_WORD in content and b"treasure" in content
        check((SECRET_WORD in content) == (b"treasure" in content), "half of the payload")
    equal(with_payload, 1, "files with payload: the rule for flows asks for none")


def test_two_custodians_open_an_alerts_packets(world):
    """What was captured for the alert opens for two custodians, and lies on disk in clear nowhere."""
    lib = sodium()
    need("tshark")
    custodians = [key_pair(lib) for _ in range(3)]
    daemon, enter = watched(world, lib, custodians)
    send(world, enter, conversation())
    wait_for("both files", lambda: daemon.status()["evidence"].get("kept") == 2)
    metrics = daemon.metrics()
    check(metrics.sum("normwatch_evidence_objects") >= 2, "normwatch_evidence_objects")
    check(metrics.sum("normwatch_packet_ring_bytes") > 0, "normwatch_packet_ring_bytes")
    equal(metrics.sum("normwatch_evidence_refused_total"), 0, "refused")
    equal(daemon.stop(), 0, "exit status")
    [sealed] = (daemon.state / "keys/epochs").glob("*.evidence.sealed")
    pair = epoch_key(lib, sealed, custodians)
    look_at_packets(world, objects(lib, daemon.state / "evidence", pair), evidence_entries(daemon.state))
    for file in daemon.state.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            check(b"the treasure" not in data, f"{file} has the payload in clear")
            check(pair[1] not in data and pair[1].hex().encode() not in data, f"{file} has the secret key")


def test_without_custodians_nothing_is_kept(world):
    """Nobody could open it, so nothing is kept, and that is told."""
    daemon, enter = watched(world, sodium(), [])
    send(world, enter, conversation())
    wait_for("the alerts", lambda: daemon.status()["incidents"]["alerts"] == 2)
    equal(daemon.status()["evidence"]["packets_and_lines"], False, "status")
    equal(daemon.stop(), 0, "exit status")
    check("evidence_off" in daemon.err(), "it is not told", daemon.err()[-2000:])
    equal(list((daemon.state / "evidence").glob("*.evidence")), [], "files")


def test_a_broken_store_never_stops_alerts(world):
    """Where the store cannot be opened, alerts are recorded without evidence, and that is told."""
    lib = sodium()
    state = world.directory / "state"
    state.mkdir()
    (state / "evidence").write_text("a file where the store should be\n")
    daemon, enter = watched(world, lib, [key_pair(lib) for _ in range(2)])
    send(world, enter, conversation())
    wait_for("the alerts", lambda: daemon.status()["incidents"]["alerts"] == 2)
    equal(daemon.status()["evidence"]["store"], False, "status")
    equal(daemon.stop(), 0, "exit status")
    check("evidence_closed" in daemon.err(), "it is not told", daemon.err()[-2000:])


if __name__ == "__main__":
    harness.main(globals())
