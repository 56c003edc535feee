"""OpenSSH's lines: Filebeat's system/auth, fail2ban's sshd, CrowdSec's sshd."""
from pathlib import Path

from . import golden

EVENTS = {"Accepted": "accepted", "Failed": "failed", "Invalid": "invalid user"}


def signature(value, _):
    kind, _, print_ = value.partition(" ")
    return {"key_type": kind, "fingerprint": print_}


BEATS = {
    "system.auth.ssh.event": lambda value, _: {"outcome": EVENTS.get(value, value)},
    "system.auth.ssh.method": "method",
    "system.auth.ssh.signature": signature,
    "system.auth.ssh.dropped_ip": "src_ip",
    "source.ip": "src_ip",
    "source.port": "src_port",
    "user.name": "user",
    "process.pid": "pid",
}
CROWDSEC = {"Meta.source_ip": "src_ip", "Meta.target_user": "user", "Parsed.sshd_client_ip": "src_ip"}


def host(value, wanted):
    # fail2ban also reports the address of an earlier line of the same connection.
    return {"src_ip": value} if value in wanted["line"] else {}


FAIL2BAN = {"host": host, "user": "user"}


def cases(corpus: Path):
    for name in ("auth-ubuntu1204", "secure-rhel7", "test"):
        for file, lines, wanted in golden.beats(corpus / f"syslog/beats/system-auth-{name}.log"):
            if wanted.get("process.name") == "sshd":
                yield file, lines, golden.mapped(wanted, BEATS)
    for file, lines, wanted in golden.fail2ban(corpus / "syslog/fail2ban/sshd.log"):
        if wanted.get("match"):
            yield file, lines, golden.mapped(wanted | {"line": lines[0]}, FAIL2BAN)
    for path in ("attack/crowdsec/sshd-invalid-bf.log", "firewall/crowdsec/opnsense-sshd.log"):
        for file, lines, wanted in golden.crowdsec(corpus / path, "crowdsecurity/sshd-logs"):
            yield file, lines, golden.mapped(wanted, CROWDSEC)
