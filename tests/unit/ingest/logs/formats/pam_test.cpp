#include <gtest/gtest.h>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/told.h"

namespace nw::logs {
namespace {

TEST(Pam, Sentences) {
  static constexpr struct {
    const char *text, *program, *want;
  } kCases[] = {
      {"pam_unix(su:session): session opened for user root(uid=0) by karin(uid=1004)", "su",
       R"(,"outcome":"session opened","user":"root","module":"pam_unix","service":"su","action":"session",)"
       R"("logname":"karin","uid":1004)"},
      {"pam_unix(su-l:session): session opened for user root by (uid=0)", "su",
       R"(,"outcome":"session opened","user":"root","module":"pam_unix","service":"su-l","action":"session","uid":0)"},
      {"pam_unix(systemd-user:session): session closed for user karin", "systemd",
       R"(,"outcome":"session closed","user":"karin","module":"pam_unix","service":"systemd-user","action":"session")"},
      {"pam_unix(login:auth): authentication failure; logname=LOGIN uid=0 euid=0 tty=/dev/tty1 ruser= rhost=  "
       "user=otto",
       "login",
       R"(,"outcome":"failed","user":"otto","reason":"authentication failure","module":"pam_unix","service":"login",)"
       R"("action":"auth","logname":"LOGIN","uid":0,"euid":0,"tty":"/dev/tty1")"},
      {"pam_sss(dovecot:auth): authentication success; logname= uid=0 euid=0 tty=dovecot ruser=otto "
       "rhost=2001:db8::5 user=otto",
       "auth",
       R"(,"outcome":"accepted","user":"otto","reason":"authentication success","module":"pam_sss",)"
       R"("service":"dovecot","action":"auth","uid":0,"euid":0,"tty":"dovecot","ruser":"otto",)"
       R"("rhost":"2001:db8::5","id.orig_h":"2001:db8::5")"},
      {"pam_sss(su:auth): received for user otto: 7 (Authentication failure)", "su",
       R"j(,"outcome":"failed","user":"otto","reason":"received for user otto: 7 (Authentication failure)",)j"
       R"("module":"pam_sss","service":"su","action":"auth")"},
      {"3 more authentication failures; logname= uid=0 euid=0 tty=NODEV ruser= rhost=198.51.100.9  user=root",
       "vsftpd(pam_unix)",
       R"(,"outcome":"failed","user":"root","reason":"3 more authentication failures","module":"pam_unix",)"
       R"("service":"vsftpd","uid":0,"euid":0,"tty":"NODEV","failures":3,"rhost":"198.51.100.9",)"
       R"("id.orig_h":"198.51.100.9")"},
      {"PAM 1 more authentication failure; logname= uid=0 euid=0 tty=x ruser= rhost=mail.example", "imapd",
       R"(,"outcome":"failed","reason":"1 more authentication failure","uid":0,"euid":0,"tty":"x","failures":1,)"
       R"("rhost":"mail.example")"},
      {"PAM service(imapd) ignoring max retries; 5 > 3", "imapd",
       R"(,"reason":"ignoring max retries; 5 > 3","service":"imapd")"},
      {"(pam_unix) session closed for user news", "su",
       R"(,"outcome":"session closed","user":"news","module":"pam_unix","service":"su")"},
      {"check pass; user unknown", "/usr/sbin/vsftpd(pam_unix)",
       R"(,"outcome":"invalid user","reason":"check pass; user unknown","module":"pam_unix","service":"vsftpd")"},
      {"pam_unix(passwd:chauthtok): password changed for karin", "passwd",
       R"(,"outcome":"password changed","user":"karin","reason":"password changed for karin","module":"pam_unix",)"
       R"("service":"passwd","action":"chauthtok")"},
      {"pam_unix(login:account): account otto has expired (account expired)", "login",
       R"j(,"outcome":"expired","user":"otto","reason":"account otto has expired (account expired)",)j"
       R"("module":"pam_unix","service":"login","action":"account")"},
      {"pam_succeed_if(gdm-password:auth): requirement \"user ingroup nopasswdlogin\" not met by user \"karin\"",
       "gdm-password]",
       R"(,"outcome":"denied","user":"karin","reason":"requirement \"user ingroup nopasswdlogin\" not met by user )"
       R"(\"karin\"","module":"pam_succeed_if","service":"gdm-password","action":"auth")"},
      {"pam_tally2(login:auth): user otto (1009) tally 7, deny 3", "login",
       R"(,"outcome":"locked","user":"otto","reason":"user otto (1009) tally 7, deny 3","module":"pam_tally2",)"
       R"("service":"login","action":"auth")"},
      {"pam_faillock(login:auth): Consecutive login failures for user otto account temporarily locked", "login",
       R"(,"outcome":"locked","user":"otto","reason":"Consecutive login failures for user otto account temporarily )"
       R"(locked","module":"pam_faillock","service":"login","action":"auth")"},
      {"pam_access(crond:account): access denied for user `otto' from `203.0.113.4'", "crond",
       R"(,"outcome":"denied","user":"otto","reason":"access denied for user `otto' from `203.0.113.4'",)"
       R"("module":"pam_access","service":"crond","action":"account","rhost":"203.0.113.4","id.orig_h":"203.0.113.4")"},
      {"pam_winbind(samba:auth): user 'PLANT\\otto' granted access", "smbd",
       R"(,"outcome":"accepted","user":"PLANT\\otto","reason":"user 'PLANT\\otto' granted access",)"
       R"("module":"pam_winbind","service":"samba","action":"auth")"},
      {"pam_unix(su:auth): auth could not identify password for [root]", "su",
       R"(,"outcome":"failed","user":"root","reason":"auth could not identify password for [root]",)"
       R"("module":"pam_unix","service":"su","action":"auth")"},
      {"pam_systemd(login:session): Failed to connect to system bus: No such file", "login",
       R"(,"reason":"Failed to connect to system bus: No such file","module":"pam_systemd","service":"login",)"
       R"("action":"session")"},
      {"[ID 293258 auth.debug] pam_unix: session closed for user karin", "login",
       R"(,"outcome":"session closed","user":"karin","module":"pam_unix")"},
  };
  MessagePlay play{pam_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(fields_told(play.play(c.text, c.program)), c.want);
    EXPECT_TRUE(play.format().recognise(MessagePlay::message(c.text, c.program)));
  }
}

// Whoever logs in chooses the name; it comes last, and what it says of hosts is part of it.
TEST(Pam, NamesDoNotSpeakForTheHost) {
  MessagePlay play{pam_format()};
  EXPECT_EQ(fields_told(play.play("pam_unix(login:auth): authentication failure; logname= uid=0 euid=0 tty=t ruser= "
                                  "rhost=198.51.100.9  user=x rhost=192.0.2.1 user=root",
                                  "login")),
            R"(,"outcome":"failed","user":"x rhost=192.0.2.1 user=root","reason":"authentication failure",)"
            R"("module":"pam_unix","service":"login","action":"auth","uid":0,"euid":0,"tty":"t",)"
            R"("rhost":"198.51.100.9","id.orig_h":"198.51.100.9")");
}

TEST(Pam, CronsLinesStayCrons) {
  MessagePlay play{pam_format()};
  EXPECT_TRUE(play.play("pam_unix(cron:session): session closed for user root", "CRON")
                  .starts_with(R"({"_path":"syslog.pam.cron")"));
  EXPECT_TRUE(
      play.play("session closed for user root", "crond(pam_unix)").starts_with(R"({"_path":"syslog.pam.cron")"));
  EXPECT_TRUE(
      play.play("pam_unix(su:session): session closed for user root", "su").starts_with(R"({"_path":"syslog.pam")"));
  const auto services = play.format().types[1].services;
  EXPECT_EQ(std::vector<std::string_view>(services.begin(), services.end()),
            (std::vector<std::string_view>{"cron", "auth", "syslog"}));
}

TEST(Pam, TakesNoLineOfOthers) {
  static constexpr struct {
    const char *text, *program;
  } kCases[] = {
      {"", "su"},
      {"session opened for user root by (uid=0)", "su"},
      {"pam", "su"},
      {"pam_unix", "su"},
      {"pam_unix(su", "su"},
      {"pam_unix(su:session) session", "su"},
      {"pam_unix is not installed", "apt"},
      {"PAM is not installed", "apt"},
      {"PAM 2 users", "apt"},
      {"(pam_unix session", "su"},
      {"(CRON) info (No MTA installed)", "CRON"},
      {"text", "su(other)"},
  };
  MessagePlay play{pam_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_FALSE(play.format().recognise(MessagePlay::message(c.text, c.program)));
    EXPECT_EQ(play.play(c.text, c.program), "fault: bad_header\n");
  }
}

TEST(Pam, EveryPrefixIsReadOrRefused) {
  const std::string line =
      "pam_unix(login:auth): 2 more authentication failures; logname=a uid=0 euid=0 tty=t ruser=b rhost=192.0.2.1 "
      "user=c";
  MessagePlay play{pam_format()};
  for (std::size_t bytes = 0; bytes <= line.size(); ++bytes)
    EXPECT_NE(play.play(line.substr(0, bytes), "login"), "") << bytes;
}

}  // namespace
}  // namespace nw::logs
