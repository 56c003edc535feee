"""LDAP: which messages were seen, as (message id, operation), requests and responses; and what Zeek tells of each request.

Our events are requests with their responses; `rtt` says that both were seen. References (19) and intermediate responses (25)
are no events of their own. A rename counts as the change (6, 7) that its event says it is.
"""

import oracle

PATHS = ("ldap", "ldap_search")

SEARCH, ENTRY, DONE = 3, 4, 5
REQUESTS = {"bind": 0, "unbind": 2, "modify": 6, "add": 8, "delete": 10, "compare": 14, "abandon": 16, "extended": 23}
NAMES = ["bind_request", "bind_response", "unbind_request", "search_request", "search_result_entry", "search_result_done",
         "modify_request", "modify_response", "add_request", "add_response", "del_request", "del_response", "mod_dn_request",
         "mod_dn_response", "compare_request", "compare_response", "abandon_request", "", "", "search_result_reference", "", "",
         "", "extended_request", "extended_response", "intermediate_response"]
RENAMES = {12: 6, 13: 7}
UNTOLD = (19, 25)

ZEEK = ("message_id", "version", "opcode", "result", "diagnostic_message", "object", "argument")
ZEEK_SEARCH = ("message_id", "scope", "deref_aliases", "base_object", "result_count", "result", "diagnostic_message", "filter")


def our_messages(events):
    for event in events:
        search = event["_path"] == "ldap_search"
        request = SEARCH if search else REQUESTS[event["opcode"].split()[0]]
        answered = "result_code" in event
        entries = event.get("result_count", 0)
        if "rtt" in event or not answered and (not search or "scope" in event):
            yield (event["message_id"], request)
        for _ in range(entries):
            yield (event["message_id"], ENTRY)
        if answered:
            yield (event["message_id"], DONE if search else request + 1)


def told(messages):
    return [(number, RENAMES.get(operation, operation)) for number, operation in messages if operation not in UNTOLD]


def tshark_messages(rows):
    for row in rows:
        numbers, operations = oracle.cell(row, "ldap.messageID"), oracle.cell(row, "ldap.protocolOp")
        yield from zip(map(int, numbers), map(int, operations))


def suricata_messages(events):
    for event in events:
        request = event["ldap"].get("request", {})
        number = request.get("message_id")
        if request:
            yield (number, NAMES.index(request["operation"]))
        for response in event["ldap"].get("responses", []):
            yield (response.get("message_id", number), NAMES.index(response["operation"]))


def plain(text):
    """What cannot be printed is a question mark to Zeek."""
    return "-" if text is None else str(text).replace("\\x00", "?")


def zeek_view(name, rows, columns, path):
    columns = [column for column in columns if rows and column in rows[0]]

    def ours(events):
        for event in events:
            if event["_path"] == path:
                yield tuple(plain(event.get(column)) for column in columns)
    return oracle.view(name, [tuple(row[column] for column in columns) for row in rows], ours)


def oracles(folder):
    searches = dict(oracle.zeek(folder, "ldap_search"))
    for name, rows in oracle.zeek(folder, "ldap"):
        yield zeek_view(name, rows, ZEEK, "ldap")
    for name, rows in searches.items():
        yield zeek_view(name + "/search", rows, ZEEK_SEARCH, "ldap_search")
    yield oracle.view("tshark", told(tshark_messages(oracle.tshark(folder / "ldap.tsv"))), our_messages)
    events = oracle.suricata(folder, ("ldap",))
    if events is not None:
        yield oracle.view("suricata", told(suricata_messages(events)), our_messages)
