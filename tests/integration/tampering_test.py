#!/usr/bin/env python3
"""Whatever is done to a bundle or a ledger, two verifiers that were written apart notice it, and say the same: `normwatch evidence
verify` and `normwatch ledger verify`, and tests/verifier/nwverify.py.

usage: tampering_test.py --dump build/release/tests/bundle_dump --binary build/release/normwatch    exit 77: no python3-cryptography
"""
import argparse
import contextlib
import hashlib
import importlib.util
import io
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
import harness  # noqa: E402
VERIFIER = ROOT / "tests/verifier/nwverify.py"
ENTRIES, SEED = 300, int(os.environ.get("NW_SEED", "20261130"))
MUTATIONS = 400
LINES_MAX = 300


def check(condition, what, *seen):
    if not condition:
        print("FAILED:", what, *seen, sep="\n    ")
        sys.exit(1)


class Verifiers:
    """Both of them, each answering with {claim: (status, words)} and whether all holds."""

    def __init__(self, dump, binary):
        self.dump, self.binary = dump, binary
        spec = importlib.util.spec_from_file_location("nwverify", VERIFIER)
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)

    @staticmethod
    def claims(text):
        return {line[8:21].strip(): (line[:8].strip(), line[21:]) for line in text.splitlines() if line[:8].strip() in ("ok", "-", "FAILED")}

    def ours(self, policy, files, old="-"):
        done = subprocess.run([self.dump, "verify", policy, old, *files], capture_output=True, check=True)
        text, out = done.stdout.decode(errors="replace"), []
        for part in text.split(str(files[0].parent) + "/")[1:]:
            out.append(self.claims(part.split("\n", 1)[1]))
        check(len(out) == len(files), "the dump's verifier looked at every file")
        return out

    def theirs(self, what, path, policy, *more):
        said, status = io.StringIO(), 0
        argv, sys.argv = sys.argv, ["nwverify.py", what, str(path), "--policy", str(policy), *map(str, more)]
        try:
            with contextlib.redirect_stdout(said):
                self.module.main()
        except SystemExit as end:
            status = end.code or 0
        finally:
            sys.argv = argv
        claims = self.claims(said.getvalue())
        check(status == (65 if any(c[0] == "FAILED" for c in claims.values()) else 0), "its exit status fits its words", status, said.getvalue())
        return claims

    def command(self, *arguments):
        done = subprocess.run([self.binary, *map(str, arguments)], capture_output=True, text=True, errors="replace", check=False)
        return done.returncode, done.stdout + done.stderr


def untar(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {item.name: tar.extractfile(item).read() for item in tar}


def tar_up(files):
    """As record/bundle/archive.h says, from Python's own tar."""
    out = b""
    for name in sorted(files):
        item = tarfile.TarInfo(name)
        item.size, item.mode = len(files[name]), 0o644
        out += item.tobuf(tarfile.USTAR_FORMAT) + files[name] + bytes(-len(files[name]) % 512)
    return out + bytes(1024)


def with_manifest(files):
    """Whoever changes a bundle makes its MANIFEST fit again; the signatures over it are beyond them."""
    files = {k: v for k, v in files.items() if k != "handover"}
    listed = "".join(f"{hashlib.sha256(files[p]).hexdigest()}  {p}\n" for p in sorted(files) if p != "MANIFEST")
    return files | {"MANIFEST": listed.encode()}


def bundle_tamperings(good, forked, resigned, older):
    """{kind: a changed bundle}: the seven kinds."""
    alerts = sorted((p for p in good if p.startswith("entries/") and b'"type":"alert"' in good[p]), key=lambda p: int(p[8:-5]))
    one, two = alerts[1], alerts[2]
    proof = one.replace("entries", "proofs").replace(".json", ".tlog-proof")
    return {
        "edit": good | {one: good[one].replace(b'"norm":"13f"', b'"norm":"13g"')},
        "delete": {k: v for k, v in good.items() if k not in (one, proof)},
        "reorder": good | {one: good[two], two: good[one]},
        "truncate": good | {one: good[one][:-20]},
        "roll back": good | {"checkpoint-new": older},
        "fork": forked | {k: good[k] for k in ("checkpoint-old", "consistency")},
        "re-sign with another key": resigned,
    }


def journal_of(directory):
    entries = []
    for file in sorted((directory / "journal").glob("*.log")):
        data = file.read_bytes()
        while data:
            length = struct.unpack_from("<I", data)[0]
            entries.append(data[8:8 + length])
            data = data[8 + length:]
    return entries


def write_journal(directory, entries):
    """With checksums that are right: whoever tampers knows the format."""
    shutil.rmtree(directory / "journal")
    (directory / "journal").mkdir()
    (directory / "journal" / f"{0:020}.log").write_bytes(b"".join(struct.pack("<II", len(e), harness.crc32c(e)) + e for e in entries))


def tamper_ledger(kind, ledger, others):
    """Does it to a ledger's directory, thoroughly: the journal, and the tree where that is within an attacker's reach."""
    entries = journal_of(ledger)
    if kind == "edit":
        place = next(i for i, e in enumerate(entries) if b'"norm":"13f"' in e)
        entries[place] = entries[place].replace(b'"norm":"13f"', b'"norm":"13g"')
    elif kind == "delete":
        del entries[40]
    elif kind == "reorder":
        entries[40], entries[41] = entries[41], entries[40]
    elif kind == "truncate":
        entries = entries[:-10]
    else:  # another ledger in its place, whole and well signed by itself
        shutil.rmtree(ledger)
        shutil.copytree(others[kind] / "ledger", ledger)
        return
    write_journal(ledger, entries)


def mutate(dice, files):
    """One small change of a bundle's content, often with a MANIFEST that fits."""
    files = dict(files)
    names = sorted(files)
    name, other = dice.choice(names), dice.choice(names)
    data = files[name]
    kind = dice.randrange(9)
    if kind == 0 and data:
        at = dice.randrange(len(data))
        files[name] = data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1:]
    elif kind == 1:
        files[name] = data[:dice.randrange(len(data) + 1)]
    elif kind == 2:
        del files[name]
    elif kind == 3:
        files[name], files[other] = files[other], files[name]
    elif kind == 4:
        files[name] = data + dice.choice([b"\n", b"x", b"\0", data])
    elif kind == 5:
        lines = data.split(b"\n")
        dice.shuffle(lines)
        files[name] = b"\n".join(lines)
    elif kind == 6:
        files[dice.choice(["x", "heads/7", "tsr/9.tsr", "entries/1000.json", "evidence/" + "0" * 32 + ".line.log", "rules/" + "0" * 64 + ".yml"])] = data
    elif kind == 7:
        lines = data.split(b"\n")
        lines.insert(dice.randrange(len(lines) + 1), dice.choice(lines))
        files[name] = b"\n".join(lines)
    else:
        for folder in ("entries/", "proofs/", "heads/", "evidence/", "rules/", "norms/", "register/", "tsr/"):
            if dice.randrange(6) == 0:
                files = {k: v for k, v in files.items() if not k.startswith(folder)}
    return with_manifest(files) if dice.randrange(5) else files


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--dump", required=True)
    arguments.add_argument("--binary", help="also ask the program itself; without it only what the dump's library says of bundles")
    arguments = arguments.parse_args()
    try:
        import cryptography  # noqa: F401
    except ImportError:
        print("skipped: needs python3-cryptography")
        sys.exit(77)
    check(len(VERIFIER.read_text(encoding="utf-8").splitlines()) < LINES_MAX, f"the second verifier has under {LINES_MAX} lines")
    verifiers = Verifiers(arguments.dump, arguments.binary)
    with tempfile.TemporaryDirectory() as parent:
        parent = pathlib.Path(parent)

        def make(name, *more):
            subprocess.run([arguments.dump, "make", parent / name, *map(str, more)], check=True)
            return parent / name

        good = make("good", SEED, ENTRIES)
        fork, resigned = make("fork", SEED, ENTRIES, ENTRIES // 3), make("resigned", SEED, ENTRIES, ENTRIES + 1, 1)
        back = make("back", SEED, ENTRIES // 3)
        policy, old = good / "policy", good / "old-checkpoint"
        whole = untar((good / "case.nwbundle").read_bytes())
        check(tar_up(whole) == (good / "case.nwbundle").read_bytes() or len(tar_up(whole)) == (good / "case.nwbundle").stat().st_size,
              "Python's tar packs it to as many bytes")
        test_good(verifiers, good, policy, old)
        test_bundles(verifiers, parent, policy, whole,
                     bundle_tamperings(whole, untar((fork / "case.nwbundle").read_bytes()), untar((resigned / "case.nwbundle").read_bytes()),
                                       (back / "ledger/tree/checkpoint").read_bytes()), old)
        test_ledgers(verifiers, parent, good, {"roll back": back, "fork": fork, "re-sign with another key": resigned})
        test_agreement(verifiers, parent, policy, whole, old)


def test_good(verifiers, good, policy, old):
    bundle = good / "case.nwbundle"
    (ours,) = verifiers.ours(policy, [bundle], old)
    theirs = verifiers.theirs("bundle", bundle, policy, "--old-checkpoint", old)
    for claims in (ours, theirs):
        check(not [c for c in claims.values() if c[0] == "FAILED"] and len(claims) == 10, "a good bundle holds", claims)
    check({k: v[0] for k, v in ours.items()} == {k: v[0] for k, v in theirs.items()}, "both say the same of it", ours, theirs)
    key = (good / "giver").read_text()
    check(verifiers.theirs("bundle", bundle, policy, "--key", key)["handover"][0] == "ok", "the giver's signature is good")
    ledger = verifiers.theirs("ledger", good / "ledger", policy, "--old-checkpoint", old)
    check([c[0] for c in ledger.values()] == ["ok"] * 5, "a good ledger holds", ledger)
    if verifiers.binary:
        status, text = verifiers.command("evidence", "verify", bundle, "--policy", policy, "--old-checkpoint", old, "--key", key)
        check(status == 0 and "FAILED" not in text, "normwatch evidence verify", text)
        status, text = verifiers.command("ledger", "verify", "--state", good, "--key", (good / "key").read_text(), "--checkpoint", old)
        check(status == 0, "normwatch ledger verify", text)
    print("ok: a good bundle and a good ledger hold for both")


def failed(claims):
    return "; ".join(f"{k}: {v[1]}" for k, v in claims.items() if v[0] == "FAILED")


def test_bundles(verifiers, parent, policy, whole, tamperings, old):
    file = parent / "changed.nwbundle"
    for kind, files in tamperings.items():
        for fits in (True, False):
            file.write_bytes(tar_up(with_manifest(files) if fits else files))
            (ours,), theirs = verifiers.ours(policy, [file], old), verifiers.theirs("bundle", file, policy, "--old-checkpoint", old)
            check(failed(ours) and failed(theirs), f"bundle, {kind}: both notice", ours, theirs)
            check({k: v[0] for k, v in ours.items()} == {k: v[0] for k, v in theirs.items()}, f"bundle, {kind}: both say the same", ours, theirs)
            if verifiers.binary:
                status, text = verifiers.command("evidence", "verify", file, "--policy", policy, "--old-checkpoint", old)
                check(status == 65 and "FAILED" in text, f"bundle, {kind}: normwatch evidence verify", text)
        print(f"ok: bundle, {kind}\n      C++     {failed(ours)}\n      Python  {failed(theirs)}")
    # The file itself, cut anywhere or with something behind it.
    data = tar_up(whole)
    for name, changed in {"cut": data[:len(data) // 2], "cut at a file's end": data[:1024], "longer": data + b"x", "empty": b"", "zeros": bytes(10240)}.items():
        file.write_bytes(changed)
        (ours,), theirs = verifiers.ours(policy, [file]), verifiers.theirs("bundle", file, policy)
        check(ours["archive"][0] == theirs["archive"][0] == "FAILED", f"a file that is {name}", ours, theirs)


def test_ledgers(verifiers, parent, good, others):
    policy, old, state = good / "policy", good / "old-checkpoint", parent / "state"
    for kind in ("edit", "delete", "reorder", "truncate", "roll back", "fork", "re-sign with another key"):
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(good, state)
        tamper_ledger(kind, state / "ledger", others)
        theirs = verifiers.theirs("ledger", state / "ledger", policy, "--old-checkpoint", old)
        check(failed(theirs), f"ledger, {kind}: nwverify.py notices", theirs)
        print(f"ok: ledger, {kind}\n      Python  {failed(theirs)}")
        if verifiers.binary:
            status, text = verifiers.command("ledger", "verify", "--state", state, "--key", (good / "key").read_text(), "--checkpoint", old)
            check(status == 65, f"ledger, {kind}: normwatch ledger verify notices", status, text)
            print(f"      C++     {text.strip()}")
    # The tree alone: each file of it matters.
    dice = random.Random(SEED)
    for file in sorted(p.relative_to(good) for p in (good / "ledger/tree").rglob("*") if p.is_file()):
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(good, state)
        data = bytearray((state / file).read_bytes())
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        (state / file).write_bytes(data)
        theirs = verifiers.theirs("ledger", state / "ledger", policy)
        check(failed(theirs), f"a flipped bit in {file}: nwverify.py notices", theirs)
        if verifiers.binary:
            status, text = verifiers.command("ledger", "verify", "--state", state, "--key", (good / "key").read_text())
            check(status == 65, f"a flipped bit in {file}: normwatch ledger verify notices", status, text)
    print("ok: a flipped bit in any file of the tree")


def test_agreement(verifiers, parent, policy, whole, old):
    dice, folder = random.Random(SEED), parent / "mutations"
    folder.mkdir()
    files = []
    for i in range(MUTATIONS):
        files.append(folder / f"{i:04}.nwbundle")
        changed = tar_up(mutate(dice, whole))
        if dice.randrange(8) == 0:  # a byte of the archive itself
            changed = bytearray(changed)
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
        files[-1].write_bytes(changed)
    noticed = 0
    for file, ours in zip(files, verifiers.ours(policy, files, old)):
        theirs = verifiers.theirs("bundle", file, policy, "--old-checkpoint", old)
        check({k: v[0] for k, v in ours.items()} == {k: v[0] for k, v in theirs.items()}, f"seed {SEED}, mutation {file.stem}: both say the same",
              *(f"{k}: C++ {ours.get(k)}, Python {theirs.get(k)}" for k in {**ours, **theirs} if ours.get(k, "?")[0] != theirs.get(k, "?")[0]))
        noticed += bool(failed(ours))
    check(noticed > MUTATIONS // 2, "most mutations are noticed", noticed)
    print(f"ok: both say the same of {MUTATIONS} mutations (seed {SEED}), {noticed} of which do not hold")


if __name__ == "__main__":
    main()
