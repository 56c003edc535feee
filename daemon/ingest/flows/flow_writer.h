// Makes events of records that were read, whatever the protocol.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "base/ip.h"
#include "event/event.h"
#include "ingest/flows/domain.h"
#include "ingest/flows/template.h"

namespace nw::flows {

// Who tells of a record, and when.
struct Teller {
  event::SourceId source{};
  std::uint64_t ordinal = 0;
  std::uint32_t part = 0;  // of the next event
  Timestamp receive_time;
  std::optional<Timestamp> export_time;  // by the exporter's clock
  std::optional<std::uint32_t> uptime;   // its milliseconds since it began, at the export
  std::optional<IpAddress> exporter, agent;
  std::string_view exporter_text;
  std::string_view protocol;
  std::uint64_t domain_number = 0;
  const Domain* domain = nullptr;  // never null while records are told
};

// When a flow began and ended, as far as its record tells.
struct FlowTimes {
  Timestamp end;
  std::optional<Nanoseconds> duration;
  std::optional<Timestamp> start;
  event::TimeQuality quality = event::TimeQuality::received;
};
FlowTimes flow_times(const Record& record, const Teller& teller) noexcept;

class FlowWriter {
 public:
  // `flow` and `counters` are types of the schema, with the fields of flow_fields.h.
  void subscribe(std::shared_ptr<const event::Schema> schema, std::shared_ptr<const event::Interest> interest,
                 event::TypeId flow, event::TypeId counters);

  // Of flow records; valid until the next subscribe().
  [[nodiscard]] const Needs& needs() const noexcept { return needs_; }
  [[nodiscard]] bool wants_flows() const noexcept { return flow_.wanted; }
  [[nodiscard]] bool wants_counters() const noexcept { return counters_.wanted; }

  // Counts the teller's parts on.
  void flow(const Record& record, Teller& teller, event::EventSink& sink);
  // By CounterField, from kCounterInterface on; those that are not there are null.
  void counters(std::span<const event::Value> values, Teller& teller, event::EventSink& sink);

 private:
  template <std::size_t kFields>
  struct Bound {
    event::TypeId type{};
    bool wanted = false;
    std::array<event::FieldId, kFields> fields{};  // kNoField: unwanted
  };
  template <std::size_t kFields>
  static void bind(const event::Schema& schema, const event::Interest& interest, event::TypeId type,
                   std::span<const event::FieldSpec> specs, Bound<kFields>& out);

  [[nodiscard]] bool wants(std::size_t field) const noexcept { return flow_.fields[field] != event::kNoField; }
  void set(std::size_t field, const event::Value& value) {
    if (wants(field)) event_.set(flow_.fields[field], value);
  }
  void set_number(std::size_t field, std::uint64_t number);
  void set_text(std::size_t field, std::string_view text) {
    if (!text.empty()) set(field, event::Value::text(text));
  }
  void begin(event::TypeId type, Timestamp time, event::TimeQuality quality, Teller& teller);
  void set_plain(const Record& record);
  void set_ends(const Record& record);
  void set_counts(const Record& record, const Domain& domain);
  void set_words(const Record& record, const Domain& domain);
  void set_teller(const Teller& teller);
  void set_extras(const Record& record);
  event::Value rendered(std::size_t slot, const event::Value& value);
  void find_needs();

  std::shared_ptr<const event::Schema> schema_;
  std::shared_ptr<const event::Interest> interest_;
  Needs needs_;
  SlotSet plain_;  // fields that come from the slot of the same number, and are wanted
  Bound<kFlowFields> flow_;
  Bound<kCounterFields> counters_;
  event::Event event_;
};

}  // namespace nw::flows
