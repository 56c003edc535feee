"""Apache's and nginx's logs against what Elastic's modules tell (files beats/apache-*, beats/nginx-*)."""

import urllib.parse

from . import golden

FIELDS = {
    "apache.access.ssl.cipher": ("tls_cipher",),
    "apache.access.ssl.protocol": ("tls_version",),
    "apache.error.module": ("module",),
    "destination.domain": ("cs-host",),
    "http.request.method": ("cs-method",),
    "http.request.referrer": ("cs-referer",),
    "http.response.body.bytes": ("sc-bytes",),
    "http.response.status_code": ("sc-status",),
    "http.version": ("cs-version",),
    "log.level": ("level",),
    "nginx.error.connection_id": ("connection",),
    "process.pid": ("pid",),
    "process.thread.id": ("tid",),
    "source.address": ("c-ip",),
    "source.ip": ("c-ip",),
    "source.port": ("c-port",),
    "url.original": ("cs-uri",),
    "url.path": ("cs-uri-stem",),
    "url.query": ("c-uri-query",),
    "user.name": ("cs-username",),
    "user_agent.original": ("cs-user-agent",),
}


def pairs(expected, event):
    if "@timestamp" in expected:
        yield "@timestamp", golden.stamp(expected["@timestamp"], event["ts"]), str(event["ts"])
    for field, theirs in expected.items():
        if field not in FIELDS or theirs == "-":
            continue  # "-": nothing is there
        ours = next((str(event[name]) for name in FIELDS[field] if name in event), None)
        theirs = str(theirs)
        if field == "http.version" and ours is not None:
            ours = ours.removeprefix("HTTP/")
        if field in ("url.path", "url.query") and ours is not None:
            ours, theirs = urllib.parse.unquote(ours), urllib.parse.unquote(theirs)  # theirs are undone, ours as sent
        yield field, theirs, ours
    # Elastic's message of an error is what follows the client; nginx's has its own words behind.
    if "message" in expected and "error" in event:
        code = event.get("error_code")
        ours = (code + ": " if code else "") + event["error"]
        yield "message", expected["message"][: len(ours)], ours
