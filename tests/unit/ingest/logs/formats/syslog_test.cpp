#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "base/yaml.h"
#include "ingest/logs/formats/message.h"
#include "source_directory.h"
#include "unit/ingest/logs/formats/log_test_support.h"

namespace nw::logs {
namespace {

TEST(Syslog, FillsTheEvent) {
  Bench bench{"syslog", {}, Wants::all};
  ASSERT_EQ(bench.line("<165>1 2026-02-11T22:14:15.003Z pump7 plc 8710 ALM47 [io@1 ch=\"3\"] high"), LineFault::none);
  EXPECT_EQ(bench.last().path, "syslog");
  EXPECT_EQ(bench.fields(),
            R"({"facility":"LOCAL4","severity":"NOTICE","priority":165,"host":"pump7","program":"plc","pid":"8710",)"
            R"("msgid":"ALM47","structured_data":"[io@1 ch=\"3\"]","message":"high"})");
  EXPECT_EQ(to_rfc3339(bench.last().event_time), "2026-02-11T22:14:15.003Z");
  EXPECT_EQ(bench.last().quality, event::TimeQuality::stated);
  EXPECT_EQ(bench.last().raw, "<165>1 2026-02-11T22:14:15.003Z pump7 plc 8710 ALM47 [io@1 ch=\"3\"] high");
}

TEST(Syslog, OrdinalNumbersTheLine) {
  Bench bench{"syslog", {}, Wants::types};
  (void)bench.line("<13>a");
  (void)bench.line("<13>b");
  EXPECT_EQ(bench.last().ordinal, 1U);
}

TEST(Syslog, ProgramDecidesTheType) {
  static constexpr struct {
    const char *tag, *path;
  } kCases[] = {
      {"sshd[1]", "syslog.sshd"},
      {"sshd-session[1]", "syslog.sshd"},
      {"sshd(pam_unix)[1]", "syslog.sshd"},
      {"sudo", "syslog.sudo"},
      {"su", "syslog.auth"},
      {"login", "syslog.auth"},
      {"passwd[3]", "syslog.auth"},
      {"useradd[3]", "syslog.auth"},
      {"systemd-logind[1]", "syslog.auth"},
      {"CRON[7]", "syslog.cron"},
      {"/USR/SBIN/CRON[7]", "syslog.cron"},
      {"crond[7]", "syslog.cron"},
      {"auditd[1]", "syslog.auditd"},
      {"audit", "syslog.auditd"},
      {"kernel", "syslog"},
      {"sshd2[1]", "syslog"},
      {"sshdx", "syslog"},
      {"a-name-longer-than-any", "syslog"},
  };
  Bench bench{"syslog", {}, Wants::types};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.tag);
    ASSERT_EQ(bench.line("Feb 28 22:14:15 gw " + std::string{c.tag} + ": m"), LineFault::none);
    EXPECT_EQ(bench.last().path, c.path);
  }
}

TEST(Syslog, TypesCarryTheLogSources) {
  event::Schema schema;
  FormatOptions options;
  find_format("syslog")->declare(schema, options);
  const auto services = [&](std::string_view path, std::string_view product) {
    for (std::size_t i = 0; i < schema.type_count(); ++i) {
      const event::Type& type = schema.type(static_cast<event::TypeId>(i));
      if (type.path == path && type.product == product) return type.services;
    }
    return std::vector<std::string>{"(no such type)"};
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(services("syslog", "linux"), (Names{"syslog"}));
  EXPECT_EQ(services("syslog.sshd", "linux"), (Names{"sshd", "auth", "syslog"}));
  EXPECT_EQ(services("syslog.sudo", "linux"), (Names{"sudo", "auth", "syslog"}));
  EXPECT_EQ(services("syslog.auth", "linux"), (Names{"auth", "syslog"}));
  EXPECT_EQ(services("syslog.cron", "linux"), (Names{"cron", "syslog"}));
  EXPECT_EQ(services("syslog.auditd", "linux"), (Names{"auditd", "syslog"}));
  EXPECT_EQ(services("unparsed", "linux"), (Names{}));

  // Two sources of one product and different services do not take each other's.
  options.product = "cisco";
  options.service = "aaa";
  find_format("syslog")->declare(schema, options);
  options.service = "bgp";
  options.category = "router";
  find_format("syslog")->declare(schema, options);
  EXPECT_EQ(services("syslog:aaa", "cisco"), (Names{"syslog", "aaa"}));
  EXPECT_EQ(services("syslog:bgp:router", "cisco"), (Names{"syslog", "bgp"}));
}

TEST(Syslog, HostFallsBackToTheSender) {
  Bench bench{"syslog", {}, Wants::types};
  const IpAddress peer = IpAddress::v4(0xC0000207);
  (void)bench.line("<13>no host here", "2026-03-01T12:00:00Z", peer);
  EXPECT_EQ(bench.fields(), R"({"host":"192.0.2.7","message":"no host here"})");
  (void)bench.line("<13>Feb 28 22:14:15 gw a b", "2026-03-01T12:00:00Z", peer);
  EXPECT_EQ(bench.fields(), R"({"host":"gw","message":"a b"})");
}

TEST(Syslog, InterestLimitsWhatIsSet) {
  const char* const line = "<38>Feb 28 22:14:15 gw sshd[4]: x";
  Bench nothing{"syslog", {}, Wants::nothing};
  EXPECT_EQ(nothing.line(line), LineFault::none);
  EXPECT_EQ(nothing.line("garbage"), LineFault::bad_header);
  EXPECT_TRUE(nothing.sink->seen.empty());

  Bench types{"syslog", {}, Wants::types};
  (void)types.line(line);
  EXPECT_EQ(types.fields(), R"({"host":"gw","message":"x"})");

  Bench one{"syslog", {}, Wants::nothing, {"program"}};
  (void)one.line(line);
  EXPECT_EQ(one.fields(), R"({"host":"gw","program":"sshd","message":"x"})");
}

TEST(Syslog, SubscribeTakesEffectWithTheNextLine) {
  Bench bench{"syslog", {}, Wants::types};
  (void)bench.line("<38>a");
  auto grown = std::make_shared<event::Schema>(*bench.schema);
  auto none = std::make_shared<event::Interest>();
  bench.parser->subscribe(grown, none);
  (void)bench.line("<38>b");
  EXPECT_EQ(bench.sink->seen.size(), 1U);
}

TEST(Syslog, BadLinesBecomeUnparsedEvents) {
  Bench bench{"syslog", {}, Wants::types};
  EXPECT_EQ(bench.line("no syslog at all"), LineFault::bad_header);
  EXPECT_EQ(bench.last().path, "unparsed");
  EXPECT_EQ(bench.fields(), R"({"message":"no syslog at all","reason":"bad_header"})");
  EXPECT_EQ(bench.last().quality, event::TimeQuality::received);
  EXPECT_EQ(bench.line(""), LineFault::empty);
  EXPECT_EQ(bench.fields(), R"({"message":"","reason":"empty"})");
  EXPECT_EQ(bench.line(std::string(kLineBytesMax + 9, 'x')), LineFault::too_long);
  EXPECT_EQ(bench.last().json.find("too_long") != std::string::npos, true);
  EXPECT_LT(bench.last().json.size(), kLineBytesMax + 100);
}

TEST(Formats, TableIsComplete) {
  ASSERT_EQ(formats().size(), 4U + message_formats().size());
  EXPECT_EQ(find_format("xml"), nullptr);
  EXPECT_EQ(format_names().size(), formats().size());
  for (const Format& format : formats()) {
    SCOPED_TRACE(format.name);
    EXPECT_EQ(find_format(format.name), &format);
    EXPECT_FALSE(format.help.empty());
    // Every format turns every line, also garbage, into one event at least, unless it is part of another line's.
    Bench bench{format.name, {}, Wants::types};
    std::uint64_t lines = 0, joined = 0;
    for (const char* line : {"", "{", "{}", "<13>x", "\xff\xfe", "{\"a\":1}", "<1>1 - - - - - -"}) {
      (void)bench.line(line);
      joined = bench.parser->joined();
      EXPECT_GE(bench.sink->seen.size() + joined, ++lines) << line;
    }
    bench.parser->flush(Timestamp{}, true, *bench.sink);
    EXPECT_EQ(bench.parser->joined(), joined);
  }
}

// What the configuration's schema and this folder's README say there is.
TEST(Formats, AreDocumented) {
  const auto read = [](std::string_view name) {
    std::ostringstream out;
    out << std::ifstream{std::string{source_directory()} + '/' + std::string{name}}.rdbuf();
    return out.str();
  };
  const std::string readme = read("daemon/ingest/logs/formats/README.md");
  std::string listed;
  for (const std::string_view name : format_names()) {
    EXPECT_NE(readme.find("| `" + std::string{name} + "` |"), std::string::npos) << name;
    listed += (listed.empty() ? "\"" : ", \"") + std::string{name} + '"';
  }
  Diagnostics diagnostics;
  const auto documents = parse_yaml(read("config/normwatch.schema.json"), "schema", diagnostics);  // JSON is YAML
  ASSERT_EQ(documents.size(), 1U) << diagnostics.to_string();
  const YamlNode* node = &documents[0];
  for (const char* key : {"$defs", "logFormat", "enum"}) {
    node = node->find(key);
    ASSERT_NE(node, nullptr) << key;
  }
  std::string known;
  for (const YamlNode& item : node->items) known += (known.empty() ? "\"" : ", \"") + item.scalar + '"';
  EXPECT_EQ(known, listed);
}

}  // namespace
}  // namespace nw::logs
