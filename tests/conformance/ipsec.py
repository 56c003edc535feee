"""IKE: version, exchange, SPIs and message number of each message; with Zeek's package what was offered, too."""

import oracle

# Zeek has names of its own for IKEv1's notifications and tells no transforms of IKEv2; its `hash` and certificates are not made.
ZEEK = ("is_orig", "initiator_spi", "responder_spi", "maj_ver", "min_ver", "exchange_type", "flag_e", "flag_c", "flag_a",
        "flag_i", "flag_v", "flag_r", "message_id", "ke_dh_groups", "proposals", "protocol_id", "transform_attributes", "length",
        "doi", "situation")


def ours(events):
    for event in events:
        yield (event["maj_ver"] << 4 | event["min_ver"], event["exchange_type"], event["initiator_spi"], event["responder_spi"],
               event["message_id"])


def theirs(rows, frames):
    columns = ("isakmp.ispi", "isakmp.rspi", "isakmp.messageid", "isakmp.exchangetype", "isakmp.version")
    for row in rows:
        values = [oracle.cell(row, name) for name in columns]
        # ESP and a NAT's entry are in the table, too; what an ICMP error quotes is not a message.
        if all(values) and "icmp" not in frames.get(row["frame.number"], {}).get("frame.protocols", ""):
            initiator, responder, message, exchange, version = (value[0] for value in values)
            yield (int(version, 16), int(exchange), initiator, responder, int(message, 16))


def zeek_value(value):
    if value is None or value == []:
        return "-"
    if isinstance(value, bool):
        return "T" if value else "F"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def zeek_rows(rows):
    for row in rows:
        yield tuple("-" if row[name] == "(empty)" else row[name] for name in ZEEK)


def our_rows(events):
    for event in events:
        yield tuple(zeek_value(event.get(name)) for name in ZEEK)


def suricata_rows(events):
    for event in events:
        ike = event["ike"]
        yield (ike["version_major"] << 4 | ike["version_minor"], ike["exchange_type"], ike["init_spi"], ike["resp_spi"],
               ike["message_id"])


def oracles(folder):
    for name, rows in oracle.zeek(folder, "ipsec"):
        yield oracle.view(name, zeek_rows(rows), our_rows)
    yield oracle.view("tshark", theirs(oracle.tshark(folder / "isakmp.tsv"), oracle.frames(folder)), ours)
    events = oracle.suricata(folder, ("ike",))
    if events is not None:
        yield oracle.view("suricata", suricata_rows(events), ours)
