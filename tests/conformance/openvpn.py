"""OpenVPN: Zeek's log of the TLS in its control channel; tshark's table only says that there was some."""

import re

import oracle
import tls

# `established` and what follows from encrypted messages is ours; see tls_udp.py.
ZEEK = ("version", "cipher", "curve", "server_name", "resumed", "last_alert", "ssl_history", "cert_chain_fps")


def choose(events):
    tunnels = events.get("openvpn", [])
    uids = {event["uid"] for event in tunnels}
    return tunnels + [event for event in events.get("ssl", []) if event["uid"] in uids]


def zeek_rows(rows):
    for row in rows:
        yield tuple(row[name] for name in ZEEK)


def our_rows(events):
    yield from tls.our_rows([event for event in events if event["_path"] == "ssl"], ZEEK)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "ssl"):
        if re.search("openvpn", name):
            yield oracle.view(name, zeek_rows(rows), our_rows)
    seen = any(row.get("openvpn.opcode") for row in oracle.tshark(folder / "vpn.tsv"))
    yield oracle.view("tshark, seen", {True} if seen else set(), lambda events: {True} if events else set())
