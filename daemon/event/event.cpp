#include "event/event.h"

#include <array>

#include "base/text.h"

namespace nw::event {

std::string_view to_string(TimeQuality quality) {
  static constexpr std::array<std::string_view, 4> kNames{"capture", "stated", "guessed", "received"};
  return kNames[static_cast<std::size_t>(quality)];
}

void Event::begin(TypeId type, SourceId source, Timestamp event_time, Timestamp receive_time, TimeQuality quality) {
  for (const Entry& entry : entries()) slots_[index(entry.field)] = 0;
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

Value& Event::value_of(FieldId field) {
  const std::size_t i = index(field);
  if (i >= slots_.size()) slots_.resize(i + 1);
  std::uint16_t& slot = slots_[i];
  if (slot != 0) return entries_[slot - 1U].value;
  if (used_ == entries_.size()) entries_.resize(2 * entries_.size());
  Entry& entry = entries_[used_];
  entry.field = field;
  slot = ++used_;
  return entry.value;
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
