#!/usr/bin/env python3
"""Who publishes in a substation: GOOSE and Sampled Values over Ethernet and over UDP, made here; who falls silent."""

import json
import struct
import subprocess

import harness
from harness import equal, need

BLOCK = "IED1/LLN0$GO$gcb1"
START = 1_700_000_000
SILENT, SAMPLES, FORGED = "GOOSE publisher silent", "Stream of sampled values silent", "GOOSE message that its publisher did not send"
SECOND = "GOOSE control block published by a second host over UDP"
RULES = ("protection_publisher_silent", "sampled_values_silent", "protection_message_forged", "routed_goose_second_source")


def ber(tag, *contents):
    """One value."""
    inside = b"".join(contents)
    return bytes([tag, 0x82]) + struct.pack(">H", len(inside)) + inside


def number(tag, value):
    """An INTEGER that is none below zero."""
    return ber(tag, b"\0" + struct.pack(">I", value))


def goose(state, repetition, block=BLOCK, allowed=2000):
    """The PDU."""
    return ber(0x61, ber(0x80, block.encode()), number(0x81, allowed), ber(0x82, b"IED1/LLN0$trip"), ber(0x83, b"trip"),
               ber(0x84, struct.pack(">II", START, 0)), number(0x85, state), number(0x86, repetition), ber(0x87, b"\0"),
               number(0x88, 1), ber(0x89, b"\0"), number(0x8A, 1), ber(0xAB, ber(0x83, b"\1")))


def samples(count):
    """The PDU, of one sample."""
    sample = ber(0x30, ber(0x80, b"MU01"), ber(0x82, struct.pack(">H", count)), ber(0x83, b"\0\0\0\1"), ber(0x85, b"\1"), ber(0x87, bytes(64)))
    return ber(0x60, ber(0x80, b"\1"), ber(0xA2, sample))


def over_ethernet(kind, pdu, source=1):
    """A frame to a group."""
    return bytes([1, 0x0C, 0xCD, 1, 0, 1, 2, 0, 0, 0, 0, source]) + struct.pack(">HHHI", kind, 1, 8 + len(pdu), 0) + pdu


def over_udp(payload, source, port=102, group=b"\xef\xc0\0\1"):
    """A datagram of the host to a group."""
    datagram = struct.pack(">HHHH", 49000 + source, port, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(datagram), 0, 0, 16, 17, 0) + bytes([192, 0, 2, source]) + group
    return bytes.fromhex("01005e400001") + bytes([2, 0, 0, 0, 0, source, 8, 0]) + head + datagram


def session(spdu, *pdus, count=1, key=0, signature=b"", padding=b""):
    """A session of version 2 with messages."""
    elements = b"".join(bytes([spdu - 0x20, 0]) + struct.pack(">HH", 1 + at, len(pdu)) + pdu for at, pdu in enumerate(pdus))
    head = struct.pack(">IIHIHIB", 25 + len(elements), count, 2, START, 60, key, 0)
    behind = b"".join(bytes([tag, len(part)]) + part for tag, part in ((0xAF, padding), (0x85, signature)) if part)
    return bytes([1, 0x40, spdu, 2 + len(head), 0x80, len(head)]) + head + struct.pack(">I", len(elements)) + elements + behind


def capture(world, name, packets):
    """A file of (second, frame)."""
    path = world.directory / name
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for second, frame in sorted(packets, key=lambda packet: packet[0]):
            stamp = (START + int(second), int(second % 1 * 1_000_000), len(frame), len(frame))
            out.write(struct.pack("<IIII", *stamp) + frame)
    return path


def bystanders(seconds):
    """Others' packets, for who would tell the time by them: a host's every half second."""
    return [(at / 2, over_udp(b"x", 20 + at % 7, 9, bytes([192, 0, 2, 99]))) for at in range(2 * seconds)]


def alerts(world, file, workers=1):
    """Their rules' titles, in order."""
    paths = [str(harness.PROJECT / f"rules/ics/{rule}.yml") for rule in RULES]
    config = world.write("normwatch.yaml", json.dumps({"rules": {"paths": paths}}))
    done = world.run("replay", "--workers", str(workers), "--config", config, file)
    equal(done.returncode, 0, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_silence(world):
    """A lone publisher and a lone stream that stop are told once, whoever else speaks, for any number of workers."""
    packets = [(at, over_ethernet(0x88B8, goose(5, at))) for at in range(4)]
    packets += [(at / 100, over_ethernet(0x88BA, samples(at))) for at in range(100)]
    packets += [(at, over_udp(session(0xA1, goose(5, at, "IED2/LLN0$GO$gcb1"), count=at), 1)) for at in range(4)]
    packets += bystanders(90)
    file = capture(world, "silence.pcap", packets)
    told = {workers: [alert["rule_title"] for alert in alerts(world, file, workers)] for workers in (1, 2, 4)}
    equal(sorted(told[1]), sorted([SILENT, SAMPLES, SILENT]), "what is told")
    equal([told[2], told[4]], [told[1]] * 2, "with more workers")


def test_source_ends(world):
    """What ends with its capture is not silent."""
    packets = [(at, over_ethernet(0x88B8, goose(5, at))) for at in range(4)]
    packets += [(at / 100, over_ethernet(0x88BA, samples(at))) for at in range(400)]
    packets += [(at, over_udp(session(0xA1, goose(5, at), count=at), 1)) for at in range(4)]
    equal(alerts(world, capture(world, "end.pcap", packets + bystanders(5))), [], "what is told")


def test_second_host(world):
    """Another host publishes the control block hours later; its messages are not signed. On one flow that is seen at once."""
    block = [(at, over_udp(session(0xA1, goose(5, at, allowed=0), signature=bytes(16)), 1)) for at in range(4)]
    other = [(7200, over_udp(session(0xA1, goose(6, 0, allowed=0)), 66))]
    equal([alert["rule_title"] for alert in alerts(world, capture(world, "second.pcap", block + other))], [SECOND], "two hosts")
    bare = [(5, over_udp(session(0xA1, goose(5, 4, allowed=0)), 1))]
    equal([alert["rule_title"] for alert in alerts(world, capture(world, "bare.pcap", block + bare))], [FORGED], "no signature")


def test_tshark_reads_the_same(world):
    """Of each session of version 2, and each message in it: an independent reader says the same."""
    tshark = need("tshark")
    sessions = [session(0xA1, goose(5, 0)), session(0xA1, goose(6, 1), count=7, key=0x11, signature=bytes(16)),
                session(0xA1, goose(6, 2), goose(9, 3, "IED2/LLN0$GO$gcb2"), count=8, signature=bytes(32), padding=b"\0\0\0")]
    file = capture(world, "sessions.pcap", [(at, over_udp(one, 1)) for at, one in enumerate(sessions)])
    names = {"spdu_number": "rgoose.spdu_num", "key_id": "rgoose.key_id", "appid": "rgoose.appid", "length": "rgoose.apdu_len",
             "gocb_ref": "goose.gocbRef", "time_allowed_to_live": "goose.timeAllowedtoLive", "dataset": "goose.datSet",
             "go_id": "goose.goID", "st_num": "goose.stNum", "sq_num": "goose.sqNum", "conf_rev": "goose.confRev",
             "num_dat_set_entries": "goose.numDatSetEntries"}
    command = [tshark, "-r", file, "-Y", "r-goose", "-T", "fields", *(part for name in names.values() for part in ("-e", name)),
               "-e", "rgoose.hmac"]
    theirs = []
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        *cells, hmac = line.split("\t")
        columns = [cell.split(",") for cell in cells]
        for at in range(max(map(len, columns))):
            row = dict(zip(names, (column[min(at, len(column) - 1)] for column in columns)))
            theirs.append({**row, "signed": bool(hmac)})
    config = world.write("all.yaml", json.dumps({"record_all": True, "rules": {"paths": []}}))
    done = world.run("replay", "--quiet", "--config", config, "--events", "-", file)
    equal(done.returncode, 0, done.stderr)
    events = [event for event in map(json.loads, done.stdout.splitlines()) if event.get("_path") == "goose" and "length" in event]
    ours = [{**{name: event[name] for name in names}, "signed": event["signed"]} for event in events]
    def plain(row):
        """tshark writes some in hexadecimal, filled up with zeros."""
        return {name: int(str(value), 0) if name in ("key_id", "appid", "length") else str(value) for name, value in row.items()}

    equal(len(theirs), 4, "messages that tshark reads")
    equal(list(map(plain, ours)), list(map(plain, theirs)), "tshark")


if __name__ == "__main__":
    harness.main(globals(), isolated=False)
