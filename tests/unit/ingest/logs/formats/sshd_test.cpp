#include <gtest/gtest.h>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/told.h"

namespace nw::logs {
namespace {

struct Case {
  const char *text, *want;
};

void play_all(std::span<const Case> cases) {
  MessagePlay play{sshd_format()};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(fields_told(play.play(c.text, "sshd")), c.want);
  }
}

TEST(Sshd, Authentication) {
  static constexpr Case kCases[] = {
      {"Accepted password for karin from 198.51.100.7 port 50022 ssh2",
       R"(,"outcome":"accepted","user":"karin","method":"password","protocol":"ssh2","src_ip":"198.51.100.7",)"
       R"("src_port":50022,"id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"Accepted publickey for karin from 2001:db8::7 port 50022 ssh2: ED25519 SHA256:Zm9vYmFy",
       R"(,"outcome":"accepted","user":"karin","method":"publickey","key_type":"ED25519",)"
       R"("fingerprint":"SHA256:Zm9vYmFy","protocol":"ssh2","src_ip":"2001:db8::7","src_port":50022,)"
       R"("id.orig_h":"2001:db8::7","id.orig_p":50022)"},
      {"Accepted publickey for karin from 198.51.100.7 port 50022 ssh2: RSA-CERT SHA256:Zm9v ID ops (serial 4) CA "
       "ED25519 SHA256:YmFy",
       R"(,"outcome":"accepted","user":"karin","method":"publickey","key_type":"RSA-CERT",)"
       R"("fingerprint":"SHA256:Zm9v","protocol":"ssh2","src_ip":"198.51.100.7","src_port":50022,)"
       R"("id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"Accepted publickey for karin from 198.51.100.7 port 1 ssh2: RSA 00:1f:a2:b3",
       R"(,"outcome":"accepted","user":"karin","method":"publickey","key_type":"RSA","fingerprint":"00:1f:a2:b3",)"
       R"("protocol":"ssh2","src_ip":"198.51.100.7","src_port":1,"id.orig_h":"198.51.100.7","id.orig_p":1)"},
      {"Accepted gssapi-with-mic for karin from 198.51.100.7 port 50022 ssh2: karin@PLANT.EXAMPLE",
       R"(,"outcome":"accepted","user":"karin","reason":"karin@PLANT.EXAMPLE","method":"gssapi-with-mic",)"
       R"("protocol":"ssh2","src_ip":"198.51.100.7","src_port":50022,"id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"Failed keyboard-interactive/pam for invalid user plc from 198.51.100.7 port 50022 ssh2",
       R"(,"outcome":"failed","user":"plc","method":"keyboard-interactive/pam","protocol":"ssh2",)"
       R"("invalid_user":true,"src_ip":"198.51.100.7","src_port":50022,"id.orig_h":"198.51.100.7",)"
       R"("id.orig_p":50022)"},
      {"Failed hostbased for karin from 198.51.100.7 port 50022 ssh2: RSA SHA256:Zm9v, client user \"kb\", client host "
       "\"pc4.example\"",
       R"(,"outcome":"failed","user":"karin","method":"hostbased","key_type":"RSA","fingerprint":"SHA256:Zm9v",)"
       R"("protocol":"ssh2","client_user":"kb","src_ip":"198.51.100.7","src_port":50022,)"
       R"("id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"Failed password for user from 198.51.100.7",
       R"(,"outcome":"failed","user":"user","method":"password","src_ip":"198.51.100.7",)"
       R"("id.orig_h":"198.51.100.7")"},
      {"Failed password for karin from pc4.example port 50022 ssh1",
       R"(,"outcome":"failed","user":"karin","method":"password","protocol":"ssh1","src_ip":"pc4.example",)"
       R"("src_port":50022,"id.orig_p":50022)"},
      {"[ID 800047 auth.info] Failed none for <invalid username> from 198.51.100.7 port 50022 ssh2",
       R"(,"outcome":"failed","user":"<invalid username>","method":"none","protocol":"ssh2",)"
       R"("src_ip":"198.51.100.7","src_port":50022,"id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"Postponed publickey for karin from 198.51.100.7 port 50022 ssh2 [preauth]",
       R"(,"outcome":"postponed","user":"karin","method":"publickey","protocol":"ssh2","src_ip":"198.51.100.7",)"
       R"("src_port":50022,"id.orig_h":"198.51.100.7","id.orig_p":50022,"preauth":true)"},
      {"Partial publickey for karin from 198.51.100.7 port 50022 ssh2: RSA SHA256:Zm9v",
       R"(,"outcome":"partial","user":"karin","method":"publickey","key_type":"RSA","fingerprint":"SHA256:Zm9v",)"
       R"("protocol":"ssh2","src_ip":"198.51.100.7","src_port":50022,"id.orig_h":"198.51.100.7",)"
       R"("id.orig_p":50022)"},
      {"Invalid user plc from 198.51.100.7 port 50022",
       R"(,"outcome":"invalid user","user":"plc","invalid_user":true,"src_ip":"198.51.100.7","src_port":50022,)"
       R"("id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"Illegal user plc from ::ffff:198.51.100.7",
       R"(,"outcome":"invalid user","user":"plc","invalid_user":true,"src_ip":"198.51.100.7",)"
       R"("id.orig_h":"198.51.100.7")"},
      {"Invalid user  from fe80::7%eth0 port 50022",
       R"(,"outcome":"invalid user","invalid_user":true,"src_ip":"fe80::7","src_port":50022,"id.orig_h":"fe80::7",)"
       R"("id.orig_p":50022)"},
      {"input_userauth_request: invalid user plc [preauth]",
       R"(,"outcome":"invalid user","user":"plc","invalid_user":true,"preauth":true)"},
      {"error: maximum authentication attempts exceeded for invalid user plc from 198.51.100.7 port 50022 ssh2 "
       "[preauth]",
       R"(,"outcome":"failed","user":"plc","protocol":"ssh2","invalid_user":true,"src_ip":"198.51.100.7",)"
       R"("src_port":50022,"id.orig_h":"198.51.100.7","id.orig_p":50022,"level":"error","preauth":true)"},
      {"error: PAM: Authentication failure for illegal user plc from 198.51.100.7",
       R"(,"outcome":"failed","user":"plc","reason":"Authentication failure","invalid_user":true,)"
       R"("src_ip":"198.51.100.7","id.orig_h":"198.51.100.7","level":"error")"},
      {"error: PAM: authentication error for user from pc4.example via 192.0.2.1",
       R"(,"outcome":"failed","user":"user","reason":"authentication error","src_ip":"pc4.example",)"
       R"("id.resp_h":"192.0.2.1","level":"error")"},
      {"fatal: PAM: pam_setcred(): Permission denied",
       R"(,"outcome":"failed","reason":"pam_setcred(): Permission denied","level":"fatal")"},
      {"User otto from pc4.example not allowed because not listed in AllowUsers",
       R"(,"outcome":"refused","user":"otto","reason":"not listed in AllowUsers","src_ip":"pc4.example")"},
      {"User otto not allowed because shell /bin/none does not exist",
       R"(,"outcome":"refused","user":"otto","reason":"shell /bin/none does not exist")"},
      {"ROOT LOGIN REFUSED FROM 198.51.100.7 port 50022",
       R"(,"outcome":"refused","src_ip":"198.51.100.7","src_port":50022,"id.orig_h":"198.51.100.7",)"
       R"("id.orig_p":50022)"},
      {"Authentication refused: bad ownership or modes for directory /home/otto",
       R"(,"outcome":"refused","reason":"bad ownership or modes for directory /home/otto")"},
      {"Accepted key ED25519 SHA256:Zm9v found at /home/karin/.ssh/authorized_keys:2",
       R"(,"outcome":"key found","reason":"ED25519 SHA256:Zm9v found at /home/karin/.ssh/authorized_keys:2",)"
       R"("key_type":"ED25519","fingerprint":"SHA256:Zm9v")"},
      {"pam_unix(sshd:session): session opened for user karin(uid=1004) by (uid=0)",
       R"(,"outcome":"session opened","user":"karin","module":"pam_unix","service":"sshd","action":"session",)"
       R"("uid":0)"},
      {"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=198.51.100.7 [preauth]",
       R"(,"outcome":"failed","reason":"authentication failure","module":"pam_unix","service":"sshd",)"
       R"("action":"auth","uid":0,"euid":0,"tty":"ssh","rhost":"198.51.100.7","id.orig_h":"198.51.100.7",)"
       R"("preauth":true)"},
  };
  play_all(kCases);
}

TEST(Sshd, Connections) {
  static constexpr Case kCases[] = {
      {"Connection from 198.51.100.7 port 50022 on 192.0.2.1 port 22 rdomain \"\"",
       R"(,"outcome":"connected","src_ip":"198.51.100.7","src_port":50022,"id.orig_h":"198.51.100.7",)"
       R"("id.orig_p":50022,"id.resp_h":"192.0.2.1","id.resp_p":22)"},
      {"Connection closed by authenticating user karin 198.51.100.7 port 50022 [preauth]",
       R"(,"outcome":"disconnected","user":"karin","src_ip":"198.51.100.7","src_port":50022,)"
       R"("id.orig_h":"198.51.100.7","id.orig_p":50022,"preauth":true)"},
      {"Connection reset by 2001:db8::7 port 50022",
       R"(,"outcome":"disconnected","src_ip":"2001:db8::7","src_port":50022,"id.orig_h":"2001:db8::7",)"
       R"("id.orig_p":50022)"},
      {"Connection closed by UNKNOWN port 65535",
       R"(,"outcome":"disconnected","src_ip":"UNKNOWN","src_port":65535,"id.orig_p":65535)"},
      {"Disconnected from user karin 198.51.100.7 port 50022",
       R"(,"outcome":"disconnected","user":"karin","src_ip":"198.51.100.7","src_port":50022,)"
       R"("id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"Received disconnect from 198.51.100.7 port 50022:11: Bye Bye [preauth]",
       R"(,"outcome":"disconnected","reason":"Bye Bye","code":11,"src_ip":"198.51.100.7","src_port":50022,)"
       R"("id.orig_h":"198.51.100.7","id.orig_p":50022,"preauth":true)"},
      {"error: Received disconnect from 2001:db8::7: 3: java.net.Exception: lost",
       R"(,"outcome":"disconnected","reason":"java.net.Exception: lost","code":3,"src_ip":"2001:db8::7",)"
       R"("id.orig_h":"2001:db8::7","level":"error")"},
      {"Disconnecting authenticating user karin 198.51.100.7 port 50022: Too many authentication failures [preauth]",
       R"(,"outcome":"disconnected","user":"karin","reason":"Too many authentication failures",)"
       R"("src_ip":"198.51.100.7","src_port":50022,"id.orig_h":"198.51.100.7","id.orig_p":50022,"preauth":true)"},
      {"Disconnecting: Too many authentication failures for karin",
       R"(,"outcome":"disconnected","reason":"Too many authentication failures for karin")"},
      {"Did not receive identification string from 198.51.100.7 port 50022",
       R"(,"outcome":"no identification","src_ip":"198.51.100.7","src_port":50022,"id.orig_h":"198.51.100.7",)"
       R"("id.orig_p":50022)"},
      {"Bad protocol version identification 'GET / HTTP/1.0' from 198.51.100.7 port 50022",
       R"(,"outcome":"bad protocol","reason":"'GET / HTTP/1.0'","src_ip":"198.51.100.7","src_port":50022,)"
       R"("id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"banner exchange: Connection from 198.51.100.7 port 50022: could not read protocol version",
       R"(,"outcome":"bad protocol","reason":"could not read protocol version","src_ip":"198.51.100.7",)"
       R"("src_port":50022,"id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"error: kex_exchange_identification: Connection closed by remote host",
       R"(,"outcome":"bad protocol","reason":"Connection closed by remote host","level":"error")"},
      {"ssh_dispatch_run_fatal: Connection from authenticating user karin 198.51.100.7 port 50022: Broken pipe",
       R"(,"outcome":"disconnected","user":"karin","reason":"Broken pipe","src_ip":"198.51.100.7",)"
       R"("src_port":50022,"id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"Unable to negotiate with 198.51.100.7 port 50022: no matching cipher found. Their offer: 3des-cbc [preauth]",
       R"(,"outcome":"negotiation failed","reason":"no matching cipher found. Their offer: 3des-cbc",)"
       R"("src_ip":"198.51.100.7","src_port":50022,"id.orig_h":"198.51.100.7","id.orig_p":50022,"preauth":true)"},
      {"fatal: Timeout before authentication for 198.51.100.7 port 50022",
       R"(,"outcome":"timeout","src_ip":"198.51.100.7","src_port":50022,"id.orig_h":"198.51.100.7",)"
       R"("id.orig_p":50022,"level":"fatal")"},
      {"Timeout before authentication for connection from 198.51.100.7 to 192.0.2.1, pid = 4711",
       R"(,"outcome":"timeout","src_ip":"198.51.100.7","id.orig_h":"198.51.100.7","id.resp_h":"192.0.2.1")"},
      {"drop connection #10 from [198.51.100.7]:50022 on [192.0.2.1]:22 past MaxStartups",
       R"(,"outcome":"dropped","reason":"past MaxStartups","src_ip":"198.51.100.7","src_port":50022,)"
       R"("id.orig_h":"198.51.100.7","id.orig_p":50022,"id.resp_h":"192.0.2.1","id.resp_p":22)"},
      {"drop connection #0 from [2001:db8::7]:50022 on [2001:db8::1]:22 penalty: failed authentication",
       R"(,"outcome":"dropped","reason":"penalty: failed authentication","src_ip":"2001:db8::7","src_port":50022,)"
       R"("id.orig_h":"2001:db8::7","id.orig_p":50022,"id.resp_h":"2001:db8::1","id.resp_p":22)"},
      {"refused connect from pc4.example (198.51.100.7)",
       R"(,"outcome":"refused","reason":"pc4.example","src_ip":"198.51.100.7","id.orig_h":"198.51.100.7")"},
      {"Address 198.51.100.7 maps to pc4.example, but this does not map back to the address.",
       R"(,"outcome":"suspicious","reason":"maps to pc4.example, but this does not map back to the address.",)"
       R"("src_ip":"198.51.100.7","id.orig_h":"198.51.100.7")"},
      {"reverse mapping checking getaddrinfo for pc4.example [198.51.100.7] failed - POSSIBLE BREAK-IN ATTEMPT!",
       R"(,"outcome":"suspicious","reason":"pc4.example [198.51.100.7] failed - POSSIBLE BREAK-IN ATTEMPT!",)"
       R"("src_ip":"198.51.100.7","id.orig_h":"198.51.100.7")"},
      {"Server listening on :: port 22.", R"(,"outcome":"listening","id.resp_h":"::","id.resp_p":22)"},
      {"Received signal 15; terminating.", R"(,"outcome":"stopped","reason":"15; terminating.")"},
      {"Starting session: subsystem 'sftp' for karin from 198.51.100.7 port 50022 id 0",
       R"(,"outcome":"session opened","user":"karin","reason":"subsystem 'sftp'","src_ip":"198.51.100.7",)"
       R"("src_port":50022,"id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"Close session: user karin from 198.51.100.7 port 50022 id 0",
       R"(,"outcome":"session closed","user":"karin","src_ip":"198.51.100.7","src_port":50022,)"
       R"("id.orig_h":"198.51.100.7","id.orig_p":50022)"},
      {"subsystem request for sftp by user karin", R"(,"outcome":"subsystem","user":"karin","reason":"sftp")"},
      {"Corrupted MAC on input.", R"(,"outcome":"protocol error","reason":".")"},
      {"error: unexpected internal error", R"(,"level":"error")"},
      {"User child is on pid 4711", ""},
      {"", ""},
  };
  play_all(kCases);
}

// Strangers choose the names of users who do not exist, and imitate what sshd writes behind them.
TEST(Sshd, NamesDoNotSpeakForTheHost) {
  static constexpr struct {
    const char *text, *user, *source;
  } kCases[] = {
      {"Failed password for invalid user a from 192.0.2.66 port 1 ssh2 from 198.51.100.7 port 50022 ssh2",
       "a from 192.0.2.66 port 1 ssh2", "198.51.100.7"},
      {"Failed password for invalid user a from 192.0.2.66 port 1 ssh2: from 198.51.100.7 port 50022 ssh2",
       "a from 192.0.2.66 port 1 ssh2:", "198.51.100.7"},
      {"Failed password for invalid user from 192.0.2.66 from 198.51.100.7 port 50022 ssh2", "from 192.0.2.66",
       "198.51.100.7"},
      {"Failed publickey for invalid user a from 192.0.2.66 port 1 ssh2: x from 198.51.100.7 port 2 ssh2: RSA "
       "SHA256:Zg",
       "a from 192.0.2.66 port 1 ssh2: x", "198.51.100.7"},
      {"Invalid user a from 192.0.2.66 port 1 from 198.51.100.7 port 50022", "a from 192.0.2.66 port 1",
       "198.51.100.7"},
      {"Connection closed by invalid user a 192.0.2.66 port 1: x 198.51.100.7 port 50022", "a 192.0.2.66 port 1: x",
       "198.51.100.7"},
      {"Disconnecting invalid user a 198.51.100.7 port 2: Change of username or service not allowed: "
       "(a,ssh-connection) -> (b 192.0.2.66 port 1: x,ssh-connection)",
       "a", "198.51.100.7"},
      {"Failed hostbased for karin from 198.51.100.7 port 2 ssh2: RSA SHA256:Zg, client user \"a from 192.0.2.66 port "
       "1 "
       "ssh2\", client host \"h\"",
       "karin", "198.51.100.7"},
      {"Bad protocol version identification 'a' from 192.0.2.66 port 1' from 198.51.100.7 port 50022", "",
       "198.51.100.7"},
      {"error: PAM: Authentication failure for illegal user a from 192.0.2.66 from 198.51.100.7", "a from 192.0.2.66",
       "198.51.100.7"},
  };
  MessagePlay play{sshd_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const std::string told = play.play(c.text, "sshd");
    const std::string user = *c.user == '\0' ? "" : ",\"user\":\"" + std::string{c.user} + '"';
    EXPECT_NE(told.find(user), std::string::npos) << told;
    EXPECT_NE(told.find(",\"id.orig_h\":\"" + std::string{c.source} + '"'), std::string::npos) << told;
  }
}

TEST(Sshd, TakesItsPrograms) {
  const MessageFormat& format = sshd_format();
  EXPECT_EQ(std::vector<std::string_view>(format.programs.begin(), format.programs.end()),
            (std::vector<std::string_view>{"sshd", "sshd-auth", "sshd-session"}));
  EXPECT_EQ(format.recognise, nullptr);
  EXPECT_EQ(format.types[0].path, "syslog.sshd");
  MessagePlay play{format};
  EXPECT_EQ(fields_told(play.play("session closed for user karin", "sshd(pam_unix)")),
            R"(,"outcome":"session closed","user":"karin","module":"pam_unix","service":"sshd")");
}

TEST(Sshd, EveryPrefixIsAnEvent) {
  static constexpr const char* kLines[] = {
      ("error: Failed hostbased for invalid user a from 198.51.100.7 port 2 ssh2: RSA SHA256:Zg, client user \"b\", "
       "client host \"c\" [preauth]"),
      "Disconnecting invalid user a 198.51.100.7 port 2: Change of username or service not allowed: (a,b)",
      "drop connection #10 from [198.51.100.7]:50022 on [192.0.2.1]:22 past MaxStartups",
      "Connection from 198.51.100.7 port 50022 on 192.0.2.1 port 22",
  };
  MessagePlay play{sshd_format()};
  for (const std::string line : kLines)
    for (std::size_t bytes = 0; bytes <= line.size(); ++bytes)
      EXPECT_TRUE(play.play(line.substr(0, bytes), "sshd").starts_with("{\"_path\":\"syslog.sshd\"")) << bytes;
}

}  // namespace
}  // namespace nw::logs
