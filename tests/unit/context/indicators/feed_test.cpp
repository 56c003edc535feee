#include "context/indicators/feed.h"

#include <gtest/gtest.h>
#include <set>

#include "context/indicators/stix_pattern.h"

namespace nw::context {
namespace {

constexpr Timestamp kNow{std::chrono::seconds{1'800'000'000}};  // 2027-01-15T08:00:00Z

class Feeds : public testing::Test {
 protected:
  Feeds() {
    options_.file = "feed";
    options_.source = "Feed";
    options_.now = kNow;
    options_.file_time = kNow - std::chrono::hours{1};
  }

  void read(std::string_view format, std::string_view text) {
    gate_->close();
    IndicatorBuilder builder{1U << 20, 1};
    Feed feed{options_, *gate_, builder, refusals_, diagnostics_};
    find_feed_format(format)->read(text, feed);
    std::uint64_t left_out = 0;
    set_ = builder.finish(left_out);
  }
  // "kind value tlp pap" of what a name, an address or a digest finds; "" for nothing.
  std::string find(std::string_view value, IndicatorKind kind = IndicatorKind::domain) const {
    std::string out;
    const auto sink = [&out](const IndicatorHit& hit) {
      out += (out.empty() ? "" : ", ") + std::string{to_string(hit.kind)} + ' ' + std::string{hit.info.id} + ' ' +
             std::string{to_string(hit.info.tlp)} + ' ' + std::string{to_string(hit.info.pap)} + ' ' +
             std::to_string(hit.info.confidence.value_or(255));
      for (const char c : hit.info.labels) out += c == IndicatorInfo::kLabelEnd ? ';' : c;
    };
    if (kind == IndicatorKind::url)
      set_->find_url(value, kNow, sink);
    else if (kind == IndicatorKind::domain)
      set_->find_name(value, kNow, sink);
    else
      set_->find_text(kind, value, kNow, sink);
    return out;
  }
  std::string refused() const {
    std::string out;
    for (std::size_t i = 1; i < kRefusals; ++i)
      if (const auto n = refusals_.count(static_cast<Refusal>(i)); n != 0)
        out += std::string{kRefusalNames[i]} + '=' + std::to_string(n) + ' ';
    return out;
  }

  FeedOptions options_;
  std::optional<IndicatorGate> gate_{std::in_place};
  Refusals refusals_;
  Diagnostics diagnostics_;
  std::shared_ptr<const IndicatorSet> set_;
};

TEST_F(Feeds, List) {
  read("list", "# a comment\nhxxp://example[.]org/a#b\n\n  example[.]net   # why\r\n198.51.100[.]7\n198.51.100.0/24\n" +
                   std::string(64, 'a') + "\nt13d1516h2_8daaf6152771_e5627efa2ab1\n*.wild.example\nno value here\n");
  EXPECT_EQ(diagnostics_.to_string(), "");
  EXPECT_EQ(set_->size(), 7U);
  EXPECT_NE(find("a.example.net"), "");
  EXPECT_NE(find("x.wild.example"), "");
  EXPECT_NE(find("example.org/a", IndicatorKind::url), "");
  EXPECT_EQ(refused(), "bad_value=1 ");
  Diagnostics told;
  refusals_.report(told);
  EXPECT_EQ(told.to_string(),
            "feed:10:1: indicator-left-out: warning: 'no value here' is not what its type says: left out\n");
}

TEST_F(Feeds, Csv) {
  options_.tlp = Tlp::green;
  read("csv",
       "# ours\r\ntype,value,id,confidence,tlp,pap,labels,valid_until,comment\r\n"
       "domain,example.org,x-1,80,amber,red,c2 bot,2027-06-01,\"a, \"\"b\"\"\r\nc\"\r\n"
       ",198.51.100.7,,,,,,,\r\n"
       "domain,old.example,,,,,,2026-06-01,\r\n"
       "jarm,abc,,,,,,,\r\n"
       "domain,a.example,,101,,,,,\r\n"
       "domain,b.example\r\n"
       "domain,c.example,,,purple,,,,\r\n"
       "\r\n"
       "hostname,d.example,,,,,,,");
  EXPECT_EQ(diagnostics_.to_string(), "");
  EXPECT_EQ(find("example.org"), "domain x-1 amber red 80c2;bot;");
  EXPECT_EQ(find("198.51.100.7"), "address  green  255");
  EXPECT_EQ(find("d.example"), "hostname  green  255");
  EXPECT_EQ(set_->size(), 3U);
  EXPECT_EQ(refused(), "bad_value=3 unsupported=1 expired=1 ");
  Diagnostics told;
  refusals_.report(told);
  EXPECT_NE(told.to_string().find("feed:7:1"), std::string::npos) << told.to_string();
}

TEST_F(Feeds, CsvFaults) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"", "feed: csv-syntax: there is no header line: begin the file with: type,value\n"},
      {"type,vlaue\n", "unknown-key: no column is called 'vlaue' (did you mean 'value'?)"},
      {"type,type,value\n", "duplicate-key: two columns are called 'type'"},
      {"type\n", "missing-key"},
      {"value\na.example\n\"b", "feed:3:1: csv-syntax: a quoted field"},
  };
  for (const auto& c : kCases) {
    diagnostics_ = {};
    read("csv", c.text);
    EXPECT_NE(diagnostics_.to_string().find(c.want), std::string::npos) << c.text << '\n' << diagnostics_.to_string();
  }
  diagnostics_ = {};
  read("csv", "value\n" + std::string(100'000, 'a'));
  EXPECT_NE(diagnostics_.to_string().find("64 KiB"), std::string::npos);
}

constexpr const char* kMisp =
    R"({"Event":{"uuid":"e","info":"x","Tag":[{"name":"tlp:amber"},{"name":"misp-galaxy:tool=x"}],
 "Attribute":[
  {"uuid":"a1","type":"domain","value":"example.org","to_ids":true,"Tag":[{"name":"PAP:RED"},{"name":"tlp:clear"}]},
  {"uuid":"a2","type":"domain|ip","value":"example.net|198.51.100.7","to_ids":"1"},
  {"uuid":"a3","type":"hostname","value":"www.example.com","to_ids":true},
  {"uuid":"a4","type":"filename|sha256","value":"x|y.exe|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","to_ids":true},
  {"uuid":"a5","type":"ip-dst|port","value":"198.51.100.8|443","to_ids":true},
  {"uuid":"a6","type":"domain","value":"info.example","to_ids":false},
  {"uuid":"a7","type":"domain","value":"gone.example","to_ids":true,"deleted":true},
  {"uuid":"a8","type":"jarm-fingerprint","value":"x","to_ids":true},
  {"uuid":"a9","type":"domain","value":"old.example","to_ids":true,"timestamp":"1700000000"},
  {"uuid":"aa","type":"domain","value":"new.example","to_ids":true,"timestamp":"1700000000","last_seen":"2027-01-14T00:00:00.000000+00:00"},
  {"uuid":"ab","type":"domain","value":"bad.example","to_ids":true,"last_seen":"yesterday"}],
 "Object":[{"name":"file","Attribute":[{"uuid":"o1","type":"md5","value":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","to_ids":true}]},
           {"name":"url","deleted":true,"Attribute":[{"uuid":"o2","type":"url","value":"http://x.example/","to_ids":true}]}]}})";

TEST_F(Feeds, Misp) {
  options_.expires_after = std::chrono::hours{24 * 30};
  read("misp", kMisp);
  EXPECT_EQ(diagnostics_.to_string(), "");
  EXPECT_EQ(find("a.example.org"), "domain a1 amber red 255misp-galaxy:tool=x;");
  EXPECT_EQ(find("example.net"), "domain a2 amber  255misp-galaxy:tool=x;");
  EXPECT_EQ(find("198.51.100.7"), "address a2 amber  255misp-galaxy:tool=x;");
  EXPECT_EQ(find("198.51.100.8"), "address a5 amber  255port:443;misp-galaxy:tool=x;");
  EXPECT_EQ(find("www.example.com"), "hostname a3 amber  255misp-galaxy:tool=x;");
  EXPECT_NE(find(std::string(64, 'a'), IndicatorKind::sha256), "");
  EXPECT_NE(find(std::string(32, 'b'), IndicatorKind::md5), "");
  EXPECT_NE(find("new.example"), "");
  EXPECT_EQ(set_->size(), 8U);
  EXPECT_EQ(refused(), "bad_value=1 unsupported=1 not_for_detection=1 revoked=2 expired=1 ");
}

TEST_F(Feeds, MispInEveryWrapping) {
  const std::string attribute = R"({"type":"domain","value":"example.org","to_ids":true})";
  for (const std::string& text :
       {"{\"Attribute\":[" + attribute + "]}", "{\"response\":{\"Attribute\":[" + attribute + "]}}",
        "{\"response\":[{\"Event\":{\"Attribute\":[" + attribute + "]}}]}",
        "[{\"Event\":{\"Attribute\":[" + attribute + "]}}]"}) {
    read("misp", text);
    EXPECT_EQ(set_->size(), 1U) << text;
    EXPECT_EQ(diagnostics_.to_string(), "") << text;
  }
}

TEST_F(Feeds, JsonFaults) {
  for (const char* format : {"misp", "stix"})
    for (const std::string& text : {std::string{""}, std::string{"{"}, std::string{"[]"}, std::string{"{\"Event\":1}"},
                                    std::string{kMisp}.substr(0, 400), std::string(1000, '[')}) {
      diagnostics_ = {};
      read(format, text);
      EXPECT_FALSE(diagnostics_.ok()) << format << ' ' << text;
      EXPECT_EQ(set_->size(), 0U) << format << ' ' << text;
    }
}

TEST_F(Feeds, Stix) {
  read("stix", R"({"type":"bundle","id":"bundle--1","objects":[
  {"type":"marking-definition","id":"marking-definition--77777777-7777-4777-8777-777777777777","name":"PAP:AMBER"},
  {"type":"indicator","id":"indicator--1","pattern_type":"stix","pattern":"[domain-name:value = 'example.org' OR ipv4-addr:value = '198.51.100.7']",
   "valid_from":"2026-01-01T00:00:00Z","confidence":75,"labels":["c2"],
   "object_marking_refs":["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421","marking-definition--77777777-7777-4777-8777-777777777777"]},
  {"type":"indicator","id":"indicator--2","pattern_type":"stix","pattern":"[domain-name:value = 'a.example' AND ipv4-addr:value = '198.51.100.9']"},
  {"type":"indicator","id":"indicator--3","pattern_type":"stix","pattern":"[domain-name:value = 'gone.example']","revoked":true},
  {"type":"indicator","id":"indicator--4","pattern_type":"stix","pattern":"[domain-name:value = 'old.example']","valid_until":"2026-01-01T00:00:00Z"},
  {"type":"indicator","id":"indicator--5","pattern_type":"sigma","pattern":"x"},
  {"type":"indicator","id":"indicator--6","pattern_type":"stix","pattern":"[domain-name:value = 'strange.example']",
   "object_marking_refs":["marking-definition--00000000-0000-4000-8000-000000000000"]},
  {"type":"indicator","id":"indicator--7","pattern_type":"stix","pattern":"[domain-name:value = 'later.example']","valid_from":"2028-01-01T00:00:00Z"},
  {"type":"malware","id":"malware--1","name":"x"}]})");
  EXPECT_EQ(diagnostics_.to_string(), "");
  EXPECT_EQ(find("example.org"), "domain indicator--1 amber amber 75c2;");
  EXPECT_EQ(find("198.51.100.7"), "address indicator--1 amber amber 75c2;");
  EXPECT_EQ(find("a.example"), "") << "half of a pattern";
  EXPECT_EQ(find("strange.example"), "domain indicator--6 red red 255marking-not-known;");
  EXPECT_EQ(find("later.example"), "");
  EXPECT_EQ(set_->size(), 4U);
  EXPECT_EQ(refused(), "unsupported=1 not_understood=1 revoked=1 expired=1 ");
}

// The ids that everybody uses; one list of them that goes around has two wrong.
TEST_F(Feeds, StixMarkings) {
  static constexpr struct {
    const char *id, *want;
  } kCases[] = {
      {"94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"}, {"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"},
      {"55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"}, {"939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict"},
      {"e828b379-4e03-4974-9ac4-e53a884c97c1", "red"},   {"613f2e26-407d-48c7-9eca-b8e91df99dc9", "clear"},
      {"34098fce-860f-48ae-8e50-ebd3cc5e41da", "green"}, {"f88d31f6-486f-44da-b317-01333bde0b82", "amber"},
      {"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red"},
  };
  for (const auto& c : kCases) {
    read("stix", std::string{R"({"type":"bundle","objects":[{"type":"indicator","id":"i","pattern_type":"stix",
      "pattern":"[domain-name:value = 'example.org']","object_marking_refs":["marking-definition--)"} +
                     c.id + "\"]}]}");
    EXPECT_EQ(find("example.org"), std::string{"domain i "} + c.want + "  255");
  }
}

TEST(StixPattern, Reads) {
  static constexpr struct {
    const char *pattern, *want;
  } kCases[] = {
      {"[domain-name:value = 'a.example']", "domain a.example;"},
      {"[url:value='http://a.example/x' ]OR[ file:hashes.'SHA-256' = 'aa' OR file:hashes.MD5='bb']",
       "url http://a.example/x;sha256 aa;md5 bb;"},
      {"[ipv4-addr:value IN ('198.51.100.1', '198.51.100.2')]", "address 198.51.100.1;address 198.51.100.2;"},
      {"[ipv6-addr:value ISSUBSET '2001:db8::/32']", "address 2001:db8::/32;"},
      {"[x509-certificate:hashes.'SHA-1' = 'cc']", "cert-sha1 cc;"},
      {"[url:value LIKE 'http://a.example/x/%']", "url-prefix http://a.example/x/*;"},
      {"[domain-name:value = 'a\\'b']", "domain a'b;"},
  };
  for (const auto& c : kCases) {
    const auto values = read_stix_pattern(c.pattern);
    ASSERT_TRUE(values) << c.pattern << ": " << values.error().what;
    std::string got;
    for (const StixValue& value : *values) got += std::string{to_string(value.kind)} + ' ' + value.value + ';';
    EXPECT_EQ(got, c.want);
  }
}

TEST(StixPattern, TakesNoHalf) {
  for (const char* pattern : {"",
                              "[",
                              "[]",
                              "domain-name:value = 'a.example'",
                              "[domain-name:value = 'a.example'",
                              "[domain-name:value = 'a",
                              "[domain-name:value != 'a.example']",
                              "[domain-name:value NOT = 'a.example']",
                              "[domain-name:value = 'a.example' AND url:value = 'b']",
                              "[domain-name:value = 'a.example'] AND [url:value = 'b']",
                              "[domain-name:value = 'a.example'] FOLLOWEDBY [url:value = 'b']",
                              "[domain-name:value = 'a.example'] WITHIN 5 SECONDS",
                              "[domain-name:value = 'a.example'] REPEATS 5 TIMES",
                              "[domain-name:value MATCHES 'a']",
                              "[process:name = 'a']",
                              "[url:value LIKE '%a']",
                              "[url:value LIKE 'a_%']",
                              "[ipv4-addr:value IN ('198.51.100.1'",
                              "[domain-name:value ISSUBSET '198.51.100.1']",
                              "[(domain-name:value = 'a.example')]",
                              "[domain-name:value = 'a.example' OR]"}) {
    const auto values = read_stix_pattern(pattern);
    EXPECT_FALSE(values) << pattern;
    if (!values) {
      EXPECT_FALSE(values.error().what.empty()) << pattern;
    }
  }
  EXPECT_FALSE(read_stix_pattern(std::string(kStixPatternBytesMax + 1, ' ')));
  std::string many = "[domain-name:value = 'a'";
  for (std::size_t i = 0; i < kStixValuesMax; ++i) many += " OR url:value='b'";
  EXPECT_FALSE(read_stix_pattern(many + ']'));
}

TEST_F(Feeds, WarningLists) {
  read_warning_list("harmless.example\n9.9.9.9   # a resolver\n1.1.1.0/24\nhttp://ok.example/page\n" +
                        std::string(32, 'c') + "\n!!\n",
                    "plain", *gate_, diagnostics_);
  read_warning_list(R"({"name":"Big names","type":"hostname","list":[".cdn.example","www.alone.example"]})", "json",
                    *gate_, diagnostics_);
  read_warning_list(R"({"name":"Ranges","type":"cidr","list":["2001:db8:9::/48"]})", "json", *gate_, diagnostics_);
  read_warning_list(R"({"name":"Parts","type":"substring","list":["dyn-"]})", "json", *gate_, diagnostics_);
  EXPECT_EQ(diagnostics_.to_string(),
            "plain:6:1: warning-list-item: warning: '!!' is no name, address, network, URL or digest: passed over\n");
  read("list",
       "harmless.example\na.b.harmless.example\nnotharmless.example\n9.9.9.9\n9.9.9.0/24\n1.1.1.7\n1.1.0.0/16\n" +
           std::string(32, 'c') +
           "\nhttp://ok.example/page\nhttp://ok.example/other\nx.cdn.example\n"
           "alone.example\n2001:db8:9::1\nmy-dyn-host.example\n");
  EXPECT_EQ(refused(), "warning_list=11 ");
  EXPECT_EQ(set_->size(), 3U);
  EXPECT_NE(find("notharmless.example"), "");
  EXPECT_NE(find("alone.example"), "");
  EXPECT_NE(find("ok.example/other", IndicatorKind::url), "");
  Diagnostics told;
  refusals_.report(told);
  EXPECT_NE(told.to_string().find("'x.cdn.example' stands on a warning list: left out: Big names"), std::string::npos)
      << told.to_string();
}

TEST_F(Feeds, WarningListFaults) {
  for (const char* text : {"{", "{}", "{\"type\":\"regex\",\"list\":[\"x\"]}", "[]"}) {
    diagnostics_ = {};
    read_warning_list(text, "json", *gate_, diagnostics_);
    EXPECT_FALSE(diagnostics_.ok()) << text;
  }
  std::string many;
  for (std::size_t i = 0; i <= IndicatorGate::kSubstringsMax; ++i) many += ",\"part" + std::to_string(i) + '"';
  diagnostics_ = {};
  read_warning_list("{\"type\":\"substring\",\"list\":[" + many.substr(1) + "]}", "json", *gate_, diagnostics_);
  EXPECT_NE(diagnostics_.to_string().find("warning-list-too-large"), std::string::npos);
}

TEST_F(Feeds, WhatEverybodyHasOrIsOursIsNone) {
  gate_.emplace(std::vector{*IpPrefix::parse("203.0.113.0/24"), *IpPrefix::parse("203.0.113.0/28")});
  read(
      "list",
      "10.1.2.3\n192.168.0.0/"
      "16\n127.0.0.1\n169.254.1.1\n224.0.0.5\n255.255.255.255\n100.64.0.1\nfe80::1\n::1\nff02::1\n"
      "fd00::1\nhttp://192.168.1.1/a\n203.0.113.200\n203.0.113.0/25\n203.0.0.0/16\nhttp://203.0.113.1/\n203.0.112.1\n");
  EXPECT_EQ(refused(), "special_address=12 own_network=4 ");
  EXPECT_EQ(set_->size(), 1U);
}

TEST_F(Feeds, TwentyAreNamed) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "10.0.0." + std::to_string(i) + "\n";
  read("list", text);
  Diagnostics told;
  refusals_.report(told);
  EXPECT_EQ(told.all().size(), Refusals::kNamed + 1);
  EXPECT_EQ(told.all().back().text, "10 more indicators were left out for such reasons");
}

TEST_F(Feeds, FormatsAreGuessed) {
  EXPECT_EQ(guess_feed_format("a.csv", "")->name, "csv");
  EXPECT_EQ(guess_feed_format("a.txt", "")->name, "list");
  EXPECT_EQ(guess_feed_format("a.json", "{\"type\":\"bundle\"")->name, "stix");
  EXPECT_EQ(guess_feed_format("a.json", " {\"Event\":{")->name, "misp");
  EXPECT_EQ(guess_feed_format("a.bin", "x"), nullptr);
}

}  // namespace
}  // namespace nw::context
