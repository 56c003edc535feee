"""FTP: which commands were sent (tshark), how they were answered (Suricata), and what Zeek tells of those it logs."""

import oracle

SECRET = ("PASS", "ACCT", "ADAT")
# Zeek tells these only; its arguments are URLs, and its passwords ours to withhold.
ZEEK_COMMANDS = ("APPE", "DELE", "RETR", "STOR", "STOU", "ACCT", "PORT", "PASV", "EPRT", "EPSV")
CHANNEL = ("passive", "orig_h", "resp_h", "resp_p")


def our_commands(events):
    for event in events:
        command = event.get("command", "<init>")
        if command != "<init>":
            yield (command, "" if command in SECRET else event.get("arg", ""))


def tshark_commands(rows):
    for row in rows:
        commands = oracle.cell(row, "ftp.request.command")
        # An argument may have a '|' of its own.
        args = [row.get("ftp.request.arg") or ""] if len(commands) == 1 else oracle.cell(row, "ftp.request.arg")
        for at, command in enumerate(commands):
            command = command.upper()
            yield (command, args[at] if at < len(args) and command not in SECRET else "")


def our_replies(events):
    for event in events:
        command, code = event.get("command", "<init>"), event.get("reply_code")
        yield ("-" if command == "<init>" else command, "-" if code is None else str(code))


def suricata_replies(events):
    for event in events:
        ftp = event["ftp"]
        yield (ftp.get("command", "-"), (ftp.get("completion_code") or ["-"])[-1])


def our_zeek(events):
    for event in events:
        if event.get("command") in ZEEK_COMMANDS:
            channel = [event.get(f"data_channel.{part}", "-") for part in CHANNEL]
            yield (event.get("user", "-"), event["command"], str(event.get("reply_code", "-")), *map(str, channel))


def zeek_commands(rows):
    for row in rows:
        if row["command"] in ZEEK_COMMANDS:
            channel = [{"T": "True", "F": "False"}.get(row[f"data_channel.{part}"], row[f"data_channel.{part}"])
                       for part in CHANNEL]
            yield (row["user"].replace("<unknown>", "-"), row["command"], row["reply_code"], *channel)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "ftp"):
        yield oracle.view(name, zeek_commands(rows), our_zeek)
    yield oracle.view("tshark", tshark_commands(oracle.tshark(folder / "ftp.tsv")), our_commands)
    events = oracle.suricata(folder, ("ftp",))
    if events is not None:
        yield oracle.view("suricata", suricata_replies(events), our_replies)
