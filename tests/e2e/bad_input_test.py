#!/usr/bin/env python3
"""What users get wrong: one clear message with the place and the fix, the documented exit code, nothing lost."""

import json
import os
import re
import socket
import subprocess

import harness
from harness import DEMO, PROJECT, Daemon, check, equal, need

USAGE, DATA, NO_INPUT, UNAVAILABLE, NO_PERMISSION, CONFIG = 64, 65, 66, 69, 77, 78
QUIET = ("--replay", DEMO / "water.log", "--pace", "fast")  # a source that needs no right
RULE = """title: Modbus seen
id: 6f1c1c52-6b0c-4a51-9d10-000000000001
status: experimental
logsource:
    product: normwatch
    service: modbus
detection:
    any:
        func|{modifier}: WRITE
    condition: any
level: low
"""


def refused(done, code, *parts):
    """Checks an exit status and that each part stands on standard error."""
    equal(done.returncode, code, f"exit status; standard error: {done.stderr}")
    for part in parts:
        check(re.search(part, done.stderr, re.IGNORECASE), f"standard error lacks {part!r}", done.stderr)
    check("terminate called" not in done.stderr and "Traceback" not in done.stderr, "it fell over", done.stderr)


def test_command_line(world):
    """A slip of the keyboard gets the nearest match and 64."""
    refused(world.run("replay", "--wrokers", "2", DEMO / "water.pcap"), USAGE, "mean .*workers")
    refused(world.run("repaly", DEMO / "water.pcap"), USAGE, "mean .*replay")
    refused(world.run("run", "--pace", "quickly"), USAGE, "quickly")
    refused(world.run("replay"), USAGE, "file")
    for line in ([], ["run"], ["replay"], ["check"], ["rules", "test"], ["status"], ["incidents", "list"], ["reload"]):
        done = world.run(*line, "--help")
        equal(done.returncode, 0, f"{line} --help; {done.stderr}")
        check("normwatch" in done.stdout, f"{line} --help says nothing", done.stdout)
    equal(world.run("--version").returncode, 0, "--version")


def test_truncated_capture(world):
    """What could be read was read; then 65, with the file and the place."""
    whole = (DEMO / "water.pcap").read_bytes()
    file = world.directory / "cut.pcap"
    file.write_bytes(whole[: len(whole) * 2 // 3])
    done = world.run("replay", file)
    refused(done, DATA, re.escape(str(file)), "truncated|cut|short|end")
    before_cut = len(done.stdout.splitlines())
    check(before_cut > 10, "the alerts before the cut are missing", done.stdout[:300])
    for line in done.stdout.splitlines():
        json.loads(line)


def test_no_capture_at_all(world):
    """A file that is not there, or no capture: 66 and 65."""
    refused(world.run("replay", world.directory / "absent.pcap"), NO_INPUT, "absent.pcap")
    refused(world.run("replay", world.write("text.pcap", "not a capture\n" * 20)), DATA, "text.pcap")
    refused(world.run("replay", world.write("empty.pcap", "")), DATA, "empty.pcap")


def test_rule_with_a_typo(world):
    """File, line, column and the nearest modifier; the good rules beside it do not hide it."""
    directory = world.directory / "rules"
    world.write("rules/good.yml", RULE.format(modifier="contains"))
    world.write("rules/bad.yml", RULE.format(modifier="contians").replace("0001", "0002"))
    config = world.write("config.yaml", json.dumps({"rules": {"paths": [str(directory)]}}))
    done = world.run("check", "--config", config)
    refused(done, DATA, r"bad\.yml:9:\d+", "contians", "mean .*contains")
    done = world.run("run", *QUIET, "--config", config, "--state", world.directory / "state", seconds=30)
    refused(done, DATA, r"bad\.yml:9:\d+")


def test_configuration_with_a_typo(world):
    """The same for the configuration."""
    config = world.write("config.yaml", "site: demo\nlog:\n  level: info\n  fromat: text\n")
    refused(world.run("check", "--config", config), CONFIG, r"config\.yaml:4:3", "fromat", "format")
    refused(world.run("check", "--config", world.directory / "absent.yaml"), CONFIG, "absent.yaml")


def test_missing_register(world):
    """Named, and what to do."""
    config = world.write("config.yaml", json.dumps({"registry": str(world.directory / "nobody.yaml")}))
    refused(world.run("check", "--config", config), CONFIG, "nobody.yaml")


def test_nothing_to_watch(world):
    """A daemon without a source would look alive and see nothing."""
    refused(world.run("run", "--state", world.directory / "state", seconds=30), CONFIG, "--interface", "--replay")


def test_missing_interface(world):
    """An interface that is not there."""
    done = world.run("run", "--interface", "nosuch0", "--state", world.directory / "state", seconds=30)
    check(done.returncode in (NO_INPUT, UNAVAILABLE), f"exit status {done.returncode}", done.stderr)
    check("nosuch0" in done.stderr, "the interface is not named", done.stderr)


def test_port_in_use(world):
    """The address, and 69."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        address = f"127.0.0.1:{holder.getsockname()[1]}"
        done = world.run("run", *QUIET, "--listen", address, "--state", world.directory / "state", seconds=30)
        refused(done, UNAVAILABLE, re.escape(address), "use")
        sources = [{"name": "tcp", "kind": "tcp", "listen": address, "format": "syslog", "product": "linux"}]
        state = str(world.directory / "state2")
        config = {"state_directory": state, "http": {"listen": "127.0.0.1:0"}, "sources": sources}
        done = world.run("run", "--config", world.write("config.yaml", json.dumps(config)), seconds=30)
        refused(done, UNAVAILABLE, re.escape(address), "use")


def test_state_held(world):
    """Two daemons on one state directory: the second says so."""
    daemon = Daemon(world, None, QUIET).ready()
    done = world.run("run", *QUIET, "--state", daemon.state, "--listen", f"127.0.0.1:{harness.free_port()}", seconds=30)
    refused(done, UNAVAILABLE, re.escape(str(daemon.state)))
    equal(daemon.stop(), 0, "the first one ends well")


def test_no_permission(world):
    """Capturing without CAP_NET_RAW: 77, and how to grant it."""
    bare = [need("setpriv"), "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--no-new-privs"]
    trial = subprocess.run([*bare, "true"], capture_output=True, text=True, check=False)
    if trial.returncode:
        raise harness.Skip(f"cannot drop capabilities here: {trial.stderr.strip()}")
    os.chmod(world.directory, 0o777)
    done = world.run("run", "--interface", "lo", "--state", world.directory / "state", before=bare, seconds=30)
    refused(done, NO_PERMISSION, "CAP_NET_RAW|permission", "lo")


def test_nobody_answers(world):
    """Commands that need the daemon, without one."""
    socket_path = world.directory / "control.sock"
    refused(world.run("status", "--control", socket_path), UNAVAILABLE, re.escape(str(socket_path)))
    refused(world.run("reload", "--wait", "--control", socket_path), UNAVAILABLE, re.escape(str(socket_path)))
    refused(world.run("incidents", "list", "--state", world.directory / "none"), NO_INPUT, "none")


def test_shipped_files(world):
    """What is shipped passes its own checks."""
    equal(world.run("check").returncode, 0, "check of the embedded defaults")
    done = world.run("rules", "test", PROJECT / "rules")
    equal(done.returncode, 0, f"rules test: {done.stdout}{done.stderr}")


if __name__ == "__main__":
    harness.main(globals())
