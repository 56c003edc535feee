// Puts `nw.look_alike_*` fields on events (rules/README.md lists them): which designated name the name that an event is
// about is easily taken for.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "context/look_alikes/look_alikes.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::context {

class LookAlikeEnricher {
 public:
  // Adds the fields to the schema and remembers their numbers, and those that are looked at.
  explicit LookAlikeEnricher(event::Schema& schema);
  // The table that docs and the dormant-rule check read (CompileOptions::produced_fields).
  static std::span<const event::FieldSpec> fields();
  // Makes `interest` ask for what enrich() reads, of events whose `nw.look_alike_*` somebody wants.
  void subscribe(event::Interest& interest, const event::Schema& schema) const;

 private:
  friend class LookAlikeEnrichment;
  [[nodiscard]] bool wanted(const event::Interest& interest, event::TypeId type) const;
  // The fields of such events that hold a name; empty: they are not looked at.
  [[nodiscard]] std::vector<event::FieldId> looks_of(const event::Schema& schema, event::TypeId type) const;

  std::vector<event::FieldId> ids_;    // in the order of fields()
  std::vector<event::FieldId> looks_;  // in the order of the table of looks
};

// An enricher at work, with one worker's memory: what was said of names lately. All that it is made of outlives it, and
// the events' way.
class LookAlikeEnrichment {
 public:
  LookAlikeEnrichment(const LookAlikeEnricher& enricher, const LookAlikes& names, const event::Interest& interest,
                      const event::Schema& schema);
  // Sets only fields that the interest wants. Hardly any allocation in the steady state.
  void enrich(event::Event& event);

 private:
  struct Judged {
    std::string name;  // empty: nothing yet
    LookAlikes::Verdict verdict;
  };
  LookAlikes::Verdict judge(std::string_view name);

  static constexpr std::size_t kJudged = 1024;   // a power of two
  static constexpr std::size_t kKeptBytes = 64;  // of a name that is kept

  const LookAlikeEnricher* enricher_;
  const LookAlikes* names_;
  const event::Interest* interest_;
  std::vector<std::vector<event::FieldId>> looks_;  // by type
  std::vector<Judged> judged_;
  LookAlikes::Scratch scratch_;
};

}  // namespace nw::context
