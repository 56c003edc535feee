"""IEC 60870-5-104: every APDU with its numbers, its head, the objects' addresses, values, qualities and clocks.

A frame may hold several APDUs; the table has one cell for all of them, which is dealt out in their order. Values are
compared where the table has their column.
"""

from datetime import datetime

import oracle

APCI, ASDU = "iec60870_104.", "iec60870_asdu."
FORMATS = ("I", "S", "?", "U")
FUNCTIONS = {1: "STARTDT_ACT", 2: "STARTDT_CON", 4: "STOPDT_ACT", 8: "STOPDT_CON", 16: "TESTFR_ACT", 32: "TESTFR_CON"}
HEAD = ("sq", "numix", "causetx", "nega", "test", "oa", "addr")
OUR_HEAD = ("seq", "num_ix", "cause_tx", "negative", "test", "originator_address", "common_address")

POINTS = {"OFF": 0, "ON": 1}
DOUBLE = {"INTERMEDIATE": 0, "OFF": 1, "ON": 2, "INDETERMINATE": 3}
COMMAND = {"OFF": 1, "ON": 2, "NOT_PERMITTED": None}


def kind(event):
    return event.get("info_obj_type") or event.get("apci_function") or event["apci_type"]


def real(text):
    return f"{float(text):.5g}"  # the table has six digits, rounded from more than we have


# By type: the column of its values, what makes ours like them.
VALUES = {}
for column, types, convert in (
    ("siq.spi", (1, 2, 30), POINTS.get),
    ("diq.dpi", (3, 4, 31), DOUBLE.get),
    ("normval", (9, 10, 21, 34, 48, 61, 110), real),
    ("scalval", (11, 12, 35, 49, 62, 111), int),
    ("float", (13, 14, 36, 50, 63, 112), real),
    ("sco.on", (45, 58), POINTS.get),
    ("dco.on", (46, 59), COMMAND.get),
):
    VALUES.update({number: (column, convert) for number in types})
QUALITIES = {"siq": (1, 2, 30), "diq": (3, 4, 31), "qds": (5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 20, 32, 33, 34, 35, 36)}
QUALITY_OF = {number: column for column, types in QUALITIES.items() for number in types}
FLAGS = {"good": 0, "overflow": 1, "blocked": 0x10, "substituted": 0x20, "not_topical": 0x40, "invalid": 0x80}
COMMANDS = {45: "sco.se", 46: "dco.se", 58: "sco.se", 59: "dco.se"}
# Of protection's events (38 to 40) the table has no clock.
WITH_CLOCK = (30, 31, 32, 33, 34, 35, 36, 37, 58, 59, 60, 61, 62, 63, 64, 103)


def number(text):
    return int(text, 0) if text.startswith("0x") else int(text)


def state(type_id, text):
    """Of a double command 0 and 3 are alike: not permitted."""
    value = number(text)
    return None if type_id in (46, 59) and value in (0, 3) else value


class Cells:
    """A frame's cells, dealt out to its APDUs."""

    def __init__(self, row):
        self.row, self.left = row, {}

    def take(self, column, count=1):
        """The next `count` of them; None when the table has no such column."""
        if self.row.get(column) is None:
            return None
        left = self.left.setdefault(column, oracle.cell(self.row, column))
        taken, self.left[column] = left[:count], left[count:]
        return taken

    def one(self, column):
        return next(iter(self.take(column) or []), None)


def tshark_objects(cells, type_id, count):
    yield tuple(int(text) for text in cells.take(ASDU + "ioa", count) or [])
    column, convert = VALUES.get(type_id, (None, None))
    values = cells.take(ASDU + column, count) if column else None
    yield None if values is None else tuple(state(type_id, v) if convert not in (real, int) else convert(v) for v in values)
    column = QUALITY_OF.get(type_id)
    raw = cells.take(ASDU + column, count) if column else None
    yield None if raw is None else tuple(number(text) & (0xF1 if column == "qds" else 0xF0) for text in raw)
    column = COMMANDS.get(type_id)
    yield cells.one(ASDU + column) if column else None
    clocks = cells.take(ASDU + "cp56time", count) if type_id in WITH_CLOCK else None
    yield None if clocks is None else tuple(datetime.strptime(text[:-7], "%b %d, %Y %H:%M:%S.%f") for text in clocks)


def tshark_apdus(rows):
    for row in rows:
        cells = Cells(row)
        for kind in oracle.cell(row, APCI + "type"):
            kind = FORMATS[number(kind)]
            length = int(cells.one(APCI + "apdulen"))
            if kind == "U":
                yield (length, kind, FUNCTIONS[number(cells.one(APCI + "utype"))])
            elif kind == "S":
                yield (length, kind, int(cells.one(APCI + "rx")))
            else:
                counts = int(cells.one(APCI + "tx")), int(cells.one(APCI + "rx"))
                type_id = int(cells.one(ASDU + "typeid"))
                head = tuple(int(cells.one(ASDU + name)) for name in HEAD)
                yield (length, kind, *counts, type_id, head, *tshark_objects(cells, type_id, head[1]))


def our_objects(event, columns):
    type_id, values = event["info_obj_type_id"], event.get("values", [])
    yield tuple(event.get("info_obj_addrs", []))
    column, convert = VALUES.get(type_id, (None, None))
    yield tuple(convert(value) for value in values) if column and ASDU + column in columns else None
    column = QUALITY_OF.get(type_id)
    qualities = [sum(FLAGS[flag] for flag in text.split("+")) for text in event.get("qualities", [])]
    yield tuple(qualities) if column and ASDU + column in columns else None
    column = COMMANDS.get(type_id)
    yield str(int(event["select"])) if column and ASDU + column in columns else None
    clocks = [datetime.fromisoformat(text.split()[0]) for text in event.get("times", [])]
    yield tuple(clocks) if type_id in WITH_CLOCK and ASDU + "cp56time" in columns else None


def our_apdus(columns):
    def ours(events):
        for event in events:
            kind, length = event["apci_type"], event.get("apdu_len")
            if event.get("ics.outcome") == "no answer":
                continue  # a request that was told already
            if kind == "U":
                yield (length, kind, event["apci_function"])
            elif kind == "S":
                yield (length, kind, event["apci_rx"])
            else:
                head = tuple(int(event.get(name, 0)) for name in OUR_HEAD)
                yield (length, kind, event["apci_tx"], event["apci_rx"], event["info_obj_type_id"], head,
                       *our_objects(event, columns))

    return ours


def oracles(folder):
    rows = oracle.tshark(folder / "iec104.tsv")
    yield oracle.view("tshark", tshark_apdus(rows), our_apdus(set(rows[0]) if rows else set()))
