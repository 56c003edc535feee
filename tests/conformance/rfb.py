"""Remote Framebuffer: versions, results, names of desktops; and what Zeek tells of each connection."""

import oracle

ZEEK = ("client_major_version", "client_minor_version", "server_major_version", "server_minor_version", "authentication_method",
        "auth", "share_flag", "desktop_name", "width", "height")


def facts(server, client, result, name):
    """Of one connection; what is None was not seen."""
    for kind, value in (("server", server), ("client", client), ("result", result), ("name", name)):
        if value is not None:
            yield (kind, value)


def version(event, side):
    major = event.get(f"{side}_major_version")
    return major and f"{major}.{event[f'{side}_minor_version']}"


def our_facts(events):
    for event in events:
        yield from facts(version(event, "server"), version(event, "client"), event.get("auth"), event.get("desktop_name"))


def tshark_facts(rows):
    for row in rows:
        for server in oracle.cell(row, "vnc.server_proto_ver"):
            yield ("server", server)
        for client in oracle.cell(row, "vnc.client_proto_ver"):
            yield ("client", client)
        for result in oracle.cell(row, "vnc.auth_result"):
            yield ("result", result in ("0", "False"))
        for name in oracle.cell(row, "vnc.desktop_name"):
            yield ("name", name)


def suricata_facts(events):
    for event in events:
        rfb = event["rfb"]
        versions = [rfb.get(f"{side}_protocol_version") for side in ("server", "client")]
        server, client = (f"{v['major']}.{v['minor']}" if v else None for v in versions)
        result = rfb.get("authentication", {}).get("security_result")
        yield from facts(server, client, result and result == "OK", rfb.get("framebuffer", {}).get("name"))


def plain(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "T" if value else "F"
    return str(value)


def our_rows(events, columns):
    for event in events:
        yield tuple(plain(event.get(column)) for column in columns)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "rfb"):
        columns = [column for column in ZEEK if rows and column in rows[0]]
        yield oracle.view(name, [tuple(row[column] for column in columns) for row in rows],
                          lambda events, columns=columns: our_rows(events, columns))
    yield oracle.view("tshark", tshark_facts(oracle.tshark(folder / "rfb.tsv")), our_facts)
    events = oracle.suricata(folder, ("rfb",))
    if events is not None:
        yield oracle.view("suricata", suricata_facts(events), our_facts)
