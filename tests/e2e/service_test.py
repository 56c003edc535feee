#!/usr/bin/env python3
"""The installed service under real systemd: a minimal Debian 12 root, booted by systemd-nspawn.

The root is made once by debootstrap (a minute or two) and kept under build/service-root; each run works on a copy.
What is checked, inside, is service_inside.py.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess

import harness
from harness import DEMO, PROJECT, Skip, check, need

INSIDE = ("systemd", "systemd-sysv", "iproute2", "python3", "tcpreplay")
UNIT = """[Unit]
Description=Checks of normwatch's service test
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -B /shared/tests/e2e/service_inside.py
StandardOutput=append:/shared/check.log
StandardError=append:/shared/check.log
ExecStopPost=/usr/bin/systemctl --no-block poweroff
[Install]
WantedBy=multi-user.target
"""


def libraries(binary):
    """The packages that hold the shared libraries of a program."""
    paths = re.findall(r"=> (/\S+)", subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout)
    packages = set()
    for path in paths:
        for name in (path, os.path.realpath(path), os.path.realpath(path).removeprefix("/usr")):
            found = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True, check=False)
            if found.returncode == 0:
                packages.add(found.stdout.split(":")[0])
                break
        else:
            raise harness.Failed(f"no package holds {path}")
    return sorted(packages)


def mirror():
    """Where this machine's packages come from."""
    for name in ("sources.list.d/debian.sources", "sources.list"):
        file = pathlib.Path("/etc/apt") / name
        found = re.search(r"^(?:URIs:|deb)\s+(?:\[.*?\]\s+)?(http\S+)", file.read_text() if file.exists() else "", re.M)
        if found:
            return found[1]
    return "http://deb.debian.org/debian"


def base_root(binary):
    """The minimal root with the runtime libraries; made when it is not there yet, or other packages are needed."""
    packages = sorted([*INSIDE, *libraries(binary)])
    key = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12]
    root = PROJECT / "build/service-root" / key
    if (root / "complete").exists():
        return root / "root"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    with open(root / "debootstrap.log", "w", encoding="utf-8") as log:
        done = subprocess.run([need("debootstrap"), "--variant=minbase", f"--include={','.join(packages)}", "bookworm",
                               root / "root", mirror()], stdout=log, stderr=subprocess.STDOUT, check=False)
    tail = (root / "debootstrap.log").read_text()[-1500:]
    check(done.returncode == 0, f"debootstrap ended with {done.returncode}", tail)
    (root / "complete").touch()
    return root / "root"


def install(world, root):
    """The built files, as a package would install them, and the unit that runs the checks."""
    build = pathlib.Path(world.binary).parent
    done = subprocess.run(["cmake", "--install", build, "--prefix", "/usr"], env={**os.environ, "DESTDIR": str(root)},
                          capture_output=True, text=True, check=False)
    check(done.returncode == 0, "cmake --install failed", done.stdout[-1000:], done.stderr[-1000:])
    for path in ("usr/bin/normwatch", "usr/lib/systemd/system/normwatch.service", "usr/lib/systemd/system/normwatch-syslog.socket",
                 "usr/lib/sysusers.d/normwatch.conf", "usr/lib/tmpfiles.d/normwatch.conf"):
        check((root / path).exists(), f"the installation lacks /{path}", done.stdout[-2000:])
    (root / "etc/systemd/system/nw-check.service").write_text(UNIT)
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (wants / "nw-check.service").symlink_to("../nw-check.service")
    (root / "etc/machine-id").write_text("")


def test_service(world):
    """Boots, checks, powers off."""
    nspawn = need("systemd-nspawn")
    trial = [need("unshare"), "--net", "--mount", "--pid", "--fork", "true"]
    if os.geteuid() != 0 or subprocess.run(trial, capture_output=True, check=False).returncode:
        raise Skip("booting a root takes root and the right to make namespaces")
    root, shared = world.directory / "root", world.directory / "shared"
    subprocess.run(["cp", "-a", "--reflink=auto", base_root(world.binary), root], check=True)
    install(world, root)
    (shared / "tests/e2e").mkdir(parents=True)
    shutil.copy(DEMO / "water.pcap", shared)
    for file in ("harness.py", "service_inside.py"):
        shutil.copy(PROJECT / "tests/e2e" / file, shared / "tests/e2e")
    shutil.copytree(PROJECT / "rules", shared / "rules", ignore=shutil.ignore_patterns("norms", "*.md"))
    name = f"nwtest-{os.getpid()}"
    container = world.start("nspawn", [
        nspawn, "--quiet", "--register=no", "--keep-unit", "--boot", "--private-network", f"--directory={root}",
        f"--bind={shared}:/shared", f"--machine={name}", "--link-journal=no", "--console=read-only"])
    try:
        container.wait(420)
    finally:
        container.kill()
        left = pathlib.Path("/run/systemd/nspawn/propagate") / name  # nspawn leaves it where /run is no tmpfs
        if left.exists():
            left.rmdir()
    results = shared / "results.json"
    log = shared / "check.log"
    told = log.read_text() if log.exists() else container.out()[-3000:]
    check(results.exists(), "the checks never ran", told, container.err()[-2000:])
    found = json.loads(results.read_text())
    journal = found.pop("journal")
    bad = {name: text for name, text in found.items() if text != "ok"}
    for name in found:
        print(f"  {'FAILED' if name in bad else 'ok':<7} {name[8:]}", flush=True)
    check(len(found) >= 10, "checks are missing", sorted(found))
    check(not bad, "inside", *(f"{name}: {text}" for name, text in bad.items()), journal)


if __name__ == "__main__":
    harness.main(globals(), isolated=False)  # systemd-nspawn isolates; debootstrap needs the network
