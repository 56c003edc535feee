"""PROFINET's context management. tshark: (request or response, operation, first block, application relation, place of the
first record, status) of each message where its table has them; elsewhere (kind, operation) of each datagram. Zeek: the
columns of each message's first fragment but the UUIDs, of which Zeek reads little endian ones as if they were not.
"""

import oracle

KINDS = {"0": "Request", "2": "Response", "3": "Fault", "6": "Reject"}
OPERATIONS = ["Connect", "Release", "Read", "Write", "Control", "Read Implicit"]
RECORDS = ("Read", "Write", "Read Implicit")
INTERFACES = tuple(f"dea0000{number}-6c97-11d1-8271-00a02442df7d" for number in range(1, 5))
BLOCKS = {
    "IODWriteReqHeader": 0x0008, "IODReadReqHeader": 0x0009, "ARBlockReq": 0x0101, "IODControlReq PrmEnd": 0x0110,
    "IOXControlReq ApplicationReady": 0x0112, "IODReleaseReq": 0x0114, "IODWriteResHeader": 0x8008,
    "IODReadResHeader": 0x8009, "ARBlockRes": 0x8101, "IODControlRes PrmEnd": 0x8110,
    "IOXControlRes ApplicationReady": 0x8112, "IODReleaseRes": 0x8114,
}
COLUMNS = (
    "rpc_version", "packet_type", "reserved_for_impl_1", "last_fragment", "fragment", "no_fragment_requested", "maybe",
    "idempotent", "broadcast", "reserved_for_impl_2", "cancel_was_pending_at_call_end", "integer_encoding",
    "character_encoding", "floating_point_encoding", "serial_high", "server_boot_time", "interface_vers_major",
    "interface_vers_minor", "sequence_num", "operation_num", "interface_hint", "activity_hint", "len_of_body",
    "fragment_num", "auth_protocol", "serial_low",
)


def kind(event):
    return f"{event['operation_num']} {event['packet_type']}"


def operation(number):
    return OPERATIONS[number] if number < len(OPERATIONS) else f"unknown-{number}"


def first(row, name):
    return int((oracle.cell(row, name) or ["0"])[0], 16)


def tshark_status(row):
    """The first that is not 0, without its last two octets."""
    pairs = zip(oracle.cell(row, "pn_io.error_code"), oracle.cell(row, "pn_io.error_decode"))
    numbers = [(int(code, 16), int(decode, 16)) for code, decode in pairs]
    return next((pair for pair in numbers if pair != (0, 0)), (0, 0))


def tshark_messages(rows):
    """A message in fragments has its blocks in the row of the last one."""
    for row in rows:
        packet, blocks = row.get("dcerpc.pkt_type"), oracle.cell(row, "pn_io.block_type")
        if packet not in KINDS or not (blocks or row.get("pn_io.error_code")):
            continue
        name = operation(int(row["dcerpc.opnum"]))
        relation = oracle.cell(row, "pn_io.ar_uuid")[0] if blocks else ""
        place = ()
        if blocks and name in RECORDS:
            place = tuple(first(row, f"pn_io.{part}") for part in ("slot_nr", "subslot_nr", "index"))
        yield (KINDS[packet], name, int(blocks[0], 16) if blocks else 0, relation, place, tshark_status(row))


def number(block):
    return int(block, 16) if block.startswith("0x") else BLOCKS.get(block, block)


def our_messages(events):
    for event in events:
        blocks = event.get("blocks", [])
        block = number(blocks[0]) if blocks else 0
        place = tuple(event[name] for name in ("slot", "subslot", "index")) if "index" in event else ()
        status = event.get("status", 0)
        yield (event["packet_type"], event["operation_num"], block, event.get("ar_uuid", ""), place,
               (status >> 24, status >> 16 & 0xff))


def tshark_datagrams(rows):
    for row in rows:
        packets = oracle.cell(row, "dcerpc.pkt_type")
        if row.get("dcerpc.dg_if_id") in INTERFACES and packets[0] in KINDS:
            yield (KINDS[packets[0]], operation(int(row["dcerpc.opnum"])))


def our_datagrams(events):
    for event in events:
        yield (event["packet_type"], event["operation_num"])


def zeek_messages(rows):
    for row in rows:
        if row["packet_type"] in KINDS.values() and row["fragment_num"] == "0":
            yield tuple(oracle.zeek_text(row[name]) for name in COLUMNS)


def our_columns(events):
    for event in events:
        yield tuple(oracle.our_text(event.get(name)) for name in COLUMNS)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "profinet_io_cm"):
        yield oracle.view(name, zeek_messages(rows), our_columns)
    messages = list(tshark_messages(oracle.tshark(folder / "profinet.tsv")))
    if messages:
        yield oracle.view("tshark", messages, our_messages)
    datagrams = list(tshark_datagrams(oracle.tshark(folder / "dcerpc.tsv")))
    if datagrams and not messages:
        yield oracle.view("tshark", datagrams, our_datagrams)
