#!/usr/bin/env python3
"""Go's packages for transparency logs (Debian: golang-go, golang-golang-x-mod-dev) verify the checkpoints, tiles and proofs
that record/merkle makes, make the same proofs from our tiles, and notice when a byte is changed.

usage: go_verifies_test.py --dump build/release/tests/merkle_dump     exit 77: Go or its package is not installed
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tests/integration/go_verifies/verify.go"
GOPATH = "/usr/share/gocode"
SIZES = [1, 2, 3, 5, 8, 100, 255, 256, 257, 600, 70000]
PAIRS = len(SIZES) * (len(SIZES) - 1) // 2
# Which file of the log to change, and where: each must be noticed.
CHANGES = {
    "a checkpoint's size": ("checkpoint-600", "600\n", "601\n"),
    "a checkpoint's origin": ("checkpoint-600", "demo-01\n600", "demo-02\n600"),
    "a bit of a tile": ("tile/0/002.p/88", None, None),
    "a bit of an upper tile": ("tile/1/000", None, None),
    "an entry": ("tile/entries/100", '"number":25600', '"number":25601'),
    "a proof's index": ("inclusion-600-200.tlog-proof", "index 200\n", "index 201\n"),
    "a proof's hash": ("consistency-255-600", "=\n", "=\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
}


def check(condition, what):
    if not condition:
        print("FAILED:", what)
        sys.exit(1)
    print("ok:", what)


def change(file, old, new):
    data = bytearray(file.read_bytes())
    if old is None:
        data[len(data) // 2] ^= 1
    else:
        assert old.encode() in data, f"{file} holds no {old!r}"
        data = data.replace(old.encode(), new.encode(), 1)
    file.write_bytes(data)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--dump", required=True)
    arguments = arguments.parse_args()
    if shutil.which("go") is None or not pathlib.Path(GOPATH, "src/golang.org/x/mod/sumdb/tlog").is_dir():
        print("skipped: needs golang-go and golang-golang-x-mod-dev")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as parent:
        parent = pathlib.Path(parent)
        # No network, no modules: only what Debian has installed.
        environment = {"PATH": os.environ["PATH"], "HOME": str(parent), "GO111MODULE": "off", "GOPATH": GOPATH, "GOCACHE": str(parent / "cache"),
                       "GOFLAGS": "", "GOPROXY": "off", "GOTOOLCHAIN": "local"}
        verify = parent / "verify"
        built = subprocess.run(["go", "build", "-o", verify, PROGRAM], env=environment, capture_output=True, text=True, check=False)
        check(built.returncode == 0, f"the Go program builds {built.stderr}")

        log = parent / "log"
        subprocess.run([arguments.dump, log, *map(str, SIZES)], check=True)

        def run(directory):
            return subprocess.run([verify, directory], env=environment, capture_output=True, text=True, check=False)

        done = run(log)
        print(done.stdout, end="")
        check(done.returncode == 0, f"Go verifies the log {done.stderr}")
        told = dict(re.findall(r"^ok: (\w+) (\d+)$", done.stdout, re.M))
        proofs = len(list(log.glob("inclusion-*")))
        check({k: int(v) for k, v in told.items() if k != "tiles"} == {"checkpoints": len(SIZES), "inclusion": proofs, "consistency": PAIRS}
              and int(told["tiles"]) > 277, "and has looked at all of it")

        for what, (name, old, new) in CHANGES.items():
            changed = parent / "changed"
            shutil.copytree(log, changed)
            change(changed / name, old, new)
            done = run(changed)
            faults = [line for line in done.stdout.splitlines() if line.startswith("FAILED: ")]
            check(done.returncode == 1 and len(faults) == 1, f"Go notices {what}: {' '.join(faults).replace(str(parent), '')}")
            shutil.rmtree(changed)


if __name__ == "__main__":
    main()
