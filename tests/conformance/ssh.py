"""SSH: who spoke (identifications and HASSH) against every tool, and what Zeek further says of a connection."""

import oracle

ZEEK_FIELDS = ("version", "auth_success", "auth_attempts", "client", "server", "cipher_alg", "mac_alg", "compression_alg",
               "kex_alg", "host_key_alg", "host_key_fingerprint")
ZEEK_FINGERPRINT = len("SHA256:") + 32  # the digest takes 43 letters; Zeek's log has the first of them


def our_sides(events):
    for event in events:
        for field, kind in (("client", "id"), ("server", "id"), ("hassh", "hassh"), ("hasshServer", "hasshserver")):
            if field in event:
                yield (kind, event[field])


def tshark_sides(rows):
    for row in rows:
        for name in oracle.cell(row, "ssh.protocol"):
            if name.startswith("SSH-"):
                yield ("id", name)
        for kind in ("hassh", "hasshserver"):
            for digest in oracle.cell(row, f"ssh.kex.{kind}"):
                yield (kind, digest)


def software(identification):
    """As Suricata tells it: without what follows a space."""
    parts = identification.split(" ")[0].split("-", 2)
    return tuple(parts[1:]) if len(parts) == 3 else ("", "")


def our_connections(events):
    for event in events:
        yield (*software(event.get("client", "")), *software(event.get("server", "")), event.get("hassh"),
               event.get("hasshServer"))


def suricata_connections(events):
    for event in events:
        sides = [event["ssh"].get(side, {}) for side in ("client", "server")]
        names = [side.get(field, "") for side in sides for field in ("proto_version", "software_version")]
        yield (*names, *(side.get("hassh", {}).get("hash") for side in sides))


def zeek_text(value):
    if isinstance(value, bool):
        return "T" if value else "F"
    return "-" if value is None else str(value)


def our_zeek(events):
    for event in events:
        told = {**event, "host_key_fingerprint": event.get("host_key_fingerprint", "-")[:ZEEK_FINGERPRINT]}
        yield tuple(zeek_text(told.get(field)) for field in ZEEK_FIELDS)


def zeek_connections(rows):
    for row in rows:
        yield tuple("-" if field == "version" and row[field] == "0" else row[field] for field in ZEEK_FIELDS)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "ssh"):
        yield oracle.view(name, zeek_connections(rows), our_zeek)
    yield oracle.view("tshark", tshark_sides(oracle.tshark(folder / "ssh.tsv")), our_sides)
    events = oracle.suricata(folder, ("ssh",))
    if events is not None:
        yield oracle.view("suricata", suricata_connections(events), our_connections)
