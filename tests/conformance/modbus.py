"""Modbus/TCP: which PDUs were seen, as (transaction, unit, function, REQ or RESP).

The direction is left out of the comparison where the tool's table does not tell it.
"""

import oracle

PORT = "502"


def kind(event):
    return event["func"]


def our_pdus(events):
    for event in events:
        yield (event["tid"], event["unit"], event["func_code"], event["pdu_type"])


def our_pdus_any_direction(events):
    for event in events:
        yield (event["tid"], event["unit"], event["func_code"])


def our_names(events):
    for event in events:
        yield (event["tid"], event["unit"], event["func"], event["pdu_type"])


def direction(frame):
    if frame.get("tcp.srcport") == PORT:
        return "RESP"
    return "REQ" if frame.get("tcp.dstport") == PORT else None


def tshark_pdus(rows, frames):
    for row in rows:
        way = direction(frames.get(row["frame.number"], {}))
        functions = oracle.cell(row, "modbus.func_code")
        ids, units = oracle.cell(row, "mbtcp.trans_id"), oracle.cell(row, "mbtcp.unit_id")
        for number, unit, function in zip(ids, units, functions):
            yield (int(number), int(unit), int(function) & 0x7F, way)


def suricata_pdus(events):
    for event in events:
        for kind, way in (("request", "REQ"), ("response", "RESP")):
            pdu = event["modbus"].get(kind)
            if pdu:
                yield (pdu["transaction_id"], pdu["unit_id"], pdu["function_raw"] & 0x7F, way)


def zeek_pdus(rows):
    for row in rows:
        yield (int(row["tid"]), int(row["unit"]), row["func"], row["pdu_type"])


def oracles(folder):
    for name, rows in oracle.zeek(folder, "modbus"):
        if not rows or "pdu_type" in rows[0]:
            yield oracle.view(name, zeek_pdus(rows), our_names)
    pdus = list(tshark_pdus(oracle.tshark(folder / "modbus.tsv"), oracle.frames(folder)))
    if all(pdu[3] for pdu in pdus):
        yield oracle.view("tshark", pdus, our_pdus)
    else:
        yield oracle.view("tshark", [pdu[:3] for pdu in pdus], our_pdus_any_direction)
    events = oracle.suricata(folder, ("modbus",))
    if events is not None:
        yield oracle.view("suricata", suricata_pdus(events), our_pdus)
