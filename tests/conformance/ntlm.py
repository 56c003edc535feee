"""NTLM: who authenticated. tshark and Suricata: (user, domain, host); Zeek: its log. Anonymous ones are left out of both."""

import oracle

LDAP = (389, 3268)
COLUMNS = ("username", "hostname", "domainname", "server_nb_computer_name", "server_dns_computer_name", "server_tree_name",
           "success")


def tshark_users(rows):
    """The three columns only where a message has one answer; NULL is what tshark writes for an empty name."""
    for row in rows:
        columns = [oracle.cell(row, f"ntlmssp.auth.{name}") for name in ("username", "domain", "hostname")]
        for name in zip(*columns):
            name = tuple("" if part == "NULL" else part for part in name)
            if name[0]:
                yield name


def suricata_users(events):
    for event in events:
        told = event["smb"].get("ntlmssp")
        if told and told["user"]:
            yield (told["user"], told["domain"], told["host"])


def our_users(events):
    for event in events:
        if "username" in event and event["id.resp_p"] not in LDAP:
            yield (event["username"], event.get("domainname", ""), event.get("hostname", ""))


def value(event, name):
    told = event.get(name)
    return "-" if told is None else {True: "T", False: "F"}.get(told, told)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "ntlm"):
        # Whether the server let the user in Zeek knows of SMB alone.
        columns = [column for column in COLUMNS if column != "success" or any(row[column] != "-" for row in rows)]
        yield oracle.view(name, [tuple(row[column] for column in columns) for row in rows],
                          lambda events, columns=columns: (tuple(value(event, column) for column in columns) for event in events))
    # Of those two only what SMB carries is known.
    if not (folder / "smb.tsv").exists():
        return
    yield oracle.view("tshark", tshark_users(oracle.tshark(folder / "smb.tsv")), our_users)
    events = oracle.suricata(folder, ("smb",))
    if events is not None:
        yield oracle.view("suricata", suricata_users(events), our_users)
