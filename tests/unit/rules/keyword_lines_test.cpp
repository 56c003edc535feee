// Keyword rules want all fields only of the JSON lines that hold a piece of a keyword. Whether a line is asked must not
// change what fires on it, however the line is written.
#include <array>
#include <gtest/gtest.h>

#include "detect/sigma/fold.h"
#include "detect/sigma/rule_set.h"
#include "differential/dice.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/mapping.h"

namespace nw {
namespace {

using differential::Dice;

constexpr std::array<std::string_view, 18> kWords{"mimikatz",
                                                  "sekurlsa",
                                                  "kiss",
                                                  "Inf",
                                                  "1e5",
                                                  "4625",
                                                  "2001:db8::1",
                                                  "p\xc3\xa4ss",
                                                  "a/b c",
                                                  "<script>",
                                                  "it's",
                                                  "x&y",
                                                  "q\"t\\",
                                                  "-enc  zzz",
                                                  "10.0.0.1",
                                                  "\xe2\x84\xaa"
                                                  "elvin",
                                                  "\xc5\xbf"
                                                  "udo",
                                                  "null"};

// Detections whose keywords are words of the lines.
constexpr std::array<std::string_view, 14> kDetections{
    "  k: [mimikatz]\n  condition: k",
    "  k: [sekurlsa, kiss]\n  condition: k",
    "  k: {'|all': [mimikatz, sekurlsa]}\n  condition: k",
    "  k: ['mimi*atz', 'se?urlsa']\n  condition: k",
    "  k: ['p\xc3\xa4ss', 'a/b c', '<script>']\n  condition: k",
    "  k: [\"it's\", 'x&y', '-enc  zzz']\n  condition: k",
    "  k: [inf, 'null']\n  condition: k",
    "  k: [kelvin, sudo, Inf]\n  condition: k",
    "  k: [kiss]\n  s: {f|contains: mimikatz}\n  condition: s and not k",
    "  k: {'|cased': [KISS]}\n  condition: k",
    "  k: [kiss]\n  s: {n.f|exists: true}\n  condition: 1 of *",
    "  k: [1e5, kiss]\n  condition: k",
    "  k: [4625, kiss]\n  condition: k",
    "  k: {'|re': ['ki.s']}\n  condition: k",
};

class Lines {
 public:
  explicit Lines(std::uint64_t seed) : random_{seed} {}
  std::string next() { return object(0); }

 private:
  std::string unicode_escape(char32_t c) {
    static constexpr std::array<std::string_view, 2> kDigits{"0123456789abcdef", "0123456789ABCDEF"};
    std::string out = "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[dice_.below(2)][c >> shift & 15U];
    return out;
  }
  // One code point of a JSON string, written in any way that means it or its other case.
  void put(char32_t c, std::string& out) {
    if (c >= 'a' && c <= 'z' && one_in(4)) c -= 'a' - 'A';
    if ((c == 'k' || c == 'K') && one_in(6)) c = 0x212a;
    if ((c == 's' || c == 'S') && one_in(6)) c = 0x17f;
    if (escaped_ && one_in(3)) {
      out += unicode_escape(c);
      return;
    }
    if (c == '"' || c == '\\' || (c == '/' && one_in(2))) out += '\\';
    std::array<char, 4> bytes{};
    out.append(bytes.data(), sigma::encode(c, bytes.data()));
  }
  std::string string() {
    escaped_ = one_in(3);
    std::string out = "\"";
    for (std::size_t words = dice_.below(3); words != 0; --words) {
      std::string_view word = kWords[dice_.below(kWords.size())];
      if (one_in(8)) word.remove_suffix(1);
      while (!word.empty()) {
        const sigma::CodePoint at = sigma::decode(word);
        put(at.value, out);
        word.remove_prefix(at.length);
      }
      static constexpr std::array<std::string_view, 7> kBetween{"", " ", "\\n", "\xff", "\\ud800", "x", "\xc3"};
      out += kBetween[dice_.below(kBetween.size())];
    }
    return out + '"';
  }
  std::string value(std::size_t depth) {
    static constexpr std::array<std::string_view, 10> kScalars{
        "4625", "1e5", "-0", "1E+2", "1e999", "true", "null", "false", "17.5", "123456789012345678901"};
    if (depth < 4 && one_in(5)) return object(depth + 1);
    if (depth < 4 && one_in(5)) {
      std::string out = "[";
      for (std::size_t i = dice_.below(4); i != 0; --i) out += value(depth + 1) + (i == 1 ? "" : ", ");
      return out + ']';
    }
    return one_in(4) ? std::string{kScalars[dice_.below(kScalars.size())]} : string();
  }
  // Few names, so that some repeat; words too.
  std::string object(std::size_t depth) {
    static constexpr std::array<std::string_view, 11> kNames{
        "f", "g", "n", "n.f", "src_ip", "ts", "mimikatz", "CommandLine", "EventID", "Channel", "EventData"};
    std::string out = "{";
    for (std::size_t i = dice_.below(5); i != 0; --i) {
      out += one_in(6) ? string() : '"' + std::string{kNames[dice_.below(kNames.size())]} + '"';
      out += ": " + value(depth) + (i == 1 ? "" : ",");
    }
    return out + '}';
  }

  bool one_in(std::size_t n) { return dice_.below(n) == 0; }

  std::mt19937_64 random_;
  Dice dice_{random_};
  bool escaped_ = false;
};

struct Matches final : event::EventSink {
  explicit Matches(std::shared_ptr<const sigma::RuleSet> rules) : matcher{std::move(rules)} {}
  void accept(event::Event& event) override {
    for (const sigma::Hit& hit : matcher.match(event)) {
      found += ' ' + std::to_string(hit.rule);
      for (const sigma::MatchedAtom& atom : hit.atoms) found += ':' + atom.pattern + '=' + atom.value;
    }
  }
  sigma::Matcher matcher;
  std::string found;
};

// One rule set, and two parsers of the same lines: one asks the lines, one reads all of each.
struct Pair {
  Pair(const logs::FormatOptions& options, const std::vector<std::string_view>& detections) {
    const logs::Format& json = *logs::find_format("json");
    json.declare(*schema, options);
    for (const std::string_view name : {"f", "CommandLine"}) schema->add_field(name);  // rules of other kinds name them
    std::string text;
    for (const std::string_view detection : detections) {
      std::string id = std::to_string(10'000'000 + number++) + "-6a6c-4d0a-9b0e-1f00000000aa";
      text += "---\ntitle: t\nid: " + id + "\nlogsource: {product: " + options.product + "}\ndetection:\n" +
              std::string{detection} + "\nlevel: low\n";
    }
    Diagnostics diagnostics;
    const std::vector<sigma::RuleText> texts{{"r.yml", text}};
    rules = sigma::RuleSet::compile(texts, *schema, {}, diagnostics);
    EXPECT_TRUE(rules) << diagnostics.to_string();
    if (!rules) return;
    asking = std::make_shared<event::Interest>(rules->interest());
    auto whole = std::make_shared<event::Interest>(rules->interest());
    for (std::size_t i = 0; i < schema->type_count(); ++i)
      if (asking->wants(static_cast<event::TypeId>(i))) whole->want_all(static_cast<event::TypeId>(i));
    asks = json.make(schema, asking, options);
    reads = json.make(schema, whole, options);
  }
  void compare(const std::string& line) {
    Matches filtered{rules}, all{rules};
    EXPECT_EQ(asks->line(line, {}, filtered), logs::LineFault::none) << line;
    EXPECT_EQ(reads->line(line, {}, all), logs::LineFault::none) << line;
    EXPECT_EQ(filtered.found, all.found) << line;
    fired += all.found.empty() ? 0U : 1U;
  }
  [[nodiscard]] bool filters() const {
    for (std::size_t i = 0; i < schema->type_count(); ++i)
      if (asking->line_filter(static_cast<event::TypeId>(i)) != nullptr) return true;
    return false;
  }

  std::shared_ptr<event::Schema> schema = std::make_shared<event::Schema>();
  std::shared_ptr<const sigma::RuleSet> rules;
  std::shared_ptr<event::Interest> asking;
  std::unique_ptr<logs::LineParser> asks, reads;
  std::size_t fired = 0;
  std::uint64_t number = 1;
};

constexpr std::string_view kMapping = R"(name: m
for: {product: p}
below: [EventData]
fields:
  f: [g, n.f]
  CommandLine: [cmd]
by: [Channel, EventID]
classes:
  one: {of: [mimikatz, kiss], kinds: {k: 4625}}
  two: '*'
)";

// What chance seldom makes: a field that has two names in one line, and repeats.
constexpr std::array<std::string_view, 5> kTwice{R"({"g":"x","n.f":"mimikatz"})", R"({"n":{"f":"mimikatz"},"g":"x"})",
                                                 R"({"f":"x","g":"mimikatz"})", R"({"a":"mimikatz","a":"x"})",
                                                 R"({"a":{"b":"mimikatz"},"a.b":"x","n":[{"f":"mimikatz"}]})"};

TEST(KeywordLines, AskingALineChangesNothing) {
  Diagnostics diagnostics;
  const auto mapping = logs::read_mapping(kMapping, "m", diagnostics);
  ASSERT_TRUE(mapping) << diagnostics.to_string();
  for (const bool mapped : {false, true}) {
    logs::FormatOptions options;
    options.product = "p";
    if (mapped) options.mapping = mapping;
    std::size_t filtered = 0;
    for (std::size_t i = 0; i < kDetections.size(); ++i) {
      // Each alone, and with the one before: rules that search together share a filter.
      Pair pair{options, i % 2 == 0 ? std::vector{kDetections[i]} : std::vector{kDetections[i - 1], kDetections[i]}};
      ASSERT_TRUE(pair.rules);
      filtered += pair.filters() ? 1U : 0U;
      for (const std::string_view line : kTwice) pair.compare(std::string{line});
      Lines lines{i + 1};
      for (int round = 0; round < 400; ++round) ASSERT_NO_FATAL_FAILURE(pair.compare(lines.next()));
      EXPECT_GT(pair.fired, 0U) << kDetections[i];
      if (HasFailure()) return;
    }
    EXPECT_GT(filtered, kDetections.size() / 2);
  }
}

}  // namespace
}  // namespace nw
