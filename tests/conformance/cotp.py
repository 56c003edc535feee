"""ISO transport: how connections began and ended, as (kind of TPDU, source's reference); data is left out.

Where there is RDP, requests without TSAPs are its own.
"""

import oracle

DATA = "0x0f"
CONNECTS = ("0x0e", "0x0d")


def our_pdus(events):
    for event in answered(events):
        yield (event["pdu_code"], event.get("src_ref"))


def our_kinds(events):
    for event in answered(events):
        yield (event["pdu_code"], event["is_orig"])


def answered(events):
    return (event for event in events if event.get("ics.outcome") != "no answer")


def tshark_pdus(rows, rdp):
    for row in rows:
        for index, kind in enumerate(oracle.cell(row, "cotp.type")):
            if kind == DATA or (rdp and kind in CONNECTS and not row.get("cotp.dst-tsap")):
                continue
            references = oracle.cell(row, "cotp.srcref")
            yield (kind, int(references[min(index, len(references) - 1)], 16) if references else None)


def zeek_kinds(rows):
    for row in rows:
        if row["pdu_code"] != DATA:
            yield (row["pdu_code"], row["is_orig"] == "T")


def oracles(folder):
    for name, rows in oracle.zeek(folder, "cotp"):
        if rows and "pdu_code" in rows[0]:
            yield oracle.view(name, zeek_kinds(rows), our_kinds)
    rows = oracle.tshark(folder / "s7comm.tsv")
    yield oracle.view("tshark", tshark_pdus(rows, (folder / "rdp.tsv").exists()), our_pdus)
