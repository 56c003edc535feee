// An event as atoms see it: each field as its elements, each element's text and folded text made at most once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/rule_set.h"
#include "event/event.h"

namespace nw::sigma {

// A scalar: a field's value, or one element of its list.
struct Element {
  event::Value value;
  std::string_view text, folded;
  bool has_text = false, has_folded = false;
};

// Positions in Subject's elements.
struct ElementRange {
  std::uint32_t first = 0, end = 0;
};

// Keeps its memory from event to event. The event is borrowed from begin() to the next begin().
class Subject {
 public:
  Subject(std::size_t fields, MatchCounters& counters) : counters_{&counters}, slots_(fields) {}

  void begin(const event::Event& event);
  [[nodiscard]] const event::Event& event() const noexcept { return *event_; }

  // The elements of a field; none when it is absent. Nested lists come out flat.
  ElementRange field(event::FieldId id);
  // What keywords search: every text, number and address of the event, and its raw line unless that is `structured`.
  // Not what the daemon itself wrote to tell events apart (source, uid, community_id).
  ElementRange everything(bool structured);
  // Valid until the next call that adds elements.
  Element& element(std::uint32_t at) noexcept { return elements_[at]; }

  // As rules compare it; valid until the next begin().
  std::string_view text(std::uint32_t at);
  std::string_view folded(std::uint32_t at);

 private:
  struct Slot {
    std::uint64_t event = 0;
    ElementRange range;
  };
  void add(const event::Value& value, std::size_t depth);
  std::string_view fold(std::string_view text);

  MatchCounters* counters_;
  const event::Event* event_ = nullptr;
  std::uint64_t number_ = 0;
  std::vector<Slot> slots_;
  Slot everything_;
  std::vector<Element> elements_;
  Arena arena_{kTextBytesMax};
  std::string formatted_;
};

}  // namespace nw::sigma
