// A site's own patterns: what lines that no format knows mean, written in YAML with tests beside them (config/patterns/
// README.md). A pattern is a regular expression with named groups and a literal that must be in the line; the literals
// of all patterns are looked for in one pass, and only the expressions of those found are tried, in the files' order.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/regex.h"
#include "event/schema.h"
#include "event/value.h"
#include "ingest/logs/formats/literal_index.h"
#include "ingest/logs/formats/time_format.h"

namespace nw::logs {

// Bounds, each reached by a test.
constexpr std::size_t kPatternFileBytesMax = std::size_t{1} << 20;
constexpr std::size_t kPatternsMax = 1000;     // of all files
constexpr std::size_t kPatternGroupsMax = 64;  // of one expression
constexpr std::size_t kPatternRegexBytesMax = 4096;
constexpr std::size_t kPatternLiteralBytesMin = 3, kPatternLiteralBytesMax = 256;
constexpr std::size_t kPatternTestsMax = 1000;  // of one pattern

struct Pattern {
  enum class Kind : std::uint8_t { text, integer, real, address };
  struct Field {
    std::string name;
    std::size_t group = 0;  // from 0
    Kind kind = Kind::text;
  };
  struct Time {
    std::size_t group = 0;
    TimeFormat format;
  };
  struct Test {
    Mark mark;
    std::string line, program;
    bool matches = true;
    std::map<std::string, std::string> fields;  // all that there are, as text
    std::optional<Timestamp> time;
  };

  std::string file, name, path;  // the type's
  Mark mark;
  std::string literal, product, service, category;
  std::vector<std::string> programs;  // small letters; none: any
  std::shared_ptr<const Regex> regex;
  std::vector<Field> fields;
  std::optional<Time> time;
  std::vector<Test> tests;
};

// One worker's memory for matching.
struct PatternScratch {
  RegexScratch regex{kPatternGroupsMax};
  std::array<std::string_view, kPatternGroupsMax> groups;       // of the last match
  std::array<std::uint64_t, (kPatternsMax + 63) / 64> found{};  // one bit for each pattern: its literal is there
  bool gave_up = false;  // in the last match(): some expression took too many steps
};

class PatternSet {
 public:
  struct File {
    std::string name, text;
  };
  // Null after an error; every fault is in `diagnostics`. Codes: those of base/yaml.h, and bad-name, bad-regex,
  // bad-literal, bad-time-format, unknown-group, duplicate-name, no-test, limit.
  static std::shared_ptr<const PatternSet> read(std::span<const File> files, Diagnostics& diagnostics);

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  // The first pattern that the message fits.
  std::size_t match(std::string_view text, std::string_view program, PatternScratch& scratch) const;
  [[nodiscard]] std::span<const Pattern> patterns() const noexcept { return patterns_; }
  // The value of a group; the text itself when it is none of the kind.
  static event::Value value(Pattern::Kind kind, std::string_view text);

  // Plays every test. Codes: test-failed.
  void test(Diagnostics& diagnostics) const;

  explicit PatternSet(std::vector<Pattern> patterns);

 private:
  void test(std::size_t number, const Pattern::Test& test, PatternScratch& scratch, Diagnostics& diagnostics) const;

  std::vector<Pattern> patterns_;
  LiteralIndex literals_;
};

}  // namespace nw::logs
