"""Beckhoff ADS: which packets were seen, as (command, port of the receiver), from tshark's table. Over UDP it reads
nothing."""

import oracle


def kind(event):
    return f"{event['command']} {event['pdu_type']}" if "pdu_type" in event else event["command"]


def our_packets(events):
    for event in events:
        if "command_id" in event:
            yield (event["command_id"], event["target_port"])


def tshark_packets(rows):
    for row in rows:
        for command, port in zip(oracle.cell(row, "ams.cmdid"), oracle.cell(row, "ams.targetport")):
            yield (int(command), int(port))


def oracles(folder):
    yield oracle.view("tshark", tshark_packets(oracle.tshark(folder / "ff_epl.tsv")), our_packets)
