"""TFTP: which requests were seen, as (RRQ or WRQ, file, mode), and how many errors. Blocks flow between other ports, which
only a tool that follows both flows can join, so they are not compared."""

import oracle

REQUESTS = {"1": "RRQ", "2": "WRQ", "read": "RRQ", "write": "WRQ"}


def our_requests(events):
    for event in events:
        if event["opcode"] in ("RRQ", "WRQ"):
            yield (event["opcode"], event.get("file", ""), event["mode"])
        elif event["opcode"] == "ERROR":
            yield ("ERROR",)


def tshark_requests(rows):
    for row in rows:
        opcode = row.get("tftp.opcode", "")
        name, mode = row.get("tftp.source_file") or row.get("tftp.destination_file") or "", row.get("tftp.type") or ""
        # Without mode it is no request: we refuse it.
        if opcode in REQUESTS and mode:
            yield (REQUESTS[opcode], name, mode.lower())
        elif opcode == "5":
            yield ("ERROR",)


def suricata_requests(events):
    for event in events:
        tftp = event["tftp"]
        yield (REQUESTS[tftp["packet"]], tftp.get("file", ""), tftp.get("mode", "").lower())


def oracles(folder):
    yield oracle.view("tshark", tshark_requests(oracle.tshark(folder / "tftp.tsv")), our_requests)
    events = oracle.suricata(folder, ("tftp",))
    if events is not None:
        yield oracle.view("suricata", suricata_requests(events),
                          lambda events: (event for event in our_requests(events) if event[0] != "ERROR"))
