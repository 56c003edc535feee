"""Real clients and servers of the protocols of offices and data centres, as Debian has them."""

from clients_row import SERVER, Row, like

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
    location /locked/ {{ auth_basic plant; auth_basic_user_file {D}/users; }} }}
  server {{ listen {SERVER}:8080 http2; }}
}}
"""
SMB = """[global]
workgroup = PLANT
netbios name = FILES
interfaces = {SERVER}/24
bind interfaces only = yes
smb ports = 445
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
SLAPD = """
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {D}/pid
database mdb
directory {D}/data
suffix dc=plant,dc=example
rootdn cn=admin,dc=plant,dc=example
rootpw {PASSWORD}
"""
LDIF = """dn: dc=plant,dc=example
objectClass: dcObject
objectClass: organization
o: Plant
dc: plant

dn: cn=Pump 4,dc=plant,dc=example
objectClass: device
cn: Pump 4
"""
KRB5 = """[libdefaults]
default_realm = PLANT.EXAMPLE
dns_lookup_kdc = false
dns_lookup_realm = false
rdns = false
[realms]
PLANT.EXAMPLE = {{
  kdc = {SERVER}:88
}}
"""
KDC = """[kdcdefaults]
kdc_listen = {SERVER}:88
kdc_tcp_listen = {SERVER}:88
[realms]
PLANT.EXAMPLE = {{
  database_name = {D}/principal
  key_stash_file = {D}/stash
  acl_file = {D}/acl
}}
"""
RADIUSD = """
prefix = /usr
logdir = {D}
raddbdir = {D}
run_dir = {D}
libdir = /usr/lib/freeradius
log {{
  destination = stderr
}}
security {{
  user = root
}}
modules {{
  pap {{
  }}
  files {{
    filename = {D}/users
  }}
}}
client plant {{
  ipaddr = {CLIENT}
  secret = {PASSWORD}
}}
server default {{
  listen {{
    type = auth
    ipaddr = {SERVER}
    port = 1812
  }}
  authorize {{
    files
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
  }}
}}
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
            curl -sS -u operator:wrong$PASSWORD http://$SERVER/locked/key.html""",
        events=[("http", {"method": "GET", "host": SERVER, "uri": "/plan.txt?valve=4", "user_agent": "pump/1.0",
                          "status_code": 200, "response_body_len": 1400, "resp_mime_types": ["text/plain"],
                          "version": "1.1", "trans_depth": 1}),
                ("http", {"uri": "/absent", "status_code": 404, "trans_depth": 2}),
                ("http", {"method": "HEAD", "uri": "/plan.txt", "status_code": 200, "response_body_len": 0}),
                ("http", {"method": "POST", "request_body_len": 7, "status_code": 405}),
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
                -tls1_2 -www -alpn plant""",
        client="sleep 1 | openssl s_client -connect $SERVER:4412 -servername plc.plant.example -tls1_2 -alpn plant",
        events=[("ssl", {"version": "TLSv12", "server_name": "plc.plant.example", "established": True,
                         "next_protocol": "plant", "ja4": like("t12d.*"), "ja3": like("[0-9a-f]{32}"),
                         "ja3s": like("[0-9a-f]{32}"), "cipher": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"}),
                ("x509", {"certificate.subject": "CN=mail.plant.example", "certificate.key_type": "rsa"}),
                ("conn", {"service": "ssl"})]),
    Row("tls 1.3", "openssl:openssl", port=4413,
        server="exec openssl s_server -accept $SERVER:4413 -cert $TLS/cert.pem -key $TLS/key.pem -tls1_3 -www",
        client="sleep 1 | openssl s_client -connect $SERVER:4413 -servername plc.plant.example -tls1_3",
        events=[("ssl", {"version": "TLSv13", "server_name": "plc.plant.example", "established": True,
                         "ja4": like("t13d.*"), "cipher": "TLS_AES_256_GCM_SHA384"}),
                ("conn", {"service": "ssl"})]),
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
            rpcclient -s /dev/null $SERVER -W PLANT -U nobody%$PASSWORD -c srvinfo""",
        events=[("smb_mapping", {"path": f"\\\\{SERVER}\\plans", "share_type": "DISK"}),
                ("smb_files", {"action": like("SMB::FILE_.*"), "name": "plan.txt"}),
                ("smb_files", {"action": "SMB::FILE_RENAME", "name": "old.txt", "prev_name": "plan.txt"}),
                ("smb_files", {"action": "SMB::FILE_CLOSE", "name": "plan.txt", "bytes_written": 1600}),
                ("smb_files", {"action": "SMB::FILE_DELETE", "name": "old.txt"}),
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
            curl -sS -u operator:wrong$PASSWORD ftp://$SERVER/ || true""",
        events=[("ftp", {"command": "PASS", "user": "operator", "arg": "<hidden>", "reply_code": 230}),
                ("ftp", {"command": "SIZE", "arg": "plan.txt", "file_size": 8000}),
                ("ftp", {"command": "RETR", "user": "operator", "arg": "plan.txt", "reply_code": 226}),
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
                ("tftp", {"opcode": "RRQ", "file": "absent"})]),
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
    Row("ldap", "slapd:slapd ldap-utils:ldapsearch", port=389,
        files={"slapd.conf": SLAPD, "plant.ldif": LDIF}, prepare="mkdir data",
        server="exec $(command -v slapd) -d stats -h ldap://$SERVER -f $D/slapd.conf",
        client="""
            as='-x -H ldap://'$SERVER' -D cn=admin,dc=plant,dc=example'
            ldapadd $as -w $PASSWORD -f $D/plant.ldif
            ldapsearch $as -w $PASSWORD -b dc=plant,dc=example '(cn=Pump*)'
            ldapwhoami $as -w wrong$PASSWORD || true""",
        events=[("ldap", {"opcode": "bind simple", "object": "cn=admin,dc=plant,dc=example", "result": "success"}),
                ("ldap", {"opcode": "bind simple", "result": "invalid credentials"}),
                ("ldap_search", {"base_object": "dc=plant,dc=example", "filter": "(cn=Pump*)", "result_count": 1}),
                ("conn", {"service": like("ldap.*")})]),
    Row("kerberos", "krb5-kdc:krb5kdc krb5-admin-server:kadmin.local krb5-user:kinit", port=88,
        files={"krb5.conf": KRB5, "kdc.conf": KDC, "acl": ""},
        prepare="""
            export KRB5_CONFIG=$D/krb5.conf KRB5_KDC_PROFILE=$D/kdc.conf
            kdb5_util create -s -W -r PLANT.EXAMPLE -P $PASSWORD
            kadmin.local addprinc -pw $PASSWORD +requires_preauth operator
            kadmin.local addprinc -randkey host/plc.plant.example""",
        server="KRB5_CONFIG=$D/krb5.conf KRB5_KDC_PROFILE=$D/kdc.conf exec krb5kdc -n -P $D/pid",
        client="""
            export KRB5_CONFIG=$D/krb5.conf KRB5CCNAME=$D/tickets
            echo $PASSWORD | kinit operator
            kvno host/plc.plant.example
            echo wrong | kinit operator || true""",
        events=[("kerberos", {"request_type": "AS", "client": "operator/PLANT.EXAMPLE",
                              "service": "krbtgt/PLANT.EXAMPLE", "success": True}),
                ("kerberos", {"request_type": "TGS", "service": "host/plc.plant.example", "success": True}),
                ("kerberos", {"request_type": "AS", "success": False, "error_msg": "PREAUTH_FAILED"})]),
    Row("radius", "freeradius:freeradius freeradius-utils:radclient", port=1812,
        files={"radiusd.conf": RADIUSD,
               "users": 'operator Cleartext-Password := "{PASSWORD}"\n  Framed-IP-Address = 192.0.2.77\n'},
        server="exec freeradius -f -d $D",
        client="""
            for word in $PASSWORD wrong; do
                echo User-Name=operator,User-Password=$word | radclient -r 1 $SERVER auth $PASSWORD || true
            done""",
        events=[("radius", {"username": "operator", "result": "success", "framed_addr": "192.0.2.77"}),
                ("radius", {"username": "operator", "result": "failed"})]),
    Row("redis", "redis-server:redis-server redis-tools:redis-cli", port=6379,
        server="exec redis-server --bind $SERVER --port 6379 --requirepass $PASSWORD --save '' --dir $D",
        client="""
            redis-cli -h $SERVER -a $PASSWORD set pump4 open
            redis-cli -h $SERVER -a $PASSWORD get pump4
            redis-cli -h $SERVER -a wrong$PASSWORD get pump4 || true""",
        events=[("redis", {"cmd.name": "set", "cmd.key": "pump4"}), ("redis", {"cmd.name": "get", "cmd.key": "pump4"}),
                ("redis", {"cmd.name": "AUTH", "success": True}), ("redis", {"cmd.name": "AUTH", "success": False}),
                ("conn", {"service": "redis"})]),
    Row("postgresql", "postgresql:psql util-linux:setpriv", port=5432,
        prepare=r"""
            chown postgres .
            echo $PASSWORD >word
            chmod 644 word
            bin=$(echo /usr/lib/postgresql/*/bin)
            setpriv --reuid=postgres --regid=postgres --clear-groups \
                $bin/initdb -N -A md5 -U operator --pwfile=word -D $D/data
            echo 'host all all 192.0.2.0/24 md5' >>data/pg_hba.conf""",
        server=r"""
            exec setpriv --reuid=postgres --regid=postgres --clear-groups /usr/lib/postgresql/*/bin/postgres \
                -D $D/data -k $D -c listen_addresses=$SERVER -c fsync=off""",
        client=r"""
            PGPASSWORD=$PASSWORD psql 'host='$SERVER' user=operator dbname=postgres application_name=pumps' \
                -c "create role valve password '$PASSWORD'" -c 'select 4'
            PGPASSWORD=wrong psql 'host='$SERVER' user=operator dbname=postgres' -c 'select 5' || true""",
        events=[("postgresql", {"user": "operator", "database": "postgres", "application_name": "pumps"}),
                ("postgresql", {"frontend": "simple_query", "frontend_arg": "select 4", "success": True}),
                ("conn", {"service": "postgresql"})]),
    Row("mysql", "mariadb-server-core:mariadbd mariadb-client-core:mariadb", port=3306,
        files={"init.sql": "alter user root@localhost identified by '{PASSWORD}';\n"
                           "create user operator identified by '{PASSWORD}';\ngrant all on *.* to operator;"},
        prepare=r"""
            mariadb-install-db --no-defaults --user=root --datadir=$D/data --skip-test-db \
                --auth-root-authentication-method=normal""",
        server=r"""
            exec mariadbd --no-defaults --user=root --datadir=$D/data --socket=$D/socket --pid-file=$D/pid \
                --bind-address=$SERVER --port=3306 --skip-name-resolve --init-file=$D/init.sql \
                --innodb-flush-log-at-trx-commit=0""",
        ready="mariadb --no-defaults --socket=$D/socket -u root -p$PASSWORD -e 'select 1'",
        client=r"""
            mariadb --no-defaults -h $SERVER -u operator -p$PASSWORD \
                -e "select 4; set password = password('$PASSWORD')"
            mariadb --no-defaults -h $SERVER -u operator -pwrong -e 'select 5' || true""",
        events=[("mysql", {"cmd": "query", "arg": "select 4", "success": True}),
                ("mysql", {"cmd": "login", "arg": "operator", "success": True}),
                ("mysql", {"cmd": "login", "arg": "operator", "success": False}),
                ("conn", {"service": "mysql"})]),
]
