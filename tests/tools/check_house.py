#!/usr/bin/env python3
"""House rules that a compiler does not know. Each row of BANNED: what, what to write instead, where it holds.

usage: check_house.py [PROJECT]    exit 1 and a line per fault
"""
import pathlib
import re
import subprocess
import sys

PURE = r"daemon/(base|event|ingest/network|ingest/logs/formats|ingest/flows|context|detect)/"
BANNED = [
    (re.compile(r"\breinterpret_cast<(?!const char\*>|const std::uint8_t\*>|std::uint8_t\*>|char\*>)"), "ByteReader", r"daemon/(event|ingest/network|detect|context)/"),
    (re.compile(r"\.at\("), "a checked find, or ByteReader", r"daemon/(ingest|detect)/"),
    (re.compile(r"\basio::detached\b"), "an owner that joins", r"daemon/"),
    (re.compile(r"\bsystem_clock::now\b"), "wall_now() of base/clock.h in an I/O folder; a time argument in a pure one", r"daemon/(?!base/clock\.h)"),
    (re.compile(r"\b(wall_now|steady_clock::now)\b"), "a time argument", PURE + r"(?!log\.cpp|clock\.h)"),
    # The daemon asks nobody about what it sees: an indicator marked PAP:RED must not be looked up. Outputs find their receivers.
    (re.compile(r"\b(getaddrinfo|gethostby\w+|getnameinfo|res_n?query|async_resolve|resolver)\b"), "an address; only export/http_client.cpp and listening sockets look names up", r"daemon/(?!export/http_client\.cpp|ingest/logs/transports/)"),
    (re.compile(r"\b(FIXME|XXX)\b"), "nothing: finish it", r""),
]
CO_AWAIT_TEMPORARY = re.compile(r"[^;{}]*\bco_await\b[^;]*?(?:\w\s*\{|\(\s*\{|,\s*\{|(?<![\w\])])\[[&=\w, ]*\]\s*[({])")
LINES_MAX = 700


def strip_comments(text):
    blank = lambda m: re.sub(r"[^\n]", " ", m[0])
    return re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"", blank, text, flags=re.S)


def code_faults(path, name):
    raw = path.read_text()
    code = strip_comments(raw)
    for pattern, instead, where in BANNED:
        if re.match(where, name):
            for hit in pattern.finditer(code):
                yield f"{name}:{code.count(chr(10), 0, hit.start()) + 1}: banned: {hit[0].strip()}; use {instead}"
    # GCC 12.2 destroys an aggregate or closure temporary twice when its full expression holds a co_await.
    for hit in re.finditer(r"[^;]*;", code):
        statement = re.split(r"[{}](?=[^{}();]*\bco_await\b)|\)\s*\{", hit[0])[-1] if "co_await" in hit[0] else ""
        if "co_await" in statement and CO_AWAIT_TEMPORARY.search(statement):
            yield f"{name}:{code.count(chr(10), 0, hit.end()) + 1}: name the temporary before co_await (GCC 12.2 frees it twice)"
    lines = raw.splitlines()
    if len(lines) > LINES_MAX:
        yield f"{name}: {len(lines)} lines; is it still one thing? (at most {LINES_MAX})"
    if not lines or not lines[0].startswith(("//", "#pragma", "#include")):
        yield f"{name}: begins with neither a head comment nor an include"


def folder_faults(root):
    """Every folder opens with a README; every relative link in a README leads somewhere."""
    for folder in sorted({p.parent for p in (root / "daemon").rglob("*.cpp")}):
        if folder.name != "daemon" and not (folder / "README.md").exists():
            yield f"{folder.relative_to(root)}: has no README.md"
    for readme in sorted(root.glob("**/*.md")):
        if "build" in readme.relative_to(root).parts:
            continue
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", readme.read_text()):
            if "://" not in target and not target.startswith("mailto:") and not (readme.parent / target).exists():
                yield f"{readme.relative_to(root)}: links to {target}, which is not there"


def faults(root):
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=False).stdout.split("\n")
    for name in sorted(listed):
        path = root / name
        if path.suffix in {".h", ".cpp"} and path.exists():
            yield from code_faults(path, name)
    yield from folder_faults(root)


if __name__ == "__main__":
    found = list(faults(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found) or "house: ok")
    sys.exit(bool(found))
