"""FINS: which messages were seen and what stood in them.

tshark: (command, addresses, service, end code) of each message, and the code of each memory area that is read.
Zeek: (command's number, addresses, service, end code) of each message, in logs without heads, so columns go by their
place. Its package numbers the commands for programs otherwise than Omron does; those are left out.
"""

import re

import oracle

NUMBER = re.compile(r"\(0x([0-9A-Fa-f]{4})\)")
ADDRESSES = ("destination_network_address", "destination_node_number", "destination_unit_address",
             "source_network_address", "source_node_number", "source_unit_address")
PROGRAMS = range(0x0301, 0x0309)


def kind(event):
    name = event.get("command_code") or event["tcp_command"]
    return f"{name} {event['icf_data_type']}" if "icf_data_type" in event else name


def our_messages(events):
    for event in events:
        if "command" in event:
            yield (event["command"], *(event[name] for name in ADDRESSES), event["service_id"], event.get("response"))


def tshark_messages(rows):
    for row in rows:
        ends = iter(oracle.cell(row, "omron.response.code"))
        names = ("command", "dna", "da1", "da2", "sna", "sa1", "sa2", "sid")
        for values in zip(*(oracle.cell(row, f"omron.{name}") for name in names)):
            end = next(ends, None)
            yield (*(int(value, 16) for value in values), None if end is None else int(end, 16))


def without_programs(messages):
    return (message for message in messages if message[0] not in PROGRAMS)


def zeek_messages(path):
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        cells = line.split("\t")
        command = next((i for i, cell in enumerate(cells) if NUMBER.search(cell)), None)
        if line.startswith("#") or command is None:
            continue
        numbers = [int(cell, 16) for cell in cells[command - 7:command]]
        end = NUMBER.search(cells[command + 1])
        yield (int(NUMBER.search(cells[command])[1], 16), *numbers, int(end[1], 16) if end else None)


def oracles(folder):
    yield oracle.view("tshark", tshark_messages(oracle.tshark(folder / "omron.tsv")), our_messages)
    for path in sorted((folder / "authors" / "zeek").glob("*/omron_fins_general.log")):
        yield oracle.view(f"zeek:{path.parent.name}", without_programs(zeek_messages(path)),
                          lambda events: without_programs(our_messages(events)))
