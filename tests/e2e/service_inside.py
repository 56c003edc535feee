#!/usr/bin/env python3
"""Runs inside the root that service_test.py boots, as a unit; leaves its findings in /shared/results.json."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time
import traceback

import harness
from harness import check, equal, wait_for

CONFIG = pathlib.Path("/etc/normwatch/normwatch.yaml")
RULES = pathlib.Path("/etc/normwatch/rules")
CAP_NET_RAW = 1 << 13
PACKETS = 1494 - 12  # where the kernel puts fragments together, because several workers share the interface
WATCHED = {
    "state_directory": "/var/lib/normwatch",
    "sources": [
        {"name": "mirror", "kind": "capture", "interface": "mon0", "buffer": "8MiB"},
        {"name": "syslog", "kind": "udp", "listen": "127.0.0.1:5514", "format": "syslog", "product": "linux"},
    ],
    "outputs": [{"name": "alerts", "kind": "ndjson", "path": "/var/lib/normwatch/alerts.jsonl"}],
    "rules": {"paths": [str(RULES)]},
    "fold": {"interval": "1s"},
}
TYPO = "title: typo\nlogsource: {product: normwatch}\ndetection: {a: {query|contians: x}, condition: a}\n"


def run(*line, good=True):
    """A command; its exit status must be 0 if `good`, else not."""
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)
    check((done.returncode == 0) == good, f"{' '.join(line)} ended with {done.returncode}", done.stdout, done.stderr)
    return done.stdout


def show(*properties):
    """Properties of the unit."""
    lines = run("systemctl", "show", "normwatch", f"--property={','.join(properties)}").splitlines()
    return dict(line.split("=", 1) for line in lines)


def metrics():
    """The daemon's metrics; None when it does not answer."""
    status, text = harness.get("http://127.0.0.1:9810/metrics")
    return harness.Metrics(text) if status == 200 else None


def value(name):
    """A metric's sum; 0 when it has no series yet."""
    page = metrics()
    return sum(number for _, number in page.rows(name)) if page else 0


def incidents():
    """Alerts in the store."""
    out = run("normwatch", "incidents", "list", "--json", "--state", "/var/lib/normwatch")
    return sum(json.loads(line)["alerts"] for line in out.splitlines())


def restarted(before):
    """Waits until systemd has started it again and it is ready."""
    wait_for("the restart", lambda: int(show("NRestarts")["NRestarts"]) > before, 60)
    wait_for("the unit to be active", lambda: show("ActiveState")["ActiveState"] == "active", 60)


def check_a_first_start():
    """With /etc/normwatch empty, the vendor's configuration was put there at boot, and the unit starts with it."""
    check(CONFIG.is_file(), "systemd-tmpfiles has put no configuration there")
    run("systemctl", "start", "normwatch")
    equal(show("ActiveState")["ActiveState"], "active", "state")
    run("systemctl", "stop", "normwatch")
    equal(show("Result")["Result"], "success", "result of the stop")


def check_b_start():
    """Type=notify: `systemctl start` returns when it is ready; unprivileged, with one capability."""
    shutil.copytree("/shared/rules", RULES)
    CONFIG.write_text(json.dumps(WATCHED))
    run("systemctl", "start", "normwatch")
    state = show("ActiveState", "SubState", "MainPID", "StatusText")
    equal((state["ActiveState"], state["SubState"]), ("active", "running"), "state")
    check(state["StatusText"], "it tells systemd nothing about itself")
    status = pathlib.Path(f"/proc/{state['MainPID']}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    check("0" not in fields["Uid"].split(), "it runs as root", fields["Uid"])
    equal(int(fields["CapEff"], 16), CAP_NET_RAW, "effective capabilities")
    equal(int(fields["CapBnd"], 16), CAP_NET_RAW, "capabilities it could get")
    equal(fields["NoNewPrivs"], "1", "NoNewPrivs")
    equal(harness.get("http://127.0.0.1:9810/-/ready")[0], 200, "/-/ready")


def alerts():
    """Those in the ledger, and their repeats."""
    return value("normwatch_alerts_total") + value("normwatch_alerts_folded_total")


def check_c_capture():
    """What tcpreplay sends arrives, and makes alerts."""
    run("tcpreplay", "--quiet", "--intf1", "feed0", "--multiplier", "12", "/shared/water.pcap")
    wait_for("the packets", lambda: value("normwatch_capture_packets_total") >= PACKETS, 30)
    wait_for("alerts", lambda: alerts() > 10, 30)
    wait_for("incidents", lambda: incidents() == alerts(), 30)


def check_d_reload():
    """`systemctl reload` succeeds, and fails when the set is bad; then the old one goes on."""
    run("systemctl", "reload", "normwatch")
    equal(value("normwatch_config_last_reload_successful"), 1, "after a good reload")
    (RULES / "typo.yml").write_text(TYPO)
    run("systemctl", "reload", "normwatch", good=False)
    equal(show("ActiveState")["ActiveState"], "active", "state after a refused reload")
    equal(value("normwatch_config_last_reload_successful"), 0, "after a bad reload")
    check("typo.yml" in run("journalctl", "-u", "normwatch", "-o", "cat"), "the journal does not name the bad file")
    (RULES / "typo.yml").unlink()
    run("systemctl", "reload", "normwatch")
    equal(value("normwatch_config_last_reload_successful"), 1, "after the mending")


def check_e_kill():
    """SIGKILL: systemd starts it again, and nothing that was accepted is gone."""
    before, pid = incidents(), show("MainPID")["MainPID"]
    restarts = int(show("NRestarts")["NRestarts"])
    run("systemctl", "kill", "--kill-who=main", "--signal=SIGKILL", "normwatch")
    restarted(restarts)
    check(show("MainPID")["MainPID"] != pid, "the same process id")
    # What rules over time had not told yet comes after it; that none is told twice is restart_test.py's affair.
    check(incidents() >= before, "alerts are gone after the kill", before, incidents())
    run("tcpreplay", "--quiet", "--intf1", "feed0", "--multiplier", "12", "/shared/water.pcap")
    wait_for("new alerts", lambda: incidents() > before, 30)


def check_f_watchdog():
    """A process that hangs is ended by systemd's watchdog and started again."""
    drop_in = pathlib.Path("/run/systemd/system/normwatch.service.d")
    drop_in.mkdir(parents=True)
    (drop_in / "quick.conf").write_text("[Service]\nWatchdogSec=3\n")
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", "normwatch")
    time.sleep(7)
    equal(show("NRestarts")["NRestarts"], "0", "restarts of a healthy daemon under a watchdog of 3 s")
    os.kill(int(show("MainPID")["MainPID"]), 19)
    restarted(0)


def check_g_exposure():
    """`systemd-analyze security` finds it below 2.0."""
    last = run("systemd-analyze", "security", "--no-pager", "normwatch").splitlines()[-1]
    exposure = float(last.split(":")[1].split()[0])
    check(exposure < 2.0, f"exposure {exposure}", last)


def check_h_journal():
    """Messages reach the journal with fields of their own."""
    lines = run("journalctl", "-u", "normwatch", "-o", "json", "--no-pager").splitlines()
    own = [entry for entry in map(json.loads, lines) if entry.get("_COMM") == "normwatch"]
    check(own, "nothing of the daemon in the journal")
    check(all("PRIORITY" in entry for entry in own), "a message without PRIORITY")
    fields = {key for entry in own for key in entry if key.startswith("NORMWATCH_")}
    check(fields, "no NORMWATCH_ field", own[-1])


def check_i_stop():
    """`systemctl stop` drains and ends with 0."""
    run("systemctl", "stop", "normwatch")
    state = show("Result", "ExecMainStatus")
    equal((state["Result"], state["ExecMainStatus"]), ("success", "0"), "how it ended")


def check_j_sockets():
    """Port 514 from the socket unit: the first datagram starts the service, which has no capability for the port."""
    kinds = {"syslog": "udp", "syslog-tcp": "tcp"}
    sources = [{"name": name, "kind": kind, "listen": "systemd:syslog", "format": "syslog"} for name, kind in kinds.items()]
    CONFIG.write_text(json.dumps({**WATCHED, "sources": sources}))
    run("systemctl", "start", "normwatch-syslog.socket")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"<34>1 - host app - - - one", ("127.0.0.1", 514))
    wait_for("the unit to be active", lambda: show("ActiveState")["ActiveState"] == "active", 60)
    with socket.create_connection(("127.0.0.1", 514), timeout=10) as stream:
        stream.sendall(b"<34>1 - host app - - - two\n")
    wait_for("both lines", lambda: value("normwatch_log_lines_total") == 2, 30)
    status = pathlib.Path(f"/proc/{show('MainPID')['MainPID']}/status").read_text()
    check(f"CapEff:\t{CAP_NET_RAW:016x}" in status, "other capabilities than CAP_NET_RAW", status)
    run("systemctl", "stop", "normwatch-syslog.socket", "normwatch")


def check_k_journald():
    """The journal as a source: what a program writes there is read once, over a restart of the daemon, too."""
    source = {"name": "journal", "kind": "journald", "matches": ["SYSLOG_IDENTIFIER=pump-drill"], "product": "linux"}
    CONFIG.write_text(json.dumps({**WATCHED, "sources": [source]}))
    run("systemctl", "start", "normwatch")
    for number in range(5):
        run("logger", "-t", "pump-drill", f"level {number}")
    wait_for("the journal's lines", lambda: value("normwatch_log_lines_total") == 5, 30)
    equal(value("normwatch_log_lines_unparsed_total"), 0, "lines that were not understood")
    run("systemctl", "stop", "normwatch")
    run("logger", "-t", "pump-drill", "written while the daemon was off")
    run("systemctl", "start", "normwatch")
    wait_for("the line of before the start", lambda: value("normwatch_log_lines_total") == 1, 30)
    time.sleep(1)
    equal(value("normwatch_log_lines_total"), 1, "lines after the restart")
    run("systemctl", "stop", "normwatch")


def main():
    """Runs every check; a failed one does not stop the others."""
    for line in (["link", "set", "lo", "up"], ["link", "add", "mon0", "type", "veth", "peer", "name", "feed0"],
                 ["link", "set", "mon0", "up", "arp", "off"], ["link", "set", "feed0", "up", "arp", "off"]):
        run("ip", *line)
    results = {}
    for name, test in sorted(globals().items()):
        if name.startswith("check_"):
            try:
                test()
                results[name] = "ok"
            except Exception as error:  # the reader is on the other side of the container's wall
                results[name] = f"{error}\n{traceback.format_exc()}"
    journal = ["journalctl", "-u", "normwatch", "--no-pager", "-n", "60"]
    results["journal"] = subprocess.run(journal, capture_output=True, text=True, check=False).stdout
    pathlib.Path("/shared/results.json.new").write_text(json.dumps(results))
    os.rename("/shared/results.json.new", "/shared/results.json")


if __name__ == "__main__":
    main()
