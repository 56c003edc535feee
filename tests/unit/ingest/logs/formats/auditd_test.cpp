#include <algorithm>
#include <gtest/gtest.h>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/told.h"

namespace nw::logs {
namespace {

struct Case {
  const char *text, *program, *want;
};

// The fields of an event, each as ,"name":value. Their order is that in which they were set; it means nothing.
std::vector<std::string> parts(const std::string& text) {
  std::vector<std::string> out;
  std::size_t from = 0;
  for (std::size_t at = 1; at <= text.size(); ++at) {
    if (at != text.size() && !std::string_view{text}.substr(at).starts_with(",\"")) continue;
    out.push_back(text.substr(from, at - from));
    from = at;
  }
  std::ranges::sort(out);
  return out;
}

// Of a record that comes alone.
void play_all(std::span<const Case> cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    MessagePlay play{auditd_format()};
    const std::string told = fields_told(play.play(c.text, c.program));
    EXPECT_EQ(parts(told), parts(c.want)) << told;
  }
}

TEST(Auditd, Forms) {
  static constexpr Case kCases[] = {
      {"type=SERVICE_STOP msg=audit(1768464000.123:42): pid=1 uid=0 auid=4294967295 ses=4294967295 "
       "msg='unit=ufw comm=\"systemd\" exe=\"/usr/lib/systemd/systemd\" hostname=? addr=? terminal=? res=success'",
       "",
       R"(,"type":"SERVICE_STOP","serial":42,"pid":1,"uid":0,"UID":"root","auid":4294967295,"AUID":"unset",)"
       R"("ses":4294967295,"unit":"ufw","comm":"systemd","exe":"/usr/lib/systemd/systemd","res":"success")"},
      {"node=gw2 type=USER_LOGIN msg=audit(1768464000.123:42): pid=7 uid=0 auid=1004 ses=3 msg='op=login "
       "acct=\"karin\" "
       "exe=\"/usr/sbin/sshd\" hostname=198.51.100.7 addr=198.51.100.7 terminal=ssh res=success'",
       "audispd",
       R"(,"host":"gw2","type":"USER_LOGIN","serial":42,"pid":7,"uid":0,"UID":"root","auid":1004,"ses":3,)"
       R"("op":"login","acct":"karin","exe":"/usr/sbin/sshd","hostname":"198.51.100.7","addr":"198.51.100.7",)"
       R"("id.orig_h":"198.51.100.7","terminal":"ssh","res":"success")"},
      {"[   12.3] audit: type=1400 audit(1768464000.123:42): apparmor=\"DENIED\" operation=\"open\" "
       "profile=\"/usr/bin/man\" name=\"/etc/shadow\" pid=9 comm=\"man\" requested_mask=\"r\" denied_mask=\"r\" "
       "fsuid=0 "
       "ouid=0",
       "kernel",
       R"(,"type":"AVC","serial":42,"name":"/etc/shadow","pid":9,"comm":"man","fsuid":0,"FSUID":"root","ouid":0,)"
       R"("OUID":"root","apparmor":"DENIED","operation":"open","profile":"/usr/bin/man","requested_mask":"r",)"
       R"("denied_mask":"r")"},
      {"type=UNKNOWN[1334] msg=audit(1768464000.123:42): prog-id=4 op=LOAD", "",
       R"(,"type":"BPF","serial":42,"op":"LOAD","prog-id":"4")"},
      {"type=1999 msg=audit(1768464000.123:42): ", "", R"(,"type":"1999","serial":42)"},
      {"SERVICE_START pid=1 uid=0 msg='unit=cron res=success'", "audit",
       R"(,"type":"SERVICE_START","pid":1,"uid":0,"UID":"root","unit":"cron","res":"success")"},
      {"<audit-1130> pid=1 uid=33", "audit", R"(,"type":"SERVICE_START","pid":1,"uid":33)"},
      // What the daemon says of itself is its event without fields.
      {"Audit daemon rotating log files", "auditd", ""},
      {"", "auditd", ""},
  };
  play_all(kCases);
  MessagePlay play{auditd_format()};
  EXPECT_TRUE(play.play("type=EOE msg=audit(1768464000.123:42): ")
                  .starts_with(R"({"_path":"syslog.auditd","ts":1768464000.123000,)"));
}

TEST(Auditd, Values) {
  static constexpr Case kCases[] = {
      // Hexadecimal digits are text, where the kernel may write them; elsewhere they are what stands there.
      {"type=CWD msg=audit(1.0:1): cwd=2F746D702F612062", "", R"(,"type":"CWD","serial":1,"cwd":"/tmp/a b")"},
      {"type=PATH msg=audit(1.0:1): item=0 name=\"ABCD\" inode=7 dev=08:01 mode=0100644 ouid=0 ogid=4 rdev=00:00 "
       "nametype=NORMAL",
       "",
       R"(,"type":"PATH","serial":1,"name":"ABCD","ouid":0,"OUID":"root","ogid":4,"nametype":"NORMAL","item":0,)"
       R"("inode":7,"dev":"08:01","mode":"0100644","rdev":"00:00")"},
      {"type=PATH msg=audit(1.0:1): item=1 name=(null) nametype=PARENT", "",
       R"(,"type":"PATH","serial":1,"nametype":"PARENT","item":1)"},
      {"type=PROCTITLE msg=audit(1.0:1): proctitle=636174002F612062", "",
       R"(,"type":"PROCTITLE","serial":1,"proctitle":"cat /a b")"},
      {"type=EXECVE msg=audit(1.0:1): argc=4 a0=\"sh\" a1=2D6320 a2=abc a3=ABC", "",
       R"(,"type":"EXECVE","serial":1,"a0":"sh","a1":"-c ","a2":"abc","a3":"ABC","argc":4)"},
      {"type=EXECVE msg=audit(1.0:1): argc=2 a0=\"x\" a1_len=4 a1[0]=4142 a1[1]=\"cd\" a2=\"e\"", "",
       R"(,"type":"EXECVE","serial":1,"a0":"x","a1":"ABcd","a2":"e","argc":2)"},
      {"type=USER_CMD msg=audit(1.0:1): pid=1 msg='cwd=\"/\" cmd=6C73202D6C terminal=pts/0 res=success'", "",
       R"(,"type":"USER_CMD","serial":1,"pid":1,"cwd":"/","terminal":"pts/0","res":"success","cmd":"ls -l")"},
      {"type=SYSCALL msg=audit(1.0:1): arch=c000003e syscall=59 success=yes exit=-13 a0=5 a1=7ff0 key=(null)", "",
       R"(,"type":"SYSCALL","serial":1,"arch":"c000003e","ARCH":"x86_64","syscall":59,"SYSCALL":"execve",)"
       R"("success":"yes","exit":-13,"a0":"5","a1":"7ff0")"},
      {"type=SYSCALL msg=audit(1.0:1): arch=40000003 syscall=11 key=\"one\"", "",
       R"(,"type":"SYSCALL","serial":1,"arch":"40000003","ARCH":"i386","syscall":11,"SYSCALL":"execve",)"
       R"("key":"one")"},
      {"type=SYSCALL msg=audit(1.0:1): arch=c00000b7 syscall=435 key=6F6E650174776F", "",
       R"(,"type":"SYSCALL","serial":1,"arch":"c00000b7","ARCH":"aarch64","syscall":435,"SYSCALL":"clone3",)"
       R"("key":["one","two"])"},
      {"type=SYSCALL msg=audit(1.0:1): arch=c000003e syscall=9999", "",
       R"(,"type":"SYSCALL","serial":1,"arch":"c000003e","ARCH":"x86_64","syscall":9999)"},
      {"type=SYSCALL msg=audit(1.0:1): arch=x86_64 syscall=openat uid=karin", "",
       R"(,"type":"SYSCALL","serial":1,"arch":"x86_64","ARCH":"x86_64","syscall":"openat","SYSCALL":"openat","uid":"karin")"},
      {"type=SYSCALL msg=audit(1.0:1): uid=0 key=\"k\"\x1d"
       "SYSCALL=execve UID=\"toor\" AUID=\"karin\"",
       "", R"(,"type":"SYSCALL","serial":1,"uid":0,"UID":"toor","key":"k","SYSCALL":"execve","AUID":"karin")"},
      {"type=PATH msg=audit(1.0:1): ouid=4 cap_frootid=0#035OUID=\"sys\"", "",
       R"(,"type":"PATH","serial":1,"ouid":4,"OUID":"sys","cap_frootid":"0")"},
      {"type=PATH msg=audit(1.0:1): ouid=4 cap_frootid=0OUID=\"sys\"", "",
       R"(,"type":"PATH","serial":1,"ouid":4,"OUID":"sys","cap_frootid":"0")"},
      {"type=SOCKADDR msg=audit(1.0:1): saddr=020001BBC63364070000000000000000", "",
       R"(,"type":"SOCKADDR","serial":1,"saddr":"020001BBC63364070000000000000000","saddr_fam":"inet",)"
       R"("laddr":"198.51.100.7","lport":443)"},
      {"type=SOCKADDR msg=audit(1.0:1): saddr=000A01BB0000000020010DB80000000000000000000000070000000000000000", "",
       R"(,"type":"SOCKADDR","serial":1,)"
       R"("saddr":"000A01BB0000000020010DB80000000000000000000000070000000000000000","saddr_fam":"inet6",)"
       R"("laddr":"2001:db8::7","lport":443)"},
      {"type=SOCKADDR msg=audit(1.0:1): saddr=01002F72756E2F7800", "",
       R"(,"type":"SOCKADDR","serial":1,"saddr":"01002F72756E2F7800","saddr_fam":"local","path":"/run/x")"},
      {"type=SOCKADDR msg=audit(1.0:1): saddr=01000061620000", "",
       R"(,"type":"SOCKADDR","serial":1,"saddr":"01000061620000","saddr_fam":"local","path":"ab")"},
      {"type=SOCKADDR msg=audit(1.0:1): saddr=0200", "", R"(,"type":"SOCKADDR","serial":1,"saddr":"0200")"},
      {"type=SOCKADDR msg=audit(1.0:1): saddr=10\x1dSADDR={ saddr_fam=inet laddr=198.51.100.7 lport=443 }", "",
       R"(,"type":"SOCKADDR","serial":1,"saddr":"10","saddr_fam":"inet","laddr":"198.51.100.7","lport":443)"},
      {"type=AVC msg=audit(1.0:1): avc:  denied  { read write } for  pid=5 comm=\"x\" name=\"y\" dev=\"sda1\" ino=7 "
       "scontext=a:b:c tcontext=d:e:f tclass=file permissive=0",
       "",
       R"(,"type":"AVC","serial":1,"seresult":"denied","seperms":"read write","pid":5,"comm":"x","name":"y",)"
       R"("dev":"sda1","ino":"7","scontext":"a:b:c","tcontext":"d:e:f","tclass":"file","permissive":"0")"},
      {"type=LOGIN msg=audit(1.0:1): login pid=5 uid=0 old auid=4294967295 new auid=7 old ses=1 new ses=2", "",
       R"(,"type":"LOGIN","serial":1,"pid":5,"uid":0,"UID":"root","auid":7,"ses":2,"old-auid":4294967295,)"
       R"("old-ses":1)"},
      {"type=USER_AUTH msg=audit(1.0:1): user pid=5 uid=0 auid=7 msg='PAM: authentication acct=\"karin\" : "
       "exe=\"/bin/su\" (hostname=?, addr=?, terminal=pts/0 res=failed)'",
       "",
       R"(,"type":"USER_AUTH","serial":1,"pid":5,"uid":0,"UID":"root","auid":7,"acct":"karin","exe":"/bin/su",)"
       R"("terminal":"pts/0","res":"failed")"},
      {"type=ADD_GROUP msg=audit(1.0:1): pid=5 msg='op=adding group to /etc/group id=1004 exe=\"/usr/sbin/groupadd\"'",
       "",
       R"(,"type":"ADD_GROUP","serial":1,"pid":5,"op":"adding group to /etc/group","exe":"/usr/sbin/groupadd",)"
       R"("id":1004)"},
      {"type=CRYPTO_KEY_USER msg=audit(1.0:1): pid=5 msg='op=destroy rport=50022 laddr=192.0.2.1 lport=22 "
       "addr=2001:db8::7'",
       "",
       R"(,"type":"CRYPTO_KEY_USER","serial":1,"pid":5,"op":"destroy","rport":50022,"id.orig_p":50022,)"
       R"("laddr":"192.0.2.1","id.resp_h":"192.0.2.1","lport":22,"id.resp_p":22,"addr":"2001:db8::7",)"
       R"("id.orig_h":"2001:db8::7")"},
      // User space does not overrule the kernel.
      {"type=USER_CMD msg=audit(1.0:1): pid=5 uid=33 msg='uid=0 pid=1 cmd=\"a\"'", "",
       R"(,"type":"USER_CMD","serial":1,"pid":5,"uid":33,"cmd":"a")"},
  };
  play_all(kCases);
}

TEST(Auditd, Refuses) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"", "fault: bad_header\n"},
      {"hello", "fault: bad_header\n"},
      {"type=", "fault: bad_header\n"},
      {"type=SYSCALL", "fault: bad_header\n"},
      {"type=SYSCALL msg=x", "fault: bad_header\n"},
      {"type=SYSCALL msg=audit(1.0:1", "fault: bad_header\n"},
      {"type=SYSCALL msg=audit(1.0): a=b", "fault: bad_header\n"},
      {"type=SYSCALL msg=audit(1.0:-1): a=b", "fault: bad_header\n"},
      {"type=SYSCALL msg=audit(x:1): a=b", "fault: bad_time\n"},
      {"type=SYSCALL msg=audit(01/15/26 08:00:00.1:1): a=b", "fault: bad_time\n"},
      {"node=a", "fault: bad_header\n"},
      {"node=a b=c", "fault: bad_header\n"},
  };
  MessagePlay play{auditd_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(play.play(c.text), c.want);
  }
}

TEST(Auditd, FieldsAreBounded) {
  MessagePlay play{auditd_format()};
  std::string line = "type=EXECVE msg=audit(1.0:1):";
  for (int i = 0; i < 4096; ++i) line += " a=1";
  EXPECT_TRUE(play.play(line).starts_with("{"));
  EXPECT_EQ(play.play(line + " a=1"), "fault: too_deep\n");
}

TEST(Auditd, Recognises) {
  const auto asks = [](const char* text) { return auditd_format().recognise(MessagePlay::message(text, "any")); };
  EXPECT_TRUE(asks("type=CWD msg=audit(1.0:1): cwd=\"/\""));
  EXPECT_TRUE(asks("node=a type=CWD msg=audit(1.0:1): cwd=\"/\""));
  EXPECT_TRUE(asks("audit: type=1400 audit(1.0:1): x=y"));
  EXPECT_TRUE(asks("[    0.4] audit: type=1400 audit(1.0:1): x=y"));
  EXPECT_FALSE(asks("type=CWD cwd=audit(1.0:1)"));
  EXPECT_FALSE(asks("type=\"CWD\" id=5"));
  EXPECT_FALSE(asks("audit: backlog limit exceeded"));
  EXPECT_FALSE(asks("audit(1.0:1): x=y"));
  EXPECT_FALSE(asks(""));
}

TEST(Auditd, AnswersToItsLogSources) {
  const MessageFormat& format = auditd_format();
  const auto names = [](std::span<const std::string_view> list) {
    return std::vector<std::string_view>(list.begin(), list.end());
  };
  using Names = std::vector<std::string_view>;
  EXPECT_EQ(names(format.programs), (Names{"audisp-syslog", "audispd", "audit", "auditd"}));
  EXPECT_EQ(names(format.types[0].services), (Names{"auditd", "syslog"}));
  EXPECT_EQ(names(format.types[0].categories), Names{});
  // Whole events are not of service auditd: a rule would see a fact twice.
  for (std::size_t type = 1; type < format.types.size(); ++type)
    EXPECT_EQ(names(format.types[type].services), Names{"auditd_event"});
  EXPECT_EQ(names(format.types[2].categories), Names{"process_creation"});
  EXPECT_EQ(names(format.types[3].categories), Names{"file_event"});
  EXPECT_EQ(names(format.types[4].categories), Names{"network_connection"});
}

TEST(Auditd, EveryPrefixIsReadOrRefused) {
  static constexpr const char* kLines[] = {
      ("node=a type=USER_AVC msg=audit(1768464000.123:42): pid=1 msg='avc:  denied  { start } for op=a b c=d "
       "(addr=::1, res=1)'\x1dUID=\"a\" SADDR={ x=y }"),
      "type=EXECVE msg=audit(1.0:1): argc=2 a0=\"x\" a1_len=4 a1[0]=4142 a1[1]=\"cd\" a2=6F01",
      "[ 1.2][ T1] audit: type=1306 audit(1.0:1): saddr=000A01BB0000000020010DB8000000000000000000000007",
  };
  MessagePlay play{auditd_format()};
  for (const std::string line : kLines)
    for (std::size_t bytes = 0; bytes <= line.size(); ++bytes)
      EXPECT_NE(play.play(line.substr(0, bytes), "kernel"), "") << bytes;
}

}  // namespace
}  // namespace nw::logs
