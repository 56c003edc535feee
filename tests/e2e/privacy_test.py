#!/usr/bin/env python3
"""What is stored of persons: nothing clear below the state directory outside the list that record/guard/README.md gives;
keys that lie where they should, and nowhere else."""

import json
import os
import re
import resource
import signal
import socket
import stat
import struct
import time

import harness
from harness import DEMO, PROJECT, Daemon, Skip, check, equal, wait_for

RULES = """
title: Somebody says something
id: 40000000-0000-4000-8000-000000000001
status: experimental
logsource: {product: diary}
detection:
    any: {event: said}
    condition: any
level: high
fields: [user, mail, src_ip, message, payload, password, url, mac, patient_name, host]
---
title: One address, many users
id: 40000000-0000-4000-8000-000000000002
status: experimental
correlation:
    type: value_count
    rules: [40000000-0000-4000-8000-000000000001]
    group-by: [src_ip]
    timespan: 1h
    condition: {field: user, gte: 3}
    generate: true
level: high
---
title: By name
id: 40000000-0000-4000-8000-000000000003
status: experimental
logsource: {product: diary}
detection:
    listed: {user|expand: '%watched%'}
    condition: listed
level: high
"""

USERS = ["amalia.quorzon", "bertil.quorzon", "cecilie.quorzon", "dagmar.quorzon"]
ADDRESSES = ["203.0.113.201", "203.0.113.202", "2001:db8:77::c0de"]
MAIL, MAC, PASSWORD = "amalia@quorzon.example", "00:16:3e:c0:ff:ee", "swordfish-7f3a"
PAYLOAD, PATIENT, PAGE = "PAYLOAD-deadbeef-7f3a", "Quorzon^Amalia", "quorzon-diary.pdf"
HOST = "amalia-laptop"

CUSTODIANS = """version: 1
custodians:
"""


def line(n):
    """One line of the log."""
    user, address = USERS[n % len(USERS)], ADDRESSES[n % len(ADDRESSES) if n % 5 else 0]
    return {
        "@timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "event": "said",
        "user": user,
        "mail": MAIL,
        "src_ip": address,
        "message": f"{user} at {address} wrote to {MAIL} password={PASSWORD} from {HOST}",
        "payload": PAYLOAD,
        "password": PASSWORD,
        "url": f"https://{ADDRESSES[1]}/home/{PAGE}?token={PASSWORD}",
        "mac": MAC,
        "patient_name": PATIENT,
        "host": HOST,
    }


def watching(world, **more):
    """A log, the demonstration's capture, and an output."""
    world.write("rules.yml", RULES)
    world.write("watched.yaml", f"watched: [{USERS[1]}]\n")
    log = world.directory / "diary.jsonl"
    log.touch()
    return {
        "state_directory": str(world.directory / "state"),
        **harness.EVERY_ALERT,
        "correlation": {"lateness": "1s"},
        "rules": {
            "paths": [str(PROJECT / "rules"), str(world.directory / "rules.yml")],
            "placeholders": {"watched": [USERS[1]]},
        },
        "sources": [
            {"name": "diary", "kind": "file", "path": str(log), "format": "json", "product": "diary"},
            {"name": "packets", "kind": "replay", "path": str(DEMO / "water.pcap"), "pace": "fast"},
        ],
        "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "state/alerts.jsonl")}],
        **more,
    }


def write_log(world, count=40):
    """Lines of the log."""
    with open(world.directory / "diary.jsonl", "a", encoding="utf-8") as out:
        for n in range(count):
            out.write(json.dumps(line(n)) + "\n")


def addresses_of_the_capture():
    """Every IPv4 address in it; none of them is a rule's."""
    data, at, found = (DEMO / "water.pcap").read_bytes(), 24, set()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    while at + 16 <= len(data):
        size = struct.unpack(order + "I", data[at + 8 : at + 12])[0]
        frame, at = data[at + 16 : at + 16 + size], at + 16 + size
        if frame[12:14] == b"\x08\x00" and len(frame) >= 34:
            found |= {socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34])}
    rules = "".join(p.read_text() for p in (PROJECT / "rules").rglob("*.yml"))
    return sorted(a for a in found if a not in rules)


def listed_places():
    """The paths below the state directory that the README lists."""
    text = (PROJECT / "daemon/record/guard/README.md").read_text()
    section = text.split("## What else may stand in clear", 1)[1].split("\n## ", 1)[0]
    places = re.findall(r"^\| `([^`]+)`", section, re.M)
    check(len(places) > 3, "the README lists places", places)
    return places


def findings(state, words):
    """(place, word) of each clear word in each file below the state directory."""
    out = set()
    for file in sorted(state.rglob("*")):
        if not file.is_file() or file.is_symlink():
            continue
        data = file.read_bytes()
        where = file.relative_to(state).as_posix()
        for word in words:
            # An address inside a longer one is another address.
            pattern = rb"(?<![0-9.])" + re.escape(word.encode()) + rb"(?![0-9])"
            if re.search(pattern, data) or word.encode("utf-16-le") in data:
                out.add((where, word))
    return out


def allowed(where, places):
    return any(re.fullmatch(re.escape(p).replace(r"\*", ".*"), where) for p in places)


def counted(daemon):
    """Alerts by rule."""
    alerts, _ = harness.lines_of(daemon.state / "alerts.jsonl")
    return [alert["rule_id"][-1] for alert in alerts if alert["rule_id"].startswith("40000000")]


def test_nothing_clear_on_disk(world):
    """Known addresses, names, mail addresses and payloads of a log and a capture: none below the state directory."""
    daemon = Daemon(world, watching(world)).ready()
    write_log(world)
    wait_for("the alerts", lambda: {"1", "2", "3"} <= set(counted(daemon)) and counted(daemon).count("1") == 40)
    wait_for("the capture", lambda: daemon.status()["sources"][1].get("finished"))
    words = [*USERS, *ADDRESSES, MAIL, MAC, PASSWORD, PAYLOAD, PATIENT, PAGE, HOST, *addresses_of_the_capture()]
    check("203.0.113.77" in words and len(words) > 18, "addresses of the capture", words)
    places = listed_places()
    seen = findings(daemon.state, words)  # while it runs, and when it has ended
    metrics, status = daemon.metrics(), daemon.status()["privacy"]
    equal(daemon.stop(), 0, "exit status")
    seen |= findings(daemon.state, words)
    bad = sorted(item for item in seen if not allowed(item[0], places))
    check(not bad, "clear values where none may be", *bad)
    # What the list is for: rules over time need their keys to go on after a crash.
    check(any(where.startswith("correlation/") for where, _ in seen), "the search finds what is there", seen)
    for where, _ in seen:
        top = daemon.state / where.split("/")[0]
        check(not top.is_dir() or stat.S_IMODE(top.stat().st_mode) == 0o700, f"{top} is closed to others", oct(top.stat().st_mode))

    alerts, _ = harness.lines_of(daemon.state / "alerts.jsonl")
    check(any(alert.get("norm") and alert.get("source") == "packets" for alert in alerts), "the capture made alerts")
    said = [alert for alert in alerts if alert["rule_id"].endswith("000000000001")]
    tokens = {alert["fields"]["user"] for alert in said}
    equal(len(tokens), len(USERS), "each user has a token")
    check(all(re.fullmatch(r"tok:e\d{4}-\d{2}:user:[0-9a-f]{32}", t) for t in tokens), "tokens", tokens)
    check(all(alert["fields"]["src_ip"].startswith("pfx:e") for alert in said), "pseudonyms", said[0])
    many = [alert for alert in alerts if alert["rule_id"].endswith("000000000002")]
    check(any(t in many[0]["fields"].get("correlation.what", "") for t in tokens), "what was counted", many[0])
    named = [alert for alert in alerts if alert["rule_id"].endswith("000000000003")]
    equal(named[0]["atoms"][0]["pattern"], "%watched%", "the rule's own words")
    check(not any("sealed_values" in alert for alert in alerts), "there are no custodians")

    check(metrics.sum("normwatch_privacy_values_total", **{"class": "user", "form": "token"}) >= 40, "users counted")
    equal(metrics.sum("normwatch_privacy_sealed_total"), 0, "nothing sealed")
    month = time.strftime("%Y-%m", time.gmtime())
    equal(metrics.values("normwatch_privacy_epoch", "epoch"), [month], "the month")
    equal(status["epoch"], month, "the month")
    equal(status["custodians"], 0, "custodians")


def test_the_same_words_after_a_restart(world):
    """Pseudonyms, tokens and ids of one month stay over a restart; the log given again makes no second alert."""
    config = watching(world)
    config["sources"] = [{**config["sources"][0], "kind": "replay", "pace": "fast"}]
    write_log(world, 5)
    seen = []
    for run in range(2):
        daemon = Daemon(world, dict(config), name=f"run{run}").ready()
        daemon.read_all()
        seen.append(harness.lines_of(daemon.state / "alerts.jsonl")[0])
        equal(daemon.stop(), 0, "exit status")
    first = {alert["id"]: alert["fields"] for alert in seen[0]}
    check(len(first) >= 5, "alerts", len(first))
    for alert in seen[1]:
        equal(alert["fields"], first.get(alert["id"]), "the same alert")


def test_keys_stay_where_they_are(world):
    """No key in the environment, the log, the ledger or a core dump; files for this user alone; refused otherwise."""
    daemon = Daemon(world, watching(world)).ready()
    keys = daemon.state / "keys"
    secrets = {}
    for name in ("ledger", "witness", "wrap"):
        file = keys / f"normwatch.{name}"
        equal(stat.S_IMODE(file.stat().st_mode), 0o600, f"mode of {file}")
        text = file.read_text().strip()
        secrets[name] = text.split("+", 4)[-1]  # of PRIVATE+KEY+name+id+secret, whose Base64 has plus signs, too
    equal(stat.S_IMODE(keys.stat().st_mode), 0o700, "mode of the directory")
    check("keys_made" in daemon.err(), "the log says that keys were made", daemon.err())
    environment = open(f"/proc/{daemon.pid}/environ", "rb").read().decode()
    status = open(f"/proc/{daemon.pid}/status", encoding="utf-8").read()
    limits = open(f"/proc/{daemon.pid}/limits", encoding="utf-8").read()
    check(re.search(r"Max core file size +0 +0", limits), "no core dumps", limits)
    check(int(re.search(r"VmLck:\s+(\d+)", status)[1]) > 0, "locked pages", status)
    write_log(world)
    wait_for("alerts", lambda: counted(daemon))
    equal(daemon.stop(), 0, "exit status")
    for name, secret in secrets.items():
        check(secret not in environment + daemon.err() + daemon.out(), f"{name} key in environment or log")
        for file in daemon.state.rglob("*"):
            if file.is_file() and file.parent != keys:
                check(secret.encode() not in file.read_bytes(), f"{name} key in {file}")
    (keys / "normwatch.wrap").chmod(0o644)
    refused = Daemon(world, watching(world), name="refused")
    equal(refused.wait(), 77, "exit status")
    check(f"chmod 600 {keys}/normwatch.wrap" in refused.err(), "what to type", refused.err())


def dumped(process):
    """Whether the kernel wrote (or piped) a core dump of a process that died."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT).si_code == os.CLD_DUMPED


def unlimited_core():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_no_core_dump(world):
    """A daemon that crashes leaves no memory behind."""
    if resource.getrlimit(resource.RLIMIT_CORE)[1] != resource.RLIM_INFINITY and os.geteuid() != 0:
        raise Skip("core dumps are off for all processes here")
    daemon = Daemon(world, watching(world), preexec_fn=unlimited_core, cwd=world.directory).ready()
    daemon.send(signal.SIGSEGV)
    check(not dumped(daemon), "no core dump")
    check(not list(world.directory.glob("core*")), "no file")
    daemon.wait()


def test_a_policy_is_read_strictly(world):
    """Start, check and reload refuse a policy that loosens without a basis; what is in force goes on."""
    policy = world.write("privacy.yaml", "version: 1\nstore: {user: clear}\n")
    config = watching(world, privacy={"policy": str(policy)})
    file = world.write("check.yaml", json.dumps(config))
    done = world.run("check", "--config", file)
    equal(done.returncode, 78, "check")
    check("privacy-basis" in done.stdout + done.stderr, "the code", done.stdout + done.stderr)
    policy.write_text("version: 1\nbasis: Act 7, section 12\nstore: {user: clear}\n")
    daemon = Daemon(world, config).ready()
    write_log(world, 1)
    wait_for("an alert", lambda: counted(daemon))
    alert = harness.lines_of(daemon.state / "alerts.jsonl")[0][-1]
    before = daemon.status()["privacy"]["policy_sha256"]
    equal([a["fields"]["user"] for a in harness.lines_of(daemon.state / "alerts.jsonl")[0] if a.get("source") == "diary"][0],
          USERS[0], f"a name in clear, as the policy says: {alert}")
    policy.write_text("version: 1\nstore: {user: clear}\n")
    done = world.run("reload", "--wait", "--config", daemon.config_file)
    check(done.returncode != 0, "a bad policy is refused", done.stdout + done.stderr)
    equal(daemon.status()["privacy"]["policy_sha256"], before, "the old one goes on")
    policy.write_text("version: 1\n")
    done = world.run("reload", "--wait", "--config", daemon.config_file)
    equal(done.returncode, 0, done.stdout + done.stderr)
    seen = len(harness.lines_of(daemon.state / "alerts.jsonl")[0])
    write_log(world, 1)
    wait_for("another alert", lambda: len(harness.lines_of(daemon.state / "alerts.jsonl")[0]) > seen)
    after = harness.lines_of(daemon.state / "alerts.jsonl")[0][seen:]
    check(all(a["fields"]["user"].startswith("tok:") for a in after if "user" in a["fields"]), "tokens again", after)
    equal(daemon.stop(), 0, "exit status")


def test_custodians_and_keys_commands(world):
    """`normwatch keys`: custodians, show, rotate, and credentials by way of a stand-in for systemd-creds."""
    lines = CUSTODIANS
    for name, body in (("duty", "CERT"), ("privacy", "Authority")):
        done = world.run("keys", "custodian", name, "--body", body, "--out", world.directory / f"{name}.key")
        equal(done.returncode, 0, done.stderr)
        equal(stat.S_IMODE((world.directory / f"{name}.key").stat().st_mode), 0o600, "mode")
        check((world.directory / f"{name}.key").read_text().strip() not in done.stdout + done.stderr, "secret")
        lines += done.stdout
        again = world.run("keys", "custodian", name, "--body", body, "--out", world.directory / f"{name}.key")
        equal(again.returncode, 73, "never overwritten")
    equal(world.run("keys", "custodian", "No Name", "--body", "x").returncode, 64, "a wrong name")
    custodians = world.write("custodians.yaml", lines)
    daemon = Daemon(world, watching(world, privacy={"custodians": str(custodians)})).ready()
    equal(daemon.status()["privacy"]["custodians"], 2, "custodians")
    place = ["--config", daemon.config_file]
    equal(world.run("keys", "rotate", "wrap", *place).returncode, 69, "while the daemon runs")
    equal(daemon.stop(), 0, "exit status")
    month = time.strftime("%Y-%m", time.gmtime())
    epochs = daemon.state / "keys/epochs"
    equal(sorted(p.name for p in epochs.iterdir()),
          [f"{month}.evidence.sealed", f"{month}.pseudonyms.sealed", f"{month}.wrapped"], "keys of the month")
    shown = world.run("keys", "show", *place)
    equal(shown.returncode, 0, shown.stderr)
    vkey = re.search(r"\S+/normwatch\+[0-9a-f]{8}\+\S+", shown.stdout)
    check(vkey and f"{month}: wrapped" in shown.stdout and "evidence sealed" in shown.stdout, "shown", shown.stdout)
    before = (daemon.state / "keys/normwatch.wrap").read_text()
    done = world.run("keys", "rotate", "wrap", *place)
    equal(done.returncode, 0, done.stderr)
    check("1 months" in done.stdout and before.strip() not in done.stdout, "rotated", done.stdout)
    check((daemon.state / "keys/normwatch.wrap").read_text() != before, "another key")
    equal(Daemon(world, watching(world, privacy={"custodians": str(custodians)}), name="after").ready().stop(), 0, "after")
    equal(world.run("keys", "rotate", "ledger", *place).returncode, 64, "a ledger's key wants a new name")
    done = world.run("keys", "rotate", "ledger", "--origin", "example.org/two", *place)
    equal(done.returncode, 0, done.stderr)
    check(vkey[0] in done.stdout and "example.org/two+" in done.stdout, "both", done.stdout)

    # The stand-in turns the text around.
    fake = world.write("bin/systemd-creds", """#!/usr/bin/env python3
import os, sys
if os.path.exists(os.environ["FAKE_BROKEN"]): sys.exit("no TPM")
verb, name, source, target = sys.argv[1:]
assert verb in ("encrypt", "decrypt") and name.startswith("--name=normwatch."), sys.argv
text = sys.stdin.read() if source == "-" else open(source).read()
(sys.stdout if target == "-" else open(target, "w")).write(text[::-1])
""")
    fake.chmod(0o755)
    broken = world.directory / "broken"
    environment = {**os.environ, "PATH": f"{fake.parent}:{os.environ['PATH']}", "FAKE_BROKEN": str(broken)}
    store = world.directory / "credstore"
    keys = {p.name: p.read_text() for p in (daemon.state / "keys").glob("normwatch.*")}
    broken.touch()
    done = world.run("keys", "init", "--credentials", "--credstore", store, *place, env=environment)
    equal(done.returncode, 69, "systemd-creds refuses")
    equal({p.name: p.read_text() for p in (daemon.state / "keys").glob("normwatch.*")}, keys, "no key is lost")
    broken.unlink()
    done = world.run("keys", "init", "--credentials", "--credstore", store, *place, env=environment)
    equal(done.returncode, 0, done.stderr)
    equal({p.name: p.read_text()[::-1] for p in store.iterdir()}, keys, "moved")
    equal(list((daemon.state / "keys").glob("normwatch.*")), [], "none is left behind")
    done = world.run("keys", "rotate", "wrap", "--credentials", "--credstore", store, *place, env=environment)
    equal(done.returncode, 0, done.stderr)

    # As systemd hands them over.
    handed = world.directory / "handed"
    handed.mkdir()
    for file in store.iterdir():
        (handed / file.name).write_text(file.read_text()[::-1])
        (handed / file.name).chmod(0o440)
    # A new ledger key is a new log: it goes on in another state directory.
    elsewhere = {**watching(world, privacy={"custodians": str(custodians)}), "state_directory": str(world.directory / "state-two")}
    last = Daemon(world, elsewhere, name="handed",
                  env={**os.environ, "CREDENTIALS_DIRECTORY": str(handed)}).ready()
    equal(last.stop(), 0, "exit status")
    equal(list((last.state / "keys").glob("normwatch.*")), [], "none is made anew")


if __name__ == "__main__":
    harness.main(globals())
