"""OPC UA: which messages were seen and what they begin with.

tshark: (type, channel, octets of all chunks, number of the first, request, service) of each message, of HEL, ACK, ERR and
RHE (type, octets), and apart its results, endpoints wanted and policies. What it reads of encrypted messages is noise: it
names no service then, and numbers and request are left out.
Zeek, which joins a response to its request: (service, octets, number, request, handle) of each message, the request's
timeout, and (type, octets, buffers, endpoint) of HEL and ACK. Its logs do not name their columns.
"""

import csv
from collections import defaultdict

import oracle

TRANSPORT = ("HEL", "ACK", "ERR", "RHE")
ENCODING = "opcua.servicenodeid.numeric"
# Columns of Zeek's opcua_binary.log: of HEL and ACK, of a request, of a response.
BUFFERS, ENDPOINT, REQUEST_ID = range(11, 16), 16, 24
REQUEST, RESPONSE = {"service": 30, "size": 25, "sequence": 26, "handle": 38}, {"service": 49, "size": 44, "sequence": 45, "handle": 51}
TIMEOUT = 41
OPEN_COLUMNS = 55


PATHS = ("opcua_binary",)


def kind(event):
    return event.get("identifier_str") or event["msg_type"]


def our_messages(events):
    for event in events:
        name = event["msg_type"]
        if name in TRANSPORT:
            yield (name, event["msg_size"])
        else:
            yield (name, event.get("sec_channel_id"), event["msg_size"], event.get("seq_number"),
                   event.get("request_id"), event.get("identifier"))
        if "res_hdr_service_result" in event:
            yield ("result", event["res_hdr_service_result"] == "Good")
        if name == "HEL" and "endpoint_url" in event:
            yield ("endpoint", event["endpoint_url"])
        if "sec_policy_uri" in event:
            yield ("policy", event["sec_policy_uri"])


def our_logs(events):
    for event in events:
        if event["msg_type"] in TRANSPORT:
            buffers = (event.get(name) for name in ("version", "rcv_buf_size", "snd_buf_size", "max_msg_size", "max_chunk_cnt"))
            yield (event["msg_type"], event["msg_size"], *buffers, event.get("endpoint_url"))
            continue
        side = "res" if "res_hdr_request_handle" in event else "req"
        yield (event.get("identifier_str"), event["msg_size"], event.get("seq_number"), event.get("request_id"),
               event.get(f"{side}_hdr_request_handle"), event.get("req_hdr_timeout_hint"))


def rows_of(folder):
    """The table, or the one that was made with the port said, behind a line that says it."""
    forced = folder / "opcua_forced.tsv"
    if not forced.exists():
        return oracle.tshark(folder / "opcua.tsv")
    with forced.open(newline="", encoding="utf-8", errors="replace") as lines:
        next(lines)
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def tshark_messages(rows):
    begun = defaultdict(list)  # by channel: (octets, number) of the chunks so far
    for row in rows:
        cells = {name: iter(oracle.cell(row, f"opcua.{name}")) for name in
                 ("transport.scid", "security.seq", "security.rqid", "servicenodeid.numeric")}
        kinds = list(zip(*(oracle.cell(row, f"opcua.transport.{name}") for name in ("type", "chunk", "size"))))
        services = len(oracle.cell(row, ENCODING))
        for name, chunk, size in kinds:
            if name in TRANSPORT:
                yield (name, int(size))
                continue
            channel, sequence, request = (int(next(cells[key])) for key in ("transport.scid", "security.seq", "security.rqid"))
            begun[channel].append((int(size), sequence))
            if chunk == "C":
                continue
            chunks = begun.pop(channel)
            octets = sum(one for one, _ in chunks)
            if services == 0:
                yield (name, channel, octets, None, None, None)
            else:
                yield (name, channel, octets, chunks[0][1], request, int(next(cells["servicenodeid.numeric"])))
        for result in oracle.cell(row, "opcua.ServiceResult"):
            yield ("result", int(result, 16) == 0)
        for endpoint in oracle.cell(row, "opcua.transport.endpoint"):
            yield ("endpoint", endpoint)
        for policy in oracle.cell(row, "opcua.security.spu"):
            yield ("policy", policy)


def number(text):
    return None if text in ("-", "") else int(text)


def zeek_messages(lines):
    for cells in lines:
        if cells[6] in TRANSPORT:
            endpoint = cells[ENDPOINT] if cells[6] == "HEL" else "-"
            yield (cells[6], int(cells[8]), *(number(cells[i]) for i in BUFFERS), None if endpoint == "-" else endpoint)
            continue
        for side in (REQUEST, RESPONSE):
            if cells[side["service"]] != "-":
                yield (cells[side["service"]], number(cells[side["size"]]), number(cells[side["sequence"]]),
                       number(cells[REQUEST_ID]), number(cells[side["handle"]]),
                       number(cells[TIMEOUT]) if side is REQUEST else None)


def zeek_lines(folder):
    for path in sorted((folder / "authors" / "zeek").glob("*/opcua_binary.log")):
        lines = [line.split("\t") for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
        yield f"zeek:{path.parent.name}", [cells for cells in lines if len(cells) >= OPEN_COLUMNS]


def oracles(folder):
    for name, lines in zeek_lines(folder):
        yield oracle.view(name, zeek_messages(lines), our_logs)
    yield oracle.view("tshark", tshark_messages(rows_of(folder)), our_messages)
