"""Real senders of logs: rsyslog with RELP. A driver starts one with its World, and gives it lines to send."""

import dataclasses
import os
import pathlib
import socket

from harness import Process, Skip, need, wait_for

# What rsyslog says of itself stays in a file; only what comes in through the input is sent.
RSYSLOG = """
global(workDirectory="{work}" processInternalMessages="on" maxMessageSize="128k")
module(load="{input_module}"{module_options})
module(load="omrelp"{relp_options})
{template}
ruleset(name="forward") {{
  action(type="omrelp" name="forward" target="{host}" port="{port}" template="{format}" timeout="{timeout}"
         action.resumeRetryCount="-1" action.resumeInterval="1"
         queue.type="LinkedList" queue.size="200000" queue.filename="forward" queue.saveOnShutdown="on"
         queue.timeoutShutdown="5000"{tls})
}}
input(type="{input_module}" ruleset="forward" {input})
syslog.* action(type="omfile" file="{work}/own.log")
"""
# To the byte what came in, with its own PRI and time.
RAW = 'template(name="raw" type="string" string="%rawmsg%")'


@dataclasses.dataclass(frozen=True)
class RelpTls:
    """What a sender needs for TLS: files in PEM. Without a certificate of its own it shows none."""

    ca: pathlib.Path
    certificate: pathlib.Path | None = None
    key: pathlib.Path | None = None


@dataclasses.dataclass
class RelpSender:
    """A running rsyslogd; what it is fed with it sends on."""

    process: Process
    work: pathlib.Path
    file: pathlib.Path | None  # it follows this file,
    port: int  # or it listens here

    def feed(self, lines):
        """Lines for it to send: appended to the file, or over one TCP connection."""
        text = "".join(line + "\n" for line in lines)
        if self.file:
            with open(self.file, "a", encoding="utf-8") as out:
                out.write(text)
            return
        with socket.create_connection(("127.0.0.1", self.port), 10) as out:
            out.sendall(text.encode())

    def own_log(self):
        """What rsyslogd says of itself: suspended, resumed, refused."""
        path = self.work / "own.log"
        return path.read_text(errors="replace") if path.exists() else ""


def _tls(tls):
    if not tls:
        return ""
    own = f' tls.myCert="{tls.certificate}" tls.myPrivKey="{tls.key}"' if tls.certificate else ""
    return f' tls="on" tls.caCert="{tls.ca}" tls.authMode="certvalid"{own}'


def start_relp_sender(world, host, port, *, name="rsyslog", source="file", listen=0, tls=None,
                      template="RSYSLOG_SyslogProtocol23Format", timeout=90):
    """Starts rsyslogd, which sends all that it takes in with omrelp to host:port. Needs no privileges.

    `source`: "file" (a file beside its configuration, followed with imfile), or "tcp" (imptcp on 127.0.0.1:`listen`).
    `template`: of the messages on the wire; "raw" sends what came in as it came. What it could not send when it was
    ended is kept on disk, and sent by the next one with the same name.
    """
    rsyslogd = need("rsyslogd")
    modules = [path for path in pathlib.Path("/usr/lib").glob("**/rsyslog/omrelp.so")]
    if not modules:
        raise Skip("omrelp is not installed (rsyslog-relp; tests/packages.txt)")
    work = world.directory / name
    work.mkdir(exist_ok=True)
    followed = work / "lines.log"
    if source == "file":
        followed.touch()
        input_module, feed = "imfile", f'file="{followed}" tag="e2e:" severity="notice" facility="local0"'
    else:
        input_module, feed = "imptcp", f'address="127.0.0.1" port="{listen}"'
    config = world.write(f"{name}/rsyslog.conf", RSYSLOG.format(
        work=work, host=host, port=port, input_module=input_module, input=feed, template=RAW if template == "raw" else "",
        module_options=' mode="inotify"' if source == "file" else "", format=template, timeout=timeout, tls=_tls(tls),
        relp_options=' tls.tlslib="openssl"' if tls else ""))
    process = world.start(name, [rsyslogd, "-n", "-f", config, "-i", work / "pid"],
                          env={**os.environ, "TZ": "UTC"})
    wait_for("rsyslogd to write its pid", lambda: (work / "pid").exists() or not process.running())
    return RelpSender(process, work, followed if source == "file" else None, listen)
