"""HTTP/1.x and HTTP/2: which messages were seen, as (Q, method, URI) and (R, code), or as transactions where the tool pairs them.

HTTP over UDP (SSDP) is another protocol to us; its requests are told by their methods, its responses only as far as the
list of frames goes.
"""

import itertools
import re

import oracle

SSDP_METHODS = ("NOTIFY", "M-SEARCH")
NO_URI = "/libhtp::request_uri_not_seen"  # Suricata's word for a request that it did not see


def plain(text):
    """Every tool writes odd characters in its own way, so a text that has any is just "?"."""
    return "?" if re.search(r"[^\x20-\x7e]|[\\|]", text) else text


def our_messages(events):
    for event in events:
        if "method" in event:
            yield ("Q", event["method"], plain(event.get("uri_raw", "")))
        codes = {event.get("info_code"), event.get("status_code")} - {None}
        yield from (("R", code) for code in codes)


def tshark_messages(rows, frames):
    for row in rows:
        frame = frames.get(row["frame.number"], {})
        # Not UDP as such: it carries tunnels, too.
        if re.search(r":udp:(ssdp|http)|icmp", frame.get("frame.protocols") or ""):
            continue
        methods, uris = oracle.cell(row, "http.request.method"), oracle.cell(row, "http.request.uri")
        if len(methods) == 1 and uris:
            uris = ["|".join(uris)]
        for method, uri in zip(methods, uris + [""] * len(methods)):
            if method not in SSDP_METHODS:
                yield ("Q", method, plain(uri))
        for code in oracle.cell(row, "http.response.code"):
            yield ("R", int(code))


def tshark_streams(rows):
    for row in rows:
        paths = oracle.cell(row, "http2.headers.path")
        for method, path in zip(oracle.cell(row, "http2.headers.method"), paths + [""]):
            yield ("Q", method, plain(path))
        yield from (("R", int(code)) for code in oracle.cell(row, "http2.headers.status"))


def our_transactions(events):
    for event in events:
        yield (event.get("method"), plain(event.get("uri_raw", "")), event.get("status_code"))


def suricata_transactions(events):
    for event in events:
        http = event["http"]
        if http.get("version") == "2" and "request_headers" not in http:  # settings of the connection
            continue
        url = http.get("url", "")
        yield (http.get("http_method"), plain("" if url == NO_URI else url), http.get("status"))


ZEEK_COLUMNS = ("trans_depth", "method", "host", "uri", "status_code", "status_msg", "user_agent", "username",
                "request_body_len")


def zeek_transactions(rows, columns):
    for row in rows:
        values = {name: None if row[name] in ("-", "(empty)", "<empty>") else plain(row[name]) for name in columns}
        if values.get("status_code") == "0":  # an answer of HTTP/0.9
            values["status_code"] = None
        yield tuple(values.values())


def ours_as_zeek(events, columns):
    for event in events:
        yield tuple(plain(str(event[name])) if name in event else None for name in columns)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "http"):
        columns = [column for column in ZEEK_COLUMNS if rows and column in rows[0]]
        yield oracle.view(name, zeek_transactions(rows, columns), lambda events, c=columns: ours_as_zeek(events, c))
    messages = itertools.chain(tshark_messages(oracle.tshark(folder / "http.tsv"), oracle.frames(folder)),
                               tshark_streams(oracle.tshark(folder / "http2.tsv")))
    yield oracle.view("tshark", messages, our_messages)
    events = oracle.suricata(folder, ("http",))
    if events is not None:
        yield oracle.view("suricata", suricata_transactions(events), our_transactions)
