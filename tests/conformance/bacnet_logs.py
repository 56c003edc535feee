"""ICSNPP's bacnet_discovery.log, bacnet_property.log and bacnet_device_control.log: all columns but passwords, values of
properties, which it writes in another way, and makers that it does not know."""

import oracle

PATHS = ("bacnet_discovery", "bacnet_property", "bacnet_device_control")
DISCOVERY = ("is_orig", "pdu_service", "device_id_type", "device_id_number", "object_type", "instance_number", "vendor")
DISCOVERY += ("range", "object_name")
PROPERTY = ("is_orig", "invoke_id", "pdu_service", "object_type", "instance_number", "property", "array_index")
CONTROL = ("is_orig", "invoke_id", "pdu_service", "time_duration", "device_state", "result", "result_code")
TOLD = ("read-", "write-property")  # ours has other services' properties too
NOT_SAID = ("N/A", "Unknown")  # Zeek's words for an object's name that is not there


def text(value):
    return None if value is None or value.startswith(("Unknown Vendor", "unknown-")) or value in NOT_SAID else value


def told(event, path):
    return event["_path"] == path and (path != "bacnet_property" or event["pdu_service"].startswith(TOLD))


def ours(names, path):
    return lambda events: (
        tuple(text(oracle.our_text(event.get(name))) for name in names) for event in events if told(event, path)
    )


def oracles(folder):
    for path, names in zip(PATHS, (DISCOVERY, PROPERTY, CONTROL)):
        for tool, rows in oracle.zeek(folder, path):
            theirs = (tuple(text(oracle.zeek_text(row[name])) for name in names) for row in rows)
            yield oracle.view(f"{tool}:{path}", theirs, ours(names, path))
