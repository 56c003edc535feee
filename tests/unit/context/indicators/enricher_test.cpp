#include "context/indicators/enricher.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "context/indicators/feed.h"
#include "source_directory.h"

namespace nw::context {
namespace {

using event::Value;

constexpr Timestamp kNow{std::chrono::seconds{1'800'000'000}};

constexpr std::string_view kFeed =
    "type,value,id,confidence,tlp,pap,labels\n"
    "domain,bad.example,d-1,60,green,amber,c2\n"
    "domain,bad.example,d-2,90,amber,red,\n"
    "address,203.0.113.66,a-1,,,,\n"
    "prefix,203.0.113.0/24,a-2,,,,\n"
    "url,http://web.example/kit/a,u-1,,,,\n"
    "sha256,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,h-1,,,,\n"
    "md5,bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,h-2,,,,\n"
    "ja3,cccccccccccccccccccccccccccccccc,j-1,,,,\n"
    "ja4,t13d1516h2_8daaf6152771_e5627efa2ab1,j-2,,,,\n"
    "cert-sha256,dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd,c-1,,,,\n";

std::shared_ptr<const IndicatorSet> read_set(std::string_view text) {
  FeedOptions options;
  options.source = "feed";
  options.now = kNow;
  IndicatorGate gate;
  gate.close();
  IndicatorBuilder builder{1U << 20, 1};
  Refusals refusals;
  Diagnostics diagnostics;
  Feed feed{options, gate, builder, refusals, diagnostics};
  read_csv_feed(text, feed);
  EXPECT_EQ(diagnostics.to_string(), "");
  EXPECT_EQ(refusals.total(), 0U);
  std::uint64_t left_out = 0;
  return builder.finish(left_out);
}

class OnEvents : public testing::Test {
 protected:
  struct Set {
    const char* field;
    Value value;
  };

  // What an event of `path` with these fields gets: "type value ... answered".
  std::string enrich(std::string_view product, std::string_view path, std::vector<Set> sets, bool open = false) {
    event::Schema schema;
    const IndicatorEnricher enricher{schema};
    std::vector<event::FieldSpec> specs;
    for (const Set& set : sets) specs.push_back({set.field, "text", ""});
    event::TypeSpec spec;
    spec.path = path;
    spec.product = product;
    spec.open = open;
    if (!open) spec.fields = specs;
    const auto type = schema.add_type(spec);
    event::Interest interest;
    interest.want_all(type);
    IndicatorEnrichment enrichment{enricher, *set_, interest, schema};
    event_.begin(type, event::SourceId{0}, kNow, kNow, event::TimeQuality::capture);
    for (const Set& set : sets) event_.set(*schema.find_field(set.field), set.value);
    enrichment.enrich(event_);
    counters_ = enrichment.counters();
    pap_ = enricher.pap_of(event_);
    std::string out;
    for (const char* name : {"nw.ioc.value", "nw.ioc.answered"})
      if (const Value* value = event_.get(*schema.find_field(name))) out += (out.empty() ? "" : " ") + value->to_text();
    return out;
  }
  static Value text(std::string_view t) { return Value::text(t); }
  static Value address(const char* t) { return Value::address(*IpAddress::parse(t)); }

  std::shared_ptr<const IndicatorSet> set_ = read_set(kFeed);
  event::Event event_;
  IndicatorEnrichment::Counters counters_;
  std::string pap_;
};

TEST_F(OnEvents, Connections) {
  static constexpr struct {
    const char *state, *want;
  } kCases[] = {
      {"S0", "203.0.113.66,203.0.113.0/24 false"},     {"REJ", "203.0.113.66,203.0.113.0/24 false"},
      {"RSTOS0", "203.0.113.66,203.0.113.0/24 false"}, {"SF", "203.0.113.66,203.0.113.0/24 true"},
      {"S1", "203.0.113.66,203.0.113.0/24 true"},      {"RSTO", "203.0.113.66,203.0.113.0/24 true"},
      {"OTH", "203.0.113.66,203.0.113.0/24"},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(enrich("normwatch", "conn", {{"id.resp_h", address("203.0.113.66")}, {"conn_state", text(c.state)}}),
              c.want)
        << c.state;
  EXPECT_EQ(counters_.hits[index(IndicatorKind::address)][static_cast<std::size_t>(Answered::unknown)], 1U);
  EXPECT_EQ(enrich("normwatch", "conn", {{"id.resp_h", address("203.0.114.1")}, {"conn_state", text("SF")}}), "");
  EXPECT_EQ(enrich("normwatch", "http", {{"id.resp_h", address("203.0.113.66")}}), "") << "its conn tells";
  EXPECT_EQ(enrich("normwatch", "modbus", {{"query", text("bad.example")}}), "") << "no event that is looked at";
}

TEST_F(OnEvents, Names) {
  const Value to[] = {address("198.51.100.1")}, nowhere[] = {address("0.0.0.0"), address("127.0.0.2")},
              listed[] = {address("203.0.113.66")}, nowhere6[] = {text("::")};
  const auto dns = [&](std::int64_t rcode, std::span<const Value> answers) {
    return enrich(
        "normwatch", "dns",
        {{"query", text("A.bad.example.")}, {"rcode", Value::integer(rcode)}, {"answers", Value::list(answers)}});
  };
  EXPECT_EQ(dns(0, to), "bad.example,bad.example true");
  EXPECT_EQ(dns(0, nowhere), "bad.example,bad.example false");
  EXPECT_EQ(dns(0, nowhere6), "bad.example,bad.example false");
  EXPECT_EQ(dns(3, {}), "bad.example,bad.example false");
  EXPECT_EQ(enrich("normwatch", "dns", {{"query", text("bad.example")}}), "bad.example,bad.example false");
  EXPECT_EQ(enrich("normwatch", "dns",
                   {{"query", text("notbad.example")}, {"rcode", Value::integer(0)}, {"answers", Value::list(listed)}}),
            "203.0.113.66,203.0.113.0/24 true");
  EXPECT_EQ(enrich("normwatch", "dns", {{"query", text("verybad.example")}}), "");
  EXPECT_EQ(enrich("normwatch", "quic", {{"server_name", text("bad.example")}, {"server_scid", text("ab")}}),
            "bad.example,bad.example true");
}

TEST_F(OnEvents, WebAndTls) {
  const auto http = [&](std::vector<Set> more) {
    more.insert(more.begin(), {{"host", text("Web.example:80")}, {"uri_raw", text("/kit/%61")}});
    return enrich("normwatch", "http", more);
  };
  EXPECT_EQ(http({}), "web.example/kit/a false");
  EXPECT_EQ(http({{"status_code", Value::integer(200)}}), "web.example/kit/a true");
  EXPECT_EQ(http({{"status_code", Value::integer(404)}}), "web.example/kit/a false");
  EXPECT_EQ(enrich("normwatch", "http",
                   {{"host", text("x.bad.example")}, {"uri_raw", text("/")}, {"status_code", Value::integer(302)}}),
            "bad.example,bad.example true");
  EXPECT_EQ(enrich("normwatch", "ssl", {{"server_name", text("bad.example")}, {"established", Value::boolean(false)}}),
            "bad.example,bad.example false");
  EXPECT_EQ(
      enrich("normwatch", "ssl", {{"ja3", text(std::string(32, 'c'))}, {"cipher", text("TLS_AES_128_GCM_SHA256")}}),
      std::string(32, 'c') + " true");
  EXPECT_EQ(enrich("normwatch", "ssl",
                   {{"ja4", text("t13d1516h2_8daaf6152771_e5627efa2ab1")}, {"established", Value::boolean(true)}}),
            "t13d1516h2_8daaf6152771_e5627efa2ab1 true");
  EXPECT_EQ(enrich("normwatch", "x509", {{"fingerprint", text(std::string(64, 'D'))}}), std::string(64, 'd') + " true");
  const std::string print(64, 'd');
  const Value chain[] = {text("00"), text(print)};
  EXPECT_EQ(enrich("normwatch", "ssl", {{"cert_chain_fps", Value::list(chain)}}), print);
  EXPECT_EQ(enrich("normwatch", "files", {{"sha256", text(std::string(64, 'a'))}}), std::string(64, 'a') + " true");
}

TEST_F(OnEvents, LogLines) {
  EXPECT_EQ(enrich("fortinet", "traffic", {{"dstip", text("203.0.113.66")}, {"action", text("deny")}}),
            "203.0.113.66,203.0.113.0/24 false");
  EXPECT_EQ(enrich("fortinet", "traffic", {{"dstip", text("203.0.113.66")}, {"action", text("Accept")}}),
            "203.0.113.66,203.0.113.0/24 true");
  EXPECT_EQ(enrich("windows", "sysmon",
                   {{"Hashes", text("MD5=" + std::string(32, 'B') + ",SHA256=" + std::string(64, '0'))}}, true),
            std::string(32, 'b'));
  EXPECT_EQ(enrich("windows", "sysmon", {{"QueryName", text("bad.example")}, {"QueryStatus", text("9003")}}, true),
            "bad.example,bad.example false");
  EXPECT_EQ(enrich("linux", "sshd", {{"id.orig_h", address("203.0.113.66")}, {"host", text("bad.example")}}),
            "203.0.113.66,203.0.113.0/24")
      << "`host` is who wrote the line";
  EXPECT_EQ(
      enrich("", "proxy", {{"cs-host", text("web.example")}, {"c-uri", text("/kit/a")}, {"sc-status", text("403")}}),
      "web.example/kit/a false");
}

TEST_F(OnEvents, TheStrictestMarkHolds) {
  enrich("normwatch", "dns", {{"query", text("bad.example")}});
  EXPECT_EQ(pap_, "red");
  enrich("normwatch", "conn", {{"id.resp_h", address("203.0.113.66")}});
  EXPECT_EQ(pap_, "");
}

TEST_F(OnEvents, SixteenAreNamedAndTheMarkOfAllHolds) {
  std::string feed = "value,id,pap\n";
  for (int i = 0; i < 30; ++i) feed += "bad.example," + std::to_string(i) + (i == 29 ? ",red\n" : ",green\n");
  set_ = read_set(feed);
  enrich("normwatch", "dns", {{"query", text("bad.example")}});
  EXPECT_EQ(pap_, "red");
  EXPECT_EQ(counters_.cut, 30 - IndicatorEnrichment::kHitsMax);
}

TEST(IndicatorFields, AreAskedForOnlyWhereSomebodyReadsThem) {
  event::Schema schema;
  const IndicatorEnricher enricher{schema};
  constexpr event::FieldSpec kDns[] = {{"query", "text", ""}, {"rcode", "integer", ""}, {"qtype", "integer", ""}};
  event::TypeSpec spec;
  spec.path = "dns";
  spec.product = "normwatch";
  spec.fields = kDns;
  const auto type = schema.add_type(spec);
  const auto id = [&](std::string_view name) { return *schema.find_field(name); };
  event::Interest none;
  none.want(type);
  enricher.subscribe(none, schema);
  EXPECT_FALSE(none.wants(type, id("query")));
  event::Interest some;
  some.want(type, id("nw.ioc.type"));
  enricher.subscribe(some, schema);
  EXPECT_TRUE(some.wants(type, id("query")));
  EXPECT_TRUE(some.wants(type, id("rcode")));
  EXPECT_FALSE(some.wants(type, id("qtype")));
  EXPECT_FALSE(some.wants(type, id("nw.ioc.value")));
  EXPECT_TRUE(some.wants(type, id("nw.ioc.pap"))) << "who makes an alert of it must know";
  enricher.claim(schema);
  ASSERT_EQ(schema.type(type).answers.size(), 1U);
  EXPECT_EQ(schema.type(type).answers[0].category, IndicatorEnricher::kCategory);
}

TEST(IndicatorFields, TheRulesReadmeListsEvery) {
  std::ostringstream text;
  text << std::ifstream{std::string{source_directory()} + "/rules/README.md"}.rdbuf();
  for (const event::FieldSpec& field : IndicatorEnricher::fields())
    EXPECT_NE(text.str().find('`' + std::string{field.name} + '`'), std::string::npos) << field.name;
}

}  // namespace
}  // namespace nw::context
