// The register of designated infrastructure: who is protected, and what an address in an event means. Pure, immutable
// once loaded; a reload makes a new one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/ip.h"
#include "context/registry/maintenance.h"
#include "context/registry/points.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::context {

// What a device says of itself: the fields of `known_device`, and the keys of a host's `device`.
inline constexpr auto kDeviceFacts = std::to_array<std::string_view>(
    {"vendor", "product", "order_number", "serial_number", "hardware", "firmware", "device_name"});

// Something in use, in the words of advisories (KEV, CSAF).
struct Product {
  std::string vendor, product, version;  // version: empty: not known
  std::vector<std::string> remedied;     // CVE ids that do not apply here any more: patched, or mitigated
};

// That a host's log lines are expected, whatever source brings them.
struct ExpectedLogs {
  std::optional<Nanoseconds> silent_after;  // it is silent when none came for so long; absent: what is usual is learned
};
constexpr std::size_t kNoLogs = static_cast<std::size_t>(-1);

struct Host {
  IpAddress address;
  std::string name;                                     // as it calls itself in its log lines; may be empty
  std::vector<std::string> roles;                       // plc, rtu, hmi, ews, ... (closed set)
  std::vector<IpPrefix> writers;                        // who may send it commands; empty: nothing is stated
  std::vector<std::string> protocols;                   // of control systems, in which it answers; empty: not stated
  std::array<std::string, kDeviceFacts.size()> device;  // what it is; empty: not stated
  std::vector<Product> products;                        // what runs there
  PointList points;                                     // what its addresses mean; empty: nothing is stated
  std::optional<ExpectedLogs> logs;                     // absent: nobody waits for its lines
  std::size_t logs_number = kNoLogs;                    // its place in Registry::hosts_with_logs()
};

// Work that is planned at an asset: while it goes on, what is detected there does not page.
struct Maintenance {
  std::string ticket;  // of the change; alerts carry it
  MaintenanceWindow window;
  std::vector<IpPrefix> stations;  // who writes under this ticket; empty: the hosts' own writers
};

// What an asset needs of another one: `a` is lost `buffer` after `on` is (a tank, a battery, work by hand), unless
// another one of the same `group` still stands. Rinaldi, Peerenboom and Kelly's four kinds.
struct Dependency {
  std::string on;                   // the other asset's id
  std::string kind;                 // physical | cyber | geographic | logical
  std::int64_t buffer_minutes = 0;  // at most a year
  double strength = 1;              // 0 to 1: how much of the function goes with it; shown, not computed with
  std::string group;                // one of the same group is enough; empty: this one is needed by itself
  Mark mark;
};

struct Contact {
  std::string poc, tlp;  // an id of the operator's own; clear, green, amber, amber+strict, red; empty: not stated
};

// The act by which it was designated. Days are UTC; both ends may be open.
struct Basis {
  std::string act;
  std::string from, until;  // 2026-01-01; empty: open
};

struct Asset {
  std::string id;    // opaque
  std::string name;  // shown to operators; may be empty
  std::string operator_id;
  std::string sector;  // config taxonomy: "water.supply"
  std::vector<std::string> functions;
  std::string availability, integrity, confidentiality;  // classes C1..C4
  std::vector<std::string> flags;                        // medical, safety_system, cert, ... (closed set)
  std::string disclosure;                                // open | restricted | secret
  std::vector<IpPrefix> networks;
  std::vector<Host> hosts;
  struct Zone {
    IpPrefix network;
    std::string name;
  };
  std::vector<Zone> zones;
  std::vector<Maintenance> maintenance;
  std::string location;  // ISO 3166-1 or -2: AT, AT-9; its own, else the register's; empty: not stated
  std::vector<Dependency> dependencies;
  std::vector<Product> products;  // not of one host
  Contact contact;
  Basis basis;
  std::string file;  // where it stands
  Mark mark;         // in that file

  // The most severe of the three classes: "C1" before "C4".
  [[nodiscard]] std::string_view highest_class() const;
  // Nobody outside may learn that it is designated: outputs do not name it.
  [[nodiscard]] bool secret() const;
};

// A name of an asset's own, with all names below it: cert.example, in small letters.
struct Domain {
  std::string name;
  const Asset* asset = nullptr;
};

// Whether the designation has ended before `t`: the last day of `until` counts, in UTC. An open one never ends.
bool basis_over(const Asset& asset, Timestamp t);

// One file of the register.
struct RegisterText {
  std::string file, text;
};

struct ImpactLimits;  // impact.h
struct LostAsset;
struct RegistryFile;  // read.h

class Registry {
 public:
  struct Found {
    const Asset* asset = nullptr;
    const Host* host = nullptr;  // null: only the network is known
    std::string_view zone;       // empty: none
    bool own = false;            // inside the territory or a network of some asset
    [[nodiscard]] explicit operator bool() const noexcept { return asset != nullptr; }
  };

  // Reads the files as one register (strict; every fault goes to `diagnostics`). `known_sectors` is sorted. Null when
  // there was an error.
  static std::shared_ptr<const Registry> load(std::span<const RegisterText> files,
                                              std::span<const std::string_view> known_sectors,
                                              Diagnostics& diagnostics);
  // One file, with the sectors that we ship.
  static std::shared_ptr<const Registry> load(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  // One that knows nobody.
  static std::shared_ptr<const Registry> empty();

  // Exact host first, then the longest network. Pointers live as long as the register. No allocation.
  [[nodiscard]] Found find(const IpAddress& address) const noexcept;
  // By the name that a host gives itself in its log lines, case-insensitive.
  [[nodiscard]] Found find_host(std::string_view name) const noexcept;
  [[nodiscard]] const Asset* find_asset(std::string_view id) const noexcept;
  [[nodiscard]] const std::vector<Asset>& assets() const noexcept { return assets_; }
  // Inside a network of the territory that the file declares (or of any asset): own. Other global addresses: foreign.
  // Private, loopback and link-local addresses outside both: unknown.
  [[nodiscard]] std::string_view territory(const IpAddress& address) const noexcept;
  // The same for an address that has been looked up already.
  [[nodiscard]] static std::string_view territory(const Found& found, const IpAddress& address) noexcept;
  // Whether any asset is secret.
  [[nodiscard]] bool has_secrets() const noexcept;
  // The hosts whose log lines are expected, in the order of the register.
  [[nodiscard]] std::span<const Host* const> hosts_with_logs() const noexcept { return hosts_with_logs_; }
  // Of all assets, in the order of the register; none is a secret asset's.
  [[nodiscard]] std::span<const Domain> domains() const noexcept { return domains_; }
  // Whether any host has a list of points.
  [[nodiscard]] bool has_points() const noexcept;
  // Networks, hosts, zones and territory prefixes together.
  [[nodiscard]] std::size_t prefix_count() const noexcept;
  // What the index over them takes, in bytes.
  [[nodiscard]] std::size_t index_bytes() const noexcept;
  // What else is lost when `asset`, one of this register's, is lost: the soonest first (impact.h). Worked out anew each
  // time.
  [[nodiscard]] std::vector<LostAsset> impact(const Asset& asset, const ImpactLimits& limits) const;

  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

 private:
  Registry();
  static std::shared_ptr<const Registry> build(RegistryFile read);
  struct Index;
  std::vector<Asset> assets_;
  std::vector<const Host*> hosts_with_logs_;
  std::vector<IpPrefix> territory_;
  std::unique_ptr<Index> index_;
  std::vector<Domain> domains_;
};

struct UnderMaintenance {
  const Maintenance* work = nullptr;  // null: no window is open
  Timestamp end{};                    // of the open window
  bool planned = false;               // the event belongs to the work
  [[nodiscard]] explicit operator bool() const noexcept { return work != nullptr; }
};
// What is open at `asset` at `t`; of several, the first that is listed. `planned` is true.
UnderMaintenance maintenance_at(const Asset& asset, Timestamp t) noexcept;

// Puts `nw.*` fields on events (../rules/README.md lists them): what the register says of both ends. For log events,
// the sending host (its name, else its address) is `nw.dst`, and `id.orig_h`, where present, is `nw.src`.
class Enricher {
 public:
  // Adds the nw.* fields to the schema and remembers their numbers.
  explicit Enricher(event::Schema& schema);
  // The table that docs and the dormant-rule check read (CompileOptions::produced_fields).
  static std::span<const event::FieldSpec> fields();
  // The asset that the event is about: the designated end; of two, the responder. Null when neither is designated.
  [[nodiscard]] static const Asset* asset_of(const event::Event& event, const Registry& registry) noexcept;
  // Whether `asset`, the event's (asset_of), is under maintenance at `event_time`, and whether the event belongs to
  // that work: all do but a change (`ics.operation`: write, control, program, stop, start,
  // restart or time_set) whose originator is neither one of the ticket's stations nor, where it
  // names none, an allowed writer of the host.
  [[nodiscard]] UnderMaintenance maintenance_of(const event::Event& event, const Asset& asset,
                                                const Registry& registry) const noexcept;
  // Makes `interest` ask for what enrich() and maintenance_of() read of a control-system message, where it matters.
  void subscribe(event::Interest& interest, const event::Schema& schema, const Registry& registry) const;

 private:
  friend class Enrichment;
  std::vector<event::FieldId> ids_;  // in the order of fields()
  event::FieldId operation_, target_, value_;
  event::FieldId all_targets_, all_values_;  // of a write that is too long for them
};

// An enricher at work, with one worker's memory: what each kind of event wants, and who was asked for lately. All that
// it is made of outlives it, and the events' way.
class Enrichment {
 public:
  Enrichment(const Enricher& enricher, const Registry& registry, const event::Interest& interest);
  // Sets only fields that the interest wants. No allocation in the steady state.
  void enrich(event::Event& event);

 private:
  struct Known {
    IpAddress address;
    bool used = false;
    Registry::Found found;
    std::string_view territory;
  };
  struct End;
  class Writer;
  // Bits by the order of fields().
  std::uint32_t wanted(event::TypeId type);
  // Of the originator or the responder: what was found of either stays while the other is looked up.
  class Memory {
   public:
    Memory() = default;
    Memory(Memory&&) noexcept = default;  // not copied: `latest_`
    Memory& operator=(Memory&&) noexcept = default;
    const Known& look_up(const IpAddress& address, const Registry& registry);

   private:
    static constexpr std::size_t kKnown = 128;  // a power of two

    std::vector<Known> known_ = std::vector<Known>(kKnown);
    const Known* latest_ = known_.data();
  };
  End end_at(const event::Event& event, event::Common field, Memory& memory);
  End destination_of(const event::Event& event);
  void points(event::Event& event, const Host& host, std::uint32_t wanted) const;

  static constexpr std::uint32_t kUnasked = ~std::uint32_t{0};

  const Enricher* enricher_;
  const Registry* registry_;
  const event::Interest* interest_;
  std::vector<std::uint32_t> wanted_;  // by type; kUnasked: not yet looked at
  Memory sources_, destinations_;
  Registry::Found named_;  // the last that was found by its name
};

}  // namespace nw::context
