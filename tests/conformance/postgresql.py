"""PostgreSQL: requests, as our `postgresql` events tell them: (kind, statement) and who logged in."""

import re

import oracle

# By tshark's name of the message.
KINDS = {"SSL request": "ssl_request", "Startup message": "startup", "Simple query": "simple_query", "Parse": "parse",
         "Termination": "terminate", "Cancel request": "cancel_request"}


def plain(text):
    """Each tool writes blanks and odd characters in its own way, and cuts long texts somewhere."""
    return re.sub(r"\\x[0-9a-f]{2}|\\[rnt\\]|\s", "", text)[:1000]


def tshark_messages(rows):
    for row in rows:
        kinds = oracle.cell(row, "pgsql.type")
        for kind in kinds:
            if kind in KINDS:
                yield (KINDS[kind], "")
        # Statements of one packet are joined with what may also be in them.
        for part in oracle.cell(row, "pgsql.query"):
            yield ("statement", plain(part))
        if "Startup message" in kinds:
            names, values = oracle.cell(row, "pgsql.parameter_name"), oracle.cell(row, "pgsql.parameter_value")
            for name, value in zip(names, values):
                if name in ("user", "database", "application_name"):
                    yield (name, value)


def our_messages(events):
    for event in events:
        kind = event.get("frontend")
        if kind in KINDS.values():
            yield (kind, "")
        if kind in ("simple_query", "parse"):
            for part in event.get("frontend_arg", "").split("|"):
                yield ("statement", plain(part))
        if kind == "startup":
            for name in ("user", "database", "application_name"):
                if name in event:
                    yield (name, event[name])


def suricata_requests(events):
    for event in events:
        request = event["pgsql"].get("request", {})
        response = event["pgsql"].get("response", {})
        if "simple_query" in request:
            failed = "code" in response and response.get("severity_non_localizable", "ERROR") == "ERROR"
            yield ("simple_query", plain(request["simple_query"]), None if failed else response.get("data_rows", 0))
        elif "startup_parameters" in request:
            yield ("startup", request["startup_parameters"].get("user", ""), None)
        elif request.get("message") in ("SSL Request", "termination_message", "cancel_request"):
            yield (request["message"].lower().replace(" ", "_").replace("termination_message", "terminate"), "", None)


def our_requests(events):
    for event in events:
        kind = event.get("frontend")
        if kind == "simple_query":
            yield (kind, plain(event.get("frontend_arg", "")), event.get("rows"))
        elif kind == "startup":
            yield (kind, event.get("user", ""), None)
        elif kind in ("ssl_request", "terminate", "cancel_request"):
            yield (kind, "", None)


def oracles(folder):
    yield oracle.view("tshark", tshark_messages(oracle.tshark(folder / "db.tsv")), our_messages)
    events = oracle.suricata(folder, ("pgsql",))
    if events is not None:
        yield oracle.view("suricata", suricata_requests(events), our_requests)
