// Datagrams of NetFlow v1, v5, v7, v9 (RFC 3954), IPFIX (RFC 7011) and sFlow v5 to events. One worker's; pure.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "event/event.h"
#include "ingest/flows/exporters.h"
#include "ingest/flows/flow_writer.h"
#include "ingest/flows/waiting.h"

namespace nw::flows {

enum class Protocol : std::uint8_t { netflow1, netflow5, netflow7, netflow9, ipfix, sflow5 };
constexpr std::size_t kProtocols = 6;
std::string_view to_string(Protocol protocol) noexcept;

// Why a datagram is no good, or not to its end: a closed set, used as a metric label.
enum class Fault : std::uint8_t {
  none,
  too_short,  // no header
  unknown_version,
  bad_count,   // more records than a datagram of the version may have
  bad_length,  // a length that cannot be
  bad_template,
  truncated,  // it ends inside a set, a record or a sample
};
constexpr std::size_t kFaults = 7;
std::string_view to_string(Fault fault) noexcept;

// Whether templates may be withdrawn: over UDP they may not, for a datagram may come late or be forged (RFC 7011
// section 8.4).
enum class Carrier : std::uint8_t { udp, file };

// What is known of a datagram besides its octets.
struct Arrival {
  event::SourceId source{};
  std::uint64_t ordinal = 0;
  Timestamp receive_time;
  std::optional<IpAddress> peer;
};

struct Counters {
  std::uint64_t datagrams = 0;
  std::array<std::uint64_t, kProtocols> flows{};  // records, by protocol
  std::array<std::uint64_t, kFaults> malformed{};
  std::array<SequenceCounters, kProtocols> sequence{};
  StoreCounters store;
  WaitingCounters waiting;
  std::uint64_t options = 0;              // records of options data
  std::uint64_t counter_samples = 0;      // sFlow
  std::uint64_t switch_drops = 0;         // sFlow: samples that the switch itself lost
  std::uint64_t samples_skipped = 0;      // sFlow: of kinds that are not read
  std::uint64_t sets_skipped = 0;         // of reserved numbers, or with a template that has no octets
  std::uint64_t withdrawals_refused = 0;  // of templates, over UDP
  std::uint64_t lists_skipped = 0;        // structured data (RFC 6313)
  std::uint64_t values_unreadable = 0;    // of a length that their element cannot have
  std::uint64_t trailing_octets = 0;      // behind the end that the header states
  std::uint64_t states_refused = 0;       // restore()
  std::size_t templates_held = 0, exporters_held = 0, waiting_bytes = 0;
};

class Decoder {
 public:
  explicit Decoder(const Limits& limits = {}, Carrier carrier = Carrier::udp);

  // Types with the fields of flow_fields.h.
  void subscribe(std::shared_ptr<const event::Schema> schema, std::shared_ptr<const event::Interest> interest,
                 event::TypeId flow, event::TypeId counters);

  struct Outcome {
    Fault fault = Fault::none;
    std::uint32_t told = 0;      // events, also of sets that waited
    std::uint32_t unwanted = 0;  // records that nobody asks for
  };
  // What could be read before a fault is told all the same.
  Outcome datagram(Bytes in, const Arrival& arrival, event::EventSink& sink);
  // About once a second: gives up what waits for too long; `end`: everything that waits.
  void flush(Timestamp now, bool end);

  // Templates and options data, for the next start. Damaged, or of another version: refused as a whole.
  [[nodiscard]] std::string state() const;
  bool restore(std::string_view state);

  [[nodiscard]] Counters counters() const;

 private:
  struct Call;  // of datagram()
  Fault fixed(Protocol protocol, ByteReader in, Call& call);
  Fault sets(Protocol protocol, ByteReader in, Call& call);
  Fault set(std::uint16_t id, ByteReader body, Call& call);
  Fault templates(bool options, ByteReader body, Call& call);
  Fault data(Template& with, ByteReader body, Teller& teller, Call& call);
  void wait(std::uint16_t id, Bytes body, Call& call);
  void tell_waiting(Template& with, Call& call);
  void tell(const Record& record, Teller& teller, Call& call);
  Fault sflow(ByteReader in, Call& call);
  Fault sflow_sample(std::uint32_t format, ByteReader body, Call& call);
  Fault flow_sample(bool expanded, ByteReader body, Call& call);
  Fault counter_sample(bool expanded, ByteReader body, Call& call);
  const Plan& plan_of(Template& of);

  Limits limits_;
  Carrier carrier_;
  Exporters exporters_;
  WaitingSets waiting_;
  FlowWriter writer_;
  Needs options_needs_;
  std::uint64_t subscription_ = 0;
  std::array<Plan, 3> fixed_plans_;  // v1, v5, v7
  Record record_;
  Counters counters_;
};

// How many octets the first message of a file of them has (RFC 5655 for IPFIX; the same for NetFlow v5, whose records
// are counted). 0: none, or of a version that does not say.
std::size_t message_octets(Bytes in) noexcept;

}  // namespace nw::flows
