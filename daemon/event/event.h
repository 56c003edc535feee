// One observed fact, on its way through one worker. A worker owns one Event and fills it again and again, so the
// steady state allocates nothing; whoever wants to keep something copies it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "event/schema.h"
#include "event/value.h"

namespace nw::event {

// How far the event time can be trusted (DESIGN promise 7).
enum class TimeQuality : std::uint8_t {
  capture,   // the capturing kernel's clock
  stated,    // the sender's clock, with its zone
  guessed,   // the sender's clock; year or zone were ours to guess
  received,  // the sender gave none: it is the receive time
};
std::string_view to_string(TimeQuality quality);

// A configured source's number, in the order of the configuration.
enum class SourceId : std::uint16_t {};

class Event {
 public:
  struct Entry {
    FieldId field;
    Value value;
  };
  struct Extra {
    std::string_view name;
    Value value;
  };

  // Empties it and starts anew. Everything read from it before becomes invalid.
  void begin(TypeId type, SourceId source, Timestamp event_time, Timestamp receive_time, TimeQuality quality);

  // Another event time for it, when who made it knew none and somebody else does.
  void redate(Timestamp event_time, TimeQuality quality) noexcept {
    event_time_ = known_at = event_time;
    quality_ = quality;
  }
  // The last value set for a field wins. Text and lists must outlive the event's way through the pipeline; keep() what
  // does not.
  void set(FieldId field, const Value& value) { value_of(field) = value; }
  // Right behind begin(): the first `count` common fields, in their order, whose values the caller fills in.
  std::span<Entry> set_first(std::size_t count);
  // A field that no schema knows; only under Interest::wants_all().
  void set_extra(std::string_view name, Value value) { extras_.push_back({name, value}); }

  [[nodiscard]] const Value* get(FieldId field) const noexcept {
    const std::size_t i = index(field);
    if (i >= slot_count_) return nullptr;
    const Slot slot = slot_[i];
    return slot.epoch == epoch_ ? &entry_[slot.at].value : nullptr;
  }
  [[nodiscard]] const Value* get(Common field) const noexcept { return get(common(field)); }
  // In the order they were first set.
  [[nodiscard]] std::span<const Entry> entries() const noexcept { return {entry_, used_}; }
  [[nodiscard]] std::span<const Extra> extras() const noexcept { return extras_; }

  // A copy in the event's own memory, valid until the next begin(); cut when the event's budget (1 MiB) is spent.
  std::string_view keep(std::string_view text) { return arena_.copy(text); }
  Arena& arena() noexcept { return arena_; }

  [[nodiscard]] TypeId type() const noexcept { return type_; }
  [[nodiscard]] SourceId source() const noexcept { return source_; }
  [[nodiscard]] Timestamp event_time() const noexcept { return event_time_; }
  [[nodiscard]] Timestamp receive_time() const noexcept { return receive_time_; }
  [[nodiscard]] TimeQuality time_quality() const noexcept { return quality_; }

  // The line as it came (logs only); borrowed. Sigma keywords search it.
  std::string_view raw;
  // Number of the packet or line within its source, from 0: with `source` it names what the event was read from.
  std::uint64_t ordinal = 0;
  // Counts the events that came from one ordinal, from 0.
  std::uint32_t part = 0;
  // Where the line stands in a source that can be read again, as a number that stays the same (ArrivedLine::place); 0:
  // nowhere. It goes before `ordinal`, which begins anew with each run.
  std::uint64_t place = 0;
  // When the fact was there in full: the event time; for what is told at its end (a flow), that end, by the source's
  // clock. Windows of time count by it.
  Timestamp known_at{};
  // Bytes of its flow that were never seen, when the event was made: what it says may lack them.
  std::uint64_t gap_bytes = 0;

 private:
  // Out of line, and without the value: passed through memory in parts and read back whole, it would wait for its
  // stores.
  Value& value_of(FieldId field);
  Value& value_of_grown(FieldId field);

  // By field: where its entry is, when the event is still the `epoch`-th.
  struct Slot {
    std::uint16_t epoch = 0, at = 0;
  };
  static constexpr std::size_t kEntries = 64;

  TypeId type_{};
  SourceId source_{};
  TimeQuality quality_ = TimeQuality::capture;
  Timestamp event_time_{}, receive_time_{};
  // Both have room for the common fields. What is hot goes by the pointers.
  std::vector<Entry> entries_ = std::vector<Entry>(kEntries);  // the first `used_`; the others are left as they were
  std::vector<Slot> slots_ = std::vector<Slot>(kEntries);
  Entry* entry_ = entries_.data();
  Slot* slot_ = slots_.data();
  std::uint32_t entry_count_ = kEntries, slot_count_ = kEntries;
  std::vector<Extra> extras_;
  std::uint32_t used_ = 0;
  std::uint16_t epoch_ = 1;
  Arena arena_;
};

// Takes finished events, in the order that the packets or lines imply. `event` is borrowed for the call; the taker may
// add fields (enrichment does).
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void accept(Event& event) = 0;
};

// One NDJSON object without a line end: `_path`, then the fields in the order they were set. Zeek's JSON, so that tools
// for Zeek read it. `ts` is always there.
void append_ndjson(const Event& event, const Schema& schema, std::string& out);

}  // namespace nw::event
