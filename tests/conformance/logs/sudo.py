"""sudo's lines: Filebeat's system/auth."""
from pathlib import Path

from . import golden

BEATS = {
    "system.auth.sudo.command": "command",
    "system.auth.sudo.pwd": "pwd",
    "system.auth.sudo.tty": "tty",
    "system.auth.sudo.user": "runas",
    "system.auth.sudo.error": "reason",
    "user.name": "user",
}
# Of PAM's lines in sudo Filebeat's user is who opened the session, as far as the line says.
PAM = {"user.effective.name": "user", "user.name": "logname", "user.id": "uid"}


def cases(corpus: Path):
    for name in ("auth-ubuntu1204", "secure-rhel7", "test"):
        for file, lines, wanted in golden.beats(corpus / f"syslog/beats/system-auth-{name}.log"):
            if wanted.get("process.name") == "sudo":
                pam = "pam_unix(" in lines[0]
                fields = dict(wanted)
                if pam and "user.effective.name" not in fields:
                    fields["user.effective.name"] = fields.pop("user.name", None)
                yield file, lines, golden.mapped(fields, PAM if pam else BEATS)
