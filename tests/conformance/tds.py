"""TDS: which requests were sent, by the type of their packets."""

import oracle

KINDS = {"1": "batch", "2": "login", "3": "rpc", "6": "attention", "7": "bulk_load", "14": "transaction", "16": "login",
         "18": "prelogin"}


def tshark_requests(rows):
    for row in rows:
        for kind in oracle.cell(row, "tds.type"):
            if kind in KINDS:
                yield KINDS[kind]


def our_requests(events):
    for event in events:
        if "cmd" in event:
            yield event["cmd"]


def oracles(folder):
    yield oracle.view("tshark", tshark_requests(oracle.tshark(folder / "db.tsv")), our_requests)
