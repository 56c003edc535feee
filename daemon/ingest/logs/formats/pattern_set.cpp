#include "ingest/logs/formats/pattern_set.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace nw::logs {

namespace {

template <class Number>
bool whole(std::string_view text, Number& out) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, out);
  return error == std::errc{} && at == end;
}

std::vector<std::string> literals(std::span<const Pattern> patterns) {
  std::vector<std::string> out;
  for (const Pattern& pattern : patterns) out.push_back(pattern.literal);
  return out;
}

bool written_by(const Pattern& pattern, std::string_view program) {
  if (pattern.programs.empty()) return true;
  if (const auto slash = program.rfind('/'); slash != std::string_view::npos) program.remove_prefix(slash + 1);
  const auto same = [program](const std::string& name) {
    return std::ranges::equal(name, program, {}, {}, ascii_lower);
  };
  return std::ranges::any_of(pattern.programs, same);
}

}  // namespace

PatternSet::PatternSet(std::vector<Pattern> patterns)
    : patterns_{std::move(patterns)}, literals_{literals(patterns_)} {}

std::size_t PatternSet::match(std::string_view text, std::string_view program, PatternScratch& scratch) const {
  scratch.found.fill(0);
  scratch.gave_up = false;
  literals_.scan(text, [&](std::size_t number) { scratch.found[number / 64] |= std::uint64_t{1} << (number % 64); });
  for (std::size_t word = 0; word < scratch.found.size(); ++word)
    for (std::uint64_t rest = scratch.found[word]; rest != 0; rest &= rest - 1) {
      const std::size_t number = 64 * word + static_cast<std::size_t>(std::countr_zero(rest));
      const Pattern& pattern = patterns_[number];
      if (!written_by(pattern, program)) continue;
      const Regex::Outcome outcome = pattern.regex->search(text, scratch.regex, scratch.groups);
      if (outcome == Regex::Outcome::yes) return number;
      scratch.gave_up = scratch.gave_up || outcome == Regex::Outcome::limit;
    }
  return kNone;
}

event::Value PatternSet::value(Pattern::Kind kind, std::string_view text) {
  switch (kind) {
    case Pattern::Kind::integer:
      if (std::int64_t number = 0; whole(text, number)) return event::Value::integer(number);
      break;
    case Pattern::Kind::real:
      if (double number = 0; whole(text, number) && std::isfinite(number)) return event::Value::real(number);
      break;
    case Pattern::Kind::address:
      if (IpAddress address; IpAddress::parse_into(text, address)) return event::Value::address(address);
      break;
    case Pattern::Kind::text: break;
  }
  return event::Value::text(text);
}

void PatternSet::test(Diagnostics& diagnostics) const {
  PatternScratch scratch;
  for (std::size_t i = 0; i < patterns_.size(); ++i)
    for (const Pattern::Test& each : patterns_[i].tests) test(i, each, scratch, diagnostics);
}

void PatternSet::test(std::size_t number, const Pattern::Test& test, PatternScratch& scratch,
                      Diagnostics& diagnostics) const {
  const Pattern& pattern = patterns_[number];
  const auto fail = [&](std::string what, std::string hint = {}) {
    diagnostics.error(pattern.file, test.mark, "test-failed", "pattern '" + pattern.name + "': " + std::move(what),
                      std::move(hint));
  };
  const std::size_t got = match(test.line, test.program, scratch);
  if (!test.matches) {
    if (got == number) fail("it takes the line, and should not");
    return;
  }
  if (got != number) {
    if (got != kNone)
      return fail("'" + patterns_[got].name + "' takes the line first", "put the narrower pattern before");
    if (scratch.gave_up) return fail("the expression takes too many steps on the line");
    return fail("it does not take the line",
                test.line.find(pattern.literal) == std::string::npos
                    ? "the line does not hold the literal '" + printable(pattern.literal) + "'"
                    : "");
  }
  std::map<std::string, std::string> fields;
  for (const Pattern::Field& field : pattern.fields)
    if (scratch.groups[field.group].data() != nullptr)
      fields[field.name] = value(field.kind, scratch.groups[field.group]).to_text();
  for (const auto& [name, want] : test.fields) {
    const auto have = fields.find(name);
    if (have == fields.end())
      fail("there is no field '" + printable(name) + "'");
    else if (have->second != want)
      fail("'" + printable(name) + "' is '" + printable(have->second) + "', not '" + printable(want) + "'");
  }
  for (const auto& [name, have] : fields)
    if (!test.fields.contains(name))
      fail("there is a field that the test does not name: '" + printable(name) + "' is '" + printable(have) + "'");
  if (!test.time) return;
  LogTime time;
  const std::string_view text = pattern.time ? scratch.groups[pattern.time->group] : std::string_view{};
  if (text.empty() || !pattern.time->format.read(text, *test.time, std::chrono::minutes{0}, time))
    fail("the time cannot be read");
  else if (time.time != *test.time)
    fail("the time is " + to_rfc3339(time.time) + ", not " + to_rfc3339(*test.time));
}

}  // namespace nw::logs
