// The mappings that we ship, name by name: each spelling, alias and class does what its line says, through the parser
// and the matcher.
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "detect/sigma/rule_set.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/mapping.h"
#include "ingest/network/decoder.h"
#include "source_directory.h"

namespace nw {
namespace {

using logs::Mapping;

std::shared_ptr<const Mapping> shipped(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream{std::string{source_directory()} + "/config/mappings/" + name + ".yaml"}.rdbuf();
  Diagnostics diagnostics;
  return logs::read_mapping(text.str(), name, diagnostics);
}

std::string rule(const std::string& logsource, const std::string& selection) {
  return "title: t\nid: 5b0f0d1e-6a6c-4d0a-9b0e-1f00000000aa\nlogsource: " + logsource +
         "\ndetection:\n  selection: " + selection + "\n  condition: selection\nlevel: low\n";
}

struct Matched final : event::EventSink {
  explicit Matched(std::shared_ptr<const sigma::RuleSet> rules) : matcher{std::move(rules)} {}
  void accept(event::Event& event) override { hits += matcher.match(event).size(); }
  sigma::Matcher matcher;
  std::size_t hits = 0;
};

// A source of JSON lines with one of the mappings.
struct Source {
  explicit Source(const std::string& name, const std::string& category = {}) {
    options.mapping = shipped(name);
    EXPECT_TRUE(options.mapping) << name;
    options.category = category;
    if (category.empty()) options.product = options.mapping->products.front();
  }
  [[nodiscard]] std::string log_source(const std::string& more = {}) const {
    return options.category.empty() ? "{product: " + options.product + more + '}'
                                    : "{category: " + options.category + more + '}';
  }
  [[nodiscard]] bool fires(const std::string& log_source, const std::string& selection, const std::string& line) const {
    auto schema = std::make_shared<event::Schema>();
    const logs::Format& json = *logs::find_format("json");
    json.declare(*schema, options);
    Diagnostics diagnostics;
    const std::vector<sigma::RuleText> texts{{"r.yml", rule(log_source, selection)}};
    const auto rules = sigma::RuleSet::compile(texts, *schema, {}, diagnostics);
    EXPECT_TRUE(rules) << diagnostics.to_string();
    if (!rules) return false;
    Matched matched{rules};
    const auto parser = json.make(schema, std::make_shared<event::Interest>(rules->interest()), options);
    EXPECT_EQ(parser->line(line, {}, matched), logs::LineFault::none) << line;
    return matched.hits == 1;
  }

  logs::FormatOptions options;
};

std::string in_quotes(std::string_view text) { return '"' + std::string{text} + '"'; }

// {"a.b": v}, and {"a": {"b": v}}.
std::string joined(const std::string& path, const std::string& value, const std::string& more = {}) {
  return '{' + in_quotes(path) + ':' + in_quotes(value) + more + '}';
}
std::string nested(std::string_view path, const std::string& value) {
  std::string out, close;
  for (;;) {
    const std::size_t dot = path.find('.');
    out += '{' + in_quotes(path.substr(0, dot)) + ':';
    close += '}';
    if (dot == std::string_view::npos) return out + in_quotes(value) + close;
    path.remove_prefix(dot + 1);
  }
}

// A text that is an address too, for fields that are compared as one.
const std::string kValue = "192.0.2.7";

class ShippedMapping : public ::testing::TestWithParam<std::pair<const char*, const char*>> {
 protected:
  Source source_{GetParam().first, GetParam().second};
  const Mapping& mapping_ = *source_.options.mapping;
};

TEST_P(ShippedMapping, ReadsEverySpelling) {
  for (const Mapping::Field& field : mapping_.fields) {
    std::vector<std::string> names = field.spellings;
    names.push_back(field.name);
    for (const std::string& name : names) {
      const std::string selection = "{'" + field.name + "': '" + kValue + "'}";
      EXPECT_TRUE(source_.fires(source_.log_source(), selection, joined(name, kValue))) << field.name << ' ' << name;
      EXPECT_TRUE(source_.fires(source_.log_source(), selection, nested(name, kValue))) << field.name << ' ' << name;
    }
  }
}

TEST_P(ShippedMapping, ReadsWhatLiesBelow) {
  for (std::string path : mapping_.below) {
    if (path.ends_with(".*")) path.back() = 'x';
    EXPECT_TRUE(source_.fires(source_.log_source(), "{Invented: x}", nested(path + ".Invented", "x"))) << path;
  }
  for (const std::string& list : mapping_.pairs.lists)
    for (const std::string& name : mapping_.pairs.names)
      for (const std::string& value : mapping_.pairs.values) {
        std::string line = nested(list, "@");
        line.replace(line.find("\"@\""), 3, '[' + joined(name, "Invented", ',' + in_quotes(value) + ":\"x\"") + ']');
        EXPECT_TRUE(source_.fires(source_.log_source(), "{Invented: x}", line)) << line;
      }
}

TEST_P(ShippedMapping, AliasesAreRead) {
  const auto check = [&](const logs::Claims& claims, const std::string& deciders) {
    for (const logs::Claims::Alias& alias : claims.aliases)
      for (const std::string& name : {alias.carried, alias.named})
        EXPECT_TRUE(source_.fires(source_.log_source(), "{'" + alias.named + "': '" + kValue + "'}",
                                  joined(name, kValue, deciders)))
            << alias.named << ' ' << name << deciders;
  };
  check(mapping_.claims, {});
  for (const Mapping::Class& each : mapping_.classes) {
    const std::string first = ',' + in_quotes(mapping_.by[0]) + ':' + in_quotes(each.values[0]);
    check(each.claims, first);
    for (const Mapping::Class& kind : each.kinds)
      check(kind.claims, first + ',' + in_quotes(mapping_.by[1]) + ':' + in_quotes(kind.values[0]));
  }
}

TEST_P(ShippedMapping, EveryClassIsALogSource) {
  const auto check = [&](const Mapping::Class& each, const std::string& deciders) {
    const std::string line = joined("f", "x", deciders);
    std::vector<std::string> sources;
    for (const std::string& service : each.services) sources.push_back(source_.log_source(", service: " + service));
    for (const std::string& category : each.categories)
      sources.push_back(source_.log_source(", category: " + category));
    for (const event::LogSourceName& answer : each.claims.answers) {
      std::string text = "{";
      if (!answer.product.empty()) text += "product: " + answer.product + ", ";
      if (!answer.service.empty()) text += "service: " + answer.service + ", ";
      if (!answer.category.empty()) text += "category: " + answer.category + ", ";
      sources.push_back(text + '}');
    }
    for (const std::string& log_source : sources)
      EXPECT_TRUE(source_.fires(log_source, "{f: x}", line)) << log_source << ' ' << line;
    EXPECT_FALSE(sources.empty() && each.kinds.empty()) << each.name;
  };
  for (const Mapping::Class& each : mapping_.classes)
    for (const std::string& value : each.values) {
      const std::string first = ',' + in_quotes(mapping_.by[0]) + ':' + in_quotes(value);
      check(each, first);
      for (const Mapping::Class& kind : each.kinds)
        for (const std::string& second : kind.values)
          check(kind, first + ',' + in_quotes(mapping_.by[1]) + ':' + in_quotes(second));
    }
}

INSTANTIATE_TEST_SUITE_P(All, ShippedMapping,
                         ::testing::Values(std::pair{"windows", ""}, std::pair{"linux", ""}, std::pair{"zeek", ""},
                                           std::pair{"suricata", ""}, std::pair{"web", "webserver"},
                                           std::pair{"web", "proxy"}),
                         [](const auto& made) { return std::string{made.param.first} + made.param.second; });

// Rules in the style of SigmaHQ's on one event of each shape.
TEST(ShippedMappings, RulesFireOnEveryShape) {
  static const struct {
    const char *mapping, *category, *log_source, *selection, *line;
    bool want;
  } kCases[] = {
      {"linux", "", "{product: linux, category: process_creation}",
       "{Image|endswith: /nc, CommandLine|contains: ' -e '}",
       R"({"Event":{"System":{"Channel":"Linux-Sysmon/Operational","EventID":1},)"
       R"("EventData":{"Data":[{"@Name":"Image","#text":"/usr/bin/nc"},{"@Name":"CommandLine","#text":"nc -e sh"}]}}})",
       true},
      {"linux", "", "{product: linux, category: network_connection}", "{DestinationIp|cidr: 198.51.100.0/24}",
       R"({"Channel":"Linux-Sysmon/Operational","EventID":3,"DestinationIp":"198.51.100.9"})", true},
      {"linux", "", "{product: linux, service: auditd}", "{type: EXECVE, a0: tcpdump}",
       R"({"event":{"module":"auditd"},"auditd":{"message_type":"EXECVE","data":{"a0":"tcpdump"}}})", true},
      {"linux", "", "{product: linux, service: sshd}", "['Invalid user']",
       R"({"SYSLOG_IDENTIFIER":"sshd","MESSAGE":"Invalid user eva from 192.0.2.9","_HOSTNAME":"gw"})", true},
      {"linux", "", "{product: linux, service: cron}", "[REPLACE]",
       R"({"SYSLOG_IDENTIFIER":"crontab","MESSAGE":"(root) REPLACE eva"})", true},
      {"linux", "", "{product: linux, service: sshd}", "[REPLACE]",
       R"({"SYSLOG_IDENTIFIER":"crontab","MESSAGE":"(root) REPLACE eva"})", false},
      {"web", "webserver", "{category: webserver}", "{cs-method: GET, cs-uri-query|contains: '../../', sc-status: 200}",
       R"({"request_method":"GET","query_string":"f=../../x","status":200})", true},
      {"web", "webserver", "{category: webserver}", "{cs-method: GET, c-uri|contains: /shell, sc-status: [200, 302]}",
       R"({"http":{"request":{"method":"get"},"response":{"status_code":302}},"url":{"original":"/shell.jsp"}})", true},
      {"web", "proxy", "{category: proxy}", "{c-useragent|startswith: curl/, cs-host|endswith: .example}",
       R"({"user_agent":{"original":"curl/8"},"url":{"domain":"a.example"}})", true},
      {"zeek", "", "{product: zeek, service: dns}", "{query|endswith: .onion, qtype_name: A}",
       R"({"_path":"dns","ts":1.5,"query":"x.onion","qtype_name":"A"})", true},
      {"zeek", "", "{product: zeek, service: http}", "{method: POST, uri|endswith: .php}",
       R"({"event":{"dataset":"zeek.http"},"zeek":{"http":{"method":"POST","uri":"/a.php"}}})", true},
      {"zeek", "", "{category: firewall}", "{dst_port: 445, src_ip|cidr: 10.0.0.0/8}",
       R"({"@stream":"conn","id_orig_h":"10.1.2.3","id_resp_p":445})", true},
      {"zeek", "", "{category: proxy}", "{c-uri|contains: /beacon, cs-method: GET}",
       R"({"_path":"http","uri":"/beacon","method":"GET"})", true},
      {"zeek", "", "{product: zeek, service: smb_files}", "{path|contains: 'ADMIN$'}",
       R"({"_path":"smb_files","path":"\\\\h\\ADMIN$"})", true},
  };
  for (const auto& c : kCases)
    EXPECT_EQ((Source{c.mapping, c.category}.fires(c.log_source, c.selection, c.line)), c.want)
        << c.log_source << ' ' << c.line;
}

TEST(ShippedMappings, AlertsOfSuricataAreOfIntrusionDetection) {
  const Source suricata{"suricata"};
  const std::string who = R"("src_ip":"192.0.2.7","dest_ip":"203.0.113.9")";
  const std::string flow = R"("flow":{"src_ip":"203.0.113.9","dest_ip":"192.0.2.7"})";
  const std::string alert = R"({"event_type":"alert","alert":{"signature":"Log4j, CVE-2021-44228"},)" + who + '}';
  EXPECT_TRUE(suricata.fires("{category: ids}", "{alert.signature|contains: CVE-2021-44228}", alert));
  EXPECT_TRUE(suricata.fires("{category: ids}", "{id.resp_h: 203.0.113.9, dest_ip: 203.0.113.9}", alert));
  // Who opened the flow goes before who sent the packet.
  const std::string answer = R"({"event_type":"alert",)" + flow + ',' + who + '}';
  EXPECT_TRUE(suricata.fires("{product: suricata, service: alert}", "{id.resp_h: 192.0.2.7}", answer));
  EXPECT_FALSE(suricata.fires("{category: ids}", "{id.resp_h: 203.0.113.9}", R"({"event_type":"dns",)" + who + '}'));
}

TEST(ShippedMappings, RulesForZeekFireOnOurOwnDns) {
  event::Schema schema;
  network::NetworkDecoder::declare(schema);
  const auto zeek = shipped("zeek");
  ASSERT_TRUE(zeek);
  logs::claim_foreign(schema, *zeek);
  Diagnostics diagnostics;
  const std::vector<sigma::RuleText> texts{
      {"r.yml", rule("{product: zeek, service: dns}",
                     "{query|endswith: .example, record_type: TXT, src_ip|cidr: 10.0.0.0/8, id.resp_p: 53}")}};
  const auto rules = sigma::RuleSet::compile(texts, schema, {}, diagnostics);
  ASSERT_TRUE(rules) << diagnostics.to_string();
  sigma::Matcher matcher{rules};
  std::size_t seen = 0;
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const auto type = static_cast<event::TypeId>(i);
    event::Event event;
    event.begin(type, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::capture);
    event.set(schema.add_field("query"), event::Value::text("t.EXAMPLE"));
    event.set(schema.add_field("qtype_name"), event::Value::text("TXT"));
    event.set(event::common(event::Common::orig_h), event::Value::address(IpAddress::v4(0x0a000001)));
    event.set(event::common(event::Common::resp_p), event::Value::integer(53));
    const bool dns = schema.type(type).path == "dns";
    EXPECT_EQ(matcher.match(event).size(), dns ? 1U : 0U) << schema.type(type).path;
    seen += dns ? 1U : 0U;
  }
  EXPECT_EQ(seen, 1U);
}

}  // namespace
}  // namespace nw
