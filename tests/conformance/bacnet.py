"""BACnet/IP: which messages were seen and what stood in them.

tshark: (function of the virtual link, its result, kind of the network's message, kind and service of the APDU, invoke
id, reason) of each message, apart its first object's number and how many properties it names. Its rows of BACnet over
Ethernet are left out; where its table ends after so many frames, so do we.
Zeek: (function, kind, service, invoke id, result) of each APDU.
"""

import oracle

FUNCTIONS = (
    "BVLC_Result", "Write_Broadcast_Table", "Read_Broadcast_Table",
    "Read_Broadcast_Table_ACK", "Forwarded_NPDU", "Register_Foreign_Device", "Read_Foreign_Device_Table",
    "Read_Foreign_Device_Table_ACK", "Delete_Foreign_Device_Table_Entry", "Distribute_Broadcast_to_Network",
    "Original_Unicast_NPDU", "Original_Broadcast_NPDU", "Secure_BVLL",
)
PDUS = ("CONFIRMED_REQUEST", "UNCONFIRMED_REQUEST", "SIMPLE_ACK", "COMPLEX_ACK", "SEGMENT_ACK", "ERROR_PDU",
        "REJECT_PDU", "ABORT_PDU")
NO_SERVICE = ("SEGMENT_ACK", "REJECT_PDU", "ABORT_PDU")  # ours is the request's
RESULTS = {
    0x00: None, 0x10: "write-broadcast-distribution-table-nak", 0x20: "read-broadcast-distribution-table-nak",
    0x30: "register-foreign-device-nak", 0x40: "read-foreign-device-table-nak",
    0x50: "delete-foreign-device-table-entry-nak", 0x60: "distribute-broadcast-to-network-nak",
}
NETWORK = {0: "who_is_router_to_network", 1: "i_am_router_to_network"}
CONFIRMED = (
    "acknowledge_alarm", "confirmed_cov_notification", "confirmed_event_notification", "get_alarm_summary",
    "get_enrollment_summary", "subscribe_cov", "atomic_read_file", "atomic_write_file", "add_list_element",
    "remove_list_element", "create_object", "delete_object", "read_property", "read_property_conditional",
    "read_property_multiple", "write_property", "write_property_multiple", "device_communication_control",
    "confirmed_private_transfer", "confirmed_text_message", "reinitialize_device", "vt_open", "vt_close", "vt_data",
    "authenticate", "request_key", "read_range", "life_safety_operation", "subscribe_cov_property",
    "get_event_information", "subscribe_cov_property_multiple", "confirmed_cov_notification_multiple",
)
UNCONFIRMED = (
    "i_am", "i_have", "unconfirmed_cov_notification", "unconfirmed_event_notification", "unconfirmed_private_transfer",
    "unconfirmed_text_message", "time_synchronization", "who_has", "who_is", "utc_time_synchronization", "write_group",
    "unconfirmed_cov_notification_multiple", "unconfirmed_audit_notification", "who_am_i", "you_are",
)
ERRORS = {26: "password-failure", 29: "service-request-denied", 31: "unknown-object", 32: "unknown-property",
          37: "value-out-of-range", 45: "optional-functionality-not-supported"}
REJECTS = {1: "buffer-overflow", 6: "parameter-out-of-range", 9: "unrecognized-service"}
ABORTS = {0: "other"}
PROPERTIES_MAX = 32  # that we list


def kind(event):
    return " ".join(event[name] for name in ("pdu_type", "pdu_service") if name in event) or event["bvlc_function"]


def service(event):
    return None if event.get("pdu_type") in NO_SERVICE else event.get("pdu_service")


def our_heads(events):
    for event in events:
        # An answer about several properties has a result for each of them.
        result = None if event.get("pdu_type") == "COMPLEX_ACK" else event.get("result_code")
        yield (event["bvlc_function"], event.get("pdu_type"), service(event), event.get("invoke_id"), result)


def our_parts(events):
    for event in events:
        if service(event) and event.get("pdu_type") != "NPDU":
            objects = event.get("objects", ())
            first = int(objects[0].split("/")[1]) if objects else None
            yield ("parts", event.get("invoke_id"), first, len(event.get("properties", ())))


def our_messages(limit):
    return lambda events: [*our_heads(events[:limit]), *our_parts(events[:limit])]


def name(names, cells):
    """Of the first value of a cell; None when it is empty."""
    if not cells:
        return None
    number = int(cells[0], 0)
    found = names.get(number) if isinstance(names, dict) else names[number] if number < len(names) else None
    return found or f"unknown-{number}"


def tshark_result(row, pdu):
    if pdu is None and row.get("bvlc.result"):
        return RESULTS[int(row["bvlc.result"], 0)]
    if pdu == "ERROR_PDU":
        return name(ERRORS, oracle.cell(row, "bacapp.error_code"))
    return name(REJECTS, oracle.cell(row, "bacapp.reject_reason")) or name(ABORTS, oracle.cell(row, "bacapp.abort_reason"))


def tshark_messages(rows):
    for row in rows:
        function = name(FUNCTIONS, oracle.cell(row, "bvlc.function"))
        pdu = name(PDUS, oracle.cell(row, "bacapp.type"))
        asked = name(CONFIRMED, oracle.cell(row, "bacapp.confirmed_service"))
        asked = asked or name(UNCONFIRMED, oracle.cell(row, "bacapp.unconfirmed_service"))
        ids = oracle.cell(row, "bacapp.invoke_id")
        if row.get("bacnet.mesgtyp"):
            pdu, asked = "NPDU", name(NETWORK, oracle.cell(row, "bacnet.mesgtyp"))
        invoke_id = int(ids[0]) if ids else None
        yield (function, pdu, None if pdu in NO_SERVICE else asked, invoke_id, tshark_result(row, pdu))
        if asked and pdu != "NPDU":
            instances = oracle.cell(row, "bacapp.instance_number")
            properties = oracle.cell(row, "bacapp.property_identifier")
            yield ("parts", invoke_id, int(instances[0]) if instances else None, min(len(properties), PROPERTIES_MAX))


def zeek_messages(rows):
    for row in rows:
        invoke_id, result = (oracle.zeek_text(row[column]) for column in ("invoke_id", "result_code"))
        asked = None if row["pdu_type"] in NO_SERVICE else row["pdu_service"]
        yield (row["bvlc_function"], row["pdu_type"], asked, int(invoke_id) if invoke_id else None, result)


def oracles(folder):
    for tool, rows in oracle.zeek(folder, "bacnet"):
        yield oracle.view(tool, zeek_messages(rows), our_heads)
    rows = oracle.tshark(folder / "bacnet.tsv")
    whole = not any(row["frame.number"].startswith("# truncated") for row in rows)
    rows = [row for row in rows if row.get("bvlc.function")]
    if rows:
        yield oracle.view("tshark", tshark_messages(rows), our_messages(None if whole else len(rows)))
