"""S7comm, each PDU: (kind, reference, function or group), and apart the error, the list of the system's state, the
block's file, the points of each request and the return codes of each response.

tshark's table has one row per frame: where a frame holds several PDUs, what belongs together is not told, so the parts
are compared each by itself. It reads the reference the other way round.
"""

import oracle

PATHS = ("s7comm", "s7comm_read_szl", "s7comm_upload_download")
JOB, ACK_DATA, USERDATA = 1, 3, 7
SUCCESS = 255
TEXT_MAX = 120
AREAS = {0x80: "P", 0x81: "I", 0x82: "Q", 0x83: "M", 0x1C: "C", 0x1D: "T"}
WIDTHS = {1: "X", 4: "W", 5: "W", 6: "D", 7: "D", 8: "D"}


def kind(event):
    return f"{event.get('rosctr_name') or event['_path']} {event.get('function_name', '')}".strip()


def number(text):
    return int(text, 16) if text.startswith("0x") else int(text)


def swapped(reference):
    return (reference & 0xFF) << 8 | reference >> 8


def our_parts(events):
    for event in events:
        if event.get("ics.outcome") == "no answer":
            continue
        if "szl_id" in event:
            yield ("szl", number(event["szl_id"]))
        elif "filename" in event:
            yield ("file", event["filename"])
        elif "rosctr_code" in event:
            yield from our_pdu(event)


def our_pdu(event):
    kind = event["rosctr_code"]
    yield ("pdu", kind, event["pdu_reference"])
    function = event.get("function_code")
    if function:
        yield ("group" if kind == USERDATA else "function", number(function))
    for name in inserted(event):
        yield ("file", name)
    if kind not in (JOB, USERDATA):
        yield ("error", number(event["error_code"]))
    if kind == JOB and function in ("0x04", "0x05") and "ics.target" in event:
        yield ("points", event["ics.target"])
    if kind == ACK_DATA and function in ("0x04", "0x05"):
        for code in event.get("return_codes", []):
            yield ("return", code)


def inserted(event):
    """The blocks that PLC Control's services name, behind their number and a zero."""
    if event.get("subfunction_code") in ("_INSE", "_INS2", "_DELE") and "argument" in event:
        names = event["argument"][len(r"\x01\x00"):]
        for at in range(0, len(names), 8):
            yield names[at : at + 8]


def point(area, block, address, length, size):
    bits = int(address, 16)
    kind, width = int(area, 16), WIDTHS.get(int(size), "B")
    if kind in (0x1C, 0x1D):
        text = f"{AREAS[kind]}{bits}"
    else:
        place = f"{bits // 8}.{bits % 8}" if width == "X" else str(bits // 8)
        if kind == 0x84:
            text = f"DB{block}.DB{width}{place}"
        else:
            text = AREAS[kind] + ("" if width == "X" else width) + place
    return text if int(length) < 2 else f"{text}:{length}"


def tshark_points(row):
    names = ("area", "db", "address", "length", "transp_size")
    cells = [oracle.cell(row, f"s7comm.param.item.{name}") for name in names]
    text = ",".join(point(*item) for item in zip(*cells))
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 3] + "..."


def tshark_parts(rows):
    for row in rows:
        kinds = [int(kind) for kind in oracle.cell(row, "s7comm.header.rosctr")]
        references = [int(reference) for reference in oracle.cell(row, "s7comm.header.pduref")]
        functions = [number(function) for function in oracle.cell(row, "s7comm.param.func")]
        for kind, reference in zip(kinds, references):
            yield ("pdu", kind, swapped(reference))
        for function in functions:
            yield ("function", function)
        types, groups = (oracle.cell(row, f"s7comm.param.userdata.{name}") for name in ("type", "funcgroup"))
        for kind, group in zip(types, groups):
            yield ("group", int(kind) << 4 | int(group))
        for code in oracle.cell(row, "s7comm.header.errcod"):
            yield ("error", number(code))
        for szl in oracle.cell(row, "s7comm.data.userdata.szl_id"):
            yield ("szl", number(szl))
        for name in oracle.cell(row, "s7comm.param.blockcontrol.filename"):
            yield ("file", name)
        if row.get("s7comm.param.item.area") and (4 in functions or 5 in functions):
            yield ("points", tshark_points(row))
        if ACK_DATA in kinds and (4 in functions or 5 in functions):
            for code in oracle.cell(row, "s7comm.data.returncode"):
                yield ("return", number(code))


def our_rows(events):
    names = ("rosctr_code", "rosctr_name", "pdu_reference", "is_orig", "function_code", "function_name")
    names += ("subfunction_code", "subfunction_name", "error_class", "error_code")
    for event in events:
        # ICSNPP leaves acknowledgements without parameters out.
        if "rosctr_code" in event and "function_code" in event and event.get("ics.outcome") != "no answer":
            yield tuple(oracle.our_text(event.get(name)) for name in names)


def zeek_rows(rows):
    names = ("rosctr_code", "rosctr_name", "pdu_reference", "is_orig", "function_code", "function_name")
    names += ("subfunction_code", "subfunction_name", "error_class", "error_code")
    for row in rows:
        yield tuple(oracle.zeek_text(row[name]) for name in names)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "s7comm"):
        yield oracle.view(name, zeek_rows(rows), our_rows)
    yield oracle.view("tshark", tshark_parts(oracle.tshark(folder / "s7comm.tsv")), our_parts)
