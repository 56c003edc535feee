"""PAN-OS against what Elastic's module tells (files beats/panw-*.expected.json): which of its fields are which of ours."""

import datetime

FIELDS = {
    "destination.bytes": ("bytes_received",),
    "destination.ip": ("dst",),
    "destination.nat.ip": ("natdst",),
    "destination.nat.port": ("natdport",),
    "destination.packets": ("pkts_received",),
    "destination.port": ("dport", "endport"),
    "event.code": ("eventid",),
    "host.id": ("hostid",),
    "host.name": ("machinename",),
    "host.os.family": ("client_os",),
    "host.os.full": ("client_os_ver", "os"),
    "log.level": ("severity",),
    "network.application": ("app",),
    "network.bytes": ("bytes",),
    "network.packets": ("packets",),
    "network.transport": ("proto",),
    "observer.egress.interface.name": ("outbound_if",),
    "observer.egress.zone": ("to",),
    "observer.hostname": ("device_name", "portal"),
    "observer.ingress.interface.name": ("inbound_if",),
    "observer.ingress.zone": ("from",),
    "observer.serial_number": ("serial",),
    "panw.panos.action": ("action",),
    "panw.panos.actionflags": ("actionflags",),
    "panw.panos.auth_method": ("auth_method",),
    "panw.panos.client_ver": ("client_ver",),
    "panw.panos.connect_method": ("connect_method",),
    "panw.panos.datasource": ("datasource",),
    "panw.panos.datasourcename": ("datasourcename",),
    "panw.panos.datasourcetype": ("datasourcetype",),
    "panw.panos.description": ("opaque",),
    "panw.panos.destination.interface": ("outbound_if",),
    "panw.panos.destination.nat.ip": ("natdst",),
    "panw.panos.destination.nat.port": ("natdport",),
    "panw.panos.destination.zone": ("to",),
    "panw.panos.device_group_hierarchy.level_1": ("dg_hier_level_1",),
    "panw.panos.device_group_hierarchy.level_2": ("dg_hier_level_2",),
    "panw.panos.device_group_hierarchy.level_3": ("dg_hier_level_3",),
    "panw.panos.device_group_hierarchy.level_4": ("dg_hier_level_4",),
    "panw.panos.endreason": ("session_end_reason",),
    "panw.panos.error_code": ("error_code",),
    "panw.panos.factorno": ("factorno",),
    "panw.panos.factortype": ("factortype",),
    "panw.panos.flow_id": ("sessionid",),
    "panw.panos.matchname": ("matchname",),
    "panw.panos.matchtype": ("matchtype",),
    "panw.panos.priority": ("priority",),
    "panw.panos.repeatcnt": ("repeatcnt",),
    "panw.panos.response_time": ("response_time",),
    "panw.panos.ruleset": ("rule",),
    "panw.panos.sequence_number": ("seqno",),
    "panw.panos.serial_number": ("serialnumber",),
    "panw.panos.source.interface": ("inbound_if",),
    "panw.panos.source.nat.ip": ("natsrc", "public_ip"),
    "panw.panos.source.nat.port": ("natsport",),
    "panw.panos.source.zone": ("from",),
    "panw.panos.stage": ("stage",),
    "panw.panos.sub_type": ("subtype",),
    "panw.panos.threat.resource": ("misc",),
    "panw.panos.timeout": ("timeout",),
    "panw.panos.tunnel_type": ("tunnel_type",),
    "panw.panos.type": ("type",),
    "panw.panos.ugflags": ("ugflags",),
    "panw.panos.url.category": ("category",),
    "panw.panos.virtual_sys": ("vsys",),
    "panw.panos.vsys_id": ("vsys_id",),
    "rule.name": ("rule",),
    "source.bytes": ("bytes_sent",),
    "source.ip": ("src", "ip", "private_ip"),
    "source.nat.ip": ("natsrc", "public_ip"),
    "source.nat.port": ("natsport",),
    "source.packets": ("pkts_sent",),
    "source.port": ("sport", "beginport"),
    "source.user.name": ("userbysource", "srcuser", "user"),
    "url.original": ("misc",),
    "user_agent.original": ("user_agent",),
}


def plain(name, value):
    """As Elastic brings it to one form."""
    if name in ("srcuser", "user", "userbysource"):
        return value.rsplit("\\", 1)[-1].split("@")[0]  # without the domain
    if name == "action":
        return value.lower().replace(" ", "-")
    return value.lstrip("0") or "0" if name in ("seqno",) else value


def pairs(expected, event):
    """(their field, their value, our value) of each of the message's own fields, both as text. The source's zone must be
    the one in their `event.timezone`."""
    for field, theirs in expected.items():
        if field == "@timestamp":
            yield field, str(datetime.datetime.fromisoformat(theirs).timestamp()), str(event["ts"])
            continue
        if field not in FIELDS or isinstance(theirs, (dict, list)):
            continue
        name = next((one for one in FIELDS[field] if one in event), None)
        yield field, plain(name, str(theirs)), None if name is None else plain(name, str(event[name]))
