"""Kerberos between clients and key distribution centres: which messages were seen, as (type, error code) or, of replies, (type,
ciphers); and what Zeek tells of each exchange.

Our events are requests with their answers; `rtt` says that both were seen. Tickets inside other protocols (SMB, LDAP, HTTP) are
left out of all tables.
"""

import re

import oracle

TYPES = {"KRB_AS_REQ": 10, "KRB_AS_REP": 11, "KRB_TGS_REQ": 12, "KRB_TGS_REP": 13, "KRB_AP_REQ": 14, "KRB_ERROR": 30}
REQUESTS = {"AS": 10, "TGS": 12, "AP": 14}
ERROR = 30

ZEEK = ("request_type", "client", "service", "success", "error_msg", "from", "till", "cipher", "forwardable", "renewable")
# Zeek leaves these out: the usual first answer.
UNTOLD = ("NEEDED_PREAUTH", "Need to use PA-ENC-TIMESTAMP/PA-PK-AS-REQ")


def our_messages(events, ciphers):
    for event in events:
        request = REQUESTS.get(event.get("request_type"))
        if "rtt" in event or "success" not in event:
            yield (request,)
        if event.get("success"):
            yield (request + 1, *(event.get(name) for name in ciphers))
        elif "success" in event:
            yield (ERROR, event.get("error_code"))


def tshark_messages(rows, frames):
    """The first type of a row; what follows it (a TGS request's ticket) is inside. An AP request that stands alone is inside another
    protocol."""
    for row in rows:
        protocols = frames.get(row["frame.number"], {}).get("frame.protocols")
        if protocols is not None and not re.search(r":(udp|tcp):kerberos", protocols):
            continue
        types, errors = oracle.cell(row, "kerberos.msg_type"), oracle.cell(row, "kerberos.error_code")
        for kind in map(int, types):
            if kind in (10, 11, 12, 13):
                yield (kind,)
            elif kind == ERROR:
                yield (kind, int(errors.pop(0)) if errors else None)


def suricata_messages(events):
    for event in events:
        krb5 = event["krb5"]
        kind = TYPES.get(krb5["msg_type"])
        if kind == ERROR:
            yield (kind, krb5.get("error_code"))
        elif kind in (11, 13):
            yield (kind, krb5.get("ticket_encryption"), krb5.get("encryption"))
        else:
            yield (kind,)


def our_named(events):
    named = ({**event, "error_code": event.get("error_name")} for event in events)
    return our_messages(named, ("cipher", "reply_cipher"))


def plain(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "T" if value else "F"
    return f"{value:.6f}" if isinstance(value, (int, float)) else value


def our_rows(events, columns):
    for event in events:
        if event.get("error_msg") not in UNTOLD:
            yield tuple(plain(event.get(column)) for column in columns)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "kerberos"):
        # Its log has the tickets inside other protocols too.
        rows = [row for row in rows if row["id.resp_p"] == "88"]
        columns = [column for column in ZEEK if rows and column in rows[0]]
        yield oracle.view(name, [tuple(row[column] for column in columns) for row in rows],
                          lambda events, columns=columns: our_rows(events, columns))
    rows = oracle.tshark(folder / "kerberos.tsv")
    # A column that would be empty is left out of the table.
    parts = 2 if rows and "kerberos.error_code" in rows[0] else 1
    yield oracle.view("tshark", [message[:parts] for message in tshark_messages(rows, oracle.frames(folder))],
                      lambda events: [message[:parts] for message in our_messages(events, ())])
    events = oracle.suricata(folder, ("krb5",))
    if events is not None:
        yield oracle.view("suricata", suricata_messages(events), our_named)
