"""DCE/RPC: which operations were called. tshark: (operation's number, Q or R); Suricata: the number; Zeek: its log. Of
datagrams only the requests: PROFINET's devices answer from a port of their own, which is another flow.
"""

import oracle

# Zeek leaves these out by default: noisy, and of little worth.
IGNORED = {
    "winreg": {"BaseRegCloseKey", "BaseRegGetVersion", "BaseRegOpenKey", "BaseRegQueryValue", "BaseRegDeleteKeyEx",
               "OpenLocalMachine", "BaseRegEnumKey", "OpenClassesRoot"},
    "spoolss": {"RpcSplOpenPrinter", "RpcClosePrinter"},
    "wkssvc": {"NetrWkstaGetInfo"},
}


def tshark_calls(rows):
    """Fragments of one call are in frames of their own: tshark's table does not tell them from calls."""
    for row in rows:
        operations, datagram = oracle.cell(row, "dcerpc.opnum"), row.get("dcerpc.dg_if_id")
        for kind in oracle.cell(row, "dcerpc.pkt_type"):
            if kind in ("0", "2", "3") and operations:
                operation = int(operations.pop(0))
                if kind == "0" or (kind == "2" and not datagram):
                    yield (operation, "Q" if kind == "0" else "R")


def our_calls(events):
    for event in events:
        yield (event["opnum"], "Q")
        if "rtt" in event and "fault" not in event and event["proto"] == "tcp":
            yield (event["opnum"], "R")


def suricata_calls(events):
    for event in events:
        told = event.get("dcerpc") or event.get("smb", {}).get("dcerpc")
        if told and told.get("request") == "REQUEST":
            yield told["opnum"] if "opnum" in told else told.get("req", {}).get("opnum")


def zeek_rows(rows):
    for row in rows:
        yield tuple(row[name].replace("\\\\", "\\") for name in ("named_pipe", "endpoint", "operation"))


def our_rows(events):
    for event in events:
        if event["operation"] not in IGNORED.get(event.get("endpoint"), ()) and "endpoint" in event:
            yield (event.get("named_pipe", "-"), event["endpoint"], event["operation"])


def oracles(folder):
    for name, rows in oracle.zeek(folder, "dce_rpc"):
        yield oracle.view(name, zeek_rows(rows), our_rows)
    rows = oracle.tshark(folder / "dcerpc.tsv")
    if not any(row["frame.number"].startswith("# truncated") for row in rows):
        yield oracle.view("tshark", tshark_calls(rows), our_calls)
    events = oracle.suricata(folder, ("dcerpc", "smb"))
    if events is not None:
        yield oracle.view("suricata", suricata_calls(events), lambda ours: (event["opnum"] for event in ours))
