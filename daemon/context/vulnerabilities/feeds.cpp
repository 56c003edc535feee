#include "context/vulnerabilities/feeds.h"

#include <array>

#include "base/text.h"

namespace nw::vulnerabilities {

std::string_view to_string(Severity severity) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"unknown", "none", "low", "medium", "high", "critical"});
  return kNames[static_cast<std::size_t>(severity)];
}

Severity severity_of(std::string_view word) {
  const std::string lower = to_ascii_lower(trim(word));
  if (lower == "important") return Severity::high;
  if (lower == "moderate") return Severity::medium;
  for (const Severity severity : {Severity::none, Severity::low, Severity::medium, Severity::high, Severity::critical})
    if (lower == to_string(severity)) return severity;
  return Severity::unknown;
}

Severity severity_of_score(double score) {
  if (!(score >= 0 && score <= 10)) return Severity::unknown;
  return score >= 9   ? Severity::critical
         : score >= 7 ? Severity::high
         : score >= 4 ? Severity::medium
         : score > 0  ? Severity::low
                      : Severity::none;
}

std::optional<Timestamp> parse_day(std::string_view text) {
  const auto time = text.size() == 10 ? parse_rfc3339(std::string{text} + "T00:00:00Z") : parse_rfc3339(text);
  if (!time) return std::nullopt;
  return *time;
}

std::string_view to_string(LeftOut reason) {
  static constexpr std::array<std::string_view, kLeftOutReasons> kNames{"malformed", "not_csaf", "draft", "superseded",
                                                                        "too_many"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace nw::vulnerabilities
