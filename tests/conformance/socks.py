"""SOCKS: where clients ask to go and what the proxy answers, as tshark sees them."""

import oracle

STATUSES = ("succeeded", "general SOCKS server failure", "connection not allowed by ruleset", "Network unreachable",
            "Host unreachable", "Connection refused", "TTL expired", "Command not supported", "Address type not supported")


def our_messages(events):
    for event in events:
        if "request_p" in event:
            yield ("request", event.get("request.name") or event.get("request.host"), event["request_p"])
        if event["version"] == 5 and "status" in event:
            yield ("answer", STATUSES.index(event["status"]))


def tshark_messages(rows):
    for row in rows:
        # It repeats the request's address on every frame behind it, but not the port.
        if row["socks.command"] and row["socks.port"]:
            yield ("request", row.get("socks.remote_name") or row["socks.dst"], int(row["socks.port"]))
        if row["socks.results"]:
            yield ("answer", int(row["socks.results"]))


def oracles(folder):
    yield oracle.view("tshark", tshark_messages(oracle.tshark(folder / "socks.tsv")), our_messages)
