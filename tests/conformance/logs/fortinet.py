"""FortiGate against what Elastic's module tells (files beats/fortinet-*.expected.json): its fields are ours."""

import datetime

FIELDS = {
    "destination.bytes": "rcvdbyte",
    "destination.ip": "dstip",
    "destination.port": "dstport",
    "dns.id": "xid",
    "dns.question.class": "qclass",
    "dns.question.name": "qname",
    "dns.question.type": "qtype",
    "event.action": "action",
    "event.code": "logid",
    "event.reason": "reason",
    "event.reference": "ref",
    "event.timezone": "tz",
    "file.name": "filename",
    "file.size": "filesize",
    "log.level": "level",
    "message": "msg",
    "network.iana_number": "proto",
    "network.protocol": "service",
    "observer.egress.interface.name": "dstintf",
    "observer.ingress.interface.name": "srcintf",
    "observer.name": "devname",
    "observer.serial_number": "devid",
    "rule.id": "policyid",
    "source.bytes": "sentbyte",
    "source.ip": "srcip",
    "source.port": "srcport",
    "source.user.group.name": "group",
    "source.user.name": "user",
    "tls.server.issuer": "scertissuer",
    "tls.server.x509.subject.common_name": "scertcname",
    "url.domain": "hostname",
    "user_agent.original": "agent",
}
OWN = "fortinet.firewall."  # what has no place in Elastic's schema keeps its key below this
IGNORE_CASE = {"service"}
PROTOCOLS = {"tcp": "6", "udp": "17", "icmp": "1"}  # `proto` is told as Zeek's name


def pairs(expected, event):
    """(their field, their value, our value) of each of the message's own fields, both as text."""
    for field, theirs in expected.items():
        if field == "event.start":  # eventtime
            yield field, str(datetime.datetime.fromisoformat(theirs).timestamp()), f"{int(event['ts'] * 1000) / 1000}"
            continue
        name = field[len(OWN):] if field.startswith(OWN) else FIELDS.get(field)
        if name is None or isinstance(theirs, (dict, list)):
            continue
        if name not in event and name in ("tz", "hostname"):
            continue  # not in the message: Elastic's own zone; the host cut out of the URL
        theirs, ours = str(theirs), event.get(name)
        ours = None if ours is None else str(ours)
        if name == "proto":
            ours = PROTOCOLS.get(ours, ours)
        if name in IGNORE_CASE and ours is not None:
            theirs, ours = theirs.lower(), ours.lower()
        yield field, theirs, ours
