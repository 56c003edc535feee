// What an exporter has said of itself in one observation domain, beside its flows: how it samples, and what its
// interfaces and applications are called (options data: RFC 3954 section 6.1, RFC 7011 section 3.4.2.2).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "ingest/flows/record.h"
#include "ingest/flows/sequence.h"

namespace nw::flows {

constexpr std::size_t kNameMax = 255;  // octets of an interface's or application's name that are kept

struct Interface {
  std::string name;
  std::uint32_t rate = 0;  // 0: not known
};

struct Domain {
  // One of so many packets; 0: not known. For samplers by their number (v9) and selectors (IPFIX), for interfaces, and
  // for all of the domain.
  std::uint32_t rate = 0;
  std::map<std::uint64_t, std::uint32_t> samplers, selectors;
  std::map<std::uint32_t, Interface> interfaces;
  std::map<std::string, std::string, std::less<>> applications;  // by the octets of their applicationId
  std::optional<Timestamp> boot;                                 // systemInitTimeMilliseconds
  Sequence sequence;
  std::map<std::uint32_t, std::uint32_t> dropped;  // sFlow: by source, as the switch last counted them

  [[nodiscard]] std::size_t entries() const noexcept {
    return samplers.size() + selectors.size() + interfaces.size() + applications.size();
  }
};

// What a record says of its own sampling; 0: nothing.
std::uint32_t stated_rate(const Record& record) noexcept;
// The same, else what the exporter has said before.
std::uint32_t sampling_rate(const Record& record, const Domain& domain) noexcept;

// An applicationId (RFC 6759): an engine, and a number of its own in at most eight octets.
struct ApplicationId {
  unsigned engine = 0;
  std::uint64_t number = 0;
};
std::optional<ApplicationId> application_id(std::string_view octets) noexcept;

// Takes one record of options data. `room`: how many more entries the exporter may have. False: something did not find
// room.
bool learn(const Record& record, std::size_t room, Domain& domain);

}  // namespace nw::flows
