"""ACSE's associations: how many were asked for and answered; ICSNPP's rows, each a request with its answer or abort."""

import oracle

ASKED = ("context_name", "calling_ap_title", "called_ap_title", "auth_mechanism")
COLUMNS = (*ASKED, "auth_failure", "result", "aborted", "diag")


def kind(event):
    return event["pdu_type"]


def answered(events):
    return (event for event in events if event.get("ics.outcome") != "no answer")


def our_kinds(events):
    return (event["pdu_type"] for event in answered(events) if event["pdu_type"] in ("aarq", "aare"))


def diagnostic(event):
    text = event.get("diag")
    if event["pdu_type"] == "abrt" and text:
        return "acse::ABRT_diagnostic_" + text.replace("-", "_")
    return None if text == "null" else text


def our_rows(events):
    asked = {}
    for event in answered(events):
        if event["pdu_type"] == "aarq":
            asked = event
        elif event["pdu_type"] in ("aare", "abrt"):
            ends = (event.get("auth_failure", False), event.get("result"), event.get("aborted", False))
            yield (*(asked.get(name) for name in ASKED), *map(oracle.our_text, ends), diagnostic(event))
            asked = {}


def zeek_rows(rows):
    return (tuple(oracle.zeek_text(row[name]) for name in COLUMNS) for row in rows)


def tshark_kinds(rows):
    for row in rows:
        for name in ("aarq", "aare"):
            for _ in oracle.cell(row, f"acse.{name}_element"):
                yield name


def oracles(folder):
    # Both captures' folders hold both logs.
    for name, rows in oracle.zeek(folder, folder.name.rpartition("__")[2]):
        if rows and "called_ap_title" in rows[0]:
            yield oracle.view(name, zeek_rows(rows), our_rows)
    yield oracle.view("tshark", tshark_kinds(oracle.tshark(folder / "mms.tsv")), our_kinds)
