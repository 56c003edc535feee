"""What the end-to-end drivers share: a private corner of the machine, processes, HTTP, metrics, checks.

A driver is a file of functions `test_*(world)`; `main(globals())` runs them in order, each in an empty directory, and
exits with 0, 1 (something failed) or 77 (this machine cannot run it; the reason is printed). All processes live in
private network and mount namespaces, so ports, interfaces and mounts clash with nobody's. Standard library only.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request

PROJECT = pathlib.Path(__file__).resolve().parents[2]
DEMO = PROJECT / "tests/data/demo"
ISOLATED = "NW_E2E_ISOLATED"
MIRROR, PEER = "mon0", "feed0"  # a name that begins with "tap" makes tcpreplay look for a TAP device


class Skip(Exception):
    """This machine lacks something that the test needs."""


class Failed(AssertionError):
    """What was seen is not what was promised."""


def check(condition, text, *seen):
    """Fails with `text` and what was seen."""
    if not condition:
        raise Failed(text + "".join(f"\n    {item}" for item in seen))


def equal(got, want, text):
    """Fails unless both are the same."""
    check(got == want, text, f"got:  {got!r}", f"want: {want!r}")


def wait_for(what, probe, seconds=20.0, every=0.1):
    """Calls `probe` until it gives something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        got = probe()
        if got:
            return got
        check(time.monotonic() < end, f"waited {seconds:.0f} s for {what}; last seen: {got!r}")
        time.sleep(every)


def need(program):
    """The path of a program, or a skip that names it."""
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise Skip(f"{program} is not installed (tests/packages.txt)")
    return found


def free_port():
    """A TCP port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url, body=None, method=None):
    """(status, text) of an HTTP request; (0, reason) when nobody answers."""
    request = urllib.request.Request(url, data=body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except (OSError, urllib.error.URLError) as error:
        return 0, str(error)


def get_json(url):
    """The JSON that a URL answers with 200."""
    status, text = get(url)
    check(status == 200, f"GET {url} gave {status}", text[:500])
    return json.loads(text)


class Metrics:
    """One reading of a Prometheus text page."""

    SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$')
    LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

    def __init__(self, text):
        self.samples = []
        for line in text.splitlines():
            if line and not line.startswith("#"):
                match = self.SAMPLE.match(line)
                check(match, f"not a metrics line: {line!r}")
                self.samples.append((match[1], dict(self.LABEL.findall(match[2] or "")), float(match[3])))

    def rows(self, name, **labels):
        """The (labels, value) pairs of a metric that have these labels."""
        wanted = labels.items()
        return [(has, value) for metric, has, value in self.samples if metric == name and wanted <= has.items()]

    def sum(self, name, **labels):
        """Their sum; fails when there is none."""
        rows = self.rows(name, **labels)
        check(rows, f"no metric {name} {labels}")
        return sum(value for _, value in rows)

    def values(self, name, label):
        """The different values of a label of a metric."""
        return sorted({has[label] for has, _ in self.rows(name) if label in has})


class Process:
    """A program in the background; its output goes to files beside each other."""

    def __init__(self, directory, name, arguments, **options):
        self.name = name
        self.out_path, self.err_path = directory / f"{name}.out", directory / f"{name}.err"
        with open(self.out_path, "ab") as out, open(self.err_path, "ab") as err:
            stdin = options.pop("stdin", subprocess.DEVNULL)
            self.handle = subprocess.Popen([str(a) for a in arguments], stdin=stdin, stdout=out, stderr=err, **options)

    @property
    def pid(self):
        """Its process id."""
        return self.handle.pid

    def out(self):
        """Its standard output so far."""
        return self.out_path.read_text(errors="replace")

    def err(self):
        """Its standard error so far."""
        return self.err_path.read_text(errors="replace")

    def running(self):
        """Whether it still runs."""
        return self.handle.poll() is None

    def send(self, number):
        """Sends a signal."""
        self.handle.send_signal(number)

    def wait(self, seconds=30):
        """Its exit status; fails when it does not end."""
        try:
            return self.handle.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {seconds} s\n{self.err()[-2000:]}") from None

    def stop(self, number=signal.SIGTERM, seconds=30):
        """Signals, waits, and returns the exit status."""
        if self.running():
            self.send(number)
        return self.wait(seconds)

    def kill(self):
        """SIGKILL."""
        if self.running():
            self.handle.kill()
        self.handle.wait()


class Daemon(Process):
    """`normwatch run` with a configuration (a dictionary; JSON is YAML) or without."""

    def __init__(self, world, config=None, arguments=(), name="normwatch", before=(), **options):
        self.world, self.port, self.state = world, free_port(), world.directory / "state"
        line = [*before, world.binary, "run"]
        if config is not None:
            config.setdefault("state_directory", str(self.state))
            config.setdefault("http", {"listen": f"127.0.0.1:{self.port}"})
            self.state = pathlib.Path(config["state_directory"])
            self.port = int(config["http"]["listen"].rsplit(":", 1)[1])
            self.config_file = world.write(f"{name}.yaml", json.dumps(config, indent=2))
            line += ["--config", self.config_file]
        else:
            line += ["--state", self.state, "--listen", f"127.0.0.1:{self.port}"]
        super().__init__(world.directory, name, line + list(arguments), **options)
        world.processes.append(self)

    def url(self, path):
        """A URL of its HTTP server."""
        return f"http://127.0.0.1:{self.port}{path}"

    def ready(self, seconds=30):
        """Waits until /-/ready says so."""

        def probe():
            check(self.running(), f"{self.name} ended early with {self.handle.poll()}", self.err()[-3000:])
            return get(self.url("/-/ready"))[0] == 200

        wait_for(f"{self.name} to be ready", probe, seconds)
        return self

    def metrics(self):
        """Its metrics now."""
        status, text = get(self.url("/metrics"))
        check(status == 200, f"/metrics gave {status}", text[:300])
        return Metrics(text)

    def incidents(self):
        """`normwatch incidents list --json` as a list."""
        return incidents(self.world, self.state)

    def status(self):
        """`normwatch status --json`."""
        done = self.world.run("status", "--json", "--state", self.state)
        equal(done.returncode, 0, f"status failed: {done.stderr}")
        return json.loads(done.stdout)

    def read_all(self, seconds=60):
        """Waits until every replayed file is at its end, and all of it recorded, in the store, and delivered."""

        def probe():
            check(self.running(), f"{self.name} ended early with {self.handle.poll()}", self.err()[-3000:])
            status = self.status()
            ended = all(source.get("finished") for source in status["sources"])
            waiting = [status["ledger"]["waiting"], status["incidents"]["behind"]]
            return ended and not any(waiting + [output["behind"] for output in status["outputs"]])

        wait_for("the end of the replay", probe, seconds)


# For drivers that look at each match by itself.
EVERY_ALERT = {"fold": {"enabled": False}}


def in_clear(world):
    """A privacy policy for drivers that look at who did what to whom; it has the basis that this wants."""
    kinds = ["address", "user", "mail", "phone", "mac", "host_of_person", "domain", "url", "text", "unknown"]
    text = {"version": 1, "basis": "made up, for a test", "designated": "clear", "store": {kind: "clear" for kind in kinds}}
    return {"privacy": {"policy": str(world.write("in_clear.yaml", json.dumps(text)))}}


def lines_of(file):
    """What an ndjson output has written: the alerts, and the folds. A last line that a kill has cut does not count."""
    text = file.read_text() if file.exists() else ""
    read = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("}\n")]
    return [each for each in read if "type" not in each], [each for each in read if each.get("type") == "fold"]


CRC = [0] * 256
for _i in range(256):
    _c = _i
    for _ in range(8):
        _c = _c >> 1 ^ (0x82F63B78 if _c & 1 else 0)
    CRC[_i] = _c


def crc32c(data):
    """Of RFC 3720: what stands before each record of the journal."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def journal(state):
    """The ledger's entries as they lie in its journal; a record that is being written does not count."""
    out = []
    for segment in sorted((pathlib.Path(state) / "ledger/journal").glob("*.log")):
        data = segment.read_bytes()
        while len(data) >= 8:
            length = int.from_bytes(data[:4], "little")
            if len(data) < 8 + length:
                break
            out.append(data[8:8 + length])
            data = data[8 + length:]
    return out


def ledger_bodies(state, kind):
    """What the ledger's entries of a type say."""
    return [entry["body"] for entry in map(json.loads, journal(state)) if entry["type"] == kind]


def incidents(world, state):
    """`normwatch incidents list --json` as a list."""
    done = world.run("incidents", "list", "--state", state, "--json")
    equal(done.returncode, 0, f"incidents list failed: {done.stderr}")
    text = done.stdout.strip()
    return json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]


class World:
    """What a test function gets."""

    def __init__(self, binary, directory):
        self.binary, self.directory, self.processes = binary, directory, []
        # For drivers that compare daemons by their alerts' ids, which are made with a key: the second one gets these.
        self.keys = directory / "keys"

    def write(self, name, text):
        """A file in the test's directory."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *arguments, before=(), stdin=None, seconds=120, **options):
        """Runs normwatch to its end."""
        line = [str(a) for a in (*before, self.binary, *arguments)]
        options.setdefault("text", True)
        return subprocess.run(line, input=stdin, capture_output=True, timeout=seconds, check=False, **options)

    def start(self, name, arguments, **options):
        """Another program in the background, ended with the test."""
        process = Process(self.directory, name, arguments, **options)
        self.processes.append(process)
        return process

    def end(self):
        """Ends what is left."""
        for process in reversed(self.processes):
            process.kill()


def wire(world):
    """The mirror port; returns what runs a command at its other end."""
    holder = world.start("peer", [need("unshare"), "--net", "sleep", "infinity"])
    own = pathlib.Path("/proc/self/ns/net").readlink()
    wait_for("the peer's namespace", lambda: pathlib.Path(f"/proc/{holder.pid}/ns/net").readlink() != own)
    enter = [need("nsenter"), f"--net=/proc/{holder.pid}/ns/net"]
    ip = need("ip")
    subprocess.run([ip, "link", "add", MIRROR, "type", "veth", "peer", "name", PEER, "netns", str(holder.pid)], check=True)
    for side, name in (([], MIRROR), (enter, PEER)):
        # Before it is up, lest the kernel says hello by IPv6.
        no_ipv6 = f"echo 1 >/proc/sys/net/ipv6/conf/{name}/disable_ipv6"
        subprocess.run([*side, "sh", "-c", no_ipv6], check=False, stderr=subprocess.DEVNULL)
        subprocess.run([*side, ip, "link", "set", name, "up", "arp", "off"], check=True)
    return enter


@contextlib.contextmanager
def small_disk(directory, bytes_max):
    """A file system of its own of this size at `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    mount = [need("mount"), "-t", "tmpfs", "-o", f"size={bytes_max},mode=755", "tmpfs", str(directory)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Skip(f"cannot mount a tmpfs: {done.stderr.strip()}")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=False)


def isolate():
    """Starts this program again in network and mount namespaces of its own (and, without root, a user namespace)."""
    if os.environ.get(ISOLATED):
        subprocess.run([need("ip"), "link", "set", "lo", "up"], check=True)
        return
    user = ["--user", "--map-root-user"] if os.geteuid() != 0 else []
    # In a chroot the root is no mount point, so its propagation cannot be set.
    for propagation in ("private", "unchanged"):
        unshare = [need("unshare"), "--net", "--mount", "--propagation", propagation, *user]
        trial = subprocess.run([*unshare, "true"], capture_output=True, text=True, check=False)
        if trial.returncode == 0:
            os.environ[ISOLATED] = "yes"
            os.execv(unshare[0], [*unshare, sys.executable, *sys.argv])
    raise Skip(f"no network namespace of our own here ({trial.stderr.strip()}); run as root")


def run_one(name, test, binary, directory):
    """Runs a test function; returns whether it passed."""
    world = World(binary, directory)
    started = time.monotonic()
    try:
        test(world)
        print(f"ok      {name} ({time.monotonic() - started:.1f} s)", flush=True)
        return True
    except Skip:
        raise
    except Exception as error:  # a driver's own slip must read like a failure, not end the run
        print(f"FAILED  {name}: {error}", flush=True)
        if not isinstance(error, Failed):
            traceback.print_exc(file=sys.stdout)
        for process in world.processes:
            print(f"--- {process.name}, last lines\n{process.err()[-3000:]}", flush=True)
        return False
    finally:
        world.end()


def main(names, isolated=True):
    """Runs the `test_*` functions of a driver and exits."""
    parser = argparse.ArgumentParser(description=(names.get("__doc__") or "").strip())
    parser.add_argument("--binary", default=str(PROJECT / "build/release/normwatch"), help="the program under test")
    parser.add_argument("--only", default="", help="run the tests whose names contain this")
    parser.add_argument("--keep", action="store_true", help="keep the working directories")
    options = parser.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    if not os.access(binary, os.X_OK):
        parser.exit(66, f"{binary}: no such program; build it (deploy/build release)\n")
    try:
        if isolated:
            isolate()
        top = pathlib.Path(tempfile.mkdtemp(prefix="nw-e2e-"))
        tests = [(name, test) for name, test in names.items() if name.startswith("test_") and options.only in name]
        check(tests, f"no test is named like {options.only!r}")
        failed = 0
        for name, test in tests:
            directory = top / name
            directory.mkdir()
            failed += not run_one(name, test, binary, directory)
    except Skip as reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    if options.keep or failed:
        print(f"working directories: {top}")
    else:
        shutil.rmtree(top, ignore_errors=True)
    sys.exit(1 if failed else 0)
