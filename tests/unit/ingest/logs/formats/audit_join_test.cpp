// Records of one audit event, told once more as one.
#include "ingest/logs/formats/audit_join.h"

#include <gtest/gtest.h>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/told.h"

namespace nw::logs {
namespace {

using namespace std::chrono_literals;

// The whole event of what was told; "" when there is none yet.
std::string whole(const std::string& told) {
  const auto at = told.find("{\"_path\":\"auditd.");
  return at == std::string::npos ? "" : told.substr(at);
}

// The value of a field in an event, as JSON; "" when it has none.
std::string value(const std::string& event, const std::string& name) {
  const std::string key = ",\"" + name + "\":";
  const auto at = event.find(key);
  if (at == std::string::npos) return "";
  const auto from = at + key.size();
  if (event[from] == '[') return event.substr(from, event.find(']', from) + 1 - from);
  const auto end = event.find(event[from] == '"' ? "\"" : ",", from + 1);
  return event.substr(from, event[from] == '"' ? end + 1 - from : std::min(end, event.find('}', from)) - from);
}

std::string record(const char* type, const std::string& fields, int serial = 42) {
  return std::string{"type="} + type + " msg=audit(1768464000.123:" + std::to_string(serial) + "): " + fields;
}

constexpr const char* kExecve =
    "arch=c000003e syscall=59 success=yes exit=0 a0=7ff a1=7fe a2=7fd a3=0 items=2 ppid=900 pid=901 auid=1004 uid=33 "
    "gid=33 euid=33 tty=pts0 ses=5 comm=\"sh\" exe=\"/usr/bin/dash\" key=\"web\"";

TEST(AuditJoin, Process) {
  MessagePlay play{auditd_format()};
  EXPECT_EQ(whole(play.play(record("SYSCALL", kExecve))), "");
  EXPECT_EQ(whole(play.play(record("EXECVE", "argc=3 a0=\"sh\" a1=\"-c\" a2=6C73202F"))), "");
  EXPECT_EQ(whole(play.play(record("CWD", "cwd=\"/var/www\""))), "");
  EXPECT_EQ(whole(play.play(record("PATH", "item=0 name=\"/bin/sh\" inode=1 nametype=NORMAL"))), "");
  EXPECT_EQ(whole(play.play(record("PATH", "item=1 name=(null) inode=2 nametype=NORMAL"))), "");
  const std::string told = play.play(record("PROCTITLE", "proctitle=7368002D63"));
  const std::string event = whole(told);
  EXPECT_TRUE(told.starts_with("{\"_path\":\"syslog.auditd\"")) << told;  // the record's own comes first
  EXPECT_TRUE(event.starts_with("{\"_path\":\"auditd.process\",\"ts\":1768464000.123000,")) << event;
  static constexpr struct {
    const char *name, *want;
  } kWanted[] = {
      {"serial", "42"},
      {"ended_by", "\"PROCTITLE\""},
      {"records", R"(["SYSCALL","EXECVE","CWD","PATH","PATH","PROCTITLE"])"},
      {"records_lost", ""},
      {"type", ""},
      {"SYSCALL", "\"execve\""},
      {"key", "\"web\""},
      {"a0", "\"sh\""},
      {"a2", "\"ls /\""},
      {"a3", ""},  // the call's own, a pointer
      {"name", R"(["/bin/sh"])"},
      {"nametype", R"(["NORMAL","NORMAL"])"},
      {"inode", ""},
      {"cwd", "\"/var/www\""},
      {"proctitle", "\"sh -c\""},
      {"cmdline", "\"sh -c ls /\""},
      {"Image", "\"/usr/bin/dash\""},
      {"CommandLine", "\"sh -c ls /\""},
      {"CurrentDirectory", "\"/var/www\""},
      {"User", "33"},
      {"LogonId", "5"},
      {"ProcessId", "901"},
      {"ParentProcessId", "900"},
      {"ParentImage", ""},
  };
  for (const auto& c : kWanted) EXPECT_EQ(value(event, c.name), c.want) << c.name << " in " << event;
  EXPECT_EQ(play.flush(MessagePlay::received(), true), "");
}

TEST(AuditJoin, KnowsParents) {
  MessagePlay play{auditd_format()};
  const auto run = [&](int serial, const std::string& ids, const std::string& exe, const char* host) {
    Message message = MessagePlay::message({});
    message.host = host;
    std::string told;
    for (const std::string& line :
         {record("SYSCALL", "arch=c000003e syscall=59 success=yes " + ids + " exe=\"" + exe + '"', serial),
          record("EXECVE", "argc=2 a0=\"" + exe + "\" a1=\"-x\"", serial),
          record("PROCTITLE", "proctitle=\"x\"", serial)}) {
      message.line = message.text = line;
      told = whole(play.play(message));
    }
    return told;
  };
  EXPECT_EQ(value(run(1, "ppid=1 pid=500 UID=\"x\"", "/usr/sbin/nginx", "a"), "ParentImage"), "");
  const std::string child = run(2, "ppid=500 pid=501", "/bin/sh", "a");
  EXPECT_EQ(value(child, "ParentImage"), "\"/usr/sbin/nginx\"");
  EXPECT_EQ(value(child, "ParentCommandLine"), "\"/usr/sbin/nginx -x\"");
  EXPECT_EQ(value(run(3, "ppid=500 pid=502", "/bin/sh", "b"), "ParentImage"), "");  // of another host
  (void)run(4, "ppid=1 pid=500", "/usr/bin/other", "a");
  EXPECT_EQ(value(run(5, "ppid=500 pid=503", "/bin/sh", "a"), "ParentImage"), "\"/usr/bin/other\"");
  // Half a command line is none.
  (void)run(6, "ppid=1 pid=600", "/" + std::string(700, 'p'), "a");
  const std::string longer = run(7, "ppid=600 pid=601", "/bin/sh", "a");
  EXPECT_EQ(value(longer, "ParentImage"), "\"/" + std::string(700, 'p') + '"');
  EXPECT_EQ(value(longer, "ParentCommandLine"), "");
}

TEST(AuditJoin, CreatedFiles) {
  MessagePlay play{auditd_format()};
  (void)play.play(record("SYSCALL", "arch=c000003e syscall=257 success=yes uid=0 pid=9 exe=\"/usr/bin/touch\""));
  (void)play.play(record("CWD", "cwd=\"/etc\""));
  (void)play.play(record("PATH", "item=0 name=\"cron.d/\" nametype=PARENT"));
  (void)play.play(record("PATH", "item=1 name=\"cron.d/x\" nametype=CREATE"));
  (void)play.play(record("PATH", "item=2 name=\"/tmp/y\" nametype=CREATE"));
  const std::string event = whole(play.play(record("EOE", "")));
  EXPECT_TRUE(event.starts_with("{\"_path\":\"auditd.file\"")) << event;
  EXPECT_EQ(value(event, "TargetFilename"), R"(["/etc/cron.d/x","/tmp/y"])");
  EXPECT_EQ(value(event, "name"), R"(["cron.d/","cron.d/x","/tmp/y"])");
  EXPECT_EQ(value(event, "Image"), "\"/usr/bin/touch\"");
  EXPECT_EQ(value(event, "User"), "\"root\"");
  EXPECT_EQ(value(event, "ended_by"), "\"EOE\"");
}

TEST(AuditJoin, Connections) {
  static constexpr struct {
    const char *call, *saddr, *path, *address, *port, *initiated;
  } kCases[] = {
      {"syscall=42 success=no exit=-115", "020001BBC63364070000000000000000", "auditd.network", "DestinationIp",
       "DestinationPort", "true"},
      {"syscall=288 success=yes exit=4", "020001BBC63364070000000000000000", "auditd.network", "SourceIp", "SourcePort",
       "false"},
      {"syscall=288 success=no exit=-11", "020001BBC63364070000000000000000", "auditd.event", "", "", ""},
      {"syscall=42 success=yes exit=0", "01002F72756E2F7800", "auditd.event", "", "", ""},
      {"syscall=49 success=yes exit=0", "020001BBC63364070000000000000000", "auditd.event", "", "", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.call);
    MessagePlay play{auditd_format()};
    (void)play.play(record("SYSCALL", std::string{"arch=c000003e "} + c.call + " pid=9 exe=\"/usr/bin/curl\""));
    (void)play.play(record("SOCKADDR", std::string{"saddr="} + c.saddr));
    const std::string event = whole(play.play(record("PROCTITLE", "proctitle=\"curl\"")));
    EXPECT_TRUE(event.starts_with("{\"_path\":\"" + std::string{c.path} + '"')) << event;
    EXPECT_EQ(value(event, "Initiated"), c.initiated);
    if (*c.address == '\0') continue;
    EXPECT_EQ(value(event, c.address), "\"198.51.100.7\"");
    EXPECT_EQ(value(event, c.port), "443");
    EXPECT_EQ(value(event, *c.initiated == 't' ? "id.resp_h" : "id.orig_h"), "\"198.51.100.7\"");
  }
}

TEST(AuditJoin, EventsMayMix) {
  MessagePlay play{auditd_format()};
  (void)play.play(record("SYSCALL", kExecve, 1));
  (void)play.play(record("SYSCALL", "arch=c000003e syscall=87 success=yes exe=\"/bin/rm\"", 2));
  (void)play.play("node=b " + record("SYSCALL", "arch=c000003e syscall=87 success=yes exe=\"/bin/b\"", 1));
  (void)play.play(record("EXECVE", "argc=1 a0=\"one\"", 1));
  (void)play.play("node=b " + record("CWD", "cwd=\"/b\"", 1));
  const std::string second = whole(play.play(record("PROCTITLE", "proctitle=\"rm\"", 2)));
  const std::string first = whole(play.play(record("PROCTITLE", "proctitle=\"sh\"", 1)));
  const std::string other = whole(play.flush(MessagePlay::received(), true));
  EXPECT_EQ(value(second, "exe"), "\"/bin/rm\"");
  EXPECT_EQ(value(first, "cmdline"), "\"one\"");
  EXPECT_EQ(value(other, "exe"), "\"/bin/b\"");
  EXPECT_EQ(value(other, "host"), "\"b\"");
  EXPECT_EQ(value(other, "ended_by"), "\"end\"");
}

TEST(AuditJoin, ArgumentsInPieces) {
  MessagePlay play{auditd_format()};
  (void)play.play(record("SYSCALL", kExecve));
  (void)play.play(record("EXECVE", "argc=3 a0=\"x\" a1_len=6 a1[0]=\"ab\""));
  (void)play.play(record("EXECVE", "a1[1]=\"cd\" a1[2]=6566 a2=\"z\""));
  const std::string event = whole(play.play(record("EOE", "")));
  EXPECT_EQ(value(event, "a1"), "\"abcdef\"");
  EXPECT_EQ(value(event, "CommandLine"), "\"x abcdef z\"");
}

TEST(AuditJoin, WaitsNoLongerThanItsPatience) {
  MessagePlay play{auditd_format()};
  (void)play.play(record("SYSCALL", kExecve));
  (void)play.play(record("CWD", "cwd=\"/\""));
  EXPECT_EQ(play.flush(MessagePlay::received() + 1999ms, false), "");
  EXPECT_EQ(value(play.flush(MessagePlay::received() + 2s, false), "ended_by"), "\"timeout\"");
  EXPECT_EQ(play.flush(MessagePlay::received() + 9s, true), "");
}

TEST(AuditJoin, OneRecordIsNoWhole) {
  MessagePlay play{auditd_format()};
  (void)play.play(record("SYSCALL", kExecve));
  EXPECT_EQ(play.flush(MessagePlay::received(), true), "");
  EXPECT_EQ(whole(play.play(record("PROCTITLE", "proctitle=\"x\""))), "");
  EXPECT_EQ(whole(play.play(record("EOE", ""))), "");
  // User space's come alone.
  (void)play.play(record("USER_CMD", "pid=1"));
  (void)play.play(record("USER_CMD", "pid=1"));
  EXPECT_EQ(play.flush(MessagePlay::received(), true), "");
}

TEST(AuditJoin, EventsAreBounded) {
  MessagePlay play{auditd_format()};
  for (int serial = 0; serial < static_cast<int>(kAuditEventsMax); ++serial) {
    EXPECT_EQ(whole(play.play(record("SYSCALL", kExecve, serial))), "");
    EXPECT_EQ(whole(play.play(record("CWD", "cwd=\"/\"", serial))), "");
  }
  const std::string told = whole(play.play(record("SYSCALL", kExecve, 1000)));
  EXPECT_EQ(value(told, "ended_by"), "\"crowded\"");
  EXPECT_EQ(value(told, "serial"), "0");
}

TEST(AuditJoin, RecordsAreBounded) {
  MessagePlay play{auditd_format()};
  (void)play.play(record("SYSCALL", kExecve));
  for (std::size_t i = 1; i < kAuditRecordsMax + 3; ++i) (void)play.play(record("PATH", "name=\"x\""));
  EXPECT_EQ(value(whole(play.play(record("EOE", ""))), "records_lost"), "3");
}

TEST(AuditJoin, BytesAreBounded) {
  MessagePlay play{auditd_format()};
  (void)play.play(record("SYSCALL", kExecve));
  const std::string argument = "a1=\"" + std::string(kAuditBytesMax / 4, 'x') + '"';
  for (int i = 0; i < 3; ++i) (void)play.play(record("EXECVE", argument));
  const std::string event = whole(play.play(record("EOE", "")));
  EXPECT_EQ(value(event, "records_lost"), "2");
  EXPECT_EQ(value(event, "records"), R"(["SYSCALL","EXECVE"])");
}

}  // namespace
}  // namespace nw::logs
