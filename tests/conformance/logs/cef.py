"""CEF against what Elastic's decoder tells (files beats/*.expected.json): which of its fields are which of ours."""

import datetime
import ipaddress

# The dictionary's full names, which Elastic uses, and the keys on the wire, which we use. A key that is not here is
# called the same by both.
EXTENSIONS = {
    "agentAddress": "agt",
    "agentHostName": "ahost",
    "agentId": "aid",
    "agentMacAddress": "amac",
    "agentReceiptTime": "art",
    "agentTimeZone": "atz",
    "agentType": "at",
    "agentVersion": "av",
    "applicationProtocol": "app",
    "baseEventCount": "cnt",
    "bytesIn": "in",
    "bytesOut": "out",
    "categoryDeviceType": "catdt",
    "destinationAddress": "dst",
    "destinationGeoLatitude": "dlat",
    "destinationGeoLongitude": "dlong",
    "destinationHostName": "dhost",
    "destinationMacAddress": "dmac",
    "destinationNtDomain": "dntdom",
    "destinationPort": "dpt",
    "destinationProcessId": "dpid",
    "destinationProcessName": "dproc",
    "destinationUserId": "duid",
    "destinationUserName": "duser",
    "destinationUserPrivileges": "dpriv",
    "deviceAction": "act",
    "deviceAddress": "dvc",
    "deviceEventCategory": "cat",
    "deviceHostName": "dvchost",
    "deviceMacAddress": "dvcmac",
    "deviceProcessId": "dvcpid",
    "deviceReceiptTime": "rt",
    "deviceTimeZone": "dtz",
    "endTime": "end",
    "eventOutcome": "outcome",
    "fileSize": "fsize",
    "filename": "fname",
    "managerReceiptTime": "mrt",
    "message": "msg",
    "requestUrl": "request",
    "sourceAddress": "src",
    "sourceGeoLatitude": "slat",
    "sourceGeoLongitude": "slong",
    "sourceHostName": "shost",
    "sourceMacAddress": "smac",
    "sourceNtDomain": "sntdom",
    "sourcePort": "spt",
    "sourceProcessId": "spid",
    "sourceProcessName": "sproc",
    "sourceUserId": "suid",
    "sourceUserName": "suser",
    "sourceUserPrivileges": "spriv",
    "startTime": "start",
    "transportProtocol": "proto",
}
CUSTOM = (("deviceCustomString", "cs"), ("deviceCustomNumber", "cn"), ("deviceCustomFloatingPoint", "cfp"),
          ("deviceCustomIPv6Address", "c6a"))
HEADER = {
    "device.event_class_id": "deviceEventClassId",
    "device.product": "deviceProduct",
    "device.vendor": "deviceVendor",
    "device.version": "deviceVersion",
    "name": "name",
    "severity": "severity",
    "version": "cefVersion",
}
# Elastic reads a time of these; the wire's own text is what we tell. `rt` is the event's time.
TIMES = {"art", "end", "mrt", "start", "deviceCustomDate1", "deviceCustomDate2", "flexDate1"}
MACS = {"amac", "dmac", "dvcmac", "smac"}
IGNORE_CASE = MACS | {"proto"}  # one or the other writes it in small letters
PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp"}


def flat(value, prefix=""):
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from flat(inner, prefix + key + ".")
        else:
            yield prefix + key, inner


def names_of(field):
    """The names that we may have for Elastic's `field`; none: it is none of the message's own."""
    if field.startswith("cef.extensions."):
        key = field[len("cef.extensions."):]
        for long, short in CUSTOM:
            if key.startswith(long):
                return short + key[len(long):], key
        return EXTENSIONS.get(key, key), key  # some senders write the full name
    name = HEADER.get(field[len("cef."):]) if field.startswith("cef.") else None
    return (name,) if name else ()


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def pairs(expected, event):
    """(their field, their value, our value) of each of the message's own fields, both as text."""
    for field, theirs in flat(expected):
        names = names_of(field)
        if not names:
            continue
        name = names[0]
        if name == "rt":
            yield field, str(seconds(theirs)), str(event["ts"])
            continue
        if name in TIMES or (name == "severity" and field.startswith("cef.extensions.")):
            continue  # of an extension that is called as the header's field is, the header's is told
        theirs, ours = str(theirs), next((str(event[one]) for one in names if one in event), None)
        if name == "proto":
            theirs = PROTOCOLS.get(theirs, theirs)  # told as Zeek's name
        if name in IGNORE_CASE and ours is not None:
            theirs, ours = theirs.lower(), ours.lower()
        if name.startswith("c6a") and not name.endswith("Label"):
            theirs = str(ipaddress.ip_address(theirs))  # RFC 5952
        if name in MACS:
            theirs, ours = theirs.replace("-", ":"), ours and ours.replace("-", ":")
        yield field, theirs, ours
