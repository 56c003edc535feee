"""EtherNet/IP and CIP.

tshark: (command, session) of each message of the encapsulation; (service, target) of each request of CIP and (service,
status) of each response, those in others included; (connection, sequence) of each packet of I/O; what devices say that
they are.
Zeek, whose logs here have no header: (command, session, side) of each message; (service, status or class, instance and
attribute) of each message of CIP; every column of I/O and of identities.
Suricata: the command of each request and response.
"""

import oracle

PATHS = ("enip", "cip", "cip_io", "cip_identity")
CODES = {"Send RR Data": 0x6F, "Send Unit Data": 0x70}
RESPONSE = 0x80
FORWARD = (0x4E, 0x54, 0x5B)  # of the Connection Manager: they end in the path of the connection
UNCONNECTED_SEND = 0x52       # and this in the route of what it carries
MANAGER = "0x6/0x1"
TEXT_MAX = 120
SURICATA_COMMANDS = {
    "nop": 0x00, "list_services": 0x04, "list_identity": 0x63, "list_interfaces": 0x64, "register_session": 0x65,
    "unregister_session": 0x66, "send_r_r_data": 0x6F, "send_unit_data": 0x70, "indicate_status": 0x72, "cancel": 0x73,
}


def kind(event):
    name = event.get("cip_service") or event.get("enip_command") or event["_path"]
    return f"{event['class_name']}: {name}" if "class_name" in event else name


def outermost(event):
    """Is it the message itself? The answer of what Unconnected Send carried is one, too."""
    return event.get("embedded_in") in (None, "Unconnected Send") and not (
        event.get("embedded_in") and event["direction"] == "request")


def our_frames(events):
    """(command, session, sent by the client) of each message of the encapsulation."""
    for event in events:
        if event["_path"] == "enip":
            yield (int(event["enip_command_code"], 16), event["session_handle"], event["is_orig"])
        elif event["_path"] == "cip" and outermost(event):
            yield (CODES[event["enip_command"]], event["session_handle"], event["is_orig"])


def our_parts(events):
    for command, session, _ in our_frames(events):
        yield ("message", command, int(session, 16))
    for event in events:
        if event["_path"] == "cip" and event["direction"] == "request" and "pccc_command" not in event:
            yield ("request", int(event["cip_service_code"], 16), event.get("ics.target", ""))
        elif event["_path"] == "cip" and event["direction"] == "response":
            yield ("response", int(event["cip_service_code"], 16), int(event["cip_status_code"], 16))
        elif event["_path"] == "cip_io":
            yield ("io", int(event["connection_id"], 16), event["sequence_number"])
        elif event["_path"] == "cip_identity" and "encapsulation_version" in event:
            yield ("identity", event["vendor_id"], event["device_type_id"], event["product_code"],
                   int(event["serial_number"], 16), event.get("product_name"))


def cut(text):
    return text if len(text) <= TEXT_MAX else text[:TEXT_MAX - 3] + "..."


def octets_of(text):
    """Where there is no path tshark says so in words."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def target(path):
    """A path, as our events write it."""
    octets, at, text, symbol = octets_of(path), 0, "", False
    while at < len(octets):
        first, at = octets[at], at + 1
        if first == 0x91:
            size = octets[at]
            text += ("." if symbol else "/" if text else "") + octets[at + 1:at + 1 + size].decode("latin-1")
            at, symbol = at + 1 + size + size % 2, True
        elif first == 0x34:
            at += 9
        elif first >> 5 == 1:
            width = 1 << (first & 3)
            at += width > 1
            value, at = int.from_bytes(octets[at:at + width], "little"), at + width
            if first >> 2 & 7 == 2:
                text += f"[{value}]"
            else:
                text, symbol = text + ("/" if text else "") + f"0x{value:x}", False
        elif first >> 5 == 0:
            size, at = (octets[at], at + 1) if first & 0x10 else (1, at)
            at += size + (size % 2 if first & 0x10 else 0)
        else:
            break
    return cut(text)


def tshark_requests(services, paths):
    """tshark lists the paths of requests, of connections and of routes one behind the other."""
    paths, carries = iter(paths), False
    for service in services:
        point = target(next(paths, ""))
        manages = point == MANAGER
        if carries:
            next(paths, None)
        carries = manages and service == UNCONNECTED_SEND
        if manages and service in FORWARD:
            point = target(next(paths, "")) or point
        yield ("request", service, point)


def tshark_cip(rows):
    for row in rows:
        services = [int(service, 16) for service in oracle.cell(row, "cip.service")]
        yield from tshark_requests([s for s in services if s < RESPONSE], oracle.cell(row, "cip.epath"))
        statuses = oracle.cell(row, "cip.genstat")
        for service, status in zip((s for s in services if s >= RESPONSE), statuses):
            yield ("response", service, int(status, 16))


def tshark_enip(rows):
    for row in rows:
        for command, session in zip(oracle.cell(row, "enip.command"), oracle.cell(row, "enip.session")):
            yield ("message", int(command, 16), int(session, 16))
        for connection, sequence in zip(oracle.cell(row, "enip.cpf.sai.connid"), oracle.cell(row, "enip.cpf.sai.seq")):
            yield ("io", int(connection, 16), int(sequence))
        columns = ("vendor", "devtype", "prodcode", "serial", "name")
        for vendor, kind_, product, serial, name in zip(*(oracle.cell(row, f"enip.lir.{name}") for name in columns)):
            yield ("identity", int(vendor, 16), int(kind_), int(product), int(serial, 16), name)


def zeek_rows(folder, name):
    """The columns behind the two ends of each row."""
    for path in sorted((folder / "authors" / "zeek").glob(f"*/{name}.log")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if not line.startswith("#"):
                columns = line.split("\t")
                yield [columns[6] == "T", *columns[11:]]


def our_text(event, *names):
    return tuple(oracle.our_text(event.get(name)) or "-" for name in names)


def our_zeek(events):
    for command, session, is_orig in our_frames(events):
        yield ("enip", command, int(session, 16), is_orig)
    for event in events:
        if event["_path"] == "cip_io":
            yield ("io", *our_text(event, "connection_id", "sequence_number", "data_length", "io_data"))
        elif event["_path"] == "cip_identity" and "encapsulation_version" in event:
            yield ("identity", *our_text(event, "encapsulation_version", "socket_address", "socket_port", "vendor_id",
                                         "vendor_name", "device_type_id", "device_type_name", "product_code",
                                         "revision", "device_status", "serial_number", "product_name"))


def our_zeek_cip(events):
    for event in events:
        if event["_path"] == "cip":
            names = ("cip_sequence_count", "direction", "cip_service_code", "cip_service", "cip_status_code")
            points = ("class_id", "instance_id", "attribute_id") if event["direction"] == "request" else ()
            yield our_text(event, *names, *points)


def zeek(folder):
    for is_orig, code, _, _, session, *_ in zeek_rows(folder, "enip"):
        yield ("enip", int(code, 16), int(session, 16), is_orig)
    for _, *columns in zeek_rows(folder, "cip_io"):
        yield ("io", *columns)
    for _, *columns in zeek_rows(folder, "cip_identity"):
        yield ("identity", *columns[:12])


def zeek_cip(folder):
    for _, sequence, way, code, name, status, _, _, _, class_id, _, instance, attribute in zeek_rows(folder, "cip"):
        yield (sequence, way, code, name, status) + ((class_id, instance, attribute) if way == "request" else ())


def our_commands(events):
    for event in events:
        if event["_path"] == "enip":
            yield int(event["enip_command_code"], 16)
        elif event["_path"] == "cip" and outermost(event):
            yield CODES[event["enip_command"]]


def suricata_commands(events):
    for event in events:
        for way in ("request", "response"):
            if way in event["enip"]:
                yield SURICATA_COMMANDS[event["enip"][way]["command"]]


def oracles(folder):
    frames, messages = oracle.tshark(folder / "enip.tsv"), oracle.tshark(folder / "cip.tsv")
    if frames or messages:
        yield oracle.view("tshark", [*tshark_enip(frames), *tshark_cip(messages)], our_parts)
    for name, rows, ours in (("zeek", zeek, our_zeek), ("zeek:cip", zeek_cip, our_zeek_cip)):
        theirs = list(rows(folder))
        if theirs:
            yield oracle.view(name, theirs, ours)
    events = oracle.suricata(folder, ("enip",))
    if events is not None:
        yield oracle.view("suricata", suricata_commands(events), our_commands)
