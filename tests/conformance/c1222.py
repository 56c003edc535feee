"""C12.22: which messages were seen and what stood in them.

tshark: (services, control of protection and answers) of each message; the order of services is not compared.
Zeek: (encrypted, services, called and calling title) of each message, in logs without heads, so columns go by their
place.
"""

import oracle

CODES = {0x20: "REQ:Ident", 0x21: "REQ:Terminate", 0x22: "REQ:Disconnect", 0x24: "REQ:Dereg", 0x25: "REQ:Resolve",
         0x26: "REQ:Trace", 0x27: "REQ:Reg", 0x50: "REQ:Logon", 0x51: "REQ:Security", 0x52: "REQ:Logoff",
         0x53: "REQ:Authenticate", 0x70: "REQ:Wait", 0x71: "REQ:Timing Setup"}
ANSWERS = ("OK", "ERR", "SNS", "ISC", "ONP", "IAR", "BSY", "DNR", "DLK", "RNO", "ISSS", "SME", "UAT", "NETT", "NETR",
           "RQTL", "RSTL", "SGNP", "SGERR")
RESPONSES = ("RESPONSE_CONTROL_ALWAYS_RESPOND", "RESPONSE_CONTROL_RESPOND_ON_EXCEPTION", "RESPONSE_CONTROL_NEVER_RESPOND",
             "RESPONSE_CONTROL_RESERVED")
SECURITY = ("SECURITY_MODE_CLEARTEXT", "SECURITY_MODE_CLEARTEXT_WITH_AUTHENTICATION",
            "SECURITY_MODE_CIPHERTEXT_WITH_AUTHENTICATION", "SECURITY_MODE_RESERVED")


def kind(event):
    return event.get("service", "encrypted")


def name(code):
    if code < 0x20:
        return f"RESP:{ANSWERS[code]}"
    return {3: "REQ:Read", 4: "REQ:Write", 6: "REQ:Negotiate"}.get(code >> 4) if code not in CODES else CODES[code]


def our_services(events):
    for event in events:
        if "epsem_control" not in event:
            continue
        response, security = event["epsem_control"]
        yield (tuple(sorted(event.get("services", ()))), RESPONSES.index(response) | SECURITY.index(security) << 2)


def tshark_services(rows):
    for row in rows:
        codes = oracle.cell(row, "c1222.cmd") + oracle.cell(row, "c1222.err")
        for flags in oracle.cell(row, "c1222.epsem.flags")[:1]:
            yield (tuple(sorted(name(int(code, 16)) for code in codes)), int(flags, 16) & 0x0F)


def our_messages(events):
    for event in events:
        yield (event["is_encrypted_epsem"], ",".join(event.get("services", ())) or None, event.get("called_ap_title"),
               event.get("calling_ap_title"))


def zeek_messages(path):
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        cells = line.split("\t")
        encrypted = next((i for i, cell in enumerate(cells) if cell in ("T", "F")), None)
        if line.startswith("#") or encrypted is None:
            continue
        services, called, calling = (oracle.zeek_text(cells[encrypted + at]) for at in (1, 3, 4))
        yield (cells[encrypted] == "T", services, called, calling)


def oracles(folder):
    for path in sorted((folder / "authors" / "zeek").glob("*/c1222.log")):
        yield oracle.view(f"zeek:{path.parent.name}", zeek_messages(path), our_messages)
    yield oracle.view("tshark", tshark_services(oracle.tshark(folder / "c1222.tsv")), our_services)
