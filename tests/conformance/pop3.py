"""POP3: each command with its argument, and how many were accepted and refused, as tshark sees them (in the table of IMAP)."""

import oracle

SECRET = ("PASS", "APOP", "AUTH")


def our_commands(events):
    for event in events:
        command = event.get("command")
        if command and command != "<init>":
            yield ("command", command, "" if command in SECRET else event.get("arg", ""))
        if "reply" in event:
            yield ("answer", event["reply"])


def tshark_commands(rows):
    for row in rows:
        commands, args = (oracle.cell(row, f"pop.request.{part}") for part in ("command", "parameter"))
        for at, command in enumerate(commands):
            command = command.upper()
            yield ("command", command, args[at] if at < len(args) and command not in SECRET else "")
        for indicator in oracle.cell(row, "pop.response.indicator"):
            yield ("answer", indicator.lstrip("+-"))


def oracles(folder):
    yield oracle.view("tshark", tshark_commands(oracle.tshark(folder / "imap.tsv")), our_commands)
