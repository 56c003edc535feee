// Whether peacetime or an armed conflict is in force, where, and since when. A person's determination that a second one
// confirmed; the daemon never infers it. Detection does not depend on it: citations, severity, retention and sharing
// do.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace nw::context {

enum class Regime : unsigned char { peacetime, armed_conflict };
inline constexpr std::array<std::string_view, 2> kRegimes{"peacetime", "armed_conflict"};
constexpr std::string_view to_string(Regime regime) noexcept { return kRegimes[static_cast<std::size_t>(regime)]; }

// International and non-international armed conflict, and occupation: which treaties speak differs.
enum class ConflictKind : unsigned char { iac, niac, occupation };
inline constexpr std::array<std::string_view, 3> kConflictKinds{"iac", "niac", "occupation"};
constexpr std::string_view to_string(ConflictKind kind) noexcept {
  return kConflictKinds[static_cast<std::size_t>(kind)];
}

// What the GGE itself says beside the switch (A/76/135, paragraph 71(f)), in our words.
constexpr std::string_view kRegimeCaution =
    "International humanitarian law applies in armed conflict only. To recall its principles neither legitimises nor "
    "encourages conflict (A/76/135, paragraph 71(f)). The regime is a legal determination by people; it is never "
    "inferred from what a sensor sees.";

struct RegimePeriod {
  // Somebody said so: the name that was given, the user that the control socket saw (-1: not known), and when.
  struct Act {
    std::string by;
    std::int64_t uid = -1;
    Timestamp at{};
  };
  struct End {
    Act proposed, confirmed;
  };

  std::string id;
  ConflictKind kind = ConflictKind::iac;
  std::vector<std::string> territory;  // ISO 3166-1 or -2: AT, AT-9
  Timestamp from{};
  std::optional<Timestamp> to;             // not itself part of it; none: it goes on
  std::string basis_text, basis_document;  // the determination, in words, and where it is written
  Act proposed, confirmed;                 // two identities
  std::optional<End> ended;                // `to` was set, or moved, by this

  [[nodiscard]] bool covers(Timestamp t) const noexcept { return from <= t && (!to || t < *to); }
  // AT covers AT-9; AT-9 does not cover AT. An empty location is covered by every territory.
  [[nodiscard]] bool covers(std::string_view location) const noexcept;
};

// "AT" or "AT-9", as ISO 3166-1 alpha-2 and ISO 3166-2 write them. The form alone is looked at.
bool is_territory(std::string_view code) noexcept;

struct RegimeInForce {
  Regime regime = Regime::peacetime;
  std::vector<const RegimePeriod*> periods;  // every one that covers; none in peacetime. As long as the timeline lives

  [[nodiscard]] bool has(ConflictKind kind) const noexcept;
  [[nodiscard]] std::string kinds() const;  // "iac, niac", each once; empty in peacetime
  [[nodiscard]] std::string basis() const;  // "text (document)" of each, "; " between
};

// Immutable. Peacetime is what no period covers.
class RegimeTimeline {
 public:
  RegimeTimeline() = default;
  explicit RegimeTimeline(std::vector<RegimePeriod> periods) : periods_{std::move(periods)} {}

  // What is in force at `t` in `location` (an asset's; empty: not known, and every period covers it).
  [[nodiscard]] RegimeInForce at(Timestamp t, std::string_view location) const;
  [[nodiscard]] const std::vector<RegimePeriod>& periods() const noexcept { return periods_; }

 private:
  std::vector<RegimePeriod> periods_;
};

}  // namespace nw::context
