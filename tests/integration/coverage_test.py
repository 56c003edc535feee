#!/usr/bin/env python3
"""rules/COVERAGE.md is what the program says of the shipped rules, and README.md has its numbers.

usage: coverage_test.py --binary build/release/normwatch [--update]
"""
import argparse
import difflib
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE, FRONT = ROOT / "rules/COVERAGE.md", ROOT / "README.md"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--binary", required=True)
    arguments.add_argument("--update", action="store_true", help="write the page")
    arguments = arguments.parse_args()
    done = subprocess.run([arguments.binary, "rules", "coverage", "--markdown", "rules"], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"FAILED: rules coverage ended with {done.returncode}: {done.stderr}")
    numbers = "[{} of them, {} live]".format(*re.search(r"(\d+) rules, (\d+) live", done.stdout).groups())
    if arguments.update:
        PAGE.write_text(done.stdout)
        FRONT.write_text(re.sub(r"\[\d+ of them, \d+ live\]", numbers, FRONT.read_text()))
        return
    if numbers not in FRONT.read_text():
        sys.exit(f"FAILED: README.md does not say {numbers}")
    old = PAGE.read_text() if PAGE.exists() else ""
    if old == done.stdout:
        print("ok: rules/COVERAGE.md is what the program says")
        return
    print("".join(difflib.unified_diff(old.splitlines(True), done.stdout.splitlines(True), "rules/COVERAGE.md", "the program")), end="")
    sys.exit("FAILED: rules/COVERAGE.md is out of date. Rewrite it: tests/integration/coverage_test.py --binary BINARY --update")


if __name__ == "__main__":
    main()
