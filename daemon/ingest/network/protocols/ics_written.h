// All that a request writes, where `ics.target` and `ics.value` are too short: for who needs it all (the register has
// limits of points).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "ingest/network/protocols/ics.h"

namespace nw::network {

// Two more fields of a type, one behind the other and in the order of the texts. Modbus has the second only.
inline constexpr std::array<event::FieldSpec, 2> kIcsWrittenFields{{
    {"request_targets", "list of text",
     "what a write names, when not all of it fits into `ics.target` and `ics.value` (ours)"},
    {"request_values", "list of text", "the values that it then writes there (ours)"},
}};
inline bool is_cut(const IcsCommand& command) noexcept { return command.target.full() || command.value.full(); }

class IcsWritten {
 public:
  static constexpr std::size_t kMost = 4096;  // of each

  // `first` is the position of `request_targets`. What is made lives in the event; nothing when nobody wants it.
  IcsWritten(EventWriter& out, std::size_t first) : out_{&out}, first_{first} {
    if (!out.wants(first) && !out.wants(first + 1)) return;
    for (List& list : lists_) list.slots = out.event().arena().make<event::Value>(kMost);
  }
  [[nodiscard]] bool full() const noexcept {
    return std::ranges::any_of(lists_, [](const List& list) { return list.used == list.slots.size(); });
  }
  void target(const IcsText& text) { add(lists_[0], text); }
  void value(const IcsText& text) { add(lists_[1], text); }
  void set() {
    for (std::size_t i = 0; i < lists_.size(); ++i)
      if (lists_[i].used != 0) out_->set(first_ + i, event::Value::list(lists_[i].slots.first(lists_[i].used)));
  }

 private:
  struct List {
    std::span<event::Value> slots;
    std::size_t used = 0;
  };
  void add(List& list, const IcsText& text) {
    if (!full()) list.slots[list.used++] = event::Value::text(out_->event().keep(text.view()));
  }

  EventWriter* out_;
  std::size_t first_;
  std::array<List, 2> lists_;
};

}  // namespace nw::network
