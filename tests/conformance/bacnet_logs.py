"""ICSNPP's bacnet_discovery.log, bacnet_property.log and bacnet_device_control.log: all columns but passwords, values of
properties, which it writes in another way, and makers that it does not know."""

import oracle

COLUMNS = {
    "bacnet_discovery": ("is_orig", "pdu_service", "device_id_type", "device_id_number", "object_type",
                         "instance_number", "vendor", "range", "object_name"),
    "bacnet_property": ("is_orig", "invoke_id", "pdu_service", "object_type", "instance_number", "property",
                        "array_index"),
    "bacnet_device_control": ("is_orig", "invoke_id", "pdu_service", "time_duration", "device_state", "result",
                              "result_code"),
}
PATHS = tuple(COLUMNS)
TOLD = ("read-", "write-property")  # ours has other services' properties too, and those of WritePropertyMultiple
NOT_SAID = ("N/A", "Unknown")  # Zeek's words for an object's name that is not there


def text(value):
    return None if value is None or value.startswith(("Unknown Vendor", "unknown-")) or value in NOT_SAID else value


def told(event):
    service = event.get("pdu_service", "")
    return event["_path"] != "bacnet_property" or service.startswith(TOLD) and not service.endswith("-multiple")


def ours(paths):
    return lambda events: (
        (event["_path"], *(text(oracle.our_text(event.get(name))) for name in COLUMNS[event["_path"]]))
        for event in events if event["_path"] in paths and told(event)
    )


def oracles(folder):
    tools = {}
    for path in PATHS:
        for tool, rows in oracle.zeek(folder, path):
            theirs = [(path, *(text(oracle.zeek_text(row[name])) for name in COLUMNS[path])) for row in rows]
            tools.setdefault(tool, {})[path] = theirs
    for tool, logs in tools.items():
        yield oracle.view(tool, sum(logs.values(), []), ours(set(logs)))
