"""What a torture needs around the daemon: numbered lines that go on without end, the journal read without the daemon's
code, and file systems that can be broken."""

import collections
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import harness  # noqa: E402
from harness import check, equal  # noqa: E402

RULE = """title: Every numbered line
id: 8d5a5f6e-3d0c-4b53-9d6f-3f7f5f5e2a20
status: test
description: For the tests
logsource: {product: plant, service: modbus}
detection:
  selection: {seq|exists: true}
  condition: selection
level: low
"""


def line_of(number):
    """A numbered line. Each goes to a host of its own: so no two of them fold, and each is an alert."""
    host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return json.dumps({"seq": number, "id.orig_h": "203.0.113.7", "id.resp_h": host, "note": "x" * 60}) + "\n"


class Feed(threading.Thread):
    """Appends numbered JSON lines to a file until it is stopped."""

    def __init__(self, path, rate):
        super().__init__(daemon=True)
        self.path, self.rate, self.count, self.ended = path, rate, 0, threading.Event()
        self.path.touch()

    def run(self):
        with open(self.path, "a", encoding="utf-8") as out:
            while not self.ended.wait(0.05):
                for _ in range(max(1, self.rate // 20)):
                    out.write(line_of(self.count))
                    self.count += 1
                out.flush()

    def stop(self):
        """Ends it; how many lines there are."""
        self.ended.set()
        self.join()
        return self.count


def records(path, start=0):
    """(offset, payload) of the whole records of a journal's file from an offset; what is torn at the end is passed over."""
    data = path.read_bytes()
    at = start
    while at + 8 <= len(data):
        length, _ = struct.unpack_from("<II", data, at)
        if length == 0 or at + 8 + length > len(data):
            return
        payload = data[at + 8 : at + 8 + length]
        if not (payload.startswith(b"{") and payload.endswith(b"}")):
            return
        yield at, payload
        at += 8 + length


class Journal:
    """The accepted alerts, read out of the files, and held against what was read before."""

    def __init__(self, state):
        self.folder, self.accepted, self.place = state / "ledger/journal", [], None

    def files(self):
        return sorted(self.folder.glob("*.log"))

    def read(self):
        """Reads on from where the last reading ended; the numbers that were accepted so far, in order."""
        for file in self.files():
            if self.place and file.name < self.place[0]:
                continue
            start = self.place[1] if self.place and file.name == self.place[0] else 0
            for at, payload in records(file, start):
                self.place = (file.name, at + 8 + len(payload))
                entry = json.loads(payload)
                if entry["type"] == "alert":
                    self.accepted.append(int(entry["body"]["fields"]["seq"]))
        return self.accepted

    def unchanged(self):
        """Reads all of it anew: what was accepted once stands there still, at the same place."""
        before = list(self.read())
        anew = Journal(self.folder.parents[1])
        equal(anew.read()[: len(before)], before, "accepted alerts changed or went away")
        return anew.accepted


class Site:
    """The configuration of one torture, the feed, and the checks of its end."""

    def __init__(self, world, state=None, rate=400, output=None, more=None):
        self.world = world
        self.state = state or world.directory / "state"
        self.output = output or world.directory / "alerts.jsonl"
        world.write("rules/drill.yml", RULE)
        self.feed = Feed(world.directory / "feed.log", rate)
        self.journal = Journal(self.state)
        self.config = {
            "state_directory": str(self.state),
            "rules": {"paths": [str(world.directory / "rules")]},
            "workers": 1,
            "limits": {"ledger_segment": "1MiB"},
            "sources": [{"name": "feed", "kind": "file", "path": str(self.feed.path), "format": "json",
                         "product": "plant", "service": "modbus", "path_name": "modbus"}],
            "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(self.output)}],
        } | (more or {})

    def spawn(self, name):
        """A daemon that may not be ready yet; its log goes to files of this name."""
        return harness.Daemon(self.world, dict(self.config), name=name)

    def written(self):
        """How often each number stands in the output."""
        alerts, _ = harness.lines_of(self.output)
        return collections.Counter(int(alert["fields"]["seq"]) for alert in alerts)

    def stored(self):
        """Alerts in the incident store."""
        done = self.world.run("incidents", "list", "--state", self.state, "--json", "--most", "1000000")
        equal(done.returncode, 0, f"incidents list: {done.stderr}")
        return sum(json.loads(line)["alerts"] for line in done.stdout.splitlines())

    def finish(self, name="last", seconds=120):
        """Ends the feed, lets a daemon read and deliver all of it, and holds everything against everything."""
        lines = self.feed.stop()
        daemon = self.spawn(name).ready()
        return self.settle(daemon, lines, seconds)

    def settle(self, daemon, lines, seconds=120):
        """All lines are accepted once, stored once, delivered; repeats in the output are told."""

        def probe():
            check(daemon.running(), f"it ended early with {daemon.handle.poll()}", daemon.err()[-3000:])
            status = daemon.status()
            behind = [status["ledger"]["waiting"], status["incidents"]["behind"]] + [o["behind"] for o in status["outputs"]]
            return len(self.journal.read()) >= lines and not any(behind)

        harness.wait_for(f"{lines} lines to be accepted and delivered", probe, seconds)
        equal(daemon.stop(), 0, "exit status")
        accepted = collections.Counter(self.journal.unchanged())
        twice = [number for number, count in accepted.items() if count != 1]
        equal((set(range(lines)) - set(accepted), twice[:10]), (set(), []), "lines that were lost or accepted twice")
        equal(self.stored(), lines, "alerts in the incident store")
        written = self.written()
        equal(set(written) ^ set(accepted), set(), "alerts that the output lacks, or has alone")
        return {"lines": lines, "repeats": sum(written.values()) - lines}


def fill(directory):
    """Takes all room of a file system; the file that does."""
    ballast = directory / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        size = 1 << 20
        while size >= 1:
            try:
                file.write(b"\0" * size)
            except OSError:
                size //= 16
    return ballast


class LoopDisk:
    """An ext4 file system in a file, which becomes read-only at its first error, as a failing disk does."""

    def __init__(self, directory, megabytes):
        self.image, self.mounted = directory.with_suffix(".img"), directory
        directory.mkdir(parents=True, exist_ok=True)
        with open(self.image, "wb") as file:
            file.truncate(megabytes << 20)
        self.run(harness.need("mkfs.ext4"), "-q", "-F", str(self.image))
        self.device = self.run(harness.need("losetup"), "--find", "--show", str(self.image)).strip()
        try:
            self.mount()
            self.trigger = pathlib.Path(f"/sys/fs/ext4/{pathlib.Path(self.device).name}/trigger_fs_error")
            if not os.access(self.trigger, os.W_OK):
                raise harness.Skip("ext4 cannot be told to fail here")
        except BaseException:
            self.close()
            raise

    @staticmethod
    def run(*line, good=(0,)):
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode not in good:
            raise harness.Skip(f"no file system of our own here: {line[0]}: {done.stderr.strip()}")
        return done.stdout

    def mount(self):
        self.run("mount", "-o", "errors=remount-ro", self.device, str(self.mounted))

    def fail(self):
        """From now on it is read-only, under whoever has files open in it."""
        self.trigger.write_text("1")

    def mend(self):
        """What an administrator does: unmount, check, mount."""
        self.run("umount", str(self.mounted))
        self.run(harness.need("e2fsck"), "-f", "-y", self.device, good=(0, 1))
        self.mount()

    def close(self):
        subprocess.run(["umount", "-l", str(self.mounted)], check=False, capture_output=True)
        subprocess.run(["losetup", "-d", self.device], check=False, capture_output=True)


def flip(path, at=None, bit=None):
    """Turns one bit of a file; calling it again with what it returns turns it back."""
    data = bytearray(path.read_bytes())
    at = random.randrange(len(data)) if at is None else at
    bit = random.randrange(8) if bit is None else bit
    data[at] ^= 1 << bit
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(data[at : at + 1])
    return path, at, bit


def pause(seconds):
    """A moment of the dice."""
    time.sleep(seconds)
