"""TLS over TCP: what each connection's hellos said, as our `ssl` events tell it. QUIC, DTLS, OpenVPN and TLS behind protocols
that we do not decode are left out of all tables.
"""

import re

import oracle

# Columns of Zeek's log that are compared where its version has them.
ZEEK = ("version", "cipher", "curve", "server_name", "resumed", "last_alert", "next_protocol", "established", "ssl_history",
        "cert_chain_fps")

# Protocols behind which TLS begins in mid-connection for us too, as tshark and Suricata name them.
CARRIERS = "ftp|imap|mysql|pgsql|pop|smtp|socks"
SURICATA_CARRIERS = (None, "ftp", "imap", "mysql", "pgsql", "pop3", "smtp", "socks")


def not_within_openvpn(events, path="ssl"):
    tunnels = {event["uid"] for event in events.get("openvpn", [])}
    return [event for event in events.get(path, []) if event["uid"] not in tunnels]


def over_tcp(events, path):
    return [event for event in not_within_openvpn(events, path) if event["proto"] == "tcp"]


def choose(events):
    return over_tcp(events, "ssl")


def our_hellos(events):
    """The first client hello and the last server hello of each connection."""
    for event in events:
        if "ja3" in event:
            yield ("C", event["ja3"], event.get("server_name", ""))
        if "ja3s" in event:
            yield ("S", event["ja3s"])


def our_offers(events):
    for event in events:
        if "ja4" in event:
            yield ("J", event["ja4"])


def behind_others(frames):
    """The streams in which a protocol that we do not decode spoke before TLS did: a proxy's CONNECT."""
    return {frame.get("tcp.stream") for frame in frames.values()
            if re.search(rf":tcp:(?!tls|data|{CARRIERS})\w", frame.get("frame.protocols") or "")}


def is_tls(frame):
    return bool(re.search(rf":tcp:((?:{CARRIERS}):)?tls", frame.get("frame.protocols") or ""))


def tshark_hellos(rows, frames):
    """(hellos, whether by connection). The table of frames ends after 200: if hellos come later, each counts once, and it is
    not told which of them a connection's second or behind another protocol is."""
    first, last, behind = {}, {}, behind_others(frames)
    by_connection = True
    for row in rows:
        # QUIC has no records.
        if not {"1", "2"} & set(oracle.cell(row, "tls.handshake.type")) or not row.get("tls.record.content_type"):
            continue
        frame = frames.get(row["frame.number"])
        if frame is None:
            by_connection = False
        elif not is_tls(frame) or frame.get("tcp.stream") in behind:
            continue
        stream = frame.get("tcp.stream") if frame else row["frame.number"]
        ja3, ja3s = oracle.cell(row, "tls.handshake.ja3"), oracle.cell(row, "tls.handshake.ja3s")
        names = oracle.cell(row, "tls.handshake.extensions_server_name")
        if ja3:
            first.setdefault(stream, ("C", ja3[0], names[0] if names else ""))
        if ja3s:
            last[stream] = ("S", ja3s[-1])
    return [*first.values(), *last.values()], by_connection


def ja4_offers(folder):
    """What JA4's authors expect of each connection over TCP."""
    for path in sorted((folder / "authors" / "ja4").glob("*.snap")):
        for block in re.split(r"^- ", path.read_text(encoding="utf-8", errors="replace"), flags=re.M):
            found = re.search(r"^  ja4: (t\w+)", block, flags=re.M)
            if found:
                yield ("J", found[1])


def suricata_hellos(events):
    for event in events:
        tls = event["tls"]
        if event["proto"] == "TCP" and tls.get("from_proto") in SURICATA_CARRIERS:
            yield (tls.get("ja3", {}).get("hash"), tls.get("ja3s", {}).get("hash"), tls.get("sni"))


def our_triples(events):
    for event in events:
        if "ja3" in event or "ja3s" in event:
            yield (event.get("ja3"), event.get("ja3s"), event.get("server_name"))


def zeek_rows(rows):
    for row in rows:
        if not row.get("version", "").startswith("DTLS"):
            yield tuple(row[name] for name in ZEEK if name in row)


def zeek_value(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "T" if value else "F"
    return ",".join(value) if isinstance(value, list) else value


def our_rows(events, names):
    for event in events:
        yield tuple(zeek_value(event.get(name)) for name in names)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "ssl"):
        if not oracle.behind_others(name):
            names = [column for column in ZEEK if rows and column in rows[0]]
            yield oracle.view(name, zeek_rows(rows), lambda events, names=names: our_rows(events, names))
    hellos, by_connection = tshark_hellos(oracle.tshark(folder / "tls.tsv"), oracle.frames(folder))
    offers = list(ja4_offers(folder))
    if not by_connection:
        yield oracle.view("tshark, each once", set(hellos), lambda events: set(our_hellos(events)))
    elif offers:
        yield oracle.view("tshark+ja4", hellos + offers, lambda events: [*our_hellos(events), *our_offers(events)])
    else:
        yield oracle.view("tshark", hellos, our_hellos)
    events = oracle.suricata(folder, ("tls",))
    if events is not None:
        yield oracle.view("suricata", suricata_hellos(events), our_triples)
