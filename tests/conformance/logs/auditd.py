"""Linux audit: Filebeat's auditd, Auditbeat's whole events, CrowdSec's auditd."""
from pathlib import Path

from . import golden


def lower_type(value, _):
    return {"type": value.upper()} if isinstance(value, str) else {}


def key(value, _):
    return {"key": value}


IDS = {
    "user.audit.id": "auid",
    "user.id": "uid",
    "user.group.id": "gid",
    "user.effective.id": "euid",
    "user.effective.group.id": "egid",
    "user.saved.id": "suid",
    "user.saved.group.id": "sgid",
    "user.filesystem.id": "fsuid",
    "user.filesystem.group.id": "fsgid",
}
# Some of Filebeat's names are another field in records that user space writes: there the account is user.effective.
FILEBEAT = {
    "auditd.log.sequence": "serial",
    "auditd.log.record_type": "type",
    "host.architecture": "ARCH",
    "process.executable": "exe",
    "process.exit_code": "exit",
    "process.name": "comm",
    "process.pid": "pid",
    "process.ppid": "ppid",
    "process.working_directory": "cwd",
    "user.terminal": "terminal",
    "source.ip": "addr",
    "source.address": "addr",
}
RENAMED = {"old_auid": "old-auid", "new_auid": "auid", "old_ses": "old-ses", "new_ses": "ses"}


def filebeat(wanted):
    out = golden.mapped(wanted, FILEBEAT)
    kernel = wanted.get("event.action") == "syscall"
    if kernel:
        out.update(golden.mapped(wanted, IDS))
    else:
        out.update(golden.mapped(wanted, {"user.audit.id": "auid"}))
    if not kernel and "src_prefixlen" in wanted.get("event.original", ""):  # IPsec's source is a network
        out["src"] = out.pop("addr", None)
    for name, value in wanted.items():
        if name.startswith("auditd.log.") and name not in FILEBEAT:
            short = name.removeprefix("auditd.log.")
            out[RENAMED.get(short, short)] = value
    return {name: value for name, value in out.items() if value is not None}


AUDITBEAT = {
    "auditd.sequence": "serial",
    "auditd.session": "ses",
    "process.executable": "exe",
    "process.name": "comm",
    "process.pid": "pid",
    "process.ppid": "ppid",
    "process.title": "proctitle",
    "tags": lambda value, _: {"key": value[0]},
    "user.audit.id": "auid",
    "source.ip": "addr",
    "auditd.data.acct": "acct",
    "auditd.data.op": "op",
    "auditd.data.hostname": "hostname",
    "auditd.data.terminal": "terminal",
    "auditd.data.id": "id",
    "auditd.data.a0": "a0",
    "auditd.data.a1": "a1",
    "auditd.data.a2": "a2",
    "auditd.data.a3": "a3",
    "auditd.data.arch": "ARCH",
    "auditd.data.syscall": "SYSCALL",
    "auditd.data.tty": "tty",
    "auditd.data.exit": "exit",
}


def cases(corpus: Path):
    folder = corpus / "audit/beats"
    for path in sorted(folder.glob("auditd-log-*.log")):
        for file, lines, wanted in golden.beats(path):
            yield file, lines, filebeat(wanted)
    for path in sorted(folder.glob("*.log")):
        if path.name.startswith("auditd-log-"):
            continue
        for file, lines, wanted in golden.beats(path):
            yield file, lines, golden.mapped(wanted, AUDITBEAT)
    path = corpus / "syslog/crowdsec/auditd-logs.log"
    for file, lines, wanted in golden.crowdsec(path, "crowdsecurity/auditd-logs"):
        fields = {name.removeprefix("Unmarshaled."): value for name, value in wanted.items() if name[0] == "U"}
        fields.pop("msg", None)
        if fields.get("key") == "(null)":
            fields.pop("key")
        yield file, lines, fields
