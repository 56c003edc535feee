#include "ingest/flows/flow_writer.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace nw::flows {

namespace {

using event::Common;
using event::Value;

constexpr bool is_icmp(std::uint64_t protocol) noexcept { return protocol == 1 || protocol == 58; }

// Fields that are made of other slots, or of what is known of the teller.
constexpr auto kMade = std::to_array<std::uint8_t>(
    {kStart,     kDuration,      kOrigBytes,    kOrigIpBytes, kOrigPkts,         kRespBytes, kRespIpBytes,
     kRespPkts,  kReportedBytes, kReportedPkts, kSampled,     kSamplingRate,     kTcpFlags,  kRespTcpFlags,
     kInputName, kOutputName,    kExporter,     kAgent,       kExporterProtocol, kDomain,    kDirection,
     kEvent,     kEndReason,     kAppId,        kIcmpType,    kIcmpCode});

struct Source {
  std::uint8_t slot, field;
};
// Which slots the made fields are made of. Times, ends and the protocol are needed always.
constexpr auto kSources = std::to_array<Source>({
    {kBytes, kOrigBytes},           {kBytesTotal, kOrigBytes},
    {kInitiatorBytes, kOrigBytes},  {kPostBytes, kOrigBytes},
    {kPackets, kOrigPkts},          {kPacketsTotal, kOrigPkts},
    {kInitiatorPackets, kOrigPkts}, {kPostPkts, kOrigPkts},
    {kReverseBytes, kRespBytes},    {kReversePackets, kRespPkts},
    {kTcpBits, kTcpFlags},          {kReverseTcpBits, kRespTcpFlags},
    {kDirectionNumber, kDirection}, {kEndReasonNumber, kEndReason},
    {kFirewallEvent, kEvent},       {kNatEvent, kEvent},
    {kAppNumber, kAppId},           {kAppNumber, kAppName},
    {kInput, kInputName},           {kOutput, kOutputName},
});
constexpr auto kAlways = std::to_array<std::uint8_t>({kOrigH, kOrigP, kRespH, kRespP, kIpProto, kIcmpTypeCode,
                                                      kIcmpType, kIcmpCode, kFirstUp, kLastUp, kStartAt, kEndAt,
                                                      kObservedAt, kBootAt, kStartDelta, kEndDelta, kLength});
// Whatever is scaled by the sampling rate needs all that tells it.
constexpr auto kSampling =
    std::to_array<std::uint8_t>({kSelectorId, kSamplerId, kInterval, kPacketInterval, kPacketSpace, kSampleSize,
                                 kSamplePopulation, kProbability, kInput});

std::uint64_t scaled(std::uint64_t count, std::uint32_t rate) noexcept {
  return rate > 1 && count > std::numeric_limits<std::uint64_t>::max() / rate
             ? std::numeric_limits<std::uint64_t>::max()
             : count * std::max<std::uint32_t>(rate, 1);
}

// The first of the slots that the record has, or kNoSlot; one that holds more than zero goes before one that does not.
template <class... Slots>
std::uint8_t first_of(const Record& record, Slots... slots) noexcept {
  std::uint8_t out = kNoSlot;
  (void)((record.number(slots) != 0 ? (out = static_cast<std::uint8_t>(slots), true) : false) || ...);
  if (out == kNoSlot) (void)((record.has(slots) ? (out = static_cast<std::uint8_t>(slots), true) : false) || ...);
  return out;
}

constexpr std::string_view kHex = "0123456789abcdef";

// "aa:bb:cc", or without colons.
std::string_view hex(std::string_view octets, bool colons, Arena& arena) {
  const std::size_t each = colons ? 3 : 2;
  const std::span<char> room = arena.make<char>(each * octets.size());
  if (room.empty()) return {};
  std::size_t at = 0;
  for (const char octet : octets) {
    const auto value = static_cast<unsigned char>(octet);
    room[at++] = kHex[value >> 4U];
    room[at++] = kHex[value & 15U];
    if (colons) room[at++] = ':';
  }
  return {room.data(), room.size() - (colons ? 1 : 0)};
}

// What stands before the host of a URL may hold a password: it is left out.
std::string_view without_userinfo(std::string_view url, Arena& arena) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return url;
  const std::size_t host = scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", host), url.size());
  const std::size_t at = url.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < host) return url;
  const std::span<char> room = arena.make<char>(url.size() - (at + 1 - host));
  if (room.empty()) return {};
  std::ranges::copy(url.substr(at + 1), std::ranges::copy(url.substr(0, host), room.begin()).out);
  return {room.data(), room.size()};
}

constexpr bool is_mac(std::size_t slot) noexcept {
  return slot == kOrigL2 || slot == kRespL2 || slot == kPostOrigL2 || slot == kPostRespL2 || slot == kApMac;
}

std::optional<Timestamp> time_of(const Record& record, std::size_t slot) noexcept {
  // Zero is how exporters leave a time out.
  if (!record.has(slot) || record.value(slot).as_time() == Timestamp{}) return std::nullopt;
  return record.value(slot).as_time();
}

std::int32_t apart(std::uint64_t later, std::uint64_t earlier) noexcept {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(later) - static_cast<std::uint32_t>(earlier));
}

}  // namespace

// Uptimes are 32 bits of milliseconds and wrap after 49.7 days: only their differences mean something (RFC 3954 section
// 8, FIRST_SWITCHED).
FlowTimes flow_times(const Record& record, const Teller& teller) noexcept {
  using std::chrono::microseconds;
  using std::chrono::milliseconds;
  FlowTimes out;
  const Timestamp told = teller.export_time.value_or(teller.receive_time);
  out.quality = teller.export_time ? event::TimeQuality::stated : event::TimeQuality::received;
  std::optional<Timestamp> boot = time_of(record, kBootAt);
  if (!boot) boot = teller.domain->boot;
  std::optional<std::uint64_t> uptime = teller.uptime;
  if (!uptime && boot) uptime = static_cast<std::uint64_t>((told - *boot) / milliseconds{1});
  const auto up = [&](std::size_t slot) -> std::optional<Timestamp> {
    if (!record.has(slot) || !uptime) return std::nullopt;
    return told - milliseconds{apart(*uptime, record.number(slot))};
  };
  const auto delta = [&](std::size_t slot) -> std::optional<Timestamp> {
    if (!record.has(slot)) return std::nullopt;
    return told - microseconds{record.number(slot) & 0xffff'ffffU};
  };
  const auto stated = [&](std::optional<Timestamp> at) {
    if (at) out.quality = event::TimeQuality::stated;
    return at;
  };
  const bool has_length = record.has(kLength);
  std::optional<Timestamp> start = stated(time_of(record, kStartAt));
  if (!start) start = up(kFirstUp);
  if (!start) start = delta(kStartDelta);
  std::optional<Timestamp> end = stated(time_of(record, kEndAt));
  if (!end) end = up(kLastUp);
  if (!end) end = delta(kEndDelta);
  if (!end && start && has_length) end = *start + record.value(kLength).as_interval();
  if (!end) end = stated(time_of(record, kObservedAt));
  out.end = end.value_or(told);
  if (!start && end && has_length) start = out.end - record.value(kLength).as_interval();
  // Told at its beginning, by a clock that is finer than the datagram's; or the clock was set in between.
  if (start && *start > out.end) (end ? *start : out.end) = end ? out.end : *start;
  out.start = start;
  if (has_length)
    out.duration = record.value(kLength).as_interval();
  else if (start)
    out.duration = out.end - *start;
  else if (record.has(kFirstUp) && record.has(kLastUp))
    out.duration = milliseconds{std::max(0, apart(record.number(kLastUp), record.number(kFirstUp)))};
  return out;
}

template <std::size_t kFields>
void FlowWriter::bind(const event::Schema& schema, const event::Interest& interest, event::TypeId type,
                      std::span<const event::FieldSpec> specs, Bound<kFields>& out) {
  out.type = type;
  out.wanted = interest.wants(type);
  for (std::size_t i = 0; i < kFields; ++i) {
    const event::FieldId id = *schema.find_field(specs[i].name);
    // Keyword rules search the values: there is no line to look at first.
    const bool all = interest.line_filter(type) != nullptr;
    out.fields[i] = all || interest.wants(type, id) ? id : event::kNoField;
  }
}

void FlowWriter::subscribe(std::shared_ptr<const event::Schema> schema, std::shared_ptr<const event::Interest> interest,
                           event::TypeId flow, event::TypeId counters) {
  schema_ = std::move(schema);
  interest_ = std::move(interest);
  bind(*schema_, *interest_, flow, flow_type().fields, flow_);
  bind(*schema_, *interest_, counters, counter_type().fields, counters_);
  find_needs();
}

void FlowWriter::find_needs() {
  needs_ = {};
  plain_.clear();
  if (!flow_.wanted) return;
  needs_.all = interest_->wants_all(flow_.type) || interest_->line_filter(flow_.type) != nullptr;
  needs_.schema = schema_.get();
  needs_.interest = interest_.get();
  needs_.type = flow_.type;
  for (std::size_t field = 0; field < kFlowFields; ++field) {
    if (!wants(field)) continue;
    needs_.slots.add(field);
    if (std::ranges::find(kMade, field) == kMade.end()) plain_.add(field);
  }
  for (const std::uint8_t slot : kAlways) needs_.slots.add(slot);
  const bool bytes = wants(kOrigBytes) || wants(kOrigIpBytes) || wants(kReportedBytes);
  const bool back = wants(kRespBytes) || wants(kRespIpBytes);
  const bool packets = wants(kOrigPkts) || wants(kReportedPkts);
  for (const Source& source : kSources) {
    bool wanted = wants(source.field);
    if (source.field == kOrigBytes) wanted = bytes;
    if (source.field == kRespBytes) wanted = back;
    if (source.field == kOrigPkts) wanted = packets;
    if (wanted) needs_.slots.add(source.slot);
  }
  if (bytes || back || packets || wants(kRespPkts) || wants(kSampled) || wants(kSamplingRate))
    for (const std::uint8_t slot : kSampling) needs_.slots.add(slot);
}

void FlowWriter::set_number(std::size_t field, std::uint64_t number) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  set(field, Value::integer(static_cast<std::int64_t>(std::min(number, kMost))));
}

void FlowWriter::begin(event::TypeId type, Timestamp time, event::TimeQuality quality, Teller& teller) {
  event_.begin(type, teller.source, time, teller.receive_time, quality);
  event_.ordinal = teller.ordinal;
  event_.part = teller.part++;
  if (!teller.exporter_text.empty()) event_.set(event::common(Common::host), Value::text(teller.exporter_text));
}

void FlowWriter::flow(const Record& record, Teller& teller, event::EventSink& sink) {
  if (!flow_.wanted) return;
  const FlowTimes times = flow_times(record, teller);
  begin(flow_.type, times.end, times.quality, teller);
  set_ends(record);
  if (times.start) set(kStart, Value::time(*times.start));
  if (times.duration) set(kDuration, Value::interval(*times.duration));
  set_plain(record);
  set_counts(record, *teller.domain);
  set_words(record, *teller.domain);
  set_teller(teller);
  if (!record.extras().empty()) set_extras(record);
  sink.accept(event_);
}

// As in Zeek, ICMP's type and code stand where others have ports. NetFlow has both in the destination's port, or in
// elements of their own.
void FlowWriter::set_ends(const Record& record) {
  if (record.has(kOrigH)) event_.set(event::common(Common::orig_h), record.value(kOrigH));
  if (record.has(kRespH)) event_.set(event::common(Common::resp_h), record.value(kRespH));
  const std::uint64_t protocol = record.number(kIpProto);
  if (const std::string_view name = protocol_name(protocol); !name.empty())
    event_.set(event::common(Common::proto), Value::text(name));
  if (!record.has(kIpProto) || !is_icmp(protocol)) {
    if (record.has(kOrigP)) event_.set(event::common(Common::orig_p), record.value(kOrigP));
    if (record.has(kRespP)) event_.set(event::common(Common::resp_p), record.value(kRespP));
    return;
  }
  std::optional<std::uint64_t> type, code;
  if (const std::uint8_t both = first_of(record, kIcmpTypeCode, kRespP); both != kNoSlot) {
    type = record.number(both) >> 8U & 0xffU;
    code = record.number(both) & 0xffU;
    // Type 0 has no codes: a port so small is the type alone.
    if (*type == 0 && *code != 0) type = std::exchange(code, std::nullopt);
  }
  if (record.has(kIcmpType)) type = record.number(kIcmpType);
  if (record.has(kIcmpCode)) code = record.number(kIcmpCode);
  if (type) {
    event_.set(event::common(Common::orig_p), Value::integer(static_cast<std::int64_t>(*type)));
    set_number(kIcmpType, *type);
  }
  if (code) {
    event_.set(event::common(Common::resp_p), Value::integer(static_cast<std::int64_t>(*code)));
    set_number(kIcmpCode, *code);
  }
}

Value FlowWriter::rendered(std::size_t slot, const Value& value) {
  if (is_mac(slot)) return Value::text(hex(value.as_text(), true, event_.arena()));
  if (slot == kInputAcl || slot == kOutputAcl) return Value::text(hex(value.as_text(), false, event_.arena()));
  if (slot == kUrl) return Value::text(without_userinfo(value.as_text(), event_.arena()));
  return value;
}

void FlowWriter::set_plain(const Record& record) {
  (record.have() & plain_).each([&](std::size_t slot) {
    const Value& value = record.value(slot);
    if (value.kind() == Value::Kind::text) {
      if (!value.as_text().empty()) event_.set(flow_.fields[slot], rendered(slot, value));
    } else {
      event_.set(flow_.fields[slot], value);
    }
  });
}

void FlowWriter::set_counts(const Record& record, const Domain& domain) {
  const std::uint32_t rate = sampling_rate(record, domain);
  // What left the exporter stands in where nothing says what came in (egress NetFlow).
  std::uint8_t bytes = first_of(record, kBytes, kInitiatorBytes, kBytesTotal);
  std::uint8_t packets = first_of(record, kPackets, kInitiatorPackets, kPacketsTotal);
  if (bytes == kNoSlot) bytes = first_of(record, kPostBytes);
  if (packets == kNoSlot) packets = first_of(record, kPostPkts);
  if (bytes != kNoSlot) {
    const std::uint64_t count = record.number(bytes);
    set_number(kOrigBytes, scaled(count, rate));
    set_number(kOrigIpBytes, scaled(count, rate));
    set_number(kReportedBytes, count);
  }
  if (packets != kNoSlot) {
    set_number(kOrigPkts, scaled(record.number(packets), rate));
    set_number(kReportedPkts, record.number(packets));
  }
  if (record.has(kReverseBytes)) {
    set_number(kRespBytes, scaled(record.number(kReverseBytes), rate));
    set_number(kRespIpBytes, scaled(record.number(kReverseBytes), rate));
  }
  if (record.has(kReversePackets)) set_number(kRespPkts, scaled(record.number(kReversePackets), rate));
  if (rate == 0) return;
  set(kSampled, Value::boolean(rate > 1));
  set_number(kSamplingRate, rate);
}

void FlowWriter::set_words(const Record& record, const Domain& domain) {
  if (record.has(kTcpBits) && (!record.has(kIpProto) || record.number(kIpProto) == 6))
    set_text(kTcpFlags, tcp_flag_letters(record.number(kTcpBits)));
  if (record.has(kReverseTcpBits)) set_text(kRespTcpFlags, tcp_flag_letters(record.number(kReverseTcpBits)));
  if (record.has(kDirectionNumber)) {
    const std::uint64_t number = record.number(kDirectionNumber);
    if (number <= 1) set(kDirection, Value::text(number == 0 ? "ingress" : "egress"));
  }
  set_text(kEndReason, end_reason(record.number(kEndReasonNumber)));
  std::string_view what = firewall_event(record.number(kFirewallEvent));
  if (what.empty()) what = nat_event(record.number(kNatEvent));
  set_text(kEvent, what);
  if (const auto id = application_id(record.text(kAppNumber))) {
    if (wants(kAppId)) {
      std::array<char, 32> text{};
      char* at = std::to_chars(text.data(), text.data() + 3, id->engine).ptr;
      *at++ = ':';
      at = std::to_chars(at, text.data() + text.size(), id->number).ptr;
      set(kAppId, Value::text(event_.keep({text.data(), static_cast<std::size_t>(at - text.data())})));
    }
    if (wants(kAppName) && !record.has(kAppName))
      if (const auto found = domain.applications.find(record.text(kAppNumber)); found != domain.applications.end())
        set(kAppName, Value::text(found->second));
  }
  if (domain.interfaces.empty()) return;
  for (const auto& [slot, field] : {std::pair{kInput, kInputName}, std::pair{kOutput, kOutputName}}) {
    if (!record.has(slot) || !wants(field)) continue;
    const auto found = domain.interfaces.find(static_cast<std::uint32_t>(record.number(slot)));
    if (found != domain.interfaces.end()) set_text(field, found->second.name);
  }
}

void FlowWriter::set_teller(const Teller& teller) {
  if (teller.exporter) set(kExporter, Value::address(*teller.exporter));
  if (teller.agent) set(kAgent, Value::address(*teller.agent));
  set(kExporterProtocol, Value::text(teller.protocol));
  set_number(kDomain, teller.domain_number);
}

void FlowWriter::set_extras(const Record& record) {
  for (const Record::Extra& extra : record.extras()) {
    Value value;
    if (extra.octets.size() > 8 || !read_value(Shape::integer, extra.octets, value))
      value = Value::text(
          hex(as_text(extra.octets.first(std::min<std::size_t>(extra.octets.size(), 64))), false, event_.arena()));
    if (extra.field != event::kNoField)
      event_.set(extra.field, value);
    else
      event_.set_extra(extra.name, value);
  }
}

void FlowWriter::counters(std::span<const Value> values, Teller& teller, event::EventSink& sink) {
  if (!counters_.wanted) return;
  begin(counters_.type, teller.receive_time, event::TimeQuality::received, teller);
  const auto put = [&](std::size_t field, const Value& value) {
    if (counters_.fields[field] != event::kNoField && value.kind() != Value::Kind::null)
      event_.set(counters_.fields[field], value);
  };
  if (teller.exporter) put(kCounterExporter, Value::address(*teller.exporter));
  if (teller.agent) put(kCounterAgent, Value::address(*teller.agent));
  put(kCounterDomain, Value::integer(static_cast<std::int64_t>(teller.domain_number)));
  for (std::size_t i = 0; i < values.size(); ++i) put(kCounterInterface + i, values[i]);
  sink.accept(event_);
}

}  // namespace nw::flows
