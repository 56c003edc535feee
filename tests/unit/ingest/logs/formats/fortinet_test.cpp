#include <gtest/gtest.h>
#include <string>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {
namespace {

constexpr std::string_view kHead = R"(date=2026-01-15 time=09:02:03 devname="fw-7" devid="FGT0" )";

std::string play(std::string_view text) {
  MessagePlay play{fortinet_format()};
  return play.play(text);
}
std::string told(std::string_view rest) { return play(std::string{kHead} + std::string{rest}); }

TEST(Fortinet, Traffic) {
  EXPECT_EQ(
      told(R"(eventtime=1768464123456789012 tz="+0100" logid="0000000013" type="traffic" subtype="forward" )"
           R"(level="notice" vd="root" srcip=192.0.2.20 srcport=50123 srcintf="lan" dstip=198.51.100.44 dstport=443 )"
           R"(proto=6 action="close" policyid=3 service="HTTPS" sentbyte=1200 rcvdbyte=88 wanout="a b")"),
      R"({"_path":"fortinet.traffic","ts":1768464123.456789,"id.orig_h":"192.0.2.20","src_ip":"192.0.2.20",)"
      R"("id.orig_p":50123,"src_port":50123,"id.resp_h":"198.51.100.44","dst_ip":"198.51.100.44","id.resp_p":443,)"
      R"("dst_port":443,"proto":"tcp","date":"2026-01-15","time":"09:02:03","devname":"fw-7","devid":"FGT0",)"
      R"("eventtime":1768464123456789012,"tz":"+0100","logid":"0000000013","type":"traffic","subtype":"forward",)"
      R"("level":"notice","vd":"root","srcip":"192.0.2.20","srcport":50123,"srcintf":"lan","dstip":"198.51.100.44",)"
      R"("dstport":443,"action":"close","policyid":3,"service":"HTTPS","sentbyte":1200,"rcvdbyte":88,)"
      R"("blocked":"false","host":"fw-7","wanout":"a b"})"
      "\n");
}

TEST(Fortinet, KindsByTypeAndSubtype) {
  struct Case {
    const char *type, *path;
  };
  static constexpr Case kCases[] = {
      {"type=traffic subtype=local", "fortinet.traffic"}, {"type=event subtype=system", "fortinet.event"},
      {"type=utm subtype=ips", "fortinet.utm"},           {"type=utm subtype=webfilter", "fortinet.webfilter"},
      {"type=utm subtype=dns", "fortinet.dns"},           {"type=webfilter subtype=urlfilter", "fortinet.webfilter"},
      {"type=virus subtype=infected", "fortinet.utm"},    {"type=gtp subtype=gtp-all", "fortinet"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.type);
    const std::string got = told("logid=1 " + std::string{c.type});
    EXPECT_TRUE(got.starts_with("{\"_path\":\"" + std::string{c.path} + "\"")) << got;
  }
}

TEST(Fortinet, SigmaLogSources) {
  for (const event::TypeSpec& type : fortinet_format().types) EXPECT_EQ(type.product, "fortigate");
  const auto of = [](std::string_view path) -> const event::TypeSpec& {
    for (const event::TypeSpec& type : fortinet_format().types)
      if (type.path == path) return type;
    return fortinet_format().types[0];
  };
  EXPECT_EQ(of("fortinet.event").services[0], "event");
  EXPECT_EQ(of("fortinet.traffic").categories[0], "firewall");
  EXPECT_EQ(of("fortinet.webfilter").categories[0], "proxy");
  EXPECT_EQ(of("fortinet.dns").categories[0], "dns");
}

TEST(Fortinet, Values) {
  struct Case {
    const char *name, *rest, *want;
  };
  static constexpr Case kCases[] = {
      {"a change of the configuration",
       R"x(logid="0100044547" type="event" subtype="system" user="op" ui="ssh(192.0.2.8)" action="Add" cfgpath="system.admin")x",
       R"x("user":"op","ui":"ssh(192.0.2.8)","action":"Add","cfgpath":"system.admin")x"},
      {"the other side of a VPN", "logid=1 type=event subtype=vpn remip=203.0.113.5",
       R"("id.orig_h":"203.0.113.5","src_ip":"203.0.113.5")"},
      {"escapes", R"(logid=1 type=event subtype=user user="DOM\\op" msg="a \"b\" c=d")",
       R"("user":"DOM\\op","msg":"a \"b\" c=d")"},
      {"quotes that nobody escaped", R"(logid=1 type=event subtype=user msg="a "b" c" level="x")",
       R"("msg":"a \"b\" c","level":"x")"},
      {"a denied session", "logid=1 type=traffic subtype=forward action=deny", R"("blocked":"true")"},
      {"the web as a proxy's",
       R"(logid=1 type=utm subtype=webfilter hostname="h.example" url="/p?q" agent="curl/8" httpmethod="GET" user="u")",
       R"("c-uri":"/p?q","c-useragent":"curl/8","cs-host":"h.example","cs-method":"GET","cs-username":"u","r-dns":"h.example")"},
      {"DNS", R"(logid=1 type=utm subtype=dns qname="h.example" qtype="A" ipaddr="192.0.2.3, 192.0.2.4")",
       R"("answer":"192.0.2.3, 192.0.2.4","query":"h.example","record_type":"A")"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_NE(told(c.rest).find(c.want), std::string::npos) << told(c.rest);
  }
  // "set format csv"
  EXPECT_NE(
      play(R"(date=2026-01-15,time=09:02:03,devname="f",devid="F",logid="1",type="event",subtype="user",msg="a, b")")
          .find(R"("type":"event","subtype":"user","msg":"a, b")"),
      std::string::npos);
}

TEST(Fortinet, Times) {
  struct Case {
    const char *rest, *want;
  };
  static constexpr Case kCases[] = {
      {"logid=1 type=event subtype=user eventtime=1768464111", "\"ts\":1768464111.000000"},
      {"logid=1 type=event subtype=user tz=\"+0100\"", "\"ts\":1768464123.000000"},
      {"logid=1 type=event subtype=user", "\"ts\":1768467723.000000"},
      {"logid=1 type=event subtype=user time=25:00:00", "\"ts\":1768464000.000000"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.rest);
    EXPECT_NE(told(c.rest).find(c.want), std::string::npos) << told(c.rest);
  }
}

TEST(Fortinet, RefusesAndRecognises) {
  EXPECT_EQ(play(""), "fault: bad_header\n");
  EXPECT_EQ(play("date=2026-01-15 logid=1"), "fault: bad_header\n");
  EXPECT_EQ(play("type=event subtype=user"), "fault: bad_header\n");
  std::string many = "logid=1 type=event ";
  for (int i = 0; i < 1022; ++i) many += "k=v ";
  EXPECT_NE(play(many), "fault: too_deep\n");
  EXPECT_EQ(play(many + "k=v"), "fault: too_deep\n");

  const auto recognised = [](std::string_view text) { return fortinet_format().recognise(MessagePlay::message(text)); };
  EXPECT_TRUE(recognised("date=2026-01-15 time=09:02:03 devid=F logid=1 type=event subtype=user"));
  EXPECT_TRUE(recognised(
      "date=2026-01-15,time=09:02:03,logid=\"1\",eventtype=\"x\",type=\"event\",subtype=\"user\",vd=\"root\""));
  // FortiWeb
  EXPECT_FALSE(
      recognised("date=2026-01-15 time=09:02:03 devname=w log_id=1 device_id=F vd=root type=event subtype=user"));
  EXPECT_FALSE(recognised("logid=1 subtype=user devid=F"));
}

}  // namespace
}  // namespace nw::logs
