#include "event/event.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nw::event {

std::string_view to_string(TimeQuality quality) {
  static constexpr std::array<std::string_view, 4> kNames{"capture", "stated", "guessed", "received"};
  return kNames[static_cast<std::size_t>(quality)];
}

void Event::begin(TypeId type, SourceId source, Timestamp event_time, Timestamp receive_time, TimeQuality quality) {
  if (++epoch_ == 0) {  // what was set 65,536 events ago must not look new
    std::ranges::fill(slots_, Slot{});
    epoch_ = 1;
  }
  used_ = 0;
  extras_.clear();
  arena_.reset();
  raw = {};
  part = 0;
  gap_bytes = place = 0;
  type_ = type;
  source_ = source;
  event_time_ = known_at = event_time;
  receive_time_ = receive_time;
  quality_ = quality;
}

std::span<Event::Entry> Event::set_first(std::size_t count) {
  Entry* const entry = entry_;
  Slot* const slot = slot_;
  const std::uint16_t epoch = epoch_;
  for (std::uint16_t i = 0; i < count; ++i) {
    entry[i].field = static_cast<FieldId>(i);
    slot[i] = {epoch, i};
  }
  used_ = static_cast<std::uint32_t>(count);
  return {entry, count};
}

Value& Event::value_of(FieldId field) {
  const std::size_t i = index(field);
  if (i >= slot_count_ || used_ == entry_count_) return value_of_grown(field);
  Slot& slot = slot_[i];
  if (slot.epoch == epoch_) return entry_[slot.at].value;
  slot = {epoch_, static_cast<std::uint16_t>(used_)};
  Entry& entry = entry_[used_++];
  entry.field = field;
  return entry.value;
}

Value& Event::value_of_grown(FieldId field) {
  if (index(field) >= slots_.size()) slots_.resize(index(field) + 1);
  if (used_ == entries_.size()) entries_.resize(2 * entries_.size());
  entry_ = entries_.data();
  slot_ = slots_.data();
  entry_count_ = static_cast<std::uint32_t>(entries_.size());
  slot_count_ = static_cast<std::uint32_t>(slots_.size());
  return value_of(field);
}

void append_ndjson(const Event& event, const Schema& schema, std::string& out) {
  out += "{\"_path\":";
  append_json_string(schema.type(event.type()).path, out);
  out += ",\"ts\":";
  append_seconds(event.event_time().time_since_epoch(), out);
  for (const Event::Entry& entry : event.entries()) {
    if (entry.field == common(Common::ts)) continue;
    out += ',';
    append_json_string(schema.field_name(entry.field), out);
    out += ':';
    entry.value.append_json(out);
  }
  for (const Event::Extra& extra : event.extras()) {
    out += ',';
    append_json_string(extra.name, out);
    out += ':';
    extra.value.append_json(out);
  }
  out += '}';
}

}  // namespace nw::event
