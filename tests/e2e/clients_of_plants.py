"""Real clients and servers of what else a plant's network carries: telemetry, routing, screens, tunnels, calls."""

from clients_row import CLIENT, SERVER, Row, like

BIRD = """
router id {own};
protocol device {{}}
protocol static {{ ipv4; route 198.51.100.0/24 blackhole; }}
protocol bgp plant {{
  local {own} as {own_as}; neighbor {other} as {other_as}; connect delay time 1;
  ipv4 {{ import all; export all; }};
}}
"""
CHRONYD = "cmdport 0\nbindcmdaddress /\n"
XRDP = """
[Globals]
port=tcp://{SERVER}:3389
security_layer=negotiate
crypt_level=high
certificate={TLS}/cert.pem
key_file={TLS}/key.pem
[Logging]
LogFile={D}/log
"""


def bird(own, own_as, other, other_as):
    """The configuration of one of two routers."""
    known = {"{own}": own, "{own_as}": own_as, "{other}": other, "{other_as}": other_as}
    text = BIRD
    for name, value in known.items():
        text = text.replace(name, value)
    return text


ROWS = [
    Row("dhcp", "dnsmasq-base:dnsmasq busybox:busybox", port=67,
        server=r"""
            exec dnsmasq -k --user=root --pid-file --conf-file=/dev/null --port=0 --interface=mon0 \
                --bind-interfaces --dhcp-range=192.0.2.100,192.0.2.110,600 --domain=plant.example \
                --dhcp-leasefile=$D/leases --dhcp-authoritative --no-ping""",
        ready="grep -q ':0043 ' /proc/net/udp",
        client="busybox udhcpc -i feed0 -f -q -n -s /bin/true -x hostname:pump4 -V plc-4",
        # To all and from the server: two flows.
        events=[("dhcp", {"host_name": "pump4", "vendor_class": "plc-4",
                          "msg_types": like(".*'DISCOVER'.*'REQUEST'.*")}),
                ("dhcp", {"assigned_addr": like("192.0.2.1[01][0-9]"), "domain": "plant.example", "lease_time": 600.0,
                          "msg_types": like(".*'OFFER'.*'ACK'.*"), "server_addr": SERVER})]),
    Row("ntp", "chrony:chronyd", port=123,
        files={"server.conf": CHRONYD + "pidfile {D}/server.pid\nlocal stratum 8\nallow\nbindaddress {SERVER}\n",
               "client.conf": CHRONYD + "pidfile {D}/client.pid\nserver {SERVER} iburst maxsamples 1\nport 0\n"},
        server="exec chronyd -x -d -u root -f $D/server.conf",
        client="chronyd -Q -u root -t 20 -f $D/client.conf",
        events=[("ntp", {"version": 4, "mode": 3}), ("ntp", {"version": 4, "mode": 4, "stratum": 8})]),
    Row("snmp", "snmpd:snmpd snmp:snmpget", port=161,
        files={"snmpd.conf": "rocommunity public\ncreateUser operator SHA {PASSWORD} AES {PASSWORD}\nrouser operator\n"
                             "sysName pump4\n"},
        prepare="mkdir state",
        server="SNMP_PERSISTENT_DIR=$D/state exec snmpd -f -Lf $D/log -C -c $D/snmpd.conf udp:$SERVER:161",
        client="""
            export SNMP_PERSISTENT_DIR=$D/client
            name=1.3.6.1.2.1.1.5.0
            snmpget -v1 -c public $SERVER $name
            snmpget -v2c -c public $SERVER $name
            snmpset -v2c -c public $SERVER $name s pump5 || true
            snmpget -v3 -l authPriv -u operator -a SHA -A $PASSWORD -x AES -X $PASSWORD $SERVER $name""",
        events=[("snmp", {"version": "1", "default_community": True, "get_requests": 1, "get_responses": 1}),
                ("snmp", {"version": "2c", "set_requests": 1}),
                ("snmp", {"version": "3", "user_name": "operator", "encrypted": 2})]),
    Row("snmp trap", "snmp:snmptrap", port=162,
        client="snmptrap -v2c -c public $SERVER '' 1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.2.2.1.1 i 4",
        events=[("snmp", {"version": "2c", "traps": 1, "default_community": True})]),
    Row("mqtt", "mosquitto:mosquitto mosquitto-clients:mosquitto_pub", port=1883,
        files={"mosquitto.conf": "listener 1883 {SERVER}\npassword_file {D}/users\nuser root\n"},
        prepare="mosquitto_passwd -b -c users operator $PASSWORD",
        server="exec mosquitto -c $D/mosquitto.conf",
        client="""
            as='-h '$SERVER' -u operator -P '$PASSWORD' -t plant/pump4'
            mosquitto_sub $as -i valve -C 1 -q 1 &
            mosquitto_pub $as -i pump -q 1 -r -m open
            mosquitto_pub -h $SERVER -u operator -P wrong -i thief -t a -m b || true
            wait""",
        events=[("mqtt_connect", {"client_id": "valve", "proto_name": "MQTT", "connect_status": "Connection Accepted"}),
                ("mqtt_connect", {"client_id": "thief", "connect_status": "Refused: not authorized"}),
                ("mqtt_subscribe", {"topics": ["plant/pump4"]}),
                ("mqtt_publish", {"topic": "plant/pump4", "payload_len": 4, "qos": "at least once"}),
                ("conn", {"service": "mqtt"})]),
    Row("syslog", "bsdutils:logger", port=514,
        client="logger -d -n $SERVER -P 514 -t pump4 -p auth.warning 'valve 4 opens'",
        events=[("syslog", {"facility": "AUTH", "severity": "WARNING", "message": like(".*valve 4 opens")})]),
    Row("sip", "sip-tester:sipp", port=5060,
        server="exec sipp -sn uas -i $SERVER -p 5060 -nostdin", ready="grep -q ':13C4 ' /proc/net/udp",
        client="sipp -sn uac -i $CLIENT -p 5061 -s pump4 -m 1 -nostdin $SERVER:5060",
        events=[("sip", {"method": "INVITE", "uri": f"sip:pump4@{SERVER}:5060", "status_code": 200}),
                ("sip", {"method": "BYE", "status_code": 200})]),
    Row("socks", "microsocks:microsocks nginx-light:nginx curl:curl", port=1080,  # the row "http" has the server behind
        server="exec microsocks -i $SERVER -p 1080 -u operator -P $PASSWORD",
        client="""
            curl -sS --socks5-hostname operator:$PASSWORD@$SERVER:1080 http://$SERVER:80/plan.txt?by=socks
            curl -sS --socks5-hostname operator:wrong@$SERVER:1080 http://$SERVER/ || true""",
        events=[("socks", {"version": 5, "user": "operator", "status": "succeeded", "request_p": 80}),
                ("http", {"uri": "/plan.txt?by=socks", "status_code": 200}), ("conn", {"service": "socks,http"})]),
    Row("stun", "coturn:turnserver", port=3478,
        server=r"""
            exec turnserver -n -L $SERVER --no-tls --no-dtls --no-cli -u operator:$PASSWORD -r plant.example \
                --log-file stdout --userdb $D/users --pidfile $D/pid""",
        client="turnutils_stunclient $SERVER",
        events=[("stun", {"method": "BINDING", "class": "SUCCESS_RESPONSE", "mapped_address": CLIENT})]),
    Row("ike", "ike-scan:ike-scan", port=500,
        client="""
            ike-scan --retry=1 --sport=0 $SERVER
            ike-scan --retry=1 --sport=0 --ikev2 $SERVER""",
        events=[("ipsec", {"maj_ver": 1}), ("ipsec", {"maj_ver": 2})]),
    Row("openvpn", "openvpn:openvpn", port=1194,
        server=r"""
            exec openvpn --dev null --local $SERVER --port 1194 --tls-server --dh none --ca $TLS/cert.pem \
                --cert $TLS/cert.pem --key $TLS/key.pem""",
        client=r"""
            timeout 5 openvpn --dev null --nobind --remote $SERVER 1194 --tls-client --ca $TLS/cert.pem \
                --cert $TLS/cert.pem --key $TLS/key.pem""",
        statuses=(0, 124),
        events=[("openvpn", {"reset": "P_CONTROL_HARD_RESET_CLIENT_V2", "established": True, "wrapping": "none"}),
                ("ssl", {"version": "TLSv13", "established": True}), ("conn", {"service": like("openvpn.*")})]),
    Row("bgp", "bird2:bird", port=179,
        files={"server.conf": bird(SERVER, "64512", CLIENT, "64513"),
               "client.conf": bird(CLIENT, "64513", SERVER, "64512")},
        server="exec bird -f -c $D/server.conf -s $D/server.ctl -P $D/server.pid",
        peer_server="exec bird -f -c $D/client.conf -s $D/client.ctl -P $D/client.pid",
        client="""
            for i in $(seq 20); do
                birdc -s $D/client.ctl show protocols | grep Established && exit
                sleep 0.5
            done
            exit 1""",
        events=[("bgp", {"msg_type": "OPEN", "as": 64512, "router_id": SERVER, "hold_time": 240.0}),
                ("bgp", {"msg_type": "OPEN", "as": 64513, "router_id": CLIENT}),
                ("bgp", {"msg_type": "UPDATE", "announced_prefixes": ["198.51.100.0/24"], "origin_as": 64512}),
                ("conn", {"service": "bgp"})]),
    Row("dicom", "dcmtk:echoscu", port=104,
        server="exec storescp -aet ARCHIVE -od $D 104", client="echoscu -aet CONSOLE -aec ARCHIVE $SERVER 104",
        events=[("dicom", {"pdu": "A-ASSOCIATE-AC", "calling_ae_title": "CONSOLE", "called_ae_title": "ARCHIVE",
                           "result": "accepted"}),
                ("conn", {"service": "dicom"})]),
    Row("vnc", "tigervnc-standalone-server:Xtigervnc vncsnapshot:vncsnapshot tigervnc-tools:tigervncpasswd", port=5900,
        prepare="echo $PASSWORD | tigervncpasswd -f >word",
        server=r"""
            exec Xtigervnc :77 -rfbport 5900 -interface $SERVER -SecurityTypes VncAuth -PasswordFile $D/word \
                -geometry 320x200 -desktop pump4 -nolisten tcp -nolock -ac""",
        client="timeout 5 vncsnapshot -passwd $D/word $SERVER:0 $D/screen.jpg",
        statuses=(0, 124),  # it waits for the shape of a pointer
        events=[("rfb", {"auth": True, "authentication_method": "VNC", "desktop_name": like(".*pump4.*"), "width": 320,
                         "height": 200}),
                ("conn", {"service": "rfb"})]),
    Row("rdp", "xrdp:xrdp rdesktop:rdesktop", port=3389,  # the row above has its screen
        files={"xrdp.ini": XRDP},
        server="exec xrdp --nodaemon -c $D/xrdp.ini",
        client="yes | HOME=$D DISPLAY=:77 timeout 5 rdesktop -u operator -p $PASSWORD -g 320x200 $SERVER",
        statuses=(0, 1, 76, 124),  # it has no session to give
        events=[("rdp", {"cookie": "operator"}), ("conn", {"service": like("rdp.*")})]),
    Row("bulk", "iperf:iperf", port=5001,
        server="exec iperf -s -B $SERVER", client="iperf -c $SERVER -n 20M",
        events=[("conn", {"service": None, "conn_state": "SF", "orig_bytes": like("209[0-9]{5}"), "missed_bytes": 0})]),
]
