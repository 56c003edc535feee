"""MMS: of each PDU its kind, and apart numbers, services, objects, names and errors.

tshark's table has one row per frame: where a frame holds several PDUs, what belongs together is not told, so the parts
are compared each by itself. It ends after 1500 frames. Right in ISO transport tshark knows no PDU without members.
"""

import collections

import oracle

ELEMENTS = {
    "initiate_RequestPDU": "initiate-RequestPDU", "initiate_ResponsePDU": "initiate-ResponsePDU",
    "confirmed_RequestPDU": "confirmed-RequestPDU", "confirmed_ResponsePDU": "confirmed-ResponsePDU",
    "confirmed_ErrorPDU": "confirmed-ErrorPDU", "unconfirmed_PDU": "unconfirmed-PDU",
    "conclude_RequestPDU": "conclude-RequestPDU",
}  # fmt: skip
CONCLUDE = "conclude-RequestPDU"
SERVICES = {
    0: "status", 1: "getNameList", 2: "identify", 4: "read", 5: "write", 6: "getVariableAccessAttributes",
    11: "defineNamedVariableList", 12: "getNamedVariableListAttributes", 13: "deleteNamedVariableList",
    19: "takeControl", 20: "relinquishControl", 26: "initiateDownloadSequence", 29: "initiateUploadSequence",
    31: "terminateUploadSequence", 37: "getDomainAttributes", 42: "resume", 44: "kill",
}  # fmt: skip
UNCONFIRMED = {0: "informationReport", 1: "unsolicitedStatus", 2: "eventNotification"}
CLASSES = {0: "namedVariable", 2: "namedVariableList", 9: "domain"}
FAILURES = (
    "object-invalidated", "hardware-fault", "temporarily-unavailable", "object-access-denied", "object-undefined",
    "invalid-address", "type-unsupported", "type-inconsistent", "object-attribute-inconsistent",
    "object-access-unsupported", "object-non-existent", "object-value-invalid",
)  # fmt: skip
NAMING = {name for number, name in SERVICES.items() if 4 <= number <= 20} | {"informationReport"}
LIST_MAX = 128
CELL_MAX = 2000


def kind(event):
    return f"{event['pdu_type']} {event.get('service', '')}".strip()


def named(names, number):
    return names.get(int(number), f"unknown-{number}")


def messages(events, bare, limit):
    """What tshark tells of ours."""
    told = (event for event in events if event.get("ics.outcome") != "no answer")
    found = [e for e in told if e["pdu_type"] in ELEMENTS.values() and not (bare and e["pdu_type"] == CONCLUDE)]
    return found[:limit]


def our_parts(events):
    for event in events:
        pdu, service = event["pdu_type"], event.get("service")
        yield ("pdu", pdu)
        if "invoke_id" in event:
            yield ("invoke id", event["invoke_id"])
        if service:
            yield (pdu, service)
        if "object_class" in event:
            yield ("class", event["object_class"])
        if service in NAMING:
            yield from our_names(event)
        if pdu == "confirmed-ResponsePDU":
            for value in event.get("values", []):
                if value == "success" or value in FAILURES:
                    yield ("result", value)


def our_identifiers(events):
    frames = collections.defaultdict(list)
    for event in events:
        if event.get("service") == "getNameList":
            frames[event["ts"]] += event.get("identifiers", [])
    return whole(frames.values())


def whole(lists):
    """The names of the lists that neither we nor tshark's table (2,000 characters) cut."""
    for names in lists:
        if len(names) < LIST_MAX and len("|".join(names)) < CELL_MAX:
            for name in names:
                yield ("identifier", name)


def our_names(event):
    for name in event.get("items", []):
        domain, _, item = name.rpartition("/")
        yield ("name", item)
        if domain:
            yield ("domain", domain)


def tshark_pdus(rows, bare):
    for row in rows:
        for element, pdu in ELEMENTS.items():
            if not (bare and pdu == CONCLUDE):
                for _ in oracle.cell(row, f"mms.{element}_element"):
                    yield ("pdu", pdu)


def tshark_parts(rows):
    for row in rows:
        cell = lambda name: oracle.cell(row, f"mms.{name}")
        for number in cell("invokeID"):
            yield ("invoke id", int(number))
        for number in cell("confirmedServiceRequest"):
            yield ("confirmed-RequestPDU", named(SERVICES, number))
        for number in cell("confirmedServiceResponse"):
            yield ("confirmed-ResponsePDU", named(SERVICES, number))
        for number in cell("unconfirmedService"):
            yield ("unconfirmed-PDU", named(UNCONFIRMED, number))
        for number in cell("objectClass"):
            yield ("class", named(CLASSES, number))
        for name in cell("itemId") + cell("vmd_specific"):
            yield ("name", name)
        for domain in cell("domainId"):
            yield ("domain", domain)
        for number in cell("failure"):
            yield ("result", FAILURES[int(number)])
        for _ in cell("success_element"):
            yield ("result", "success")


def all_of_ours(events):
    yield from our_parts(events)
    yield from our_identifiers(events)


def oracles(folder):
    rows = oracle.tshark(folder / "mms.tsv")
    cut = any(row["frame.number"].startswith("# truncated") for row in rows)
    bare = not any(row.get("pres.presentation_context_identifier") for row in rows)
    pdus = list(tshark_pdus(rows, bare))
    # Of a table that was cut, what it has of the beginning.
    limit = len(pdus) if cut else None
    identifiers = whole(oracle.cell(row, "mms.Identifier") for row in rows)
    parts = [*pdus, *tshark_parts(rows), *identifiers]
    yield oracle.view("tshark", parts, lambda events: all_of_ours(messages(events, bare, limit)))
