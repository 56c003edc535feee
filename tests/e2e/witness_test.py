#!/usr/bin/env python3
"""Witnesses and time stamps: two daemons sign each other's heads, a second history is refused, a witness that is down
stops nothing, and an authority's stamps verify with OpenSSL."""

import base64
import hashlib
import http.server
import json
import os
import shutil
import socket
import subprocess
import threading

import harness
from harness import Daemon, check, equal, free_port, get, need, wait_for

PKCS8 = bytes.fromhex("302e020100300506032b657004220420")  # RFC 8410: an Ed25519 seed follows
NOTE, COSIGNATURE = 1, 4


def key_pair(name, kind):
    """(private, public) text of a signed-note key."""
    seed = os.urandom(32)
    done = subprocess.run([need("openssl"), "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], input=PKCS8 + seed,
                          capture_output=True, check=True)
    public = done.stdout[-32:]
    number = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).hexdigest()[:8]
    text = [f"{name}+{number}+" + base64.b64encode(bytes([kind]) + part).decode() for part in (seed, public)]
    return "PRIVATE+KEY+" + text[0], text[1]


class Site:
    """A daemon with keys of its own, which lie outside its state."""

    def __init__(self, world, name):
        self.world, self.name, self.runs = world, name, 0
        self.origin = f"{name}.example/ledger"
        self.keys = world.directory / f"{name}-keys"
        self.keys.mkdir(mode=0o700)
        self.state = world.directory / f"{name}-state"
        self.listen, self.alerts = f"127.0.0.1:{free_port()}", world.directory / f"{name}.jsonl"
        private, self.log_key = key_pair(self.origin, NOTE)
        self.put_key("normwatch.ledger", private + "\n")
        private, self.witness_key = key_pair(f"{name}.example/witness", COSIGNATURE)
        self.put_key("normwatch.witness", private + "\n")
        self.put_key("normwatch.wrap", os.urandom(32).hex() + "\n")
        self.config = {}
        self.daemon = None

    def put_key(self, name, text):
        file = self.keys / name
        file.touch(mode=0o600)
        file.write_text(text)

    def asks(self, *others, quorum="all"):
        """Whose signatures it wants, in its policy."""
        names = [f"w{number}" for number in range(len(others))]
        lines = [f"witness {name} {other.witness_key} http://{other.listen}" for name, other in zip(names, others)]
        lines += [f"group all-of-them {quorum} {' '.join(names)}", "quorum all-of-them"]
        file = self.world.write(f"{self.name}.policy", "\n".join(lines) + "\n")
        self.config.setdefault("witness", {"every": "1s"})["policy"] = str(file)

    def signs(self, *others):
        """Whose heads it signs."""
        file = self.world.write(f"{self.name}.logs", "".join(f"log {other.log_key}\n" for other in others) + "quorum none\n")
        self.config.setdefault("witness", {"every": "1s"})["logs"] = str(file)

    def start(self, state=None):
        """Runs it, over its own state or a copy."""
        self.runs += 1
        config = {
            "state_directory": str(state or self.state),
            "http": {"listen": self.listen},
            "keys": {"directory": str(self.keys)},
            "ledger": {"origin": self.origin, "heartbeat_every": "1s", "checkpoint_every": "200ms"},
            "sources": [{"name": "lines", "kind": "udp", "listen": f"127.0.0.1:{free_port()}", "format": "json"}],
            "outputs": [{"name": "alerts", "kind": "ndjson", "path": str(self.alerts)}],
            **harness.EVERY_ALERT, **self.config,
        }
        self.daemon = Daemon(self.world, config, name=f"{self.name}-{self.runs}").ready()
        return self

    def stop(self):
        equal(self.daemon.stop(), 0, f"{self.name} stops in order")

    def quorum(self):
        rows = self.daemon.metrics().rows("normwatch_witness_quorum")
        return bool(rows) and rows[0][1] == 1

    def requests(self, outcome):
        rows = self.daemon.metrics().rows("normwatch_witness_requests_total", outcome=outcome)
        return sum(value for _, value in rows)

    def answers(self, status):
        return self.daemon.metrics().sum("normwatch_witness_answers_total", status=str(status))

    def size(self):
        """Entries of the newest head that its witnesses have signed."""
        return self.daemon.status()["attestation"]["witnesses"]["accepted_size"]

    def entries(self, kind, state=None):
        """Bodies of the ledger's entries of a type."""
        bodies = []
        for file in sorted((state or self.state).glob("ledger/journal/*.log")):
            raw = file.read_bytes()
            while len(raw) >= 8:
                length = int.from_bytes(raw[:4], "little")
                entry = json.loads(raw[8:8 + length])
                raw = raw[8 + length:]
                bodies += [entry["body"]] if entry["type"] == kind else []
        return bodies


def two(world):
    """Two sites that sign each other's heads."""
    left, right = Site(world, "left"), Site(world, "right")
    for site, other in ((left, right), (right, left)):
        site.asks(other)
        site.signs(other)
    return left, right


def test_two_daemons_witness_each_other(world):
    left, right = two(world)
    left.start()
    right.start()
    for site, other in ((left, right), (right, left)):
        wait_for(f"a quorum of {site.name}", site.quorum)
        size = site.size()
        wait_for("a larger head with a quorum", lambda site=site, size=size: site.size() > size)
        text = (site.state / "ledger/witnessed").read_text()
        check(text.startswith(site.origin + "\n"), "the head is of this ledger", text)
        check(f"\u2014 {site.origin} " in text and f"\u2014 {other.name}.example/witness " in text, "both have signed", text)
        cosigned = site.daemon.metrics().sum("normwatch_witness_cosigned_timestamp_seconds", witness="w0")
        check(abs(cosigned - os.stat(site.state / "ledger/witnessed").st_mtime) < 60, "a time is told", cosigned)
        status, shown = get(f"http://{other.listen}/{hashlib.sha256(site.origin.encode()).hexdigest()}/checkpoint")
        equal(status, 200, "the witness shows what it signed last")
        check(shown.startswith(site.origin + "\n"), "and it is this ledger's", shown)
        wait_for("it to sign for the other one, too", lambda site=site: site.answers(200) >= 2)
    # Receipts do not make the tree grow each second by themselves.
    wait_for("receipts", lambda: left.entries("witness-receipt") and right.entries("witness-receipt"))
    wait_for("more heads", lambda: left.requests("cosigned") >= 5)
    equal(len(left.entries("witness-receipt")), 1, "receipts")
    equal(left.entries("witness-receipt")[0]["outcome"], "cosigned", "what it says")
    status = left.daemon.status()["attestation"]["witnesses"]
    equal((status["quorum"], "without_since" in status), (True, False), "the status")
    # Strangers get nothing.
    prefix = f"http://{left.listen}"
    equal(get(prefix + "/add-checkpoint", b"hello")[0], 400, "no request")
    stranger = "old 0\n\nelsewhere\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 elsewhere AAAAAAAA\n"
    equal(get(prefix + "/add-checkpoint", stranger.encode())[0], 404, "an unknown log")
    left.stop()
    right.stop()
    # After a restart the witness knows where it was, and is asked for it.
    left.start()
    right.start()
    wait_for("a quorum again", left.quorum)
    equal(left.requests("conflict"), 0, "no conflict")
    left.stop()
    right.stop()


def test_a_split_view_is_refused_and_told(world):
    left, right = two(world)
    left.start()
    right.start()
    wait_for("a quorum", left.quorum)
    left.stop()
    copy = world.directory / "copy-state"
    shutil.copytree(left.state, copy, ignore=shutil.ignore_patterns("*.sock"))
    left.start()
    wait_for("a quorum again", left.quorum)
    before = max(left.size(), 1)
    wait_for("the first history to go on", lambda: left.size() > before + 5)
    left.stop()
    honest = (left.state / "ledger/witnessed").read_text()

    left.start(copy)
    wait_for("the refusal", lambda: left.requests("conflict"))
    check(not left.quorum(), "the second history has no quorum")
    told = left.daemon.err()
    check("witness_conflict" in told and "never had" in told, "the log tells it", told[-2000:])
    wait_for("the receipt", lambda: left.entries("witness-receipt", copy)[-1]["outcome"] == "conflict")
    receipt = left.entries("witness-receipt", copy)[-1]
    check(receipt["seen"].startswith(left.origin + "\n"), "what the witness has of us is kept", receipt)
    check(int(receipt["seen"].split("\n")[1]) >= int(honest.split("\n")[1]), "and it is the first history", receipt)

    def alerted():
        return [each for each in harness.lines_of(left.alerts)[0] if each["rule_title"] == "Witness refuses the ledger's state"]

    wait_for("the alert", alerted)
    alert = alerted()[0]
    equal((alert["norm"], alert["level"]), ("13k", "critical"), "the alert")
    shown = get(f"http://{right.listen}/{hashlib.sha256(left.origin.encode()).hexdigest()}/checkpoint")[1]
    check(int(shown.split("\n")[1]) >= int(honest.split("\n")[1]), "the witness stands by the first history", shown)
    left.stop()
    # The first history goes on as if nothing had been.
    left.start()
    wait_for("a quorum of the first history", left.quorum)
    left.stop()
    right.stop()


def test_a_witness_that_is_down_stops_nothing(world):
    left, right = two(world)
    left.start()
    wait_for("it is tried", lambda: left.requests("unreachable"))
    check(not left.quorum(), "there is no quorum")
    status = left.daemon.status()
    witnesses = status["attestation"]["witnesses"]
    check("without_since" in witnesses and "cannot connect" in witnesses["each"][0]["why"], "the status tells why", witnesses)
    entries = status["ledger"]["entries"]
    wait_for("the ledger to grow", lambda: left.daemon.status()["ledger"]["entries"] > entries + 2)
    equal(get(f"http://{left.listen}/-/healthy")[0], 200, "the daemon is well")
    right.start()
    wait_for("a quorum once it is up", left.quorum, 60)
    wait_for("it is put down", lambda: [each["outcome"] for each in left.entries("witness-receipt")][:1] == ["unreachable"])
    left.stop()
    right.stop()


def test_wrong_files_are_told(world):
    site = Site(world, "left")
    for what, policy, code in (("no policy", "hello\n", "policy-keyword"),
                               ("no address", f"witness a {Site(world, 'right').witness_key} nowhere\nquorum a\n", "witness-url")):
        site.config["witness"] = {"policy": str(world.write("wrong.policy", policy))}
        config = world.write("wrong.yaml", json.dumps({"state_directory": str(site.state), **site.config}))
        done = world.run("check", "--config", config)
        equal(done.returncode, 78, f"{what}: {done.stdout}{done.stderr}")
        check(code in done.stdout + done.stderr, what, done.stdout + done.stderr)


class Authority:
    """A time-stamping authority: `openssl ts -reply` behind HTTP."""

    CONFIG = """[tsa]
default_tsa = own
[own]
dir = {dir}
serial = $dir/serial
signer_cert = $dir/tsa.pem
signer_key = $dir/tsa.key
certs = $dir/root.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[stamps]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[req]
distinguished_name = dn
[dn]
"""

    def __init__(self, world):
        self.dir = world.directory / "tsa"
        self.dir.mkdir()
        (self.dir / "tsa.cnf").write_text(self.CONFIG.format(dir=self.dir))
        (self.dir / "serial").write_text("01\n")
        self.openssl = need("openssl")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf"]
        self.run("req", "-x509", *curve, "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=Root of the test",
                 "-extensions", "root", "-days", "30")
        self.run("req", "-new", *curve, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=TSA of the test")
        self.run("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-out",
                 "tsa.pem", "-extfile", "tsa.cnf", "-extensions", "stamps", "-days", "30")
        self.down = False
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                if authority.down or self.headers["Content-Type"] != "application/timestamp-query":
                    return self.send_error(503)
                (authority.dir / "q.tsq").write_bytes(query)
                authority.run("ts", "-reply", "-config", "tsa.cnf", "-section", "own", "-queryfile", "q.tsq", "-out", "r.tsr")
                reply = (authority.dir / "r.tsr").read_bytes()
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/tsr"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def run(self, *arguments):
        done = subprocess.run([self.openssl, *arguments], cwd=self.dir, capture_output=True, text=True, check=False)
        equal(done.returncode, 0, f"openssl {arguments[0]}: {done.stderr}")
        return done.stdout


def control(state, method, path):
    """The status of a request to the control socket."""
    with socket.socket(socket.AF_UNIX) as out:
        out.connect(str(state / "control.sock"))
        out.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return int(out.recv(4096).split()[1])


def test_heads_are_stamped(world):
    authority, site = Authority(world), Site(world, "left")
    authority.down = True
    site.config["stamps"] = {"url": authority.url, "ca": str(authority.dir / "root.pem"), "every": "1h"}
    site.start()
    wait_for("a failure that is told", lambda: site.daemon.metrics().sum("normwatch_stamp_failures_total") >= 1)
    check("stamp_failed" in site.daemon.err(), "the log tells it", site.daemon.err()[-1000:])
    authority.down = False
    equal(control(site.state, "POST", "/stamp"), 202, "asked for at once")
    stamps = site.state / "ledger/stamps"
    wait_for("a stamp", lambda: list(stamps.glob("*.tsr")))
    reply = next(stamps.glob("*.tsr"))
    head = reply.with_suffix(".checkpoint")
    verify = ["ts", "-verify", "-in", str(reply), "-CAfile", str(authority.dir / "root.pem")]
    check("OK" in authority.run(*verify, "-data", str(head)), "OpenSSL verifies it")
    changed = world.write("changed", head.read_text().replace("left", "Left"))
    done = subprocess.run([authority.openssl, *verify, "-data", str(changed)], capture_output=True, check=False)
    check(done.returncode != 0, "and nothing else")
    wait_for("the receipt", lambda: site.entries("tsa-receipt"))
    receipt = site.entries("tsa-receipt")[0]
    equal(receipt["tsr_sha256"], hashlib.sha256(reply.read_bytes()).hexdigest(), "the receipt names the stamp")
    equal(receipt["checkpoint_sha256"], hashlib.sha256(head.read_bytes()).hexdigest(), "and the head")
    equal(int(head.name.split(".")[0]), receipt["size"], "the file's name is the size")
    told = site.daemon.metrics().sum("normwatch_stamp_timestamp_seconds")
    check(abs(told - reply.stat().st_mtime) < 60, "the metric is its time", told)
    equal(site.daemon.status()["attestation"]["stamps"]["size"], receipt["size"], "the status")
    site.stop()
    site.start()
    equal(site.daemon.metrics().sum("normwatch_stamp_timestamp_seconds"), told, "it is known after a restart")
    site.stop()
    equal(len(list(stamps.glob("*.tsr"))), 1, "and not made again before it is due")


if __name__ == "__main__":
    harness.main(globals())
