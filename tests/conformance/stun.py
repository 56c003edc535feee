"""STUN: type and user name of each message."""

import oracle

METHODS = {"BINDING": 1, "SHARED_SECRET": 2, "ALLOCATE": 3, "REFRESH": 4, "SEND": 6, "DATA": 7, "CREATE_PERMISSION": 8,
           "CHANNEL_BIND": 9, "CONNECT": 10, "CONNECTION_BIND": 11, "CONNECTION_ATTEMPT": 12}
CLASSES = ("REQUEST", "INDICATION", "SUCCESS_RESPONSE", "ERROR_RESPONSE")


def type_of(event):
    name = event["method"]
    method, kind = METHODS.get(name) or int(name.split("-")[1]), CLASSES.index(event["class"])
    return method & 15 | (method & 0x70) << 1 | (method & 0xF80) << 2 | (kind & 1) << 4 | (kind & 2) << 7


def ours(events):
    for event in events:
        yield (type_of(event), event.get("username", ""))


def theirs(rows, frames):
    for row in rows:
        # What an ICMP error quotes is not a message.
        if "icmp" in frames.get(row["frame.number"], {}).get("frame.protocols", ""):
            continue
        names = oracle.cell(row, "stun.att.username")
        for i, number in enumerate(oracle.cell(row, "stun.type")):
            yield (int(number, 16), names[i] if i < len(names) else "")


def oracles(folder):
    yield oracle.view("tshark", theirs(oracle.tshark(folder / "stun.tsv"), oracle.frames(folder)), ours)
