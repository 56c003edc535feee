"""DNP3: which application messages were seen and what stood in them.

tshark: (source, destination, function, sequence, indications, objects) of each message; objects are compared where tshark
dissects them without complaint. Link frames without data: (source, destination, asks, function).
Suricata: (source, destination, function, sequence, indications) of each message.
Zeek: (function of the reply, indications) of each response, and the functions of requests.
"""

import oracle

PATHS = ("dnp3",)
RESPONSES = range(0x80, 0x100)
SURICATA_FLAGS = {
    "device_restart": 0x8000, "device_trouble": 0x4000, "local_control": 0x2000, "need_time": 0x1000,
    "class_3_events": 0x0800, "class_2_events": 0x0400, "class_1_events": 0x0200, "all_stations": 0x0100,
    "reserved_1": 0x80, "reserved_2": 0x40, "config_corrupt": 0x20, "already_executing": 0x10,
    "event_buffer_overflow": 0x08, "parameter_error": 0x04, "object_unknown": 0x02, "no_func_code_support": 0x01,
}


def told(events):
    """What was on the wire: without the requests that are told once more as unanswered."""
    return (event for event in events if event.get("ics.outcome") != "no answer")


def our_messages(events):
    for event in told(events):
        if "fc_code" in event:
            yield (event["source"], event["destination"], event["fc_code"], event["sequence"], event.get("iin"),
                   tuple(event.get("objects", ())))
        else:
            yield (event["source"], event["destination"], event["link_function"])


def our_heads(events):
    for event in told(events):
        if "fc_code" in event:
            yield (event["source"], event["destination"], event["fc_code"], event["sequence"], event.get("iin"))


def our_replies(events):
    for event in told(events):
        if "fc_reply" in event:
            yield (event["fc_reply"], event.get("iin"))


LINK = {("1", 0): "RESET_LINK_STATES", ("1", 2): "TEST_LINK_STATES", ("1", 9): "REQUEST_LINK_STATUS",
        ("0", 0): "ACK", ("0", 1): "NACK", ("0", 11): "LINK_STATUS", ("0", 15): "NOT_SUPPORTED"}


def number(row, name, at=0, base=0):
    values = oracle.cell(row, name)
    return int(values[at], base) if at < len(values) else None


def tshark_messages(rows):
    for row in rows:
        functions = oracle.cell(row, "dnp3.al.func")
        primaries = oracle.cell(row, "dnp3.ctl.prm")
        sources, destinations = oracle.cell(row, "dnp3.src"), oracle.cell(row, "dnp3.dst")
        if functions and len(primaries) == len(functions) == 1:
            objects = tuple(f"g{int(o, 16) >> 8}v{int(o, 16) & 255}" for o in oracle.cell(row, "dnp3.al.obj"))
            yield (int(sources[0]), int(destinations[0]), int(functions[0]), number(row, "dnp3.al.seq"),
                   number(row, "dnp3.al.iin"), objects)
            continue
        for i, primary in enumerate(primaries):
            yield ("several", i, primary, sources[i], destinations[i], tuple(functions), row["dnp3.tr.fin"] if "dnp3.tr.fin" in row else "")


def suricata_messages(events):
    for event in events:
        dnp3 = event["dnp3"]
        application = dnp3["application"]
        iin = dnp3.get("iin")
        flags = sum(SURICATA_FLAGS[name] for name in iin.get("indicators", ())) if iin is not None else None
        yield (dnp3["src"], dnp3["dst"], application["function_code"], application["control"]["sequence"], flags)


def zeek_replies(rows):
    for row in rows:
        if row["fc_reply"] != "-":
            yield (row["fc_reply"], int(row["iin"]))


def oracles(folder):
    for name, rows in oracle.zeek(folder, "dnp3"):
        yield oracle.view(name, zeek_replies(rows), our_replies)
    yield oracle.view("tshark", tshark_messages(oracle.tshark(folder / "dnp3.tsv")), our_messages)
    events = oracle.suricata(folder, ("dnp3",))
    if events is not None:
        yield oracle.view("suricata", suricata_messages(events), our_heads)
