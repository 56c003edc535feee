"""NTP: which messages were seen, as (version, mode, stratum, reference id) or (version, mode, operation or request).

Zeek tells every field, but no control and private messages.
"""

import ipaddress
import re

import oracle

CONTROL, PRIVATE = 6, 7


def id_hex(stratum, text):
    """The reference id's four bytes, from either of its two ways to be written."""
    if stratum > 1:
        return ipaddress.ip_address(text).packed.hex()
    raw = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), text.encode())
    return raw.ljust(4, b"\0").hex()


def our_messages(events):
    for event in events:
        head = event["version"], event["mode"]
        if event["mode"] in (CONTROL, PRIVATE):
            yield (*head, event.get("op_code", event.get("req_code")))
        else:
            yield (*head, event["stratum"], id_hex(event["stratum"], event.get("ref_id", "")))


def first(row, *names):
    return next((oracle.cell(row, name)[0] for name in names if oracle.cell(row, name)), None)


def tshark_messages(rows):
    for row in rows:
        head = int(row["ntp.flags.vn"].split("|")[0]), int(row["ntp.flags.mode"].split("|")[0])
        if head[1] in (CONTROL, PRIVATE):
            code = first(row, "ntp.ctrl.flags2.opcode", "ntp.priv.reqcode")
            yield (*head, int(code) if code else None)
        else:
            yield (*head, int(first(row, "ntp.stratum")), first(row, "ntp.refid").replace(":", ""))


INTERVALS = ("poll", "precision", "root_delay", "root_disp")
TIMES = ("ref_time", "org_time", "rec_time", "xmt_time")


def whole(row):
    """All of Zeek's fields, as coarse as rounding makes it necessary."""
    numbers = [int(row[name]) for name in ("version", "mode", "stratum", "num_exts")]
    numbers += [round(float(row[name]), 3) for name in INTERVALS] + [round(float(row[name]), 1) for name in TIMES]
    name = row.get("ref_id", "")
    return (*numbers, re.sub(r"(\\x00)+$", "", name))


def our_whole(events):
    return (whole(event) for event in events if event["mode"] not in (CONTROL, PRIVATE))


def oracles(folder):
    for name, rows in oracle.zeek(folder, "ntp"):
        yield oracle.view(name, map(whole, rows), our_whole)
    yield oracle.view("tshark", tshark_messages(oracle.tshark(folder / "ntp.tsv")), our_messages)
