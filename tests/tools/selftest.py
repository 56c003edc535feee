#!/usr/bin/env python3
"""The house checks must be able to fail: each is shown a tree that breaks one of its rules."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check_floors
import check_house

FLOOR_CASES = [
    ("event/a.h", '#include "detect/sigma/rule.h"', "floor 1) includes detect/sigma"),
    ("context/norms/a.cpp", '#include "ingest/network/decoder.h"', "includes ingest/network"),
    ("detect/sigma/a.cpp", "#include <thread>", "a pure folder includes <thread>"),
    ("ingest/network/a.cpp", "#include <boost/asio/io_context.hpp>", "a pure folder includes"),
    ("nowhere/a.cpp", "", "no known folder"),
    ("export/a.cpp", '#include "record/ledger/ledger.h"', None),
    ("record/ledger/a.cpp", "#include <thread>", None),
]
CODE_CASES = [
    ("daemon/export/a.cpp", "// x\nauto x = co_await f({1, 2});", "name the temporary"),
    ("daemon/export/a.cpp", "// x\nauto x = co_await f(Thing{1, a});", "name the temporary"),
    ("daemon/export/a.cpp", "// x\nconst Thing thing{1, a};\nauto x = co_await f(thing);", None),
    ("daemon/export/a.cpp", "// x\nco_spawn(e, f(), asio::detached);", "an owner that joins"),
    ("daemon/event/a.cpp", "// x\nauto t = std::chrono::system_clock::now();", "wall_now"),
    ("daemon/app/a.cpp", "// x\nauto t = std::chrono::steady_clock::now();", None),
    ("daemon/ingest/network/a.cpp", "// x\nauto y = v.at(3);", "a checked find"),
    ("daemon/app/a.cpp", "// x\n" + "\n" * 701, "is it still one thing"),
]


def verdict(found, want, what):
    """One case: `want` is part of a message, or None where there must be no message."""
    good = any(want in line for line in found) if want else not found
    if not good:
        print(f"FAILED: {what}: wanted {want!r}, got {found}")
    return good


def main():
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, text, want) in enumerate(FLOOR_CASES):
            root = pathlib.Path(folder) / f"floors{number}"
            (root / name).parent.mkdir(parents=True)
            (root / name).write_text(text + "\n")
            good &= verdict(list(check_floors.faults(root)), want, f"floors: {name}: {text}")
        for number, (name, text, want) in enumerate(CODE_CASES):
            path = pathlib.Path(folder) / f"case{number}.cpp"
            path.write_text(text)
            good &= verdict(list(check_house.code_faults(path, name)), want, f"house: {name}: {text[:60]!r}")
    print("selftest: ok" if good else "selftest: failed")
    sys.exit(not good)


if __name__ == "__main__":
    main()
