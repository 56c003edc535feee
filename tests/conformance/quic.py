"""QUIC: which version and connection id each client began with, as our `quic` events tell it, and all of Zeek's log. The TLS
within: tls_udp.py.
"""

import re

import oracle

SERVER_PORTS = ("443", "853", "8443")
ZEEK = ("version", "client_initial_dcid", "client_scid", "server_scid", "server_name", "client_protocol", "history")


def our_starts(events):
    for event in events:
        if "client_initial_dcid" in event and re.match(r"1|quicv2|draft|mvfst", event["version"]):
            yield (event["version"], event["client_initial_dcid"])


def version_name(number):
    """As Zeek's log has it."""
    value = int(number, 16)
    if value in (1, 0x6B3343CF):
        return {1: "1", 0x6B3343CF: "quicv2"}[value]
    if value >> 16 == 0xFACE:
        return f"mvfst ({value:x})"
    return f"draft-{value & 0xFF}" if value >> 24 == 0xFF else f"unknown-{value:x}"


def tshark_starts(rows, frames):
    """The first packet with a version of each flow, whose sender is taken for the client, and the client's first behind each
    Retry."""
    clients, seen, retried = {}, {}, set()
    for row in rows:
        frame = frames.get(row["frame.number"])
        versions, ids = oracle.cell(row, "quic.version"), oracle.cell(row, "quic.dcid")
        if frame is None or not versions:
            continue
        stream, port = frame["udp.stream"], frame["udp.srcport"]
        if clients.setdefault(stream, "" if port in SERVER_PORTS else port) != port:
            if "3" in oracle.cell(row, "quic.long.packet_type"):
                retried.add(stream)
        elif ids and (stream not in seen or (stream in retried and ids[0] != seen[stream])):
            seen[stream] = ids[0]
            retried.discard(stream)
            yield (version_name(versions[0]), ids[0])


def suricata_names(events):
    for event in events:
        if event["quic"].get("sni") and event["quic"].get("ja3"):
            yield event["quic"]["sni"]


def our_names(events):
    return {event["server_name"] for event in events if "server_name" in event}


def to_one_rtt(history):
    """The packets until both sides have sent 1-RTT ones, and only the first of these of each side: we tell the event then."""
    out = ""
    for letter in history:
        out += letter if letter not in "Oo" or letter not in out else ""
        if "O" in out and "o" in out:
            break
    return out


def zeek_rows(rows):
    for row in rows:
        yield tuple(to_one_rtt(row[name]) if name == "history" else row[name] for name in ZEEK)


def our_rows(events):
    for event in events:
        yield tuple("-" if event.get(name) is None else event[name] or "(empty)" for name in ZEEK)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "quic"):
        yield oracle.view(name, zeek_rows(rows), our_rows)
    starts = list(tshark_starts(oracle.tshark(folder / "quic.tsv"), oracle.frames(folder)))
    yield oracle.view("tshark", starts, our_starts)
    events = oracle.suricata(folder, ("quic",))
    if events is not None:
        yield oracle.view("suricata", set(suricata_names(events)), our_names)
