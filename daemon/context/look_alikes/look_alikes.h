// Which designated name another name is easily taken for. Pure, immutable, no locks; costs 2 microseconds where
// hundreds of names are designated.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nw::context {

// A domain of a designated asset.
struct DesignatedName {
  std::string name;  // in small letters: cert.example
  std::string asset, sector;
};

enum class LookAlikeBy : std::uint8_t { none, confusable, distance, embedded };
std::string_view to_string(LookAlikeBy by) noexcept;

class LookAlikes {
 public:
  struct Verdict {
    const DesignatedName* of = nullptr;
    LookAlikeBy by = LookAlikeBy::none;
    friend bool operator==(const Verdict&, const Verdict&) = default;
  };
  // Of one asking thread.
  struct Scratch {
    std::string lower, skeleton;
  };

  // Names of up to kDesignatedBytesMax bytes, as the register has checked them; others never match.
  static constexpr std::size_t kDesignatedBytesMax = 63;  // a word of 64 bits holds the skeleton of one
  explicit LookAlikes(std::vector<DesignatedName> names);

  // Of a designated name, of any name below one, and of what is no name of two labels: none. Of several the one that is
  // nearest: confusable before distance before embedded. Points into this object.
  [[nodiscard]] Verdict judge(std::string_view name, Scratch& scratch) const;
  [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }

  // How many letters may differ, by the length of the name's longest label but the last: in a short one, one letter
  // makes another word.
  static unsigned distance_max(std::size_t length) noexcept { return length >= 8 ? 2 : length >= 4 ? 1 : 0; }

 private:
  struct Known {
    std::size_t name = 0;            // by the order of names_
    std::string skeleton, squashed;  // squashed: without dots and hyphens
    std::string_view country;        // its last label with the dot, where that has two letters: another is another name
    std::size_t labels = 0;
    unsigned distance_max = 0;
    std::uint32_t letters = 0;               // which of a-z it has
    std::array<std::uint64_t, 28> places{};  // of a-z, '.' and '-' in the skeleton
  };
  static unsigned distance(const Known& known, std::string_view other) noexcept;
  static bool embedded(const Known& known, std::string_view skeleton) noexcept;
  [[nodiscard]] bool designated(std::string_view name) const noexcept;

  std::vector<DesignatedName> names_;  // sorted
  std::vector<Known> known_;           // one each, by the number of their labels
};

}  // namespace nw::context
