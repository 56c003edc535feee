"""PAM's lines in any program: CrowdSec's pam, and Wazuh's samples, of which it names the decoder alone."""
import re
from pathlib import Path

from . import golden

CROWDSEC = {"Parsed.username": "user", "Parsed.rhost": "rhost", "Parsed.tty": "tty"}


def cases(corpus: Path):
    for file, lines, wanted in golden.crowdsec(corpus / "syslog/crowdsec/pam-logs.log", "crowdsecurity/pam-logs"):
        yield file, lines, golden.mapped(wanted, CROWDSEC)
    path = corpus / "syslog/wazuh/pam.ini"
    for line in re.findall(r"^log \d+ (?:pass|fail) = (.*)$", path.read_text(), re.M):
        yield path.name, [line], {"module": "pam_unix"}
