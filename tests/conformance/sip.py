"""SIP: which requests and final responses were seen, as (method, address, Call-ID) and (status, Call-ID), each once.

The tools tell messages, we tell transactions: what was sent again, and provisional responses, are not compared.
"""

import oracle

FINAL = 200


def our_set(events):
    for event in events:
        if "method" in event:
            yield ("request", event["method"], event["uri"], event.get("call_id", ""))
        if event.get("status_code", 0) >= FINAL:
            yield ("response", event["status_code"], event.get("call_id", ""))


def tshark_set(rows):
    for row in rows:
        # One frame of a stream may hold several messages, and tells their fields one behind the other.
        calls = oracle.cell(row, "sip.Call-ID")
        for place, method in enumerate(oracle.cell(row, "sip.Method")):
            uri = oracle.cell(row, "sip.r-uri")
            yield ("request", method, uri[min(place, len(uri) - 1)] if uri else "", calls[0] if calls else "")
        for status in oracle.cell(row, "sip.Status-Code"):
            if int(status) >= FINAL:
                yield ("response", int(status), calls[0] if calls else "")


def zeek_rows(rows):
    return ((row["method"], row["uri"], row["trans_depth"], row["status_code"]) for row in rows)


def our_rows(events):
    return ((event.get("method", "-"), event.get("uri", "-"), str(event["trans_depth"]), str(event.get("status_code", "-")))
            for event in events)


def suricata_set(events):
    for event in events:
        sip = event["sip"]
        if "method" in sip:
            yield ("request", sip["method"], sip["uri"])
        if int(sip.get("code", 0)) >= FINAL:
            yield ("response", int(sip["code"]))


def our_short(events):
    return (item[:3] if item[0] == "request" else item[:2] for item in our_set(events))


def oracles(folder):
    for name, rows in oracle.zeek(folder, "sip"):
        yield oracle.view(name, zeek_rows(rows), our_rows)
    yield oracle.view("tshark", set(tshark_set(oracle.tshark(folder / "sip.tsv"))), lambda events: set(our_set(events)))
    events = oracle.suricata(folder, ("sip",))
    if events is not None:
        yield oracle.view("suricata", set(suricata_set(events)), lambda events: set(our_short(events)))
