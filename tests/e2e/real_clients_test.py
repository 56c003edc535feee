#!/usr/bin/env python3
"""Real clients and servers, as Debian has them: what normwatch tells of them, and that it tells no password.

All servers are started at one end of a veth pair, all clients at the other, tcpdump between them; then the capture is
replayed. A row of one of the files `clients_of_*.py` is a protocol. A program that is missing is a failure.
"""

import base64
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import time

import clients_of_data
import clients_of_it
import clients_of_plants
import harness
from clients_row import CLIENT, PASSWORD, SERVER
from harness import MIRROR, PEER, Failed, Skip, check, equal, need, wait_for, wire

ROWS = clients_of_it.ROWS + clients_of_data.ROWS + clients_of_plants.ROWS
PATH = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
ATONCE = 12  # most of them wait for something


class Bench:
    """Where a row's programs run."""

    def __init__(self, world, enter, tls):
        self.world, self.enter, self.tls = world, enter, tls

    def environment(self, row):
        """What its commands know."""
        known = {"D": str(self.directory(row)), "TLS": str(self.tls),
                 "SERVER": SERVER, "CLIENT": CLIENT, "PASSWORD": PASSWORD}
        return {"PATH": PATH, "LC_ALL": "C", "HOME": str(self.world.directory), **known}

    def directory(self, row):
        """Its own."""
        return self.world.directory / row.name.replace(" ", "-")

    def set_up(self, row):
        """Its files, and what its servers need first."""
        self.directory(row).mkdir()
        known = self.environment(row)
        for name, text in row.files.items():
            text = re.sub(r"\{(D|TLS|SERVER|CLIENT|PASSWORD)\}", lambda found: known[found[1]], text)
            self.world.write(f"{self.directory(row).name}/{name}", text.replace("{{", "{").replace("}}", "}"))
        if row.prepare:
            self.run(row, row.prepare, [], "prepare")

    def run(self, row, command, before, what, statuses=(0,)):
        """Runs a command of it to its end; what it says goes to a file."""
        said = self.directory(row) / f"{what}.said"
        with open(said, "wb") as out:
            try:
                ended = subprocess.run(
                    [*before, "sh", "-ec", command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                    cwd=said.parent, env=self.environment(row), timeout=40, check=False).returncode
            except subprocess.TimeoutExpired:
                ended = "nothing within 40 s"
        check(ended in statuses, f"{row.name}: its {what} ended with {ended}", said.read_text(errors="replace")[-1500:])

    def start(self, row):
        """Its servers."""
        alone = [need("unshare"), "--pid", "--fork", "--kill-child"]  # what they start ends with them
        lines = [[*alone, "sh", "-ec", row.server]] if row.server else []
        lines += [[*self.enter, *alone, "sh", "-ec", row.peer_server]] if row.peer_server else []
        started = [self.world.start(f"{row.name} server", line, cwd=self.directory(row), env=self.environment(row))
                   for line in lines]
        if started:
            self.wait(row, row.ready or f"ss -Hlntu 'sport = :{row.port}' | grep -q .", started)

    def wait(self, row, ready, started):
        """Until they are ready."""
        def probe():
            for server in started:
                check(server.running(), f"{row.name}: a server ended early", server.out()[-1500:], server.err()[-1500:])
            return subprocess.run(["sh", "-c", ready], env=self.environment(row), cwd=self.directory(row),
                                  capture_output=True, check=False).returncode == 0
        wait_for(f"the server of {row.name}", probe, 30)


def matches(event, wanted):
    """Whether an event has these fields."""
    for field, value in wanted.items():
        seen = event.get(field)
        if hasattr(value, "fullmatch") and not value.fullmatch(str(seen) if seen is not None else "\0"):
            return False
        if not hasattr(value, "fullmatch") and seen != value:
            return False
    return True


def told_wrong(row, events):
    """What is not as its row says."""
    own = [event for event in events if not row.port or row.port in (event.get("id.resp_p"), event.get("id.orig_p"))]
    for path, wanted in row.events:
        of_path = [event for event in own if event["_path"] == path]
        if not any(matches(event, wanted) for event in of_path):
            shown = [{field: event.get(field) for field in wanted} for event in of_path]
            shown = shown or sorted({event["_path"] for event in own})
            yield f"{row.name}: no event {path} {wanted}\n      but {shown}"


def shapes_of(secret):
    """How a secret could be written."""
    plain = secret.encode()
    for lead in (b"", b"x", b"xx"):  # base64 at each of three places
        whole = base64.b64encode(lead + plain).decode()
        yield whole[4:-4]
    yield from (secret, plain.hex(), plain[::-1].hex(), secret.encode("utf-16-le").hex())


def missing_programs():
    """(row, package, program) of what is not installed."""
    for row in ROWS:
        for package, program in (pair.split(":") for pair in row.packages.split()):
            if not shutil.which(program, path=PATH):
                yield f"{row.name}: {program} is not there: install {package} (tests/packages.txt)"


def at_once(what, rows):
    """Does it for all rows, some at a time; returns what failed."""
    def guarded(row):
        try:
            what(row)
            return None
        except Failed as failed:
            return str(failed)
    with concurrent.futures.ThreadPoolExecutor(ATONCE) as pool:
        return [failed for failed in pool.map(guarded, rows) if failed]


def network(world):
    """The two ends, with addresses; returns what runs a command at the clients' end."""
    enter = wire(world)
    ip = need("ip")
    for before, name, address in (([], MIRROR, SERVER), (enter, PEER, CLIENT)):
        subprocess.run([*before, ip, "link", "set", name, "arp", "on"], check=True)
        subprocess.run([*before, ip, "address", "add", f"{address}/24", "brd", "+", "dev", name], check=True)
        subprocess.run([*before, ip, "link", "set", "lo", "up"], check=True)
    return enter


def test_real_clients(world):
    """All rows."""
    if os.stat("/").st_uid != 0:  # a user namespace shows its owner as root, and the real one as nobody
        raise Skip("servers that change their user need real root")
    missing = list(missing_programs())
    check(not missing, "programs are missing", *missing)
    for directory in (world.directory, world.directory.parent):
        directory.chmod(0o755)  # some servers are not root
    bench = Bench(world, network(world), world.directory / "tls")
    bench.tls.mkdir()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
                    "/CN=mail.plant.example", "-keyout", bench.tls / "key.pem", "-out", bench.tls / "cert.pem"],
                   check=True, capture_output=True)
    capture = world.directory / "clients.pcap"
    tcpdump = world.start("tcpdump", [need("tcpdump"), "-i", MIRROR, "-B", "65536", "-U", "-Z", "root", "-w", capture])
    wait_for("tcpdump", lambda: "listening on" in tcpdump.err())
    started = time.monotonic()
    failed = at_once(lambda row: (bench.set_up(row), bench.start(row)), ROWS)
    print(f"        servers {time.monotonic() - started:.1f} s", flush=True)
    failed += at_once(lambda row: bench.run(row, row.client, bench.enter, "client", row.statuses), ROWS)
    print(f"        clients {time.monotonic() - started:.1f} s", flush=True)
    time.sleep(0.5)  # the last packets reach tcpdump
    equal(tcpdump.stop(), 0, "tcpdump")
    replayed = world.run("replay", "--workers", "2", "--events", world.directory / "events.jsonl", capture)
    equal(replayed.returncode, 0, replayed.stderr)
    text = (world.directory / "events.jsonl").read_text()
    events = [json.loads(line) for line in text.splitlines()]
    for row in ROWS:
        failed += told_wrong(row, events)
    wire_bytes, shapes = capture.read_bytes(), list(shapes_of(PASSWORD))
    for what, found in (("in clear", shapes[3:4]), ("in Base64", shapes[:3])):
        check(any(shape.encode() in wire_bytes for shape in found), f"no client sent the password {what}")
    failed += [f"the password is told: {line[:300]}" for line in text.splitlines()
               if any(shape in line for shape in shapes)]
    failed += [f"weird: {event['name']}" for event in events if event["_path"] == "weird"]
    failed += re.findall(r"messages refused: .*", replayed.stderr)
    check(not failed, f"{len(failed)} of these are wrong", *failed)


if __name__ == "__main__":
    harness.main(globals())
