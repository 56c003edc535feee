"""IMAP: each command with its answer's status, as tshark sees them. Its table has requests and tagged answers as lines."""

import oracle

STATUSES = ("OK", "NO", "BAD")


def our_commands(events):
    for event in events:
        if event.get("command", "<init>") != "<init>":
            yield ("command", event["command"])
            if "reply" in event:
                yield ("answer", event["reply"], event.get("reply_msg", ""))


def command_of(line):
    """Of `a1 UID FETCH 1`, as we show it; nothing for what a command's literal or question brings."""
    words = line.split(" ")
    if len(words) < 2 or not words[1].isalpha():
        return None
    command = words[1].upper()
    return " ".join((command, words[2].upper())) if command == "UID" and len(words) > 2 else command


def tshark_commands(rows):
    asked = set()
    for row in rows:
        for line in oracle.cell(row, "imap.request"):
            if command_of(line):
                asked.add(line.split(" ")[0])
                yield ("command", command_of(line))
        for line in oracle.cell(row, "imap.response"):
            words = line.split(" ", 2)
            if words[0] in asked and len(words) > 1 and words[1] in STATUSES:
                yield ("answer", words[1], words[2] if len(words) > 2 else "")


def oracles(folder):
    yield oracle.view("tshark", tshark_commands(oracle.tshark(folder / "imap.tsv")), our_commands)
