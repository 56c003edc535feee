"""A nats-server with JetStream, and somebody who publishes there. Standard library only; the protocol is lines of text."""

import contextlib
import json
import socket

from harness import check, free_port, need, wait_for

ANSWER_SECONDS = 10


class NatsServer:
    """nats-server on a free port of the loopback, which keeps its streams in `folder`. `more`: lines of configuration."""

    def __init__(self, world, folder, more="", name="nats-server"):
        self.world, self.name, self.port = world, name, free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.url = f"nats://127.0.0.1:{self.port}"
        text = f"listen: 127.0.0.1:{self.port}\njetstream {{ store_dir: \"{folder}\" }}\n{more}\n"
        self.config_file = world.write(f"{name}.conf", text)
        self.process = None

    def start(self):
        """Starts it, the first time or again, and waits until it answers."""
        self.process = self.world.start(self.name, [need("nats-server"), "-c", self.config_file])

        def probe():
            check(self.process.running(), f"{self.name} ended early", self.process.err()[-2000:])
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as greeted:
                return greeted.recv(4) == b"INFO"
            return False

        wait_for(f"{self.name} to answer", probe)
        return self

    def kill(self):
        """SIGKILL; what it has on disk stays."""
        if self.process:
            self.process.kill()


@contextlib.contextmanager
def nats_server(world, folder, more=""):
    """A server that runs for the time of a `with`."""
    server = NatsServer(world, folder, more)
    try:
        yield server.start()
    finally:
        server.kill()


class NatsClient:
    """One connection. `options` go into CONNECT: {"auth_token": ...}, {"user": ..., "pass": ...}."""

    def __init__(self, port, **options):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self.lines = self.socket.makefile("rb")
        self.inbox, self.asked = f"_INBOX.{id(self):x}", 0
        self.info = json.loads(self.expect(b"INFO "))
        self.send("CONNECT " + json.dumps({"verbose": False, "pedantic": False, "lang": "test", **options}))
        self.send(f"SUB {self.inbox}.* 1")
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the connection."""
        self.lines.close()
        self.socket.close()

    def send(self, line, payload=None):
        """One line of the protocol, and what belongs to it."""
        tail = b"" if payload is None else payload + b"\r\n"
        self.socket.sendall(line.encode() + b"\r\n" + tail)

    def expect(self, start):
        """The rest of the next line that begins so. Pings are answered; errors of the server fail."""
        while True:
            line = self.lines.readline()
            if not line:
                raise ConnectionResetError("nats-server closed the connection")
            if line.startswith(start):
                return line[len(start):].strip()
            if line.startswith(b"PING"):
                self.send("PONG")
            check(not line.startswith(b"-ERR"), "nats-server said no", line.decode().strip())

    def flush(self):
        """Returns when the server has read what was sent."""
        self.send("PING")
        self.expect(b"PONG")

    def publish(self, subject, text):
        """One message; nobody says whether it arrived."""
        payload = text.encode()
        self.send(f"PUB {subject} {len(payload)}", payload)

    def request(self, subject, payload):
        """The answer, from JSON."""
        self.asked += 1
        answer_to = f"{self.inbox}.{self.asked}"
        self.send(f"PUB {subject} {answer_to} {len(payload)}", payload)
        while True:
            words = self.expect(b"MSG ").decode().split()
            body = self.lines.read(int(words[-1]) + 2)[:-2]
            if words[0] == answer_to:
                return json.loads(body)

    def api(self, subject, **members):
        """A call of JetStream's API; fails when it does."""
        answer = self.request(f"$JS.API.{subject}", json.dumps(members).encode() if members else b"")
        check("error" not in answer, f"{subject} failed", answer.get("error"))
        return answer

    def add_stream(self, name, *subjects):
        """A stream on disk."""
        self.api(f"STREAM.CREATE.{name}", name=name, subjects=list(subjects), storage="file")

    def store(self, subject, text):
        """Publishes, and returns the message's number when the stream has it on disk."""
        answer = self.request(subject, text.encode())
        check("seq" in answer, f"the stream did not take a message of {subject}", answer)
        return answer["seq"]

    def consumer(self, stream, name="normwatch"):
        """How far a consumer is: `ack_floor`, `num_ack_pending`, `num_pending`, ..."""
        return self.api(f"CONSUMER.INFO.{stream}.{name}")
