#include "context/look_alikes/look_alikes.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

#include "context/look_alikes/enricher.h"
#include "context/look_alikes/skeleton.h"

namespace nw::context {
namespace {

LookAlikes make_names(const std::vector<std::string>& names) {
  std::vector<DesignatedName> out;
  for (const std::string& name : names) out.push_back({name, "a-" + name.substr(0, name.find('.')), "response.cert"});
  return LookAlikes{std::move(out)};
}

std::string say(const LookAlikes& names, std::string_view name) {
  LookAlikes::Scratch scratch;
  const LookAlikes::Verdict verdict = names.judge(name, scratch);
  return verdict.of == nullptr ? "" : std::string{to_string(verdict.by)} + ' ' + verdict.of->name;
}

TEST(Punycode, Decodes) {
  static constexpr struct {
    const char *name, *label, *want;  // want null: refused
  } kCases[] = {
      {"German", "mnchen-3ya", "m\xc3\xbcnchen"},
      {"at the end", "caf-dma", "caf\xc3\xa9"},
      {"only others: Cyrillic", "80aswg", "\xd1\x81\xd0\xb0\xd0\xb9\xd1\x82"},
      {"one Cyrillic letter", "pple-43d", "\xd0\xb0pple"},
      {"Chinese", "fiqs8s", "\xe4\xb8\xad\xe5\x9b\xbd"},
      {"above the base plane", "ls8h", "\xf0\x9f\x92\xa9"},
      {"nothing more", "plain-", "plain"},
      {"empty", "", ""},
      {"cut", "mnchen-3y", nullptr},
      {"a letter that is no digit", "mnchen-3y_", nullptr},
      {"beyond Unicode", "99999999999999", nullptr},
      {"64 bytes", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-", nullptr},
      {"bytes of UTF-8 before the hyphen", "\xc3\xa9-dma", nullptr},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string out;
    EXPECT_EQ(decode_punycode(c.label, out), c.want != nullptr);
    if (c.want != nullptr) {
      EXPECT_EQ(out, c.want);
    }
  }
}

TEST(Skeleton, IsWhatANameLooksLike) {
  static constexpr struct {
    const char *name, *want;
  } kCases[] = {
      {"www.cert.example", "www.cert.example"},
      {"c3rt.examp1e", "cert.example"},
      {"cert.exarnple", "cert.example"},
      {"vvater.example", "water.example"},
      {"site.example", "slte.example"},
      {"xn--crt-rdd.example", "cert.example"},       // Cyrillic ie
      {"xn--r-itb9ag.example", "cert.example"},      // three of them
      {"xn--cert-e.example", "xn--cert-e.example"},  // no punycode: as it is
      {"\xd1\x81"
       "ert.example",
       "cert.example"},                             // UTF-8 as a log line may have it
      {"cert.exampl\xe1\xba\xb9", "cert.example"},  // a dot below
      {"\xe4\xb8\xad.example", "?.example"},
      {"a_b.example", "a_b.example"},
      {"", ""},
      {"..", ".."},
  };
  std::string out = "left over";
  for (const auto& c : kCases) {
    skeleton_of(c.name, out);
    EXPECT_EQ(out, c.want) << c.name;
  }
}

TEST(LookAlikes, AreFound) {
  const LookAlikes names = make_names({"cert.example", "rescue-team.org", "cert.at", "ab.de"});
  static constexpr struct {
    const char *name, *asked, *want;
  } kCases[] = {
      {"itself", "cert.example", ""},
      {"itself in capitals, with the root", "CERT.Example.", ""},
      {"below it", "www.cert.example", ""},
      {"a digit", "www.cert.examp1e", "confusable cert.example"},
      {"two letters for one", "cert.exarnple", "confusable cert.example"},
      {"a Cyrillic letter", "xn--crt-rdd.example", "confusable cert.example"},
      {"one letter more", "certs.example", "distance cert.example"},
      {"one letter less", "cet.example", "distance cert.example"},
      {"another letter", "cers.example", "distance cert.example"},
      {"two swapped", "cetr.example", "distance cert.example"},
      {"two apart", "ccrt.exanple", ""},
      {"long: two apart", "resque-teem.org", "distance rescue-team.org"},
      {"long: three apart", "resque-teemm.org", ""},
      {"long: another end", "rescue-team.orgs", "distance rescue-team.org"},
      {"a digit, and one letter more", "c3rts.examp1e", "distance cert.example"},
      {"below such a name", "login.portal.certs.example", "distance cert.example"},
      {"a hyphen for the dot", "cert-example.org", "embedded cert.example"},
      {"before another domain", "cert.example.evil.test", "embedded cert.example"},
      {"among hyphens", "login-cert-example-help.test", "embedded cert.example"},
      {"without the dot", "certexample.test", "embedded cert.example"},
      {"without the dot, part of a word", "concertexample.test", ""},
      {"with digits", "c3rt-examp1e.test", "embedded cert.example"},
      {"its hyphen left out", "rescueteam.org", "distance rescue-team.org"},
      {"its hyphen as a dot", "rescue.team.org.test", "embedded rescue-team.org"},
      {"short: one letter", "certs.at", "distance cert.at"},
      {"short: two letters make another name", "bert.org", ""},
      {"another country", "cert.as", ""},
      {"short and glued: any word", "certat.test", ""},
      {"very short: no letter", "ac.de", ""},
      {"very short, but the same to the eye", "xn--b-7sb.de", "confusable ab.de"},
      {"very short, embedded", "ab.de.test", "embedded ab.de"},
      {"other words", "www.example.org", ""},
      {"one label", "certexample", ""},
      {"empty", "", ""},
      {"an address", "192.0.2.1", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(say(names, c.asked), c.want) << c.name;
  EXPECT_EQ(say(names, std::string(250, 'a') + ".de"), "") << "the longest name";
  EXPECT_EQ(say(names, std::string(260, 'a') + ".cert.examp1e"), "") << "longer than names are";
}

TEST(LookAlikes, TheNearestWins) {
  const LookAlikes names = make_names({"certa.example", "cert1.example", "portal.cert2.example", "cert2.example"});
  EXPECT_EQ(say(names, "certl.example"), "confusable cert1.example");
  EXPECT_EQ(say(names, "portal9.cert2.example"), "") << "it lies in a designated domain";
  EXPECT_EQ(say(names, "certaa.example"), "distance certa.example");
}

TEST(LookAlikes, NamesThatDoNotFitNeverMatch) {
  const std::string most = std::string(63 - 8, 'x') + ".example", more = 'x' + most;
  EXPECT_EQ(make_names({most, more, "example"}).size(), 1U);
  EXPECT_EQ(say(make_names({most}), 'x' + most), "distance " + most);
  EXPECT_EQ(say(make_names({most}), most.substr(2)), "distance " + most);
  EXPECT_EQ(say(make_names({}), most), "");
}

// The plain way, cell by cell: optimal string alignment.
unsigned slow_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<unsigned>> d(a.size() + 1, std::vector<unsigned>(b.size() + 1));
  for (unsigned i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (unsigned j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

TEST(LookAlikes, AgreeWithThePlainDistance) {
  std::mt19937_64 random{20261130};
  // Letters whose skeleton is themselves, and of which no two run into another.
  constexpr std::string_view kLetters = "abefhk";
  for (int round = 0; round < 20'000; ++round) {
    std::string known(3 + random() % 50, 'a');
    for (char& c : known) c = kLetters[random() % kLetters.size()];
    std::string other = known;
    for (std::uint64_t changes = 1 + random() % 4; changes > 0 && other.size() > 2; --changes) {
      const std::size_t at = random() % (other.size() - 1);
      switch (random() % 4) {
        case 0: other.erase(at, 1); break;
        case 1: other.insert(at, 1, kLetters[random() % kLetters.size()]); break;
        case 2: other[at] = kLetters[random() % kLetters.size()]; break;
        default: std::swap(other[at], other[at + 1]);
      }
    }
    if (known == other) continue;
    const std::string whole = known + ".uzu", asked = other + ".uzu";
    const unsigned distance = slow_distance(whole, asked);
    const bool near = distance <= LookAlikes::distance_max(known.size());
    EXPECT_EQ(say(make_names({whole}), asked), near ? "distance " + whole : "") << asked << ' ' << distance;
  }
}

class LookAlikesOnEvents : public testing::Test {
 protected:
  struct Made {
    event::TypeId type;
    std::vector<event::FieldId> asked;  // that the interest asks for
  };
  // What an event of such a type gets: "of by asset sector".
  std::string enrich(std::string_view product, std::string_view path, std::string_view field, std::string_view text,
                     std::string_view wanted = "") {
    event::Schema schema;
    const LookAlikeEnricher enricher{schema};
    const event::FieldSpec spec{field, "text", ""};
    event::TypeSpec type_spec;
    type_spec.path = path;
    type_spec.product = product;
    type_spec.fields = {&spec, 1};
    const auto type = schema.add_type(type_spec);
    event::Interest interest;
    if (wanted.empty())
      interest.want_all(type);
    else
      interest.want(type, *schema.find_field(wanted));
    enricher.subscribe(interest, schema);
    asked_ = interest.wants(type, *schema.find_field(field));
    LookAlikeEnrichment enrichment{enricher, names_, interest, schema};
    std::string out;
    for (int turn = 0; turn < 2; ++turn) {  // the second time it is remembered
      event_.begin(type, event::SourceId{0}, {}, {}, event::TimeQuality::capture);
      event_.set(*schema.find_field(field), event::Value::text(text));
      enrichment.enrich(event_);
      out.clear();
      for (const event::FieldSpec& produced : LookAlikeEnricher::fields())
        if (const event::Value* value = event_.get(*schema.find_field(produced.name)))
          out += (out.empty() ? "" : " ") + value->to_text();
    }
    return out;
  }

  LookAlikes names_ = make_names({"cert.example"});
  event::Event event_;
  bool asked_ = false;
};

TEST_F(LookAlikesOnEvents, WhereNamesAre) {
  constexpr std::string_view kWant = "cert.example confusable a-cert response.cert";
  EXPECT_EQ(enrich("normwatch", "dns", "query", "www.cert.examp1e"), kWant);
  EXPECT_EQ(enrich("normwatch", "ssl", "server_name", "cert.examp1e"), kWant);
  EXPECT_EQ(enrich("normwatch", "quic", "server_name", "cert.examp1e"), kWant);
  EXPECT_EQ(enrich("normwatch", "http", "host", "CERT.examp1e:8080"), kWant);
  EXPECT_EQ(enrich("normwatch", "smtp", "from", "\"C.E.R.T. <x>\" <Team@cert.examp1e>"), kWant);
  EXPECT_EQ(enrich("normwatch", "smtp", "mailfrom", "team@cert.examp1e"), kWant);
  EXPECT_EQ(enrich("windows", "sysmon", "QueryName", "cert.examp1e"), kWant);
  EXPECT_EQ(enrich("normwatch", "conn", "query", "cert.examp1e"), "") << "no event that is looked at";
  EXPECT_EQ(enrich("windows", "sysmon", "host", "cert.examp1e"), "") << "who sent the line";
  EXPECT_EQ(enrich("normwatch", "dns", "query", "cert.example"), "");
  const std::string longer = std::string(80, 'a') + ".cert.examp1e";
  EXPECT_EQ(enrich("normwatch", "dns", "query", longer), kWant) << "too long to be remembered";
}

TEST_F(LookAlikesOnEvents, OnlyWhatARuleReads) {
  EXPECT_EQ(enrich("normwatch", "dns", "query", "cert.examp1e", "nw.look_alike_by"), "confusable");
  EXPECT_TRUE(asked_) << "the name is asked for";
  EXPECT_EQ(enrich("normwatch", "dns", "query", "cert.examp1e", "id.orig_h"), "");
  EXPECT_FALSE(asked_);
}

}  // namespace
}  // namespace nw::context
