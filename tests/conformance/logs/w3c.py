"""IIS's logs against what Elastic's module tells (files beats/iis-*)."""

import ipaddress
import urllib.parse

from . import golden

FIELDS = {
    "destination.address": ("s-ip",),
    "destination.ip": ("s-ip",),
    "destination.port": ("s-port",),
    "event.duration": ("time-taken",),
    "http.request.method": ("cs-method",),
    "http.request.referrer": ("cs-referer",),
    "http.response.status_code": ("sc-status",),
    "http.version": ("cs-version",),
    "iis.access.sub_status": ("sc-substatus",),
    "iis.access.win32_status": ("sc-win32-status",),
    "iis.error.queue_name": ("s-queuename",),
    "iis.error.reason_phrase": ("s-reason",),
    "source.address": ("c-ip",),
    "source.ip": ("c-ip",),
    "source.port": ("c-port",),
    "url.original": ("cs-uri", "cs-uri-stem"),
    "url.path": ("cs-uri-stem",),
    "url.query": ("c-uri-query",),
    "user.name": ("cs-username",),
    "user_agent.original": ("cs-user-agent",),
}


def pairs(expected, event):
    if "@timestamp" in expected:
        yield "@timestamp", golden.stamp(expected["@timestamp"], event["ts"]), str(event["ts"])
    for field, theirs in expected.items():
        if field not in FIELDS:
            continue
        names = FIELDS[field] if "s-reason" in event else FIELDS[field][-1:]  # an access log's URL is its path there
        ours = next((event[name] for name in names if name in event), None)
        theirs = str(theirs)
        if isinstance(ours, list):
            ours = ours[-1]  # an agent is told with '+' and with spaces
        ours = None if ours is None else str(ours)
        if field.endswith((".ip", ".address")):
            theirs = str(ipaddress.ip_address(theirs))  # RFC 5952
        if field == "event.duration" and ours is not None:
            ours = str(int(ours) * 1000000)
        if field == "http.version" and ours is not None:
            ours = ours.removeprefix("HTTP/")
        if field in ("url.path", "url.query", "url.original") and ours is not None:
            ours, theirs = urllib.parse.unquote_plus(ours), urllib.parse.unquote_plus(theirs)
        yield field, theirs, ours
