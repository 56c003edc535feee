#include <gtest/gtest.h>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/told.h"

namespace nw::logs {
namespace {

TEST(Sudo, Sentences) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"   karin : TTY=pts/3 ; PWD=/srv/plant ; USER=root ; COMMAND=/usr/bin/systemctl restart hmi",
       R"(,"user":"karin","tty":"pts/3","pwd":"/srv/plant","runas":"root",)"
       R"("command":"/usr/bin/systemctl restart hmi","outcome":"accepted")"},
      {"karin : HOST=gw2 ; TTY=unknown ; CHROOT=/jail ; PWD=/ ; USER=www ; GROUP=ops ; TSID=00001A ; "
       "ENV=LANG=C X=1 ; COMMAND=list",
       R"(,"user":"karin","submit_host":"gw2","tty":"unknown","chroot":"/jail","pwd":"/","runas":"www",)"
       R"("runas_group":"ops","tsid":"00001A","env":"LANG=C X=1","command":"list","outcome":"accepted")"},
      {"otto : user NOT in sudoers ; TTY=pts/1 ; PWD=/home/otto ; USER=root ; COMMAND=/bin/sh",
       R"(,"user":"otto","tty":"pts/1","pwd":"/home/otto","runas":"root","command":"/bin/sh",)"
       R"("reason":"user NOT in sudoers","outcome":"denied")"},
      {"otto : 3 incorrect password attempts ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
       R"(,"user":"otto","tty":"pts/1","pwd":"/","runas":"root","command":"/bin/sh",)"
       R"("reason":"3 incorrect password attempts","outcome":"denied")"},
      {"otto : problem with defaults entries ; TTY=pts/1 ; PWD=/ ; USER=root ;",
       R"(,"user":"otto","tty":"pts/1","pwd":"/","runas":"root ;","reason":"problem with defaults entries",)"
       R"("outcome":"error")"},
      {"otto : TTY=pts/1 ; PWD=/ ; USER=root ; EXIT=2 ; COMMAND=/bin/false",
       R"(,"user":"otto","tty":"pts/1","pwd":"/","runas":"root","exit_value":2,"command":"/bin/false",)"
       R"("outcome":"exited")"},
      {"otto : TTY=pts/1 ; PWD=/ ; USER=root ; SIGNAL=TERM ; COMMAND=/bin/cat",
       R"(,"user":"otto","tty":"pts/1","pwd":"/","runas":"root","exit_signal":"TERM","command":"/bin/cat",)"
       R"("outcome":"exited")"},
      {"karin : (command continued) --last ; USER=nobody",
       R"(,"user":"karin","outcome":"continued","command":"--last ; USER=nobody")"},
      // The rest of a command is the command, whatever it looks like.
      {"otto : TTY=t ; PWD=/ ; USER=root ; COMMAND=/bin/echo ; USER=nobody ; COMMAND=/bin/true",
       R"(,"user":"otto","tty":"t","pwd":"/","runas":"root",)"
       R"("command":"/bin/echo ; USER=nobody ; COMMAND=/bin/true","outcome":"accepted")"},
      {"otto : a password is required", R"(,"user":"otto","reason":"a password is required")"},
      {"PLANT\\karin smith : TTY=t ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
       R"(,"user":"PLANT\\karin smith","tty":"t","pwd":"/","runas":"root","command":"/bin/ls","outcome":"accepted")"},
      {"unable to resolve host gw2 : no such name", ""},
      {"", ""},
      {" : ", ""},
      {"pam_unix(sudo:auth): authentication failure; logname=otto uid=1009 euid=0 tty=/dev/pts/1 ruser=otto rhost=  "
       "user=otto",
       R"(,"outcome":"failed","user":"otto","reason":"authentication failure","module":"pam_unix","service":"sudo",)"
       R"("action":"auth","logname":"otto","uid":1009,"euid":0,"tty":"/dev/pts/1","ruser":"otto")"},
  };
  MessagePlay play{sudo_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(fields_told(play.play(c.text, "sudo")), c.want);
  }
}

// A name longer than systems allow is no name.
TEST(Sudo, NamesAreBounded) {
  MessagePlay play{sudo_format()};
  const std::string keys = " : TTY=t ; PWD=/ ; USER=root ; COMMAND=/bin/ls";
  EXPECT_NE(fields_told(play.play(std::string(256, 'u') + keys, "sudo")), "");
  EXPECT_EQ(fields_told(play.play(std::string(257, 'u') + keys, "sudo")), "");
}

TEST(Sudo, AnswersToItsLogSources) {
  const MessageFormat& format = sudo_format();
  EXPECT_EQ(format.types[0].path, "syslog.sudo");
  EXPECT_EQ(std::vector<std::string_view>(format.programs.begin(), format.programs.end()),
            std::vector<std::string_view>{"sudo"});
  EXPECT_EQ(format.recognise, nullptr);
}

TEST(Sudo, EveryPrefixIsAnEvent) {
  const std::string line = "otto : x ; TTY=t ; PWD=/ ; USER=root ; EXIT=2 ; COMMAND=/bin/ls -l";
  MessagePlay play{sudo_format()};
  for (std::size_t bytes = 0; bytes <= line.size(); ++bytes)
    EXPECT_TRUE(play.play(line.substr(0, bytes), "sudo").starts_with("{\"_path\":\"syslog.sudo\"")) << bytes;
}

}  // namespace
}  // namespace nw::logs
