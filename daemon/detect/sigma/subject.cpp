#include "detect/sigma/subject.h"

#include <algorithm>

#include "detect/sigma/fold.h"

namespace nw::sigma {

namespace {

using Kind = event::Value::Kind;

bool keyword_kind(Kind kind) {
  return kind == Kind::text || kind == Kind::integer || kind == Kind::real || kind == Kind::address;
}

}  // namespace

void Subject::begin(const event::Event& event) {
  event_ = &event;
  ++number_;
  elements_.clear();
  arena_.reset();
}

void Subject::add(const event::Value& value, std::size_t depth) {
  if (value.kind() != Kind::list) {
    if (elements_.size() < kElementsMax)
      elements_.push_back({value, {}, {}, false, false});
    else
      ++counters_->text_cuts;
    return;
  }
  if (depth == kListDepthMax) {
    ++counters_->text_cuts;
    return;
  }
  for (const event::Value& item : value.as_list()) add(item, depth + 1);
}

ElementRange Subject::field(event::FieldId id) {
  Slot& slot = slots_[index(id)];
  if (slot.event == number_) return slot.range;
  slot.event = number_;
  slot.range.first = static_cast<std::uint32_t>(elements_.size());
  if (const event::Value* value = event_->get(id)) add(*value, 0);
  slot.range.end = static_cast<std::uint32_t>(elements_.size());
  return slot.range;
}

ElementRange Subject::everything(bool structured) {
  using event::Common;
  if (everything_.event == number_) return everything_.range;
  everything_.event = number_;
  everything_.range.first = static_cast<std::uint32_t>(elements_.size());
  if (!structured && !event_->raw.empty()) add(event::Value::text(event_->raw), 0);
  for (const event::Event::Entry& entry : event_->entries()) {
    const bool ours = entry.field == common(Common::uid) || entry.field == common(Common::source) ||
                      entry.field == common(Common::community_id);
    if (!ours) add(entry.value, 0);
  }
  for (const event::Event::Extra& extra : event_->extras()) add(extra.value, 0);
  // Only text, numbers and addresses are searched; the others leave, order kept.
  const auto first = elements_.begin() + everything_.range.first;
  const auto last = std::remove_if(first, elements_.end(),
                                   [](const Element& element) { return !keyword_kind(element.value.kind()); });
  elements_.erase(last, elements_.end());
  everything_.range.end = static_cast<std::uint32_t>(elements_.size());
  return everything_.range;
}

std::string_view Subject::text(std::uint32_t at) {
  Element& element = elements_[at];
  if (element.has_text) return element.text;
  element.has_text = true;
  if (element.value.kind() == Kind::text) {
    element.text = element.value.as_text();
  } else {
    formatted_.clear();
    element.value.append_text(formatted_);
    element.text = arena_.copy(formatted_);
    if (element.text.size() != formatted_.size()) ++counters_->text_cuts;
  }
  return element.text;
}

std::string_view Subject::folded(std::uint32_t at) {
  const std::string_view text = this->text(at);
  Element& element = elements_[at];
  if (!element.has_folded) {
    element.has_folded = true;
    element.folded = fold(text);
  }
  return element.folded;
}

std::string_view Subject::fold(std::string_view text) {
  const bool as_is = std::none_of(
      text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80; });
  if (as_is) return text;
  const std::span<char> room = arena_.make<char>(folded_bytes_max(text.size()));
  if (room.empty()) {
    ++counters_->text_cuts;
    return text;
  }
  return {room.data(), fold_into(text, room.data())};
}

}  // namespace nw::sigma
