"""PROFINET DCP: which messages were seen, as (frame id, service, type, xid, station's name, address)."""

import oracle

SERVICES = {"3": "get", "4": "set", "5": "identify", "6": "hello"}
TYPES = {"0": "request", "1": "response", "5": "not_supported"}


def kind(event):
    return f"{event['service']} {event['service_type']}"


def our_messages(events):
    for event in events:
        head = (event["frame_id"], event["service"], event["service_type"], event["xid"])
        yield (*head, event.get("station_name", ""), event.get("ip", ""))


def tshark_messages(rows):
    for row in rows:
        if not row.get("pn_dcp.service_id"):
            continue
        head = (int(row["pn_rt.frame_id"]), SERVICES[row["pn_dcp.service_id"]], TYPES[row["pn_dcp.service_type"]])
        name = row.get("pn_dcp.suboption_device_nameofstation") or ""
        yield (*head, int(row["pn_dcp.xid"], 16), name, row.get("pn_dcp.suboption_ip_ip") or "")


def oracles(folder):
    theirs = list(tshark_messages(oracle.tshark(folder / "profinet.tsv")))
    if theirs:
        yield oracle.view("tshark", theirs, our_messages)
