"""Certificates sent over TCP in the clear, as our `x509` events tell them. Those in QUIC, in DTLS and behind
protocols that we do not decode are left out of all tables.
"""

import oracle
import tls

# Columns of Zeek's log and our fields.
ZEEK = ("fingerprint", "certificate.version", "certificate.serial", "certificate.subject", "certificate.issuer",
        "certificate.not_valid_before", "certificate.not_valid_after", "certificate.key_alg", "certificate.sig_alg",
        "certificate.key_type", "certificate.key_length", "certificate.exponent", "certificate.curve", "san.dns", "san.uri",
        "san.email", "san.ip", "basic_constraints.ca", "basic_constraints.path_len", "host_cert", "client_cert")


def choose(events):
    return tls.over_tcp(events, "x509")


def our_serials(events):
    for event in events:
        if "certificate.serial" in event:
            yield abs(int(event["certificate.serial"], 16))


def tshark_serials(rows, frames):
    """(serial numbers, whether all). As in tls.py, each counts once where the table of frames ends before."""
    found, behind, reached = [], tls.behind_others(frames), True
    for row in rows:
        serials = oracle.cell(row, "x509af.serialNumber")
        # The same column shows those inside signatures, OCSP answers and the like.
        if not serials or "11" not in oracle.cell(row, "tls.handshake.type"):
            continue
        frame = frames.get(row["frame.number"])
        reached = reached and frame is not None
        if frame and (not tls.is_tls(frame) or frame.get("tcp.stream") in behind):
            continue
        found.extend(int(serial, 16) for serial in serials)
    return found, reached


def our_leaves(events):
    for event in events:
        if event["host_cert"] and not event["client_cert"] and "certificate.serial" in event:
            yield (abs(int(event["certificate.serial"], 16)), ",".join(event.get("san.dns", [])))


def suricata_leaves(events):
    for event in events:
        told = event["tls"]
        if event["proto"] == "TCP" and told.get("from_proto") in tls.SURICATA_CARRIERS and "serial" in told:
            yield (int(told["serial"].replace(":", ""), 16), ",".join(told.get("subjectaltname", [])))


def zeek_value(name, value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "T" if value else "F"
    if name.startswith("certificate.not_valid"):
        return f"{value:.6f}"
    return ",".join(value) if isinstance(value, list) else str(value)


def zeek_rows(rows):
    """Zeek tells the same certificate once, so each counts once on both sides."""
    return {tuple(row[name] for name in ZEEK if name in row) for row in rows}


def our_rows(events, names):
    return {tuple(zeek_value(name, event.get(name)) for name in names) for event in events}


def oracles(folder):
    for name, rows in oracle.zeek(folder, "x509"):
        if not oracle.behind_others(name):
            names = [column for column in ZEEK if rows and column in rows[0]]
            yield oracle.view(name, zeek_rows(rows), lambda events, names=names: our_rows(events, names))
    serials, reached = tshark_serials(oracle.tshark(folder / "tls.tsv"), oracle.frames(folder))
    if reached:
        yield oracle.view("tshark", serials, our_serials)
    else:
        yield oracle.view("tshark, each once", set(serials), lambda events: set(our_serials(events)))
    events = oracle.suricata(folder, ("tls",))
    if events is not None:
        yield oracle.view("suricata", suricata_leaves(events), our_leaves)
