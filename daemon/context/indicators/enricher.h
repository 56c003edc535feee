// Puts `nw.ioc.*` fields on events (rules/README.md lists them): which indicators an event has, what their feeds say of
// them, and whether the other side answered.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "context/indicators/set.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::context {

// How an event's contact ended. `unknown`: the event does not say.
enum class Answered : std::uint8_t { no, yes, unknown };
constexpr std::size_t kAnswered = 3;
std::string_view to_string(Answered answered) noexcept;

class IndicatorEnricher {
 public:
  // The category by which rules name every kind of event that is looked at: logsource: {category: indicator}.
  static constexpr std::string_view kCategory = "indicator";

  // Adds the fields to the schema and remembers their numbers, and those that are looked at.
  explicit IndicatorEnricher(event::Schema& schema);
  // The table that docs and the dormant-rule check read (CompileOptions::produced_fields).
  static std::span<const event::FieldSpec> fields();
  // Makes the kinds of events that are looked at answer to kCategory: log events of every kind; of the network's conn,
  // dns, files, http, quic, ssl and x509. An address of the network is looked up once, in conn.
  void claim(event::Schema& schema) const;
  // Makes `interest` ask for what enrich() reads, of events whose `nw.ioc.*` somebody wants.
  // The marks come along, whatever of `nw.ioc.*` is wanted.
  void subscribe(event::Interest& interest, const event::Schema& schema) const;
  [[nodiscard]] bool has_indicator(const event::Event& event) const noexcept;
  // The marks that enrich() put on an event; empty: none.
  [[nodiscard]] std::string_view pap_of(const event::Event& event) const noexcept;
  [[nodiscard]] std::string_view tlp_of(const event::Event& event) const noexcept;

 private:
  friend class IndicatorEnrichment;
  [[nodiscard]] bool wanted(const event::Interest& interest, event::TypeId type) const;
  // By number in the table of looks.
  [[nodiscard]] std::vector<std::uint8_t> looks_of(const event::Schema& schema, event::TypeId type) const;

  std::vector<event::FieldId> ids_;    // in the order of fields()
  std::vector<event::FieldId> looks_;  // in the order of the table of looks
  std::vector<event::FieldId> signs_;  // of whether it was answered, in their table's order
};

// An enricher at work, with one worker's memory. All that it is made of outlives it, and the events' way.
class IndicatorEnrichment {
 public:
  static constexpr std::size_t kHitsMax = 16;  // named on one event

  struct Counters {
    // Events with an indicator of this kind.
    std::array<std::array<std::uint64_t, kAnswered>, kIndicatorKinds> hits{};
    std::uint64_t cut = 0;  // records beyond kHitsMax of one event
    void add(const Counters& other) noexcept;
  };

  IndicatorEnrichment(const IndicatorEnricher& enricher, const IndicatorSet& set, const event::Interest& interest,
                      const event::Schema& schema);
  // Sets only fields that the interest wants. No allocation but the event's own memory, and that only on a hit.
  void enrich(event::Event& event);
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

 private:
  class Hits;
  void look(const event::Event& event, std::size_t row, Hits& hits) const;
  void look_url(const event::Event& event, std::string_view host, std::string_view path, Hits& hits) const;
  void write(event::Event& event, const Hits& hits, Answered answered) const;

  const IndicatorEnricher* enricher_;
  const IndicatorSet* set_;
  const event::Interest* interest_;
  std::vector<std::vector<std::uint8_t>> looks_;  // by type; empty: nothing is wanted, or there is nothing to look up
  Counters counters_;
};

}  // namespace nw::context
