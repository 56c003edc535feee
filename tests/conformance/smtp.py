"""SMTP: envelopes (tshark, Suricata), and what Zeek further says of each mail.

tshark shows commands, the others mails; a mail that only has a HELO is none.
"""

import re

import oracle

TEXTS = ("helo", "mailfrom", "date", "from", "reply_to", "msg_id", "in_reply_to", "subject", "x_originating_ip",
         "first_received", "second_received", "last_reply", "user_agent")
LISTS = ("rcptto", "to", "cc", "path")


def address(arg):
    """Of `FROM:<a@b> SIZE=1`, as we show it."""
    text = arg.split(":", 1)[1] if ":" in arg else arg
    found = re.search(r"<([^>]*)>?", text)
    return found.group(1) if found else text.strip().split(" ")[0]


def our_envelope(events):
    for event in events:
        if event.get("mailfrom"):
            yield ("MAIL", event["mailfrom"])
        for recipient in event.get("rcptto", []):
            yield ("RCPT", recipient)


def tshark_envelope(rows):
    """A mail's recipients are a set, as ours are."""
    recipients = set()
    for row in rows:
        commands, args = oracle.cell(row, "smtp.req.command"), oracle.cell(row, "smtp.req.parameter")
        # Commands without an argument have no cell.
        taking = [command.upper() for command in commands if command.upper() not in ("DATA", "QUIT", "RSET", "STARTTLS")]
        for command, arg in zip(taking, args):
            if command == "MAIL" and arg.upper().startswith("FROM:"):
                recipients = set()
                if address(arg):
                    yield ("MAIL", address(arg))
            if command == "RCPT" and arg.upper().startswith("TO:") and address(arg) not in recipients:
                recipients.add(address(arg))
                yield ("RCPT", address(arg))


def suricata_envelope(events):
    for event in events:
        smtp = event.get("smtp", {})
        if address(smtp.get("mail_from", "")):
            yield ("MAIL", address(smtp["mail_from"]))
        for recipient in dict.fromkeys(smtp.get("rcpt_to", [])):
            yield ("RCPT", address(recipient))


def our_mails(events):
    for event in events:
        texts = [str(event.get(field, "-")) for field in TEXTS]
        lists = [tuple(sorted(map(str, event.get(field, [])))) for field in LISTS]
        yield (str(event["trans_depth"]), event["tls"], *texts, *lists)


def zeek_mails(rows):
    for row in rows:
        texts = [row[field].replace("\\\\", "\\") for field in TEXTS]
        lists = [() if row[field] in ("-", "(empty)") else tuple(sorted(row[field].replace("\\x2c", ",").split(",")))
                 for field in LISTS]
        yield (row["trans_depth"], row["tls"] == "T", *texts, *lists)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "smtp"):
        yield oracle.view(name, zeek_mails(rows), our_mails)
    yield oracle.view("tshark", tshark_envelope(oracle.tshark(folder / "smtp.tsv")), our_envelope)
    events = oracle.suricata(folder, ("smtp",))
    if events is not None:
        yield oracle.view("suricata", suricata_envelope(events), our_envelope)
