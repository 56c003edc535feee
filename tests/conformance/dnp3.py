"""DNP3: which application messages were seen and what stood in them.

tshark: (source, destination, function, sequence, indications) of each message, (source, destination, function) of each
link frame without data, and the group and variation of each object header.
Suricata, which tells no confirmations: (source, destination, function, sequence, indications) of each message.
Zeek: (function of the reply, indications) of each response, and the functions of requests.
"""

import re

import oracle

CONFIRM, RESPONSES = 0, range(0x80, 0x100)
STRINGS = re.compile(r"g(110|111)v.*")  # their variation is their length; tshark writes 0
SURICATA_FLAGS = {
    "device_restart": 0x8000, "device_trouble": 0x4000, "local_control": 0x2000, "need_time": 0x1000,
    "class_3_events": 0x0800, "class_2_events": 0x0400, "class_1_events": 0x0200, "all_stations": 0x0100,
    "reserved_1": 0x80, "reserved_2": 0x40, "config_corrupt": 0x20, "already_executing": 0x10,
    "event_buffer_overflow": 0x08, "parameter_error": 0x04, "object_unknown": 0x02, "no_func_code_support": 0x01,
}


def kind(event):
    return event.get("fc_reply") or event.get("fc_request") or event["link_function"]


def told(events):
    """What was on the wire: without the requests that are told once more as unanswered."""
    return (event for event in events if event.get("ics.outcome") != "no answer")


def our_messages(events):
    for event in told(events):
        if "fc_code" not in event:
            yield (event["link_source"], event["link_destination"], event["link_function"])
            continue
        yield (event["link_source"], event["link_destination"], event["fc_code"], event["sequence"], event.get("iin"))
        for name in event.get("objects", ()):
            yield STRINGS.sub(r"g\1", name)


def our_heads(events):
    for event in told(events):
        if event.get("fc_code", CONFIRM) != CONFIRM:
            yield (event["link_source"], event["link_destination"], event["fc_code"], event["sequence"], event.get("iin"))


def our_replies(events):
    for event in told(events):
        if "fc_reply" in event:
            yield (event["fc_reply"], event.get("iin"))


LINK_FUNCTIONS = {
    ("1", "0"): "RESET_LINK_STATES", ("1", "1"): "RESET_USER_PROCESS", ("1", "2"): "TEST_LINK_STATES",
    ("1", "9"): "REQUEST_LINK_STATUS", ("0", "0"): "ACK", ("0", "1"): "NACK", ("0", "11"): "LINK_STATUS",
    ("0", "15"): "NOT_SUPPORTED",
}


def tshark_messages(rows):
    """A row has the values of all its frames; a message belongs to the frame that ends it."""
    for row in rows:
        asks, answers = iter(oracle.cell(row, "dnp3.ctl.prifunc")), iter(oracle.cell(row, "dnp3.ctl.secfunc"))
        finals, indications = iter(oracle.cell(row, "dnp3.tr.fin")), iter(oracle.cell(row, "dnp3.al.iin"))
        messages = zip(oracle.cell(row, "dnp3.al.func"), oracle.cell(row, "dnp3.al.seq"))
        for primary, source, destination in zip(*(oracle.cell(row, f"dnp3.{name}") for name in ("ctl.prm", "src", "dst"))):
            stations = (int(source), int(destination))
            function = next(asks if primary == "1" else answers, None)
            if primary == "0" or function not in ("3", "4"):
                yield (*stations, LINK_FUNCTIONS.get((primary, function), f"unknown-{function}"))
            elif next(finals, None) == "1":
                code, sequence = next(messages, (None, None))
                if code is not None:
                    iin = int(next(indications, "0"), 16) if int(code) in RESPONSES else None
                    yield (*stations, int(code), int(sequence), iin)
        for objects in oracle.cell(row, "dnp3.al.obj"):
            yield STRINGS.sub(r"g\1", f"g{int(objects, 16) >> 8}v{int(objects, 16) & 0xFF}")


def suricata_messages(events):
    for event in events:
        dnp3 = event["dnp3"]
        application = dnp3["application"]
        iin = dnp3.get("iin")
        flags = sum(SURICATA_FLAGS[name] for name in iin.get("indicators", ())) if iin is not None else None
        if application["function_code"] != CONFIRM:
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
