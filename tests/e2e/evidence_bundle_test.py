#!/usr/bin/env python3
"""An incident of a running daemon as a bundle: two verifiers accept it, the ledger knows of the export, what is changed is noticed."""

import json
import pathlib
import re
import subprocess
import sys

import harness
from harness import DEMO, PROJECT, Daemon, Skip, check, equal, wait_for

VERIFIER = PROJECT / "tests/verifier/nwverify.py"
WATCHED = {
    **harness.EVERY_ALERT,
    "ledger": {"checkpoint_every": "200ms", "heartbeat_every": "1s"},
    "sources": [{"name": "packets", "kind": "replay", "path": str(DEMO / "water.pcap"), "pace": "fast"},
                {"name": "log", "kind": "replay", "path": str(DEMO / "water.log"), "format": "syslog", "product": "linux", "pace": "fast"}],
}
SAID = "203.0.113.77"
WHO = ("--by", "duty-officer-2", "--why", f"handed to the national CERT, order 17, about {SAID}")


def run(world, *arguments, code=0):
    done = world.run(*arguments)
    equal(done.returncode, code, f"normwatch {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def nwverify(bundle, policy, *more):
    """The second verifier's exit status and words."""
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise Skip("python3-cryptography is not installed (tests/packages.txt)") from None
    done = subprocess.run([sys.executable, VERIFIER, "bundle", bundle, "--policy", policy, *more], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Site:
    """A daemon that has worked off the demonstration, and a policy of its key."""

    def __init__(self, world):
        self.daemon = Daemon(world, dict(WATCHED)).ready()
        self.daemon.read_all()
        wait_for("incidents", lambda: len(self.daemon.incidents()) > 0 and self.daemon.status()["incidents"]["behind"] == 0)
        entries = self.daemon.status()["ledger"]["entries"]
        wait_for("a head over all of it", lambda: self.daemon.status()["tree"]["size"] >= entries)
        self.incident = self.daemon.incidents()[0]["id"]
        self.policy = world.write("policy", f"log {self.daemon.status()['tree']['key']}\nquorum none\n")
        self.config = ("--config", self.daemon.config_file)


def operator_entries(daemon):
    """What the journal says of people, in order."""
    out = []
    for file in sorted(pathlib.Path(daemon.state, "ledger/journal").glob("*.log")):
        out += [json.loads(found) for found in re.findall(rb'\{"body":\{[^{}]*\},"t":"[^"]*","type":"operator","v":1\}', file.read_bytes())]
    return out


def test_an_incident_goes_out_and_is_checked(world):
    site, bundle = Site(world), world.directory / "case.nwbundle"
    early = (site.daemon.state / "ledger/tree/checkpoint").read_bytes()
    old = world.directory / "old-checkpoint"
    old.write_bytes(early)
    run(world, "evidence", "export", "--incident", site.incident, "--out", bundle, "--old-checkpoint", old, *WHO, *site.config)
    check(bundle.stat().st_mode & 0o077 == 0, "only its owner may read it")
    said = run(world, "evidence", "verify", bundle, "--policy", site.policy, "--old-checkpoint", old)
    for claim in ("archive", "policy", "checkpoint", "entries", "consistency", "hashes"):
        check(re.search(rf"^ok +{claim} ", said, re.M), f"{claim} holds", said)
    status, words = nwverify(bundle, site.policy, "--old-checkpoint", old)
    equal((status, re.findall(r"^(\S+) +(\S+)", words, re.M)), (0, re.findall(r"^(\S+) +(\S+)", said, re.M)), "the second verifier says the same")
    check(site.incident in run(world, "evidence", "show", bundle), "show names the incident")

    # The ledger knows: who, why, and which bundle.
    (entry,) = wait_for("the operator entry", lambda: operator_entries(site.daemon))
    equal({k: entry["body"][k] for k in ("act", "by", "incident")},
          {"act": "evidence-export", "by": "duty-officer-2", "incident": site.incident}, "the operator entry")
    check(re.fullmatch("[0-9a-f]{64}", entry["body"]["manifest_sha256"]) and entry["body"]["uid"] >= 0, "with the bundle's hash and the user", entry)
    why = entry["body"]["why"]
    check("order 17" in why and SAID not in why and "pfx:" in why, "words of people pass the guard", why)

    # A changed byte, wherever it is.
    data = bundle.read_bytes()
    for at in range(600, len(data), len(data) // 20):
        changed = world.directory / "changed.nwbundle"
        changed.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        run(world, "evidence", "verify", changed, "--policy", site.policy, code=65)
    run(world, "evidence", "verify", world.write("text", "no bundle"), "--policy", site.policy, code=65)
    run(world, "evidence", "verify", bundle, code=64)
    run(world, "evidence", "verify", bundle, "--policy", world.write("bad", "log x\n"), code=78)
    check("no certificate" in run(world, "evidence", "verify", bundle, "--policy", site.policy, "--tsa-roots",
                                  world.write("roots.pem", "none\n"), code=78), "roots without a certificate")


def test_what_is_refused(world):
    site, bundle = Site(world), world.directory / "case.nwbundle"
    export = ("evidence", "export", "--out", bundle, *site.config)
    run(world, *export, "--incident", site.incident, "--by", "a", code=64)
    run(world, *export, "--incident", "NW-1999-000001", *WHO, code=66)
    check(not bundle.exists() and not operator_entries(site.daemon), "nothing was written, nowhere")
    run(world, *export, "--incident", site.incident, *WHO)
    check("is there already" in run(world, *export, "--incident", site.incident, *WHO, code=73), "a bundle is not written over")
    equal(site.daemon.stop(), 0, "exit status")
    other = ("evidence", "export", "--out", world.directory / "other.nwbundle", *site.config, "--incident", site.incident, *WHO)
    check("--offline" in run(world, *other, code=69), "without a daemon it says what to do")
    check("does not know of this export" in run(world, *other, "--offline"), "and goes on when told to")
    run(world, "evidence", "verify", world.directory / "other.nwbundle", "--policy", site.policy)


if __name__ == "__main__":
    harness.main(globals())
