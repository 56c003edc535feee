// One flow record while it is read: the values by slot, as views into its datagram.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "event/value.h"
#include "ingest/flows/elements.h"

namespace nw::flows {

// A set of slots.
class SlotSet {
 public:
  constexpr void add(std::size_t slot) noexcept { words_[slot / 64] |= std::uint64_t{1} << (slot % 64); }
  [[nodiscard]] constexpr bool has(std::size_t slot) const noexcept {
    return (words_[slot / 64] >> (slot % 64) & 1U) != 0;
  }
  constexpr void clear() noexcept { words_ = {}; }
  [[nodiscard]] constexpr SlotSet operator&(const SlotSet& other) const noexcept {
    SlotSet out;
    for (std::size_t i = 0; i < words_.size(); ++i) out.words_[i] = words_[i] & other.words_[i];
    return out;
  }
  // Calls take(slot) for each, the lowest first.
  template <class Take>
  void each(const Take& take) const {
    for (std::size_t i = 0; i < words_.size(); ++i)
      for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1)
        take(64 * i + static_cast<std::size_t>(std::countr_zero(rest)));
  }

 private:
  std::array<std::uint64_t, 2> words_{};
};

class Record {
 public:
  // Octets of an element that is none of ours.
  struct Extra {
    std::string_view name;  // lives as long as the template
    event::FieldId field;   // kNoField: nobody asked for it by name
    Bytes octets;
  };

  void clear() noexcept {
    have_.clear();
    extras_.clear();
  }
  void set(std::size_t slot, const event::Value& value) noexcept {
    values_[slot] = value;
    have_.add(slot);
  }
  void set_number(std::size_t slot, std::uint64_t number) noexcept {
    constexpr std::uint64_t kMost = 0x7fff'ffff'ffff'ffff;
    set(slot, event::Value::integer(static_cast<std::int64_t>(number < kMost ? number : kMost)));
  }
  void add_extra(const Extra& extra) { extras_.push_back(extra); }

  [[nodiscard]] bool has(std::size_t slot) const noexcept { return have_.has(slot); }
  [[nodiscard]] const event::Value& value(std::size_t slot) const noexcept { return values_[slot]; }
  // 0 when it is not there.
  [[nodiscard]] std::uint64_t number(std::size_t slot) const noexcept {
    return has(slot) ? static_cast<std::uint64_t>(values_[slot].as_integer()) : 0;
  }
  [[nodiscard]] std::string_view text(std::size_t slot) const noexcept {
    return has(slot) ? values_[slot].as_text() : std::string_view{};
  }
  [[nodiscard]] const SlotSet& have() const noexcept { return have_; }
  [[nodiscard]] const std::vector<Extra>& extras() const noexcept { return extras_; }

  // So far: structured data that was passed over, and values that are none of their element's kind.
  std::uint64_t lists = 0, unreadable = 0;

 private:
  SlotSet have_;
  std::array<event::Value, kSlots> values_;
  std::vector<Extra> extras_;
};

inline std::string_view as_text(Bytes octets) noexcept {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

}  // namespace nw::flows
