"""HART-IP: which messages were seen and what stood in them.

tshark, which knows neither direct PDUs nor audit logs: (version, type, id, status, sequence, length) of each message, and
(delimiter, command, address, octets, response code, device status) of each token-passing PDU.
Zeek: (type, id, status, sequence, length, frame, command, octets, response code) of each message; its logs have no heads,
so columns go by their place.
"""

import itertools

import oracle

STATUS_BITS = ("primary_variable_out_of_limits", "non_primary_variable_out_of_limits", "loop_current_saturated",
               "loop_current_fixed", "more_status_available", "cold_start", "configuration_changed", "device_malfunction")
TYPES = {"0": "Request", "1": "Response", "2": "Publish", "15": "Negative Acknowledgement"}
IDS = {"0": "Session Initiate", "1": "Session Close", "2": "Keep Alive", "3": "Token Passing PDU"}
FRAMES = {1: "Back Burst Frame", 2: "STX Master to Field", 6: "Acknowledgement Field to Master"}
EXTENDED = 31


def kind(event):
    return f"{event['header_message_type_message_type']} {event['function']}"


def our_messages(events):
    for event in events:
        if event["header_message_id"] not in IDS.values():
            continue
        yield (event["header_version"], event["header_message_type_message_type"], event["header_message_id"],
               event["header_sequence_number"], event["header_length"])
        if "command" not in event:
            continue
        bits = event.get("device_status", ())
        # tshark does not look into longer commands.
        command = EXTENDED if event["command"] > 255 else event["command"]
        yield (event["token_passing_pdu_delimiter_frame_type"], event.get("token_passing_pdu_address_v6"), command,
               event["token_passing_pdu_byte_count"], event.get("token_passing_pdu_contents_response_response_code"),
               sum(1 << STATUS_BITS.index(bit) for bit in bits))


def tshark_messages(rows):
    for row in rows:
        heads = zip(*(oracle.cell(row, f"hart_ip.{name}") for name in
                      ("version", "message_type", "message_id", "transaction_id", "msg_length")))
        for version, kind_, id_, sequence, length in heads:
            yield (int(version), TYPES[kind_], IDS[id_], int(sequence), int(length))
        pdus = oracle.cell(row, "hart_ip.pt.delimiter")
        for at, delimiter in enumerate(pdus):
            def each(name):
                cells = oracle.cell(row, f"hart_ip.pt.{name}")
                return cells[at] if at < len(cells) else None
            code = each("response_code")
            yield (FRAMES[int(delimiter, 16) & 7], each("long_address"), int(each("command")), int(each("length")),
                   None if code is None else int(code), int(each("device_status") or "0", 16))




def our_heads(events):
    for event in events:
        yield (event["header_message_type_message_type"], event["header_message_id"], event["header_sequence_number"],
               event["header_length"], event.get("token_passing_pdu_delimiter_frame_type"),
               event.get("token_passing_pdu_byte_count"), event.get("token_passing_pdu_check_byte"),
               event.get("token_passing_pdu_contents_response_response_code"))


def number(text):
    return None if text == "-" else int(text)


def zeek_heads(path):
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        cells = line.split("\t")
        if line.startswith("#") or len(cells) < 40:
            continue
        at = next(i for i, cell in enumerate(cells) if cell in TYPES.values())
        head, pdu = cells[at:at + 5], cells[at + 7:at + 17]
        yield (head[0], head[1], number(head[3]), number(head[4]), oracle.zeek_text(pdu[3]), number(pdu[7]),
               number(pdu[8]), number(cells[at + 17]))


def oracles(folder):
    for path in sorted((folder / "authors" / "zeek").glob("*/hart_ip_general.log")):
        yield oracle.view(f"zeek:{path.parent.name}", zeek_heads(path), our_heads)
    rows = oracle.tshark(folder / "hartip.tsv")
    cut = any(row["frame.number"].startswith("# truncated") for row in rows)
    theirs = list(tshark_messages(rows))
    # Of a table that was cut, what it has of the beginning.
    yield oracle.view("tshark", theirs, lambda events: itertools.islice(our_messages(events), len(theirs) if cut else None))
