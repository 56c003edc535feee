"""SNMP: how many messages there were, and how many variables were asked for, answered and written.

Our events sum up a flow or a part of one, so the sums of a capture are compared.
"""

from collections import Counter

import oracle

SUMS = ("get_requests", "get_bulk_requests", "get_responses", "set_requests")
OF_PDU = {"0": "get_requests", "1": "get_requests", "2": "get_responses", "3": "set_requests", "5": "get_bulk_requests"}
TRAPS = ("4", "6", "7")


def sums(rows, names):
    total = Counter()
    for row in rows:
        total.update({name: int(row[name]) for name in names})
    return +total


def tshark_sums(rows, frames):
    total = Counter()
    for row in rows:
        if "icmp" in (frames.get(row["frame.number"], {}).get("frame.protocols") or ""):
            continue  # quoted in an error message: nobody sent it as SNMP
        kind = row.get("snmp.data") or ""
        total["messages"] += 1
        total["traps"] += kind in TRAPS
        total[OF_PDU.get(kind, "others")] += len(oracle.cell(row, "snmp.name"))
    del total["others"]
    return +total


def suricata_sums(events):
    total = Counter()
    for event in events:
        total["messages"] += 1
        total["traps"] += event["snmp"].get("pdu_type", "") in ("trap_v1", "trap_v2", "inform_request")
    return +total


def oracles(folder):
    for name, rows in oracle.zeek(folder, "snmp"):
        yield oracle.view(name, sums(rows, SUMS), lambda events: sums(events, SUMS))
    told = tshark_sums(oracle.tshark(folder / "snmp.tsv"), oracle.frames(folder))
    yield oracle.view("tshark", told, lambda events: sums(events, (*SUMS, "messages", "traps")))
    events = oracle.suricata(folder, ("snmp",))
    if events is not None:
        yield oracle.view("suricata", suricata_sums(events), lambda events: sums(events, ("messages", "traps")))
