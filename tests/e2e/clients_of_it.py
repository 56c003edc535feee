"""Real clients and servers that every network has: names, the web, files, mail, terminals."""

from clients_row import CLIENT, SERVER, Row, like

SSHD = """
ListenAddress {SERVER}
HostKey {D}/host
AuthorizedKeysFile {D}/user.pub
StrictModes no
PermitRootLogin yes
UsePAM no
PidFile none
"""
NGINX = """
daemon off; user root; pid {D}/pid; error_log {D}/error.log; worker_processes 1;
events {{}}
http {{
  access_log off; root {D}/www; server_tokens on; types {{ text/html html; text/plain txt; }}
  server {{ listen {SERVER}:80; gzip on; gzip_min_length 1; gzip_types text/plain;
    location /store/ {{ dav_methods PUT; create_full_put_path on; client_body_temp_path {D}/bodies; }}
    location /locked/ {{ auth_basic plant; auth_basic_user_file {D}/users; }} }}
  server {{ listen {SERVER}:8080 http2; }}
}}
"""
TINYPROXY = """
Port 8888
Listen {SERVER}
BasicAuth operator {PASSWORD}
LogFile "{D}/log"
"""
SMB = """[global]
workgroup = PLANT
netbios name = FILES
interfaces = {SERVER}/24
bind interfaces only = yes
smb ports = 445
server min protocol = NT1
disable netbios = {no_netbios}
private dir = {D}
state directory = {D}
cache directory = {D}
lock directory = {D}
pid directory = {D}
ncalrpc dir = {D}/ncalrpc
log file = {D}/log
load printers = no
printcap name = /dev/null
[plans]
path = {D}/plans
read only = no
force user = root
"""
DOVECOT = """
base_dir = {D}/run
state_dir = {D}/state
protocols = imap pop3
listen = {SERVER}
log_path = {D}/log
ssl = yes
ssl_cert = <{TLS}/cert.pem
ssl_key = <{TLS}/key.pem
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{D}/mail
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {D}/users
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={D}/mail
}}
"""
SMTPD = """
table users {{ "@" = "nobody" }}
listen on {SERVER} port 25 hostname mail.plant.example
action "drop" mda "cat >/dev/null" virtual <users>
match from any for domain "plant.example" action "drop"
"""
# talk PORT {TEXT WORD}...: waits for each text of the server, then says the word.
TALK = """#!/bin/sh
mkfifo in.$$
telnet $SERVER $1 <in.$$ >>out.$$ &
exec 3>in.$$
shift
while [ $# -gt 0 ]; do
  until grep -q "$1" out.$$; do sleep 0.1; done
  : >out.$$
  echo "$2" >&3
  shift 2
done
wait
"""
LOGIN = """#!/bin/sh
printf 'plc login: '
read -r user
stty -echo
printf 'Password: '
read -r word
stty echo
echo
if [ "$word" = {PASSWORD} ]; then
  echo 'Last login: today'
  printf '$ '
  read -r line
else
  echo 'Login incorrect'
fi
"""

ROWS = [
    Row("dns", "dnsmasq-base:dnsmasq bind9-dnsutils:dig", port=53,
        server=r"""
            exec dnsmasq -k --user=root --pid-file --conf-file=/dev/null --no-resolv --no-hosts --bind-interfaces \
                --listen-address=$SERVER --local=/example/ --host-record=plc.example,192.0.2.10,2001:db8::10 \
                --txt-record=plc.example,'pump 4' --srv-host=_modbus._tcp.example,plc.example,502""",
        client="""
            dig @$SERVER plc.example A
            dig @$SERVER +tcp plc.example AAAA
            dig @$SERVER plc.example TXT
            dig @$SERVER _modbus._tcp.example SRV
            dig @$SERVER +noedns nothing.example""",
        events=[("dns", {"query": "plc.example", "qtype_name": "A", "rcode_name": "NOERROR", "proto": "udp",
                         "answers": ["192.0.2.10"], "AA": True, "RD": True}),
                ("dns", {"query": "plc.example", "qtype_name": "AAAA", "proto": "tcp", "answers": ["2001:db8::10"]}),
                ("dns", {"query": "plc.example", "qtype_name": "TXT", "answers": ["TXT 6 pump 4"]}),
                ("dns", {"query": "_modbus._tcp.example", "qtype_name": "SRV", "rcode_name": "NOERROR"}),
                ("dns", {"query": "nothing.example", "rcode_name": "NXDOMAIN"}),
                ("conn", {"service": "dns", "conn_state": "SF"})]),
    Row("http", "nginx-light:nginx curl:curl openssl:openssl", port=80,
        files={"nginx.conf": NGINX, "www/plan.txt": "valve 4 opens\n" * 100,
               "www/locked/key.html": "<html>locked</html>"},
        prepare='echo "operator:$(openssl passwd -apr1 "$PASSWORD")" >users',
        server="exec nginx -c $D/nginx.conf -e $D/error.log",
        client="""
            curl -sS -A pump/1.0 http://$SERVER/plan.txt?valve=4 http://$SERVER/absent
            curl -sSI http://$SERVER/plan.txt
            curl -sS --compressed http://$SERVER/plan.txt
            curl -sS -u operator:$PASSWORD http://$SERVER/locked/key.html
            curl -sS -d level=3 http://$SERVER/plan.txt
            echo open | curl -sS -T - http://$SERVER/store/valve.txt
            curl -sS -u operator:wrong$PASSWORD http://$SERVER/locked/key.html""",
        events=[("http", {"method": "GET", "host": SERVER, "uri": "/plan.txt?valve=4", "user_agent": "pump/1.0",
                          "status_code": 200, "response_body_len": 1400, "resp_mime_types": ["text/plain"],
                          "version": "1.1", "trans_depth": 1}),
                ("http", {"uri": "/absent", "status_code": 404, "trans_depth": 2}),
                ("http", {"method": "HEAD", "uri": "/plan.txt", "status_code": 200, "response_body_len": 0}),
                ("http", {"method": "POST", "request_body_len": 7, "status_code": 405}),
                ("http", {"method": "PUT", "uri": "/store/valve.txt", "request_body_len": 5, "status_code": 201}),  # in chunks
                ("http", {"uri": "/locked/key.html", "username": "operator", "status_code": 200}),
                ("http", {"uri": "/locked/key.html", "username": "operator", "status_code": 401}),
                ("conn", {"service": "http", "conn_state": "SF"})]),
    Row("http2", "nginx-light:nginx curl:curl", port=8080,  # the row above has the server
        client="""
            for name in plan.txt absent; do
                curl -sS --http2-prior-knowledge -A pump/2.0 http://$SERVER:8080/$name
            done""",
        events=[("http", {"version": "2", "method": "GET", "uri": "/plan.txt", "user_agent": "pump/2.0",
                          "status_code": 200, "response_body_len": 1400}),
                ("http", {"version": "2", "uri": "/absent", "status_code": 404}),
                ("conn", {"service": "http"})]),
    Row("tls 1.2", "openssl:openssl", port=4412,
        server=r"""
            exec openssl s_server -accept $SERVER:4412 -cert $TLS/cert.pem -key $TLS/key.pem \
                -tls1_2 -www -alpn plant -verify 1""",
        client=r"""
            sleep 1 | openssl s_client -connect $SERVER:4412 -servername plc.plant.example -tls1_2 -alpn plant \
                -cert $TLS/cert.pem -key $TLS/key.pem""",
        events=[("ssl", {"version": "TLSv12", "server_name": "plc.plant.example", "established": True,
                         "next_protocol": "plant", "ja4": like("t12d.*"), "ja3": like("[0-9a-f]{32}"),
                         "ja3s": like("[0-9a-f]{32}"), "cipher": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"}),
                ("x509", {"certificate.subject": "CN=mail.plant.example", "certificate.key_type": "rsa",
                          "certificate.key_length": 2048, "host_cert": True}),
                ("x509", {"certificate.subject": "CN=mail.plant.example", "client_cert": True}),
                ("conn", {"service": "ssl"})]),
    Row("tls 1.3", "openssl:openssl", port=4413,
        server="exec openssl s_server -accept $SERVER:4413 -cert $TLS/cert.pem -key $TLS/key.pem -tls1_3 -www",
        client="sleep 1 | openssl s_client -connect $SERVER:4413 -servername plc.plant.example -tls1_3",
        events=[("ssl", {"version": "TLSv13", "server_name": "plc.plant.example", "established": True,
                         "ja4": like("t13d.*"), "cipher": "TLS_AES_256_GCM_SHA384"}),
                ("conn", {"service": "ssl"})]),
    Row("tls 1.0", "openssl:openssl", port=4410,
        server=r"""
            exec openssl s_server -accept $SERVER:4410 -cert $TLS/cert.pem -key $TLS/key.pem \
                -tls1 -www -cipher ALL:@SECLEVEL=0""",
        client="sleep 1 | openssl s_client -connect $SERVER:4410 -noservername -tls1 -cipher ALL:@SECLEVEL=0",
        events=[("ssl", {"version": "TLSv10", "server_name": None, "established": True, "ja4": like("t10i.*")}),
                ("x509", {"certificate.subject": "CN=mail.plant.example"}), ("conn", {"service": "ssl"})]),
    Row("dtls", "openssl:openssl", port=4420,
        # It ends with its input.
        server="sleep infinity | openssl s_server -accept $SERVER:4420 -cert $TLS/cert.pem -key $TLS/key.pem -dtls1_2",
        client="sleep 1 | openssl s_client -connect $SERVER:4420 -servername plc.plant.example -dtls1_2",
        events=[("ssl", {"version": "DTLSv12", "server_name": "plc.plant.example", "established": True}),
                ("x509", {"certificate.subject": "CN=mail.plant.example"}),
                ("conn", {"service": "ssl", "proto": "udp"})]),
    Row("proxy", "tinyproxy-bin:tinyproxy curl:curl", port=8888,  # "http" and "tls 1.3" have the servers behind
        files={"tinyproxy.conf": TINYPROXY},
        server="exec tinyproxy -d -c $D/tinyproxy.conf",
        client="""
            as="-sS -x http://operator:$PASSWORD@$SERVER:8888"
            curl $as http://$SERVER/plan.txt?by=proxy
            curl $as -k https://$SERVER:4413/""",
        events=[("http", {"method": "GET", "uri": f"http://{SERVER}/plan.txt?by=proxy", "status_code": 200}),
                ("http", {"method": "CONNECT", "uri": f"{SERVER}:4413", "status_code": 200}),
                ("ssl", {"version": "TLSv13", "established": True}), ("conn", {"service": "http,ssl"})]),
    Row("ssh", "openssh-server:sshd openssh-client:ssh", port=22,
        files={"sshd_config": SSHD},
        prepare="""
            mkdir -p /run/sshd
            for name in host user other; do ssh-keygen -q -t ed25519 -N '' -f $name; done""",
        server="exec $(command -v sshd) -D -e -f $D/sshd_config",
        client=r"""
            for key in user other; do
                ssh -F none -i $D/$key -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no \
                    -o UserKnownHostsFile=/dev/null root@$SERVER true || true
            done""",
        events=[("ssh", {"version": 2, "auth_success": True, "client": like("SSH-2.0-OpenSSH_9.*"),
                         "server": like("SSH-2.0-OpenSSH_9.*"), "host_key_alg": "ssh-ed25519",
                         "hassh": like("[0-9a-f]{32}")}),
                ("ssh", {"version": 2, "auth_success": False}),
                ("conn", {"service": "ssh"})]),
    Row("smb", "samba:smbd smbclient:smbclient", port=445,
        files={"smb.conf": SMB.replace("{no_netbios}", "yes"), "plan.txt": "valve 4\n" * 200},
        prepare=r"""
            mkdir plans ncalrpc
            printf "%s\n%s\n" "$PASSWORD" "$PASSWORD" | smbpasswd -c $D/smb.conf -a -s nobody""",
        server="exec smbd -F --no-process-group -s $D/smb.conf",
        client=r"""
            smbclient -s /dev/null //$SERVER/plans -W PLANT -U nobody%$PASSWORD \
                -c 'lcd '$D'; put plan.txt; get plan.txt back.txt; rename plan.txt old.txt; del old.txt'
            smbclient -s /dev/null //$SERVER/plans -W PLANT -U nobody%wrong$PASSWORD -c ls || true
            smbclient -s /dev/null --option='client min protocol=NT1' -m NT1 //$SERVER/plans -W PLANT \
                -U nobody%$PASSWORD -c "lcd $D; put plan.txt first.txt"
            rpcclient -s /dev/null $SERVER -W PLANT -U nobody%$PASSWORD -c srvinfo""",
        events=[("smb_mapping", {"path": f"\\\\{SERVER}\\plans", "share_type": "DISK"}),
                ("smb_files", {"action": like("SMB::FILE_.*"), "name": "plan.txt"}),
                ("smb_files", {"action": "SMB::FILE_RENAME", "name": "old.txt", "prev_name": "plan.txt"}),
                ("smb_files", {"action": "SMB::FILE_CLOSE", "name": "plan.txt", "bytes_written": 1600}),
                ("smb_files", {"action": "SMB::FILE_DELETE", "name": "old.txt"}),
                ("smb_cmd", {"argument": like(".*first.txt"), "version": "SMB1"}),
                ("smb_files", {"name": like(".*first.txt")}),
                ("ntlm", {"username": "nobody", "domainname": "PLANT", "success": True}),
                ("ntlm", {"username": "nobody", "domainname": "PLANT", "success": False}),
                ("dce_rpc", {"endpoint": "srvsvc", "operation": "NetrServerGetInfo"}),
                ("conn", {"service": like(".*smb.*")})]),
    Row("netbios", "samba:nmbd nbtscan:nbtscan", port=137,
        files={"smb.conf": SMB.replace("{no_netbios}", "no")}, prepare="mkdir plans ncalrpc",
        server="exec nmbd -F --no-process-group -s $D/smb.conf",
        client="nbtscan $SERVER",
        events=[("netbios", {"qtype_name": "NBSTAT", "is_response": False, "query": "*"}),
                ("netbios", {"is_response": True, "names": like(".*'FILES<20>'.*'PLANT<1e>'.*")})]),
    Row("ftp", "pure-ftpd:pure-ftpd curl:curl", port=21,
        files={"home/plan.txt": "valve 4\n" * 1000, "new.txt": "pump 4\n"},
        prepare=r"""
            printf "%s\n%s\n" "$PASSWORD" "$PASSWORD" | pure-pw useradd operator -u 65534 -g 65534 -d $D/home \
                -f $D/users -F $D/db -m
            chown -R 65534:65534 home""",
        server="exec pure-ftpd -l puredb:$D/db -S $SERVER,21 -u 1 -g $D/pid",
        client="""
            curl -sS -u operator:$PASSWORD ftp://$SERVER/plan.txt
            curl -sS -T new.txt -u operator:$PASSWORD ftp://$SERVER/
            curl -sS -u operator:$PASSWORD -P - --disable-eprt ftp://$SERVER/plan.txt
            curl -sS -u operator:wrong$PASSWORD ftp://$SERVER/ || true""",
        events=[("ftp", {"command": "PASS", "user": "operator", "arg": "<hidden>", "reply_code": 230}),
                ("ftp", {"command": "SIZE", "arg": "plan.txt", "file_size": 8000}),
                ("ftp", {"command": "RETR", "user": "operator", "arg": "plan.txt", "reply_code": 226}),
                ("ftp", {"command": "PORT", "data_channel.passive": False, "data_channel.resp_h": CLIENT}),
                ("ftp", {"command": "STOR", "arg": "new.txt", "reply_code": 226}),
                ("ftp", {"command": "PASS", "user": "operator", "arg": "<hidden>", "reply_code": 530}),
                ("conn", {"service": "ftp", "conn_state": "SF"})]),
    Row("tftp", "dnsmasq-base:dnsmasq curl:curl", ready="ss -Hlnu 'sport = :69' | grep -q .",
        # No `port`: it answers from others.
        files={"root/plan.bin": "valve 4\n" * 1000},
        server=r"""
            exec dnsmasq -k --user=root --pid-file --conf-file=/dev/null --port=0 --bind-interfaces \
                --listen-address=$SERVER --enable-tftp --tftp-root=$D/root""",
        client="""
            curl -sS tftp://$SERVER/plan.bin
            curl -sS tftp://$SERVER/absent || true""",
        events=[("tftp", {"opcode": "RRQ", "file": "plan.bin", "mode": "octet"}),
                ("tftp", {"opcode": "DATA", "bytes": 8000, "complete": True}),
                ("tftp", {"opcode": "RRQ", "file": "absent"}),
                ("tftp", {"opcode": "ERROR", "error_name": "file_not_found"})]),
    Row("smtp", "opensmtpd:smtpd swaks:swaks curl:curl", port=25,
        files={"smtpd.conf": SMTPD, "mail": "Subject: Pump 5\n\nvalve 4\n"},
        server="exec smtpd -d -f $D/smtpd.conf",
        client=r"""
            swaks --server $SERVER --helo pump4.example --from pump@field.example --to operator@plant.example \
                --header 'Subject: Pump 4' --body 'stands still'
            curl -sS smtp://$SERVER/pump5.example --mail-from pump@field.example --mail-rcpt operator@plant.example \
                -T mail""",
        events=[("smtp", {"helo": "pump4.example", "mailfrom": "pump@field.example",
                          "rcptto": ["operator@plant.example"], "subject": "Pump 4", "tls": False,
                          "last_reply": like("250 .*")}),
                ("smtp", {"helo": "pump5.example", "subject": "Pump 5", "rcptto": ["operator@plant.example"]}),
                ("conn", {"service": "smtp"})]),
    Row("imap", "dovecot-imapd:dovecot curl:curl inetutils-telnet:telnet", port=143,
        files={"dovecot.conf": DOVECOT, "users": "operator:{PASSWORD}\n",
               "mail/new/1.plant": "Subject: Pump 4\n\nstands\n", "talk": TALK},
        prepare="""
            mkdir -p run state mail/cur mail/tmp
            chown -R 65534:65534 mail""",
        server="exec dovecot -F -c $D/dovecot.conf",
        client="""
            curl -sS -u operator:$PASSWORD "imap://$SERVER/INBOX;MAILINDEX=1"
            sh talk 143 ready "a1 LOGIN operator wrong$PASSWORD" "a1 NO" "a2 LOGOUT"
            curl -sS -u operator:$PASSWORD --ssl-reqd -k imap://$SERVER/""",
        events=[("imap", {"command": "AUTHENTICATE", "arg": "PLAIN", "password_seen": True, "reply": "OK"}),
                ("imap", {"command": "FETCH", "arg": "1 BODY[]", "reply": "OK"}),
                ("imap", {"command": "LOGIN", "user": "operator", "password_seen": True, "reply": "NO"}),
                ("imap", {"command": "STARTTLS", "reply": "OK"}), ("ssl", {"version": "TLSv13", "established": True}),
                ("conn", {"service": "imap"}), ("conn", {"service": "imap,ssl"})]),
    Row("pop3", "dovecot-pop3d:dovecot curl:curl inetutils-telnet:telnet", port=110,  # the row above has the server
        files={"talk": TALK},
        client="""
            curl -sS -u operator:$PASSWORD pop3://$SERVER/1
            sh talk 110 ready "USER operator" OK "PASS $PASSWORD" OK STAT OK QUIT""",
        events=[("pop3", {"command": "AUTH", "arg": "PLAIN", "reply": "OK", "password_seen": True}),
                ("pop3", {"command": "PASS", "user": "operator", "arg": "<hidden>", "reply": "OK"}),
                ("conn", {"service": "pop3"})]),
    Row("telnet", "inetutils-telnetd:telnetd inetutils-telnet:telnet systemd:systemd-socket-activate", port=23,
        files={"login": LOGIN, "talk": TALK},
        prepare="chmod 755 login",
        server="exec systemd-socket-activate --inetd -a -l $SERVER:23 $(command -v telnetd) -E $D/login",
        client="""
            sh talk 23 login: operator Password: $PASSWORD today exit
            sh talk 23 login: operator Password: wrong$PASSWORD""",
        events=[("telnet", {"user": "operator", "password_seen": True, "auth_success": True}),
                ("telnet", {"user": "operator", "password_seen": True, "auth_success": False}),
                ("conn", {"service": "telnet"})]),
]
