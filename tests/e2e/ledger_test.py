#!/usr/bin/env python3
"""The ledger as a transparency log: heads follow, outsiders verify them without our code, a crash continues the tree, and
each kind of tampering is named and refused."""

import base64
import hashlib
import json
import os
import shutil
import signal
import struct
import subprocess

import harness
from harness import DEMO, Daemon, check, equal, get, journal, need, wait_for

WATCHED = {
    **harness.EVERY_ALERT,
    "ledger": {"checkpoint_every": "200ms", "heartbeat_every": "1s", "verify_every": "1s"},
    "sources": [{"name": "packets", "kind": "replay", "path": str(DEMO / "water.pcap"), "pace": "fast"},
                {"name": "log", "kind": "replay", "path": str(DEMO / "water.log"), "format": "syslog", "product": "linux", "pace": "fast"}],
}


def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def root_of(leaves):
    """RFC 6962, section 2.1, as it is written there."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


def head_of(note):
    """(origin, size, root) of a checkpoint."""
    origin, size, root, *_ = note.split("\n")
    return origin, int(size), base64.b64decode(root)


def signed_by(world, note, vkey):
    """Whether OpenSSL finds the signature of this key over the note's text good."""
    name, _, key = vkey.split("+", 2)
    text, _, signatures = note.rpartition("\n\n")
    (line,) = [line for line in signatures.splitlines() if line.startswith(f"— {name} ")]
    der = bytes.fromhex("302a300506032b6570032100") + base64.b64decode(key)[1:]
    pem = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n"
    key_file, text_file = world.write("key.pem", pem), world.write("text", text + "\n")
    signature = world.directory / "signature"
    signature.write_bytes(base64.b64decode(line.rsplit(" ", 1)[1])[4:])
    done = subprocess.run([need("openssl"), "pkeyutl", "-verify", "-pubin", "-inkey", key_file, "-rawin", "-in", text_file,
                           "-sigfile", signature], capture_output=True, text=True, check=False)
    return done.returncode == 0


def write_journal(state, entries):
    """With checksums that are right: whoever tampers knows the format."""
    (segment,) = (state / "ledger/journal").glob("*.log")
    segment.write_bytes(b"".join(struct.pack("<II", len(e), harness.crc32c(e)) + e for e in entries))


def settled(daemon):
    """The status once a head covers everything that was replayed, and what was read."""
    daemon.read_all()
    wait_for("a head over everything", lambda: daemon.status()["tree"]["size"] > 30)
    return daemon.status()["tree"]


def stopped_ledger(world, seconds_of_life=0.0):
    """A state directory after an orderly run, and the ledger's public key."""
    daemon = Daemon(world, dict(WATCHED), name="first").ready()
    tree = settled(daemon)
    if seconds_of_life:
        wait_for("a heartbeat", lambda: b'"type":"heartbeat"' in b"".join(journal(daemon.state)))
    equal(daemon.stop(), 0, "exit status")
    return daemon.state, tree["key"]


def verify(world, state, *arguments):
    """`normwatch ledger verify --json`."""
    done = world.run("ledger", "verify", "--json", "--state", state, *arguments)
    return done.returncode, json.loads(done.stdout)


def test_heads_follow_and_outsiders_verify_them(world):
    daemon = Daemon(world, dict(WATCHED)).ready()
    tree = settled(daemon)
    wait_for("a heartbeat", lambda: any(b'"type":"heartbeat"' in entry for entry in journal(daemon.state)))

    status, note = get(daemon.url("/checkpoint"))
    equal(status, 200, "GET /checkpoint")
    origin, size, root = head_of(note)
    equal(origin, tree["origin"], "the origin")
    entries = journal(daemon.state)
    equal(root, root_of([leaf(entry) for entry in entries[:size]]), "the root over the journal")
    check(signed_by(world, note, tree["key"]), "OpenSSL finds the signature good", note)
    check(not signed_by(world, note.replace(f"\n{size}\n", f"\n{size + 1}\n"), tree["key"]), "and a changed head bad")

    # Tiles for everybody, also those of this head when the next is there already; entries for nobody.
    wait_for("the next head", lambda: head_of(get(daemon.url("/checkpoint"))[1])[1] > size)
    with harness.urllib.request.urlopen(daemon.url(f"/tile/0/000.p/{size}")) as answer:
        equal(answer.headers["Content-Type"], "application/octet-stream", "its type")
        equal(answer.read(), b"".join(leaf(entry) for entry in entries[:size]), "the tile")
    equal(get(daemon.url(f"/tile/entries/000.p/{size}"))[0], 403, "entries over HTTP")
    for path in ("/tile/0/000", "/tile/0/x/../000", "/tile/0/000.p/256", "/tile/", "/tile/9/000.p/1"):
        equal(get(daemon.url(path))[0], 404, path)

    # The control socket gives entries.
    def bundle():
        done = subprocess.run([need("curl"), "-sS", "--unix-socket", daemon.state / "control.sock",
                               f"http://x/tile/entries/000.p/{size}"], capture_output=True, check=True)
        return done.stdout

    equal(bundle(), b"".join(struct.pack(">H", len(e)) + e for e in entries[:size]), "the bundle")

    # A proof, checked here by hand: from the leaf up.
    proof, entry = world.directory / "7.tlog-proof", world.directory / "7.json"
    done = world.run("ledger", "prove", "7", "--state", daemon.state, "--out", proof, "--entry", entry)
    equal(done.returncode, 0, f"prove: {done.stderr}")
    head, _, signed = proof.read_text().partition("\n\n")
    lines = head.split("\n")
    equal(lines[:2], ["c2sp.org/tlog-proof@v1", "index 7"], "the proof's head")
    _, proved, root = head_of(signed)
    equal(entry.read_bytes(), entries[7], "the entry")
    fn, sn, have = 7, proved - 1, leaf(entries[7])
    for line in lines[2:]:
        step = base64.b64decode(line)
        if fn & 1 or fn == sn:
            have = hashlib.sha256(b"\1" + step + have).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            have = hashlib.sha256(b"\1" + have + step).digest()
        fn, sn = fn >> 1, sn >> 1
    equal((sn, have), (0, root), "the proof leads to the root")
    check((daemon.state / f"ledger/tree/heads/{proved:020}").exists(), "the head of a proof is kept")
    equal(world.run("ledger", "prove", "99999", "--state", daemon.state).returncode, 64, "no such entry")

    # Checked by itself at the start and since, and by the command beside it.
    metrics = daemon.metrics()
    check(metrics.sum("normwatch_ledger_verified_timestamp_seconds") > 0, "it has verified itself")
    equal(metrics.sum("normwatch_ledger_verify_failures_total"), 0, "without a fault")
    code, told = verify(world, daemon.state, "--key", tree["key"])
    check(code == 0 and told["ok"] and told["signatures_checked"], "verify beside the daemon", told)
    shown = json.loads(world.run("ledger", "show", "--json", "--state", daemon.state).stdout)
    equal(shown["origin"], origin, "show")
    check(shown["size"] >= size and [s["name"] for s in shown["signatures"]] == [origin], "show", shown)

    # The very last entry is under the last head.
    equal(daemon.stop(), 0, "exit status")
    entries = journal(daemon.state)
    equal(json.loads(entries[-1])["type"], "close", "the last entry")
    equal(json.loads(entries[-2])["type"], "heartbeat", "the one before: what was seen until the end")
    code, told = verify(world, daemon.state, "--key", tree["key"])
    equal((code, told["entries"], told["unsigned_entries"]), (0, len(entries), 0), "the last head")
    beat = json.loads(entries[-2])["body"]
    packets = next(source for source in beat["sources"] if source["name"] == "packets")
    check(packets["packets"] > 0 and packets["events"] > 0 and beat["alerts_accepted"] > 20, "what a heartbeat says", beat)


def test_a_crash_continues_the_tree(world):
    held, sizes = [], []
    for turn in range(4):
        daemon = Daemon(world, dict(WATCHED), name=f"turn{turn}").ready()
        before = sizes[-1] if sizes else 0
        wait_for("the head to grow", lambda: (daemon.state / "ledger/tree/checkpoint").exists() and daemon.status()["tree"]["size"] > before)
        note = get(daemon.url("/checkpoint"))[1]
        held.append(world.write(f"held{turn}", note))
        sizes.append(head_of(note)[1])
        key = daemon.status()["tree"]["key"]
        daemon.kill()
    equal(sizes, sorted(set(sizes)), "the tree only grows")
    daemon = Daemon(world, dict(WATCHED), name="last").ready()
    state = daemon.state
    wait_for("a head", lambda: daemon.status()["tree"]["size"] > sizes[-1])
    equal(daemon.stop(), 0, "exit status")
    arguments = [word for file in held for word in ("--checkpoint", file)]
    code, told = verify(world, state, "--key", key, *arguments)
    check(code == 0 and told["unsigned_entries"] == 0, "the ledger continues every head that was seen", told)


def test_an_old_ledger_gets_its_tree(world):
    state, _ = stopped_ledger(world)
    shutil.rmtree(state / "ledger/tree")
    equal(world.run("ledger", "verify", "--state", state).returncode, 66, "nothing is signed")
    equal(world.run("ledger", "show", "--state", state).returncode, 66, "nothing is signed")
    equal(world.run("ledger", "prove", "1", "--state", state).returncode, 66, "nothing is signed")
    daemon = Daemon(world, dict(WATCHED), name="second").ready()
    settled(daemon)
    equal(daemon.stop(), 0, "exit status")
    code, told = verify(world, state)
    equal((code, told["entries"]), (0, len(journal(state))), "every entry is under the head")


def swap(entries):
    entries[5], entries[9] = entries[9], entries[5]
    return entries


def edit(entries):
    return [*entries[:6], entries[6].replace(b'"v":1}', b'"v":2}'), *entries[7:]]


def test_tampering_is_named_and_refused(world):
    state, key = stopped_ledger(world, 1.0)
    sound = world.directory / "sound"
    shutil.move(state, sound)
    note = (sound / "ledger/tree/checkpoint").read_text()
    held = world.write("held", note)

    def older_head(state):
        text = (state / "ledger/tree/checkpoint").read_text()
        first = sorted((state / "ledger/tree/heads").iterdir())[0]
        check(first.read_text() == text, "one head is kept so far")
        # The head, the journal and the tiles of an earlier moment, with the kept heads of the later one.
        shutil.rmtree(state / "ledger")
        shutil.copytree(world.directory / "other/ledger", state / "ledger")
        shutil.copytree(sound / "ledger/tree/heads", state / "ledger/tree/heads", dirs_exist_ok=True)

    def other_key(state):
        shutil.rmtree(state / "ledger/tree")
        shutil.copytree(world.directory / "stranger/ledger/tree", state / "ledger/tree")

    # A second history of the same ledger, signed by the same key; and one by another key.
    other = harness.World(world.binary, world.directory / "elsewhere")
    other.directory.mkdir()
    shutil.copytree(sound / "keys", other.directory / "state/keys")
    forked, _ = stopped_ledger(other)
    shutil.move(forked, world.directory / "other")
    third = harness.World(world.binary, world.directory / "third")
    third.directory.mkdir()
    stranger, strange_key = stopped_ledger(third)
    shutil.move(stranger, world.directory / "stranger")
    check(strange_key != key, "another key")

    cases = {
        "edited": lambda state: write_journal(state, edit(journal(state))),
        "removed": lambda state: write_journal(state, [e for i, e in enumerate(journal(state)) if i != 4]),
        "moved": lambda state: write_journal(state, swap(journal(state))),
        "cut": lambda state: write_journal(state, journal(state)[:-3]),
        "rolled_back": older_head,
        "other_key": other_key,
    }
    for fault, tamper in cases.items():
        if state.exists():
            shutil.rmtree(state)
        shutil.copytree(sound, state)
        if (state / "control.sock").exists():
            os.unlink(state / "control.sock")
        code, told = verify(world, state, "--key", key)
        check(code == 0, "sound before", told)
        tamper(state)
        code, told = verify(world, state, "--key", key)
        equal((code, told["ok"], told["fault"]), (65, False, fault), f"verify: {told['text']}")
        daemon = Daemon(world, dict(WATCHED), name=f"refused-{fault}")
        equal(daemon.wait(60), 65, f"a start on a ledger that was {fault}: {daemon.err()[-2000:]}")
        check("Nothing was changed" in daemon.err() and "another state directory" in daemon.err(), "the way out is told", daemon.err()[-2000:])

    # A whole other history under the same key: nothing here tells, but who holds a head knows.
    shutil.rmtree(state)
    shutil.copytree(world.directory / "other", state)
    equal(verify(world, state, "--key", key)[0], 0, "the other history by itself")
    code, told = verify(world, state, "--key", key, "--checkpoint", held)
    check(code == 65 and told["fault"] in ("fork", "rolled_back"), "against the head that somebody holds", told)
    said = world.run("ledger", "verify", "--state", state, "--checkpoint", held)
    check(said.returncode == 65 and said.stdout.startswith("NOT as it was signed"), "in words", said.stdout)


def test_a_running_daemon_notices_and_tells(world):
    config = {**WATCHED, "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(world.directory / "alerts.jsonl")}]}
    daemon = Daemon(world, config).ready()
    settled(daemon)
    size = head_of(get(daemon.url("/checkpoint"))[1])[1]
    (segment,) = (daemon.state / "ledger/journal").glob("*.log")
    entries = journal(daemon.state)
    changed = edit(entries)[6]
    offset = sum(8 + len(entry) for entry in entries[:6])
    with open(segment, "r+b") as file:
        file.seek(offset)
        file.write(struct.pack("<II", len(changed), harness.crc32c(changed)) + changed)
    wait_for("the check to notice", lambda: daemon.metrics().sum("normwatch_ledger_verify_failures_total") > 0)
    tree = wait_for("the status", lambda: daemon.status()["tree"]["halted"] and daemon.status()["tree"])
    check("entry 6 of the journal was edited" in tree["fault"], "the fault", tree)

    def told():
        return [alert for alert in harness.lines_of(world.directory / "alerts.jsonl")[0] if alert.get("path") == "ledger.checkpoint"]

    (alert, *_) = wait_for("the alert", told)
    equal((alert["norm"], alert["level"]), ("13k", "critical"), "the alert of the shipped rule")
    # Alerts go on; heads do not.
    later = daemon.status()
    check(later["ledger"]["entries"] > later["tree"]["size"] >= size, "no head over another history", later["tree"])
    daemon.send(signal.SIGTERM)
    equal(daemon.wait(40), 0, "exit status")
    again = Daemon(world, config, name="again")
    equal(again.wait(60), 65, "the next start is refused")
    check("only then remove this file" in again.err(), "the way out is told", again.err()[-2000:])
    shown = world.run("ledger", "show", "--state", daemon.state)
    check("HALTED:" in shown.stdout and "entry 6 of the journal was edited" in shown.stdout, "show", shown.stdout)
    shown = json.loads(world.run("ledger", "show", "--json", "--state", daemon.state).stdout)
    check("tree/halted" in shown["halted"], "show as JSON", shown)


if __name__ == "__main__":
    harness.main(globals())
