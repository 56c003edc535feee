#include "detect/liveness/scope.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace nw::liveness {

namespace {

using event::Value;

enum Field : std::size_t { kSource, kPercent, kPackets, kOutside, kSeconds };
constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"source_name", "text", "the capture source, by its name in the configuration"},
    {"outside_percent", "real", "share of the packets of flows with neither end designated, in percent"},
    {"packets", "integer", "packets of all flows that ended in the window"},
    {"outside_packets", "integer", "those of flows with neither end designated"},
    {"window_seconds", "integer", "how long the window was"},
});
static_assert(kFields[kSource].name == "source_name" && kFields[kSeconds].name == "window_seconds");

constexpr std::array<std::string_view, 1> kServices{"scope"};

std::optional<event::TypeId> find_type(const event::Schema& schema, std::string_view path) {
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const event::Type& type = schema.type(static_cast<event::TypeId>(i));
    if (type.path == path && type.product == scope_type().product) return static_cast<event::TypeId>(i);
  }
  return std::nullopt;
}

struct Wanted {
  event::TypeId conn;
  std::array<event::FieldId, 4> fields;  // packets of both ends, then their assets
};

// Nothing: no rule reads scope events, or nothing captures.
std::optional<Wanted> wanted(const event::Schema& schema, const event::Interest& interest) {
  const auto scope = find_type(schema, scope_type().path);
  const auto conn = find_type(schema, "conn");
  if (!scope || !conn || !interest.wants(*scope)) return std::nullopt;
  Wanted out{*conn, {}};
  constexpr std::array<std::string_view, 4> kNames{"orig_pkts", "resp_pkts", "nw.src.asset", "nw.dst.asset"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const auto field = schema.find_field(kNames[i]);
    if (!field) return std::nullopt;
    out.fields[i] = *field;
  }
  return out;
}

std::uint64_t count_of(const event::Event& event, event::FieldId field) noexcept {
  const Value* value = event.get(field);
  if (value == nullptr || value->kind() != Value::Kind::integer) return 0;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(value->as_integer(), 0));
}

}  // namespace

void ScopeCounter::subscribe(event::Interest& interest, const event::Schema& schema) {
  if (const auto want = wanted(schema, interest))
    for (const event::FieldId field : want->fields) interest.want(want->conn, field);
}

void ScopeCounter::use(const event::Schema& schema, const event::Interest& interest) {
  conn_.reset();
  const auto want = wanted(schema, interest);
  if (!want) return;
  conn_ = want->conn;
  orig_packets_ = want->fields[0];
  resp_packets_ = want->fields[1];
  orig_asset_ = want->fields[2];
  resp_asset_ = want->fields[3];
}

void ScopeCounter::see(const event::Event& event) noexcept {
  if (event.type() != conn_) return;
  const auto source = static_cast<std::size_t>(event.source());
  if (source >= tallies_.size()) return;
  const std::uint64_t packets = count_of(event, orig_packets_) + count_of(event, resp_packets_);
  tallies_[source].packets += packets;
  if (event.get(orig_asset_) == nullptr && event.get(resp_asset_) == nullptr) tallies_[source].outside += packets;
}

std::vector<ScopeShare> ScopeWatch::look(std::span<const ScopeTally> tallies, std::span<const std::string> names,
                                         Timestamp wall, Nanoseconds steady) {
  before_.resize(tallies.size());
  if (!begun_) begun_ = steady;
  const Nanoseconds over = steady - *begun_;
  std::vector<ScopeShare> out;
  if (over < kWindow) return out;
  for (std::size_t i = 0; i < tallies.size() && i < names.size(); ++i) {
    const ScopeTally gained{tallies[i].packets - before_[i].packets, tallies[i].outside - before_[i].outside};
    if (gained.packets != 0) out.push_back({names[i], wall, gained, over});
  }
  before_.assign(tallies.begin(), tallies.end());
  begun_ = steady;
  return out;
}

const event::TypeSpec& scope_type() {
  static constexpr event::TypeSpec kType{"scope", "normwatch", kServices, {}, kFields, false};
  return kType;
}

void declare_scope(event::Schema& schema) { schema.add_type(scope_type()); }

void fill(const ScopeShare& share, const event::Schema& schema, event::SourceId source, event::Event& event) {
  const auto type = find_type(schema, scope_type().path);
  NW_CHECK(type);
  event.begin(*type, source, share.time, share.time, event::TimeQuality::received);
  event.set(event::common(event::Common::host), Value::text(share.source));
  const auto set = [&](Field field, const Value& value) {
    const auto id = schema.find_field(kFields[field].name);
    NW_CHECK(id);
    event.set(*id, value);
  };
  const auto packets = static_cast<double>(std::max<std::uint64_t>(share.tally.packets, 1));
  set(kSource, Value::text(share.source));
  set(kPercent, Value::real(100 * static_cast<double>(share.tally.outside) / packets));
  set(kPackets, Value::integer(static_cast<std::int64_t>(share.tally.packets)));
  set(kOutside, Value::integer(static_cast<std::int64_t>(share.tally.outside)));
  set(kSeconds, Value::integer(std::chrono::duration_cast<std::chrono::seconds>(share.over).count()));
}

}  // namespace nw::liveness
