// One call of Decoder::datagram(). Inner to decoder.cpp and sflow.cpp.
#pragma once

#include "ingest/flows/decoder.h"

namespace nw::flows {

struct Decoder::Call {
  Call(const Arrival& arrival_in, event::EventSink& sink_in) : arrival{arrival_in}, sink{sink_in} {}

  const Arrival& arrival;
  event::EventSink& sink;
  Protocol protocol{};
  Exporter* exporter = nullptr;
  DomainState* domain = nullptr;
  Teller teller;
  Outcome outcome;
  std::uint32_t set_number = 0;
  // Data records, for IPFIX's sequence numbers; nothing: a set of them waits.
  std::optional<std::uint32_t> records = 0;

  void of_domain(Exporters& exporters, std::uint64_t number) {
    domain = &exporters.domain(*exporter, static_cast<std::uint8_t>(protocol), number);
    teller.domain_number = number;
    teller.domain = &domain->domain;
  }
  void missed(std::uint32_t at, std::optional<std::uint32_t> units, std::optional<std::uint32_t> seconds,
              Counters& counters) const {
    domain->domain.sequence.see(at, units, seconds, teller.uptime,
                                counters.sequence[static_cast<std::size_t>(protocol)]);
  }
};

}  // namespace nw::flows
