"""DHCP for IPv4: which messages were seen, as (transaction number, hardware address, kind).

Our events are transactions of a flow, Zeek's join flows; so both are taken apart into their messages. Zeek does not tell
the number.
"""

import oracle

TYPES = ("", "DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM", "FORCERENEW", "LEASEQUERY",
         "LEASEUNASSIGNED", "LEASEUNKNOWN", "LEASEACTIVE")


def our_messages(events):
    for event in events:
        for kind in event.get("msg_types", ()):
            yield (event["xid"], event.get("mac", ""), kind)


def tshark_messages(rows, frames):
    for row in rows:
        if "icmp" in (frames.get(row["frame.number"], {}).get("frame.protocols") or ""):
            continue  # quoted in an error message: nobody sent it as DHCP
        number, kinds = int(row["dhcp.id"], 16), oracle.cell(row, "dhcp.option.dhcp")
        # A client identifier repeats the address.
        mac = (oracle.cell(row, "dhcp.hw.mac_addr") or [""])[0]
        if kinds:
            kind = int(kinds[0])
            yield (number, mac, TYPES[kind] if 0 < kind < len(TYPES) else f"unknown-{kind}")
        else:
            yield (number, mac, "BOOTREQUEST" if row["dhcp.type"] == "1" else "BOOTREPLY")


def suricata_messages(events):
    for event in events:
        dhcp = event["dhcp"]
        boot = "BOOTREQUEST" if dhcp["type"] == "request" else "BOOTREPLY"
        yield (dhcp["id"], dhcp["client_mac"], dhcp.get("dhcp_type", boot).upper())


def zeek_messages(rows):
    for row in rows:
        for kind in row["msg_types"].split(","):
            yield (row["mac"], kind)


def our_named(events):
    return (message[1:] for message in our_messages(events))


def oracles(folder):
    for name, rows in oracle.zeek(folder, "dhcp"):
        yield oracle.view(name, zeek_messages(rows), our_named)
    yield oracle.view("tshark", tshark_messages(oracle.tshark(folder / "dhcp.tsv"), oracle.frames(folder)), our_messages)
    events = oracle.suricata(folder, ("dhcp",))
    if events is not None:
        yield oracle.view("suricata", suricata_messages(events), our_messages)
