"""Real clients and servers of what is looked up: directories, log-ins, databases."""

from clients_row import Row, like

SLAPD = """
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {D}/pid
TLSCertificateFile {TLS}/cert.pem
TLSCertificateKeyFile {TLS}/key.pem
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
    Row("ldap", "slapd:slapd ldap-utils:ldapsearch", port=389,
        files={"slapd.conf": SLAPD, "plant.ldif": LDIF}, prepare="mkdir data",
        server="exec $(command -v slapd) -d stats -h ldap://$SERVER -f $D/slapd.conf",
        client="""
            as='-x -H ldap://'$SERVER' -D cn=admin,dc=plant,dc=example'
            ldapadd $as -w $PASSWORD -f $D/plant.ldif
            ldapsearch $as -w $PASSWORD -b dc=plant,dc=example '(cn=Pump*)'
            ldapwhoami $as -w wrong$PASSWORD || true
            LDAPTLS_REQCERT=never ldapwhoami $as -w $PASSWORD -ZZ""",
        events=[("ldap", {"opcode": "bind simple", "object": "cn=admin,dc=plant,dc=example", "result": "success"}),
                ("ldap", {"opcode": "bind simple", "result": "invalid credentials"}),
                ("ldap", {"opcode": "extended", "result": "success"}),
                ("ldap_search", {"base_object": "dc=plant,dc=example", "filter": "(cn=Pump*)", "result_count": 1}),
                ("conn", {"service": "ldap"}), ("conn", {"service": "ldap,ssl"})]),
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
