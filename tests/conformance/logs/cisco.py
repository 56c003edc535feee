"""Cisco ASA and FTD against what Elastic's module tells (files beats/cisco-*.expected.json): which of its fields are
which of ours."""

import datetime

FIELDS = {
    "cisco.{}.assigned_ip": ("assigned_ip",),
    "cisco.{}.burst.avg_rate": ("average_rate",),
    "cisco.{}.burst.cumulative_count": ("count",),
    "cisco.{}.burst.current_rate": ("burst_rate",),
    "cisco.{}.burst.object": ("object",),
    "cisco.{}.command_line_arguments": ("command",),
    "cisco.{}.connection_id": ("connection_id",),
    "cisco.{}.icmp_code": ("icmp_code",),
    "cisco.{}.icmp_type": ("icmp_type",),
    "cisco.{}.message_id": ("message_id",),
    "cisco.{}.privilege.new": ("privilege_new",),
    "cisco.{}.privilege.old": ("privilege_old",),
    "cisco.{}.termination_user": ("user",),
    "cisco.{}.threat_category": ("threat_category", "ThreatName"),
    "cisco.{}.threat_level": ("threat_level", "ThreatScore"),
    "cisco.{}.webvpn.group_name": ("group",),
    "event.code": ("message_id",),
    "event.severity": ("severity_level",),
    "file.path": ("filename",),
    "host.hostname": ("host",),
    "network.bytes": ("bytes",),
    "network.direction": ("direction",),
    "network.transport": ("protocol",),
    "url.original": ("url", "URI"),
}
# Of the two ends, as (theirs, ours behind src_ and dst_).
ENDS = (
    ("{}.address", "ip"),
    ("{}.ip", "ip"),
    ("{}.port", "port"),
    ("{}.user.name", "user"),
    ("cisco.{1}.mapped_{0}_ip", "mapped_ip"),
    ("cisco.{1}.mapped_{0}_host", "mapped_ip"),
    ("cisco.{1}.mapped_{0}_port", "mapped_port"),
    ("cisco.{1}.{0}_interface", "interface"),
    ("cisco.{1}.{0}_username", "user"),
)
SECURITY = "cisco.ftd.security."


def security_name(field):
    """`SrcIP` of their `src_ip`: Firepower's own spelling, all its words run together."""
    return field[len(SECURITY):].replace("_", "").lower()


def swapped(event):
    """Whether we have for the responder what Elastic has for the source. It takes the end that is written first; we
    take the initiator, which of an outbound connection is the second. Of an ICMP connection it takes the inner end; we
    take the outer one where the connection came from there. Of an IKE exchange it takes the firewall."""
    code = event.get("message_id")
    if code in (302020, 302021) and "connection_id" not in event:
        return event.get("direction") == "inbound"
    if code in (750002, 750003):
        return True
    return event.get("direction") == "outbound" and "connection_id" in event


def notation(field, ours, theirs):
    """Both without what only one of us writes: capitals, Elastic's quotes and brackets, numbers of protocols."""
    if field == "network.transport":
        return {"6": "tcp", "47": "gre", "ipv6-icmp": "icmp"}.get(ours.lower(), ours.lower()), theirs
    if field == "network.direction":
        return ours.lower(), theirs
    if field.endswith("_username"):
        return ours, theirs.strip("()")
    return ours, theirs.strip("'") if field.endswith("command_line_arguments") else theirs


def stamp(text, ours):
    """Elastic's time in seconds. Where the line states no zone it was read as of UTC-2, and we read it as of UTC."""
    stated = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    readings = (stated.timestamp(), stated.replace(tzinfo=datetime.timezone.utc).timestamp())
    return str(ours if any(abs(one - ours) < 0.001 for one in readings) else readings[0])


def pairs(expected, event):
    product = expected["event.dataset"].split(".")[1]
    names = {theirs.format(product): ours for theirs, ours in FIELDS.items()}
    ours = ("dst_", "src_") if swapped(event) else ("src_", "dst_")
    for theirs, prefix in zip(("source", "destination"), ours):
        for field, name in ENDS:
            # Of what has one user and no ends, Elastic makes the user the source's.
            other = ("user",) if field == "{}.user.name" else ()
            names[field.format(theirs, product)] = (prefix + name,) + other
    own = {name.replace("_", "").replace(" ", "").lower(): str(value) for name, value in event.items()}
    if "@timestamp" in expected:
        yield "@timestamp", stamp(expected["@timestamp"], event["ts"]), str(event["ts"])
    for field, theirs in expected.items():
        if field.startswith(SECURITY):
            yield field, str(theirs), own.get(security_name(field))
            continue
        if field not in names:
            continue
        ours = next((str(event[name]) for name in names[field] if name in event), None)
        theirs = str(theirs)
        if ours is not None:
            ours, theirs = notation(field, ours, theirs)
        yield field, theirs, ours
