"""Files on their way: how large they are, by what carries them (Zeek), and what they are called (Suricata). Bodies of HTTP
are left out of the latter, which takes compression off; so is what has no name, and what a capture has not whole."""

import oracle

CARRIERS = ("FTP_DATA", "HTTP", "SMB", "SMTP")
SURICATA = {"ftp-data": "FTP_DATA", "smb": "SMB", "smtp": "SMTP"}


def zeek_files(rows):
    for row in rows:
        if row["source"] in CARRIERS:
            yield (row["source"], row["is_orig"], row["mime_type"], row["seen_bytes"], row["missing_bytes"])


def our_files(events):
    for event in events:
        yield (event["carrier"], oracle.our_text(event["is_orig"]), event.get("mime_type", "-"),
               str(event["seen_bytes"]), str(event["missing_bytes"]))


def suricata_names(events):
    for event in events:
        file = event["fileinfo"]
        carrier = SURICATA.get(event.get("app_proto"))
        name = file.get("filename", "").lstrip("\\")  # SMB1's paths begin so
        if carrier and name not in ("", "<stou>") and file["state"] == "CLOSED" and not file["gaps"]:
            yield (carrier, name, file["size"])


def our_names(events):
    for event in events:
        if event["carrier"] in SURICATA.values() and event.get("filename") and not event["missing_bytes"]:
            yield (event["carrier"], event["filename"], event["seen_bytes"])


def oracles(folder):
    for name, rows in oracle.zeek(folder, "files"):
        yield oracle.view(name, zeek_files(rows), our_files)
    events = oracle.suricata(folder, ("fileinfo",))
    # It looks for files in few mails and transfers.
    names = list(suricata_names(events or []))
    if names:
        yield oracle.view("suricata", names, our_names)
