#include "context/indicators/set.h"

#include <gtest/gtest.h>
#include <map>
#include <set>

#include "base/text.h"
#include "context/indicators/url.h"

namespace nw::context {
namespace {

constexpr Timestamp kNow{std::chrono::seconds{1'800'000'000}};

struct Given {
  IndicatorKind kind;
  const char* text;
};

class Indicators : public testing::Test {
 protected:
  void add(IndicatorKind kind, std::string_view text, const IndicatorRecord& record = {}) {
    IndicatorKey key;
    ASSERT_EQ(indicator_key(kind, text, key), Refusal::none) << text;
    const auto number = builder_.record(record);
    ASSERT_TRUE(number);
    ASSERT_TRUE(builder_.add(kind, key.view(), *number));
  }
  void done() { set_ = builder_.finish(left_out_); }

  // "domain example.org, ..." of all hits.
  template <class Ask>
  std::string hits(Ask&& ask) const {
    std::multiset<std::string> found;
    ask([&found](const IndicatorHit& hit) {
      found.insert(std::string{to_string(hit.kind)} + ' ' + indicator_text(hit.kind, hit.key));
    });
    std::string out;
    for (const std::string& text : found) out += (out.empty() ? "" : ", ") + text;
    return out;
  }
  std::string name(std::string_view text, Timestamp at = kNow) const {
    return hits([&](IndicatorSink sink) { set_->find_name(text, at, sink); });
  }
  std::string address(const char* text) const {
    return hits([&](IndicatorSink sink) { set_->find_address(*IpAddress::parse(text), kNow, sink); });
  }
  std::string url(std::string_view text) const {
    IndicatorKey key;
    if (!url_key(text, key)) return "none";
    return hits([&](IndicatorSink sink) { set_->find_url(key.view(), kNow, sink); });
  }
  std::string text(IndicatorKind kind, std::string_view value) const {
    return hits([&](IndicatorSink sink) { set_->find_text(kind, value, kNow, sink); });
  }

  IndicatorBuilder builder_{16U << 20, 1};
  std::shared_ptr<const IndicatorSet> set_;
  std::uint64_t left_out_ = 0;
};

TEST_F(Indicators, NamesGoByLabels) {
  add(IndicatorKind::domain, "Example.ORG.");
  add(IndicatorKind::hostname, "www.example.net");
  add(IndicatorKind::domain, "xn--bcher-kva.example");
  done();
  static constexpr struct {
    const char *asked, *want;
  } kCases[] = {
      {"example.org", "domain example.org"},
      {"EXAMPLE.org.", "domain example.org"},
      {"a.example.org", "domain example.org"},
      {"a.b.c.d.e.f.example.org", "domain example.org"},
      {"badexample.org", ""},
      {"example.org.evil.test", ""},
      {"org", ""},
      {"www.example.net", "hostname www.example.net"},
      {"a.www.example.net", ""},
      {"example.net", ""},
      {"a.xn--bcher-kva.example", "domain xn--bcher-kva.example"},
      {"", ""},
      {".", ""},
      {"..example.org", ""},
      {"a b.example.org", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(name(c.asked), c.want) << c.asked;
}

TEST_F(Indicators, AddressesAndPrefixes) {
  add(IndicatorKind::address, "198.51.100.7");
  add(IndicatorKind::prefix, "198.51.100.0/24");
  add(IndicatorKind::prefix, "198.51.0.0/16");
  add(IndicatorKind::address, "2001:db8::7");
  add(IndicatorKind::prefix, "2001:db8:1::/48");
  add(IndicatorKind::prefix, "203.0.113.9/32");
  done();
  static constexpr struct {
    const char *asked, *want;
  } kCases[] = {
      {"198.51.100.7", "address 198.51.100.7, prefix 198.51.0.0/16, prefix 198.51.100.0/24"},
      {"198.51.100.8", "prefix 198.51.0.0/16, prefix 198.51.100.0/24"},
      {"198.51.99.255", "prefix 198.51.0.0/16"},
      {"198.52.0.0", ""},
      {"2001:db8::7", "address 2001:db8::7"},
      {"2001:db8:1:ffff::", "prefix 2001:db8:1::/48"},
      {"2001:db8:2::", ""},
      {"203.0.113.9", "address 203.0.113.9"},
      {"::ffff:203.0.113.9", "address 203.0.113.9"},
  };
  for (const auto& c : kCases) EXPECT_EQ(address(c.asked), c.want) << c.asked;
  EXPECT_EQ(name("203.0.113.9"), "address 203.0.113.9");
  EXPECT_EQ(name("2001:db8::7"), "address 2001:db8::7");
  EXPECT_EQ(set_->size(IndicatorKind::address), 3U);
  EXPECT_EQ(set_->size(IndicatorKind::prefix), 3U);
}

TEST_F(Indicators, UrlsGoByParts) {
  add(IndicatorKind::url, "http://Example.org:80/Drop/%7euser?id=1");
  add(IndicatorKind::url, "example.org:8080/a");
  add(IndicatorKind::url, "https://example.net/kit/*");
  add(IndicatorKind::url, "ftp://example.org/a");
  done();
  static constexpr struct {
    const char *asked, *want;
  } kCases[] = {
      {"https://example.org/Drop/~user?id=1", "url example.org/Drop/~user?id=1"},
      {"http://x@example.org/x/../Drop/./%7Euser?id=1#top", "url example.org/Drop/~user?id=1"},
      {"http://example.org/drop/~user?id=1", ""},
      {"http://example.org/Drop/~user?id=12", ""},
      {"http://example.org/Drop/~user", ""},
      {"http://www.example.org/Drop/~user?id=1", ""},
      {"http://example.org:8080/a", "url example.org:8080/a"},
      {"http://example.org/a", ""},
      {"ftp://example.org/a", "url ftp://example.org/a"},
      {"http://example.net/kit/", "url-prefix example.net/kit/*"},
      {"http://example.net/kit/a/b?q", "url-prefix example.net/kit/*"},
      {"http://example.net/kitchen", ""},
      {"http://example.net/", ""},
      {"/relative", "none"},
  };
  for (const auto& c : kCases) EXPECT_EQ(url(c.asked), c.want) << c.asked;
}

TEST_F(Indicators, Digests) {
  const std::string sha(64, 'A'), md5(32, 'b'), ja4 = "t13d1516h2_8daaf6152771_e5627efa2ab1";
  add(IndicatorKind::sha256, sha);
  add(IndicatorKind::md5, md5);
  add(IndicatorKind::ja4, ja4);
  add(IndicatorKind::cert_sha1, "0102030405060708090a0b0c0d0e0f1011121314");
  done();
  EXPECT_EQ(text(IndicatorKind::sha256, to_ascii_lower(sha)), "sha256 " + to_ascii_lower(sha));
  EXPECT_EQ(text(IndicatorKind::cert_sha256, sha), "") << "a certificate is no file";
  EXPECT_EQ(text(IndicatorKind::ja3, md5), "");
  EXPECT_EQ(text(IndicatorKind::md5, md5), "md5 " + md5);
  EXPECT_EQ(text(IndicatorKind::md5, "zz"), "");
  EXPECT_EQ(text(IndicatorKind::ja4, "T13D1516H2_8daaf6152771_e5627efa2ab1"), "ja4 " + ja4);
  EXPECT_EQ(text(IndicatorKind::cert_sha1, "01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14"),
            "cert-sha1 0102030405060708090a0b0c0d0e0f1011121314");
}

TEST_F(Indicators, HoldOnlyInTheirTime) {
  IndicatorRecord record;
  record.from = kNow;
  record.until = kNow + std::chrono::hours{1};
  add(IndicatorKind::domain, "example.org", record);
  done();
  EXPECT_EQ(name("example.org", kNow - std::chrono::nanoseconds{1}), "");
  EXPECT_EQ(name("example.org", kNow), "domain example.org");
  EXPECT_EQ(name("example.org", kNow + std::chrono::hours{1} - std::chrono::nanoseconds{1}), "domain example.org");
  EXPECT_EQ(name("example.org", kNow + std::chrono::hours{1}), "");
}

TEST_F(Indicators, SayWhatTheFeedSays) {
  IndicatorRecord record;
  record.source = "feed-a";
  record.id = "x-1";
  record.tlp = Tlp::amber_strict;
  record.pap = Pap::red;
  record.confidence = 0;
  record.labels = {"c2", "bot net"};
  add(IndicatorKind::domain, "example.org", record);
  add(IndicatorKind::domain, "example.net", record);
  add(IndicatorKind::domain, "example.org", record);  // again
  record = {};
  record.source = "feed-b";
  add(IndicatorKind::domain, "example.org", record);
  done();
  EXPECT_EQ(set_->size(), 3U);
  EXPECT_EQ(left_out_, 0U);
  std::map<std::string, IndicatorInfo> found;
  set_->find_name("example.org", kNow,
                  [&](const IndicatorHit& hit) { found[std::string{hit.info.source}] = hit.info; });
  ASSERT_EQ(found.size(), 2U);
  const IndicatorInfo& a = found["feed-a"];
  EXPECT_EQ(a.id, "x-1");
  EXPECT_EQ(a.tlp, Tlp::amber_strict);
  EXPECT_EQ(a.pap, Pap::red);
  EXPECT_EQ(a.confidence, std::optional<std::uint8_t>{0});
  EXPECT_EQ(a.labels, "c2\nbot net\n");
  EXPECT_EQ(found["feed-b"].confidence, std::nullopt);
  EXPECT_EQ(found["feed-b"].pap, Pap::unset);
}

TEST_F(Indicators, OfOneValueSixtyFourRecords) {
  for (int i = 0; i < 70; ++i) {
    IndicatorRecord record;
    record.id = std::to_string(i);
    add(IndicatorKind::domain, "example.org", record);
    add(IndicatorKind::domain, "example.org", record);
  }
  add(IndicatorKind::domain, "example.net");
  done();
  EXPECT_EQ(set_->size(), CompactTable::kNumbersMax + 1);
  EXPECT_GE(left_out_, 6U);
  EXPECT_EQ(name("example.net"), "domain example.net");
}

TEST_F(Indicators, NoMoreThanMayBe) {
  IndicatorBuilder small{100, 1};
  const auto number = small.record({});
  ASSERT_TRUE(number);
  Result<> added;
  int count = 0;
  for (; count < 100 && added; ++count) added = small.add(IndicatorKind::domain, "example.org", *number);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Errc::full);
  EXPECT_NE(added.error().what.find("bytes_max"), std::string::npos);
  EXPECT_LT(count, 6);
}

// Every one of many is found, nothing else is, and the memory is what the folder's README promises.
TEST_F(Indicators, ManyAreFoundAndTakeLittle) {
  constexpr int kMany = 20'000;
  std::size_t text_bytes = 0;
  const auto nth = [](int i) { return "host-" + std::to_string(i * 7919) + ".example.org"; };
  IndicatorRecord record;
  record.source = "feed";
  for (int i = 0; i < kMany; ++i) {
    add(IndicatorKind::hostname, nth(i), record);
    text_bytes += nth(i).size();
  }
  done();
  EXPECT_EQ(set_->size(IndicatorKind::hostname), static_cast<std::size_t>(kMany));
  for (int i = 0; i < kMany; ++i) ASSERT_EQ(name(nth(i)), "hostname " + nth(i));
  for (int i = 0; i < kMany; ++i) ASSERT_EQ(name("x" + nth(i)), "");
  EXPECT_LE(set_->bytes(), text_bytes * 3 / 2);
}

TEST(IndicatorSet, TheEmptyOneKnowsNothing) {
  const auto set = IndicatorSet::empty();
  int found = 0;
  const auto sink = [&found](const IndicatorHit&) { ++found; };
  set->find_name("example.org", kNow, sink);
  set->find_address({}, kNow, sink);
  set->find_url("example.org/", kNow, sink);
  set->find_text(IndicatorKind::md5, std::string(32, '0'), kNow, sink);
  EXPECT_EQ(found, 0);
  EXPECT_EQ(set->size(), 0U);
}

TEST(IndicatorKey, Refuses) {
  static constexpr struct {
    IndicatorKind kind;
    const char* text;
    Refusal want;
  } kCases[] = {
      {IndicatorKind::domain, "org", Refusal::too_wide},
      {IndicatorKind::domain, "a..org", Refusal::bad_value},
      {IndicatorKind::domain,
       "b\xc3\xbc"
       "cher.example",
       Refusal::bad_value},
      {IndicatorKind::domain, "192.0.2.400", Refusal::bad_value},
      {IndicatorKind::prefix, "0.0.0.0/0", Refusal::too_wide},
      {IndicatorKind::prefix, "192.0.0.0/7", Refusal::too_wide},
      {IndicatorKind::prefix, "192.0.0.0/8", Refusal::none},
      {IndicatorKind::prefix, "2001::/15", Refusal::too_wide},
      {IndicatorKind::address, "192.0.2", Refusal::bad_value},
      {IndicatorKind::url, "http:///a", Refusal::bad_value},
      {IndicatorKind::url, "word/word", Refusal::bad_value},
      {IndicatorKind::url, "http://example.org/a*", Refusal::bad_value},
      {IndicatorKind::url, "http://[2001:db8::1]:99/a", Refusal::none},
      {IndicatorKind::url, "http://[2001:db8::zz]/a", Refusal::bad_value},
      {IndicatorKind::md5, "0123", Refusal::bad_value},
      {IndicatorKind::ja4, "t13d1516h2-8daaf6152771-e5627efa2ab1", Refusal::bad_value},
  };
  for (const auto& c : kCases) {
    IndicatorKind kind = c.kind;
    IndicatorKey key;
    EXPECT_EQ(indicator_key(kind, c.text, key), c.want) << c.text;
  }
}

TEST(IndicatorKey, UrlsOfAnyLengthEndSomewhere) {
  IndicatorKey key;
  EXPECT_FALSE(url_key("http://example.org/" + std::string(kValueBytesMax, 'a'), key));
  EXPECT_TRUE(url_key("http://example.org/" + std::string(kValueBytesMax - 20, 'a'), key));
  ASSERT_TRUE(url_key("example.org", "http://example.net/a", key));  // as a proxy is asked
  EXPECT_EQ(key.view(), "example.net/a");
  ASSERT_TRUE(url_key("example.org:8080", "/a b\xff?x y", key));
  EXPECT_EQ(key.view(), "example.org:8080/a%20b%FF?x%20y");
  EXPECT_EQ(host_of_url("example.org:8080/a"), "example.org");
  EXPECT_EQ(host_of_url("ftp://example.org/a://b"), "example.org");
  EXPECT_EQ(host_of_url("[2001:db8::1]:99/a"), "2001:db8::1");
}

TEST(IndicatorKey, DotSegments) {
  static constexpr struct {
    const char *path, *want;
  } kCases[] = {
      {"", "/"},      {"/", "/"},          {"/a/b/../c", "/a/c"}, {"/../../a", "/a"},
      {"/a/..", "/"}, {"/a/.", "/a/"},     {"/./a", "/a"},        {"/a/b/../..", "/"},
      {"//a", "//a"}, {"/%2e%2e/a", "/a"}, {"/a/...", "/a/..."},
  };
  for (const auto& c : kCases) {
    IndicatorKey key;
    ASSERT_TRUE(url_key("h.test", c.path, key)) << c.path;
    EXPECT_EQ(key.view(), std::string{"h.test"} + c.want) << c.path;
  }
}

TEST(Refang, Undoes) {
  static constexpr struct {
    const char *written, *meant;
  } kCases[] = {
      {"hxxps://example[.]org/a", "https://example.org/a"},
      {"HXXP[://]example(dot)org", "http://example.org"},
      {"192[.]0[.]2[.]1", "192.0.2.1"},
      {"2001[:]db8::1", "2001:db8::1"},
      {"example.org", "example.org"},
      {"", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(refang(c.written), c.meant);
}

TEST(Marks, AreReadAndOrdered) {
  EXPECT_EQ(parse_tlp("TLP:AMBER+STRICT"), Tlp::amber_strict);
  EXPECT_EQ(parse_tlp("white"), Tlp::clear);
  EXPECT_EQ(parse_tlp("tlp:"), std::nullopt);
  EXPECT_EQ(parse_tlp(""), std::nullopt);
  EXPECT_EQ(parse_pap("PAP:RED"), Pap::red);
  EXPECT_EQ(parse_pap("purple"), std::nullopt);
  EXPECT_LT(Tlp::amber, Tlp::amber_strict);
  for (std::size_t i = 0; i < kIndicatorKinds; ++i) {
    const auto kind = static_cast<IndicatorKind>(i);
    EXPECT_EQ(indicator_kind(to_string(kind)), kind);
  }
}

}  // namespace
}  // namespace nw::context
