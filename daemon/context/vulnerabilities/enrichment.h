// What events get of vulnerabilities: those that are open where an event goes, whether the one that it names is, and
// whether a device runs an affected version.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "context/registry/registry.h"
#include "context/vulnerabilities/exposure.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::vulnerabilities {

// Where events name a CVE: IDS alerts as Suricata and others have them, and messages.
inline constexpr auto kNamingFields = std::to_array<std::string_view>(
    {"cve", "alert.metadata.cve", "alert.signature", "signature", "msg", "message", "attack", "threatid"});
// Of `known_device`, in which a device speaks of itself.
inline constexpr auto kSpeakingFields =
    std::to_array<std::string_view>({"device", "vendor", "product", "firmware", "order_number"});

class Enricher {
 public:
  // Adds the fields to the schema and remembers their numbers.
  explicit Enricher(event::Schema& schema);
  static std::span<const event::FieldSpec> fields();
  // Makes `interest` ask for what enrich() reads, where a rule reads what comes of it.
  void subscribe(event::Interest& interest, const event::Schema& schema) const;

 private:
  friend class Enrichment;
  std::vector<event::FieldId> ids_;  // in the order of fields()
  std::array<event::FieldId, kNamingFields.size()> naming_{};
  std::array<event::FieldId, kSpeakingFields.size()> speaking_{};
};

// One worker's. All that it is made of outlives it, and the events' way.
class Enrichment {
 public:
  Enrichment(const Enricher& enricher, const ExposureMap& exposures, const context::Registry& registry,
             const event::Interest& interest);
  // Sets only fields that the interest wants; after the register's own enrichment.
  void enrich(event::Event& event);

 private:
  struct Judged {
    std::uint64_t words = 0;  // hash of what the device said; 0: empty place
    Knowledge::VersionVerdict verdict;
  };
  std::uint8_t wanted(event::TypeId type);
  void named(event::Event& event, std::uint8_t wanted, const ExposureMap::Open* open, bool designated);
  void version(event::Event& event, std::uint8_t wanted);

  static constexpr std::uint8_t kUnasked = 0xff;
  static constexpr std::size_t kJudged = 64;  // a power of two

  const Enricher* enricher_;
  const ExposureMap* exposures_;
  const context::Registry* registry_;
  const event::Interest* interest_;
  std::vector<std::uint8_t> wanted_;  // by type; kUnasked: not yet looked at
  std::vector<Judged> judged_;
};

}  // namespace nw::vulnerabilities
