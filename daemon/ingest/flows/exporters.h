// Who exports, and the templates that they taught us. What is least recently used makes room for what comes.
//
//   Exporter (an address)  1--n  DomainState (protocol, number)  1--n  Template
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/ip.h"
#include "base/time.h"
#include "ingest/flows/domain.h"
#include "ingest/flows/template.h"

namespace nw::flows {

// How much may be remembered.
struct Limits {
  std::size_t exporters = 4096, domains = 256;  // domains: of an exporter
  std::size_t templates = 4096, templates_all = 65'536;
  std::size_t entries = 16'384, entries_all = 131'072;  // options data: samplers, names
  std::size_t waiting_bytes = 1U << 20U, waiting_bytes_all = 16U << 20U;
  Nanoseconds template_life = std::chrono::hours{24}, waiting_life = std::chrono::minutes{5};
};

struct DomainState;

struct Template {
  std::uint16_t id = 0;
  Layout layout;
  Timestamp refreshed;
  DomainState* domain = nullptr;
  Plan plan;
  std::uint64_t plan_of = 0;  // the subscription that the plan was made for; 0: none
};

struct DomainState {
  std::uint8_t protocol = 0;
  std::uint64_t number = 0;
  Domain domain;
  std::map<std::uint16_t, std::list<Template>::iterator> templates;
};

struct Exporter {
  IpAddress address;
  std::string text;  // of the address; empty: nobody knows it
  // Both lists: the most recently used first.
  std::list<DomainState> domains;
  std::list<Template> templates;
  std::map<std::pair<std::uint8_t, std::uint64_t>, std::list<DomainState>::iterator> by_domain;
  std::size_t entries = 0;
  Timestamp heard;
};

struct StoreCounters {
  std::uint64_t learned = 0, changed = 0, withdrawn = 0, expired = 0;  // templates
  std::uint64_t templates_evicted = 0, domains_evicted = 0, exporters_evicted = 0;
  std::uint64_t entries_refused = 0;
};

class Exporters {
 public:
  explicit Exporters(const Limits& limits) : limits_{limits} {}

  // References stay valid until the next of(), domain() or put() of another.
  Exporter& of(const std::optional<IpAddress>& address, Timestamp now);
  DomainState& domain(Exporter& exporter, std::uint8_t protocol, std::uint64_t number);
  // Null: none, or it was not refreshed for too long.
  Template* find(Exporter& exporter, DomainState& domain, std::uint16_t id, Timestamp now);
  // Adds it, refreshes it, or puts another in its place.
  Template& put(Exporter& exporter, DomainState& domain, std::uint16_t id, Layout layout, Timestamp now);
  // All of the kind, where `id` is 2 or 3 (RFC 7011 section 8.1).
  void withdraw(Exporter& exporter, DomainState& domain, std::uint16_t id);
  void learn(Exporter& exporter, DomainState& domain, const Record& record);
  // As learn(), from a saved state: `known` has only what options data says. False: it is more than is allowed.
  bool restore(Exporter& exporter, DomainState& domain, Domain known);
  // Forgets exporters that were not heard for so long that nothing of theirs holds.
  void expire(Timestamp now);
  void clear();

  [[nodiscard]] std::size_t templates() const noexcept { return templates_; }
  [[nodiscard]] std::size_t exporters() const noexcept { return all_.size(); }
  [[nodiscard]] const std::list<Exporter>& all() const noexcept { return all_; }  // the most recently heard first
  [[nodiscard]] const StoreCounters& counters() const noexcept { return counters_; }
  // For what was read from a saved state and is not news.
  void reset_counters() noexcept { counters_ = {}; }

 private:
  void drop(std::list<Exporter>::iterator exporter);
  void erase(Exporter& exporter, std::list<Template>::iterator at);
  // Frees what others hold, until `held` is below `most`; false: it is all the exporter's own.
  bool make_room(const Exporter& exporter, const std::size_t& held, std::size_t most);

  Limits limits_;
  std::list<Exporter> all_;
  std::map<IpAddress, std::list<Exporter>::iterator> by_address_;
  std::size_t templates_ = 0, entries_ = 0;
  StoreCounters counters_;
};

}  // namespace nw::flows
