"""DNS: which messages were seen, as (id, Q or R, name, type).

Our events are transactions; `rtt` says that both messages were seen, `rcode` that the response was.
"""

import re

import oracle


def plain_name(name):
    """Names as every tool can be brought to write them: lower case, the root empty. Each tool escapes, replaces or drops
    odd characters in its own way, so a name that has any is just "?"."""
    if name in (".", "<Root>", "-", "(empty)"):
        return ""
    return "?" if re.search(r"[^\x21-\x7e]|[\\?]", name) else name.lower()


def our_messages(events, type_key):
    for event in events:
        asked = "qtype" in event
        key = (plain_name(event.get("query", "")), event[type_key]) if asked else ("", None)
        if "rtt" in event or "rcode" not in event:
            yield (event["trans_id"], "Q", *key)
        if "rcode" in event:
            yield (event["trans_id"], "R", *key)


def tshark_messages(rows, frames):
    """A response without question takes that of the query it answers, as our pairing does."""
    asked = {}
    for row in rows:
        frame = frames.get(row["frame.number"], {})
        if "icmp" in (frame.get("frame.protocols") or ""):
            continue  # quoted in an error message: nobody sent it as DNS
        names, types = oracle.cell(row, "dns.qry.name"), oracle.cell(row, "dns.qry.type")
        responses, counts = oracle.cell(row, "dns.flags.response"), oracle.cell(row, "dns.count.queries")
        for at, number in enumerate(oracle.cell(row, "dns.id")):
            message, kind = int(number, 16), "R" if at < len(responses) and responses[at] in ("1", "True") else "Q"
            count = int(counts[at]) if at < len(counts) else 0
            questions = [(plain_name(n), int(t)) for n, t in zip(names[:count], types[:count])]
            names, types = names[count:], types[count:]
            if kind == "Q" and questions:
                asked[message] = questions[0]
            if not questions:
                questions = [asked.get(message, ("", None)) if kind == "R" and message else ("", None)]
            for question in questions:
                yield (message, kind, *question)


def type_name(name):
    name = name.upper()
    return {"*": "ANY"}.get(name, re.sub(r"^(QUERY-|TYPE|UNKNOWN\()?(\d+)\)?$", r"\2", name))


def suricata_messages(events):
    for event in events:
        dns = event[event["event_type"]]
        kind = "Q" if dns["type"] in ("request", "query") else "R"
        for query in dns.get("queries") or [None]:
            if query is None:
                yield (dns["id"], kind, "", None)
            else:
                yield (dns["id"], kind, plain_name(query.get("rrname", "")), type_name(str(query.get("rrtype", ""))))


def our_named(events):
    named = ({**event, "type_name": type_name(event.get("qtype_name", ""))} for event in events)
    return our_messages(named, "type_name")


def zeek_transactions(rows):
    """Zeek tells the type only when it saw the query, and only of opcode 0."""
    for row in rows:
        yield (int(row["trans_id"]), plain_name(row["query"]), None if row["qtype"] == "-" else int(row["qtype"]))


def our_transactions(events):
    for event in events:
        alone = "rcode" in event and "rtt" not in event
        yield (event["trans_id"], plain_name(event.get("query", "")), None if alone else event.get("qtype"))


def oracles(folder):
    for name, rows in oracle.zeek(folder, "dns"):
        # Its log has NetBIOS names too, which we do not take for DNS.
        rows = [row for row in rows if row["id.resp_p"] != "137"]
        yield oracle.view(name, zeek_transactions(rows), our_transactions)
    rows = oracle.tshark(folder / "dns.tsv")
    yield oracle.view("tshark", tshark_messages(rows, oracle.frames(folder)),
                      lambda events: our_messages(events, "qtype"))
    events = oracle.suricata(folder, ("dns", "mdns"))
    if events is not None:
        yield oracle.view("suricata", suricata_messages(events), our_named)
