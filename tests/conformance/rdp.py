"""Remote Desktop: users' names, what servers chose or refused, clients' names; and what Zeek tells of each connection."""

import oracle

ZEEK = ("cookie", "result", "security_protocol", "client_channels", "keyboard_layout", "client_build", "client_name",
        "client_dig_product_id", "desktop_width", "desktop_height", "requested_color_depth", "cert_type", "cert_count",
        "cert_permanent", "encryption_level", "encryption_method")
COOKIE = "Cookie: mstshash="
CHOICE, FAILURE = "0x02", "0x03"


def text(value):
    return value.replace("\\x5c", "\\")


def refused(event):
    """Failure codes are spelled in capitals, the results of later stages are not."""
    result = event.get("result", "")
    return result if result.isupper() else None


def our_facts(events):
    for event in events:
        if "cookie" in event:
            yield ("cookie", text(event["cookie"]))
        if "client_name" in event:
            yield ("client", event["client_name"])


def our_answers(events):
    for event in events:
        if "security_protocol" in event:
            yield (CHOICE,)
        if refused(event):
            yield (FAILURE,)


def our_named(events):
    yield from our_facts(events)
    for event in events:
        if "security_protocol" in event:
            yield ("choice", event["security_protocol"].lower())
        if refused(event):
            yield ("failure", refused(event).lower().replace("_", " "))


def tshark_facts(rows):
    for row in rows:
        for cookie in oracle.cell(row, "rdp.rt_cookie"):
            if cookie.startswith(COOKIE):
                yield ("cookie", cookie.removeprefix(COOKIE))
        for name in oracle.cell(row, "rdp.client.name"):
            yield ("client", name)
        for kind in oracle.cell(row, "rdp.neg_type"):
            if kind in (CHOICE, FAILURE):
                yield (kind,)


def suricata_facts(events):
    for event in events:
        rdp = event["rdp"]
        if "cookie" in rdp:
            yield ("cookie", rdp["cookie"])
        if "protocol" in rdp:
            yield ("choice", rdp["protocol"])
        if "reason" in rdp:
            yield ("failure", rdp["reason"])
        if "client_name" in rdp.get("client", {}):
            yield ("client", rdp["client"]["client_name"])


def plain(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "T" if value else "F"
    return ",".join(value) if isinstance(value, list) else text(str(value))


def theirs(value):
    return "-" if value == "(empty)" else value.replace("\\\\", "\\")


def our_rows(events, columns):
    for event in events:
        yield tuple(plain(event.get(column)) for column in columns)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "rdp"):
        columns = [column for column in ZEEK if rows and column in rows[0]]
        yield oracle.view(name, [tuple(theirs(row[column]) for column in columns) for row in rows],
                          lambda events, columns=columns: our_rows(events, columns))
    yield oracle.view("tshark", tshark_facts(oracle.tshark(folder / "rdp.tsv")),
                      lambda events: [*our_facts(events), *our_answers(events)])
    events = oracle.suricata(folder, ("rdp",))
    if events is not None:
        yield oracle.view("suricata", suricata_facts(events), our_named)
