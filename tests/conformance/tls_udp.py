"""TLS over UDP: the hellos that QUIC's Initial packets carry, and DTLS's, as our `ssl` events tell them."""

import re

import oracle
import tls

# What Zeek says of QUIC and DTLS in the same columns; `established` is ours, see protocols/README.md.
ZEEK = ("version", "cipher", "curve", "server_name", "resumed", "last_alert", "ssl_history")


def choose(events):
    return [event for event in tls.not_within_openvpn(events) if event["proto"] == "udp"]


def our_offers(events):
    return {(event["ja4"], event.get("server_name", "")) for event in events if "ja4" in event}


def ja4_offers(folder):
    for path in sorted((folder / "authors" / "ja4").glob("*.snap")):
        for block in re.split(r"^- ", path.read_text(encoding="utf-8", errors="replace"), flags=re.M):
            found = re.search(r"^  ja4: ([qd]\w+)", block, flags=re.M)
            name = re.search(r"^  tls_server_name: (\S+)", block, flags=re.M)
            if found:
                yield (found[1], name[1] if name else "")


def suricata_offers(events):
    for event in events:
        if event["quic"].get("ja4"):
            yield (event["quic"]["ja4"], event["quic"].get("sni", ""))


def ndpi_digests(folder):
    """nDPI has its own mind on JA4's first part, and a digest of nothing where the authors have zeros."""
    for path in sorted((folder / "authors" / "ndpi").glob("*.out")):
        for ciphers, rest in re.findall(r"JA4: [qd]\w+?_(\w+?)_(\w+)", path.read_text(encoding="utf-8", errors="replace")):
            yield (ciphers, "0" * 12 if rest == "e3b0c44298fc" else rest)


def our_digests(events):
    return {tuple(event["ja4"].split("_")[1:]) for event in events if "ja4" in event}


def zeek_rows(rows):
    for row in rows:
        yield tuple(row[name] for name in ZEEK if name in row)


def oracles(folder):
    # One test of Zeek's has the logs of two captures.
    for name, rows in [*oracle.zeek(folder, "ssl"), *oracle.zeek(folder, "ssl1_2")]:
        if re.search(r"protocols\.quic|dtls", name):
            names = [column for column in ZEEK if rows and column in rows[0]]
            yield oracle.view(name, zeek_rows(rows), lambda events, names=names: tls.our_rows(events, names))
    yield oracle.view("ja4", set(ja4_offers(folder)), our_offers)
    yield oracle.view("ndpi", set(ndpi_digests(folder)), our_digests)
    events = oracle.suricata(folder, ("quic",))
    if events is not None:
        yield oracle.view("suricata", set(suricata_offers(events)), our_offers)
