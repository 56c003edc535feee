#include "ingest/flows/decoder.h"

#include <algorithm>

#include "ingest/flows/decoder_call.h"

namespace nw::flows {

namespace {

using std::chrono::seconds;

// Cisco, "NetFlow Export Datagram Format". The records of the fixed versions, as if a template had said so; 210 is
// padding.
constexpr auto kRecord1 = std::to_array<TemplateField>({
    {0, 8, 4},
    {0, 12, 4},
    {0, 15, 4},
    {0, 10, 2},
    {0, 14, 2},
    {0, 2, 4},
    {0, 1, 4},
    {0, 22, 4},
    {0, 21, 4},
    {0, 7, 2},
    {0, 11, 2},
    {0, 210, 2},
    {0, 4, 1},
    {0, 5, 1},
    {0, 6, 1},
    {0, 210, 11},
});
constexpr auto kRecord5 = std::to_array<TemplateField>({
    {0, 8, 4},  {0, 12, 4}, {0, 15, 4}, {0, 10, 2}, {0, 14, 2},  {0, 2, 4},   {0, 1, 4},
    {0, 22, 4}, {0, 21, 4}, {0, 7, 2},  {0, 11, 2}, {0, 210, 1}, {0, 6, 1},   {0, 4, 1},
    {0, 5, 1},  {0, 16, 2}, {0, 17, 2}, {0, 9, 1},  {0, 13, 1},  {0, 210, 2},
});
constexpr auto kRecord7 = std::to_array<TemplateField>({
    {0, 8, 4},  {0, 12, 4}, {0, 15, 4}, {0, 10, 2}, {0, 14, 2},  {0, 2, 4},   {0, 1, 4},
    {0, 22, 4}, {0, 21, 4}, {0, 7, 2},  {0, 11, 2}, {0, 210, 1}, {0, 6, 1},   {0, 4, 1},
    {0, 5, 1},  {0, 16, 2}, {0, 17, 2}, {0, 9, 1},  {0, 13, 1},  {0, 210, 6},
});
constexpr std::size_t kRecord5Octets = 48, kHeader5Octets = 24;
constexpr std::uint16_t kRecordsMax = 30;  // of a datagram of the fixed versions

Layout layout_of(std::span<const TemplateField> fields) { return {{fields.begin(), fields.end()}, 0, false}; }

std::array<Plan, 3> make_fixed_plans(const Needs& needs) {
  return {Plan{layout_of(kRecord1), needs}, Plan{layout_of(kRecord5), needs}, Plan{layout_of(kRecord7), needs}};
}

// 0: the exporter has no clock.
std::optional<Timestamp> clock_time(std::uint32_t unix_seconds, std::uint32_t nanoseconds) noexcept {
  if (unix_seconds == 0) return std::nullopt;
  return Timestamp{seconds{unix_seconds} + Nanoseconds{std::min(nanoseconds, 999'999'999U)}};
}

Needs options_needs() {
  Needs out;
  for (const std::uint8_t slot :
       {std::uint8_t{kSamplerId}, std::uint8_t{kInput}, std::uint8_t{kOutput}, std::uint8_t{kAppName},
        std::uint8_t{kSelectorId}, std::uint8_t{kInterval}, std::uint8_t{kPacketInterval}, std::uint8_t{kPacketSpace},
        std::uint8_t{kSampleSize}, std::uint8_t{kSamplePopulation}, std::uint8_t{kProbability}, std::uint8_t{kBootAt},
        std::uint8_t{kAppNumber}, std::uint8_t{kInterfaceName}, std::uint8_t{kInterfaceDescription}})
    out.slots.add(slot);
  return out;
}

bool zeros(Bytes octets) noexcept {
  return std::ranges::all_of(octets, [](std::uint8_t octet) { return octet == 0; });
}

// RFC 3954 section 6.1: what a scope of v9 is; only interfaces have an element of the same meaning.
TemplateField scope_of_v9(std::uint16_t type, std::uint16_t length) noexcept {
  constexpr std::uint16_t kInterface = 2, kInputElement = 10;
  constexpr std::uint32_t kNoEnterprise = 0xffff'ffff;
  if (type == kInterface) return {0, kInputElement, length};
  return {kNoEnterprise, type, length};
}

// RFC 7011 section 3.2; v9 has no enterprises, and its numbers have 16 bits.
TemplateField field_of(Protocol protocol, ByteReader& in) noexcept {
  TemplateField out;
  out.id = in.u16be();
  out.length = in.u16be();
  if (protocol == Protocol::ipfix && (out.id & 0x8000U) != 0) {
    out.id &= 0x7fffU;
    out.enterprise = in.u32be();
  }
  return out;
}

}  // namespace

std::string_view to_string(Protocol protocol) noexcept {
  static constexpr std::array<std::string_view, kProtocols> kNames{"netflow1", "netflow5", "netflow7",
                                                                   "netflow9", "ipfix",    "sflow5"};
  return kNames[static_cast<std::size_t>(protocol)];
}

std::string_view to_string(Fault fault) noexcept {
  static constexpr std::array<std::string_view, kFaults> kNames{
      "none", "too_short", "unknown_version", "bad_count", "bad_length", "bad_template", "truncated"};
  return kNames[static_cast<std::size_t>(fault)];
}

Decoder::Decoder(const Limits& limits, Carrier carrier)
    : limits_{limits}, carrier_{carrier}, exporters_{limits}, waiting_{limits}, options_needs_{options_needs()} {
  fixed_plans_ = make_fixed_plans({});
}

void Decoder::subscribe(std::shared_ptr<const event::Schema> schema, std::shared_ptr<const event::Interest> interest,
                        event::TypeId flow, event::TypeId counters) {
  writer_.subscribe(std::move(schema), std::move(interest), flow, counters);
  ++subscription_;
  fixed_plans_ = make_fixed_plans(writer_.needs());
}

// Made again when the subscription is another.
const Plan& Decoder::plan_of(Template& of) {
  if (of.plan_of != subscription_ + 1) {
    of.plan = Plan{of.layout, of.layout.options ? options_needs_ : writer_.needs()};
    of.plan_of = subscription_ + 1;
  }
  return of.plan;
}

Decoder::Outcome Decoder::datagram(Bytes in, const Arrival& arrival, event::EventSink& sink) {
  ++counters_.datagrams;
  Call call{arrival, sink};
  call.teller.source = arrival.source;
  call.teller.ordinal = arrival.ordinal;
  call.teller.receive_time = arrival.receive_time;
  call.teller.exporter = arrival.peer;
  ByteReader reader{in};
  const std::uint16_t version = reader.u16be();
  const auto as = [&](Protocol protocol) {
    call.protocol = protocol;
    call.exporter = &exporters_.of(arrival.peer, arrival.receive_time);
    call.teller.protocol = to_string(protocol);
    call.teller.exporter_text = call.exporter->text;
    return protocol;
  };
  Fault fault = Fault::unknown_version;
  switch (version) {
    case 0:
      // sFlow's version has 32 bits.
      if (reader.u16be() == 5) {
        as(Protocol::sflow5);
        fault = sflow(reader, call);
      }
      break;
    case 1: fault = fixed(as(Protocol::netflow1), reader, call); break;
    case 5: fault = fixed(as(Protocol::netflow5), reader, call); break;
    case 7: fault = fixed(as(Protocol::netflow7), reader, call); break;
    case 9: fault = sets(as(Protocol::netflow9), reader, call); break;
    case 10: fault = sets(as(Protocol::ipfix), reader, call); break;
    default: break;
  }
  if (in.size() < 4) fault = Fault::too_short;
  if (fault != Fault::none) ++counters_.malformed[static_cast<std::size_t>(fault)];
  call.outcome.fault = fault;
  return call.outcome;
}

void Decoder::tell(const Record& record, Teller& teller, Call& call) {
  ++counters_.flows[static_cast<std::size_t>(call.protocol)];
  if (!writer_.wants_flows()) {
    ++call.outcome.unwanted;
    return;
  }
  writer_.flow(record, teller, call.sink);
  ++call.outcome.told;
}

// | version u16 | records u16 | uptime u32 | seconds u32 | nanoseconds u32 |, and from v5 on | sequence u32 | and in v5
// | engine type u8 | engine u8 | sampling mode u2, interval u14 |, in v7 | reserved u32 |
Fault Decoder::fixed(Protocol protocol, ByteReader in, Call& call) {
  const std::uint16_t count = in.u16be();
  const std::uint32_t uptime = in.u32be(), unix_seconds = in.u32be(), nanoseconds = in.u32be();
  std::uint32_t sequence = 0, rate = 0;
  std::uint16_t engine = 0;
  if (protocol != Protocol::netflow1) {
    sequence = in.u32be();
    engine = in.u16be();
    rate = in.u16be() & 0x3fffU;
  }
  if (!in.ok()) return Fault::too_short;
  if (count > kRecordsMax) return Fault::bad_count;
  if (protocol == Protocol::netflow7) engine = 0, rate = 0;
  call.teller.uptime = uptime;
  call.teller.export_time = clock_time(unix_seconds, nanoseconds);
  call.of_domain(exporters_, engine);
  if (protocol != Protocol::netflow1) call.missed(sequence, count, unix_seconds, counters_);
  const Plan& plan = fixed_plans_[static_cast<std::size_t>(protocol)];
  for (std::uint16_t i = 0; i < count; ++i) {
    if (!plan.read(in, record_)) return Fault::truncated;
    if (rate != 0) record_.set_number(kInterval, rate);
    tell(record_, call.teller, call);
  }
  counters_.trailing_octets += in.rest().size();
  return Fault::none;
}

// v9:    | version u16 | count u16  | uptime u32  | seconds u32  | sequence u32 | source u32 | sets
// IPFIX: | version u16 | length u16 | seconds u32 | sequence u32 | domain u32   | sets
// a set: | id u16 | length u16, these 4 octets included | records | padding |
Fault Decoder::sets(Protocol protocol, ByteReader in, Call& call) {
  const bool v9 = protocol == Protocol::netflow9;
  const std::uint16_t length = in.u16be();
  if (v9) call.teller.uptime = in.u32be();
  const std::uint32_t unix_seconds = in.u32be(), sequence = in.u32be(), domain = in.u32be();
  if (!in.ok()) return Fault::too_short;
  call.teller.export_time = clock_time(unix_seconds, 0);
  call.of_domain(exporters_, domain);
  Fault fault = Fault::none;
  if (!v9) {
    constexpr std::size_t kHeader = 16;
    if (length < kHeader) return Fault::bad_length;
    const std::size_t rest = in.rest().size();
    if (length - kHeader > rest)
      fault = Fault::truncated;
    else
      counters_.trailing_octets += rest - (length - kHeader);
    in = ByteReader{in.rest().first(std::min(rest, length - kHeader))};
  }
  while (in.rest().size() >= 4) {
    const Bytes before = in.rest();
    const std::uint16_t id = in.u16be(), octets = in.u16be();
    if (octets < 4) {
      // Some devices fill their datagrams up with zeros.
      if (!zeros(before)) fault = Fault::bad_length;
      break;
    }
    const ByteReader body = in.sub(octets - 4U);
    if (!body.ok()) {
      fault = Fault::truncated;
      break;
    }
    ++call.set_number;
    if (const Fault of_set = set(id, body, call); of_set != Fault::none) fault = of_set;
  }
  if (fault != Fault::none) call.records.reset();
  call.missed(sequence, v9 ? std::optional<std::uint32_t>{1} : call.records, unix_seconds, counters_);
  return fault;
}

Fault Decoder::set(std::uint16_t id, ByteReader body, Call& call) {
  const std::uint16_t first = call.protocol == Protocol::netflow9 ? 0 : 2;
  if (id == first || id == first + 1) return templates(id != first, body, call);
  if (id < 256) {
    ++counters_.sets_skipped;
    return Fault::none;
  }
  if (Template* const with = exporters_.find(*call.exporter, *call.domain, id, call.arrival.receive_time))
    return data(*with, body, call.teller, call);
  wait(id, body.rest(), call);
  return Fault::none;
}

// Templates: | id u16 | fields u16 | id u16, length u16, [enterprise u32] ...
// options, IPFIX: | id | fields, those of the scope included u16 | fields of the scope u16 | ...
// options, v9: | id | octets of the scope's fields u16 | octets of the other fields u16 | ...
Fault Decoder::templates(bool options, ByteReader body, Call& call) {
  const bool v9 = call.protocol == Protocol::netflow9;
  while (body.rest().size() >= 4) {
    if (zeros(body.rest())) break;  // padding
    const std::uint16_t id = body.u16be();
    std::size_t count = body.u16be(), scope = 0;
    if (options && v9) {
      scope = count / 4;
      count = scope + body.u16be() / 4U;
    } else if (count == 0) {
      if (carrier_ == Carrier::udp)
        ++counters_.withdrawals_refused;
      else
        exporters_.withdraw(*call.exporter, *call.domain, id);
      continue;
    } else if (options) {
      scope = body.u16be();
    }
    if (!body.ok()) return Fault::truncated;
    if (id < 256 || count == 0 || count > kFieldsMax || scope > count) return Fault::bad_template;
    Layout layout;
    layout.options = options;
    layout.scope_fields = static_cast<std::uint16_t>(scope);
    // No more than what the octets can hold.
    layout.fields.reserve(std::min(count, body.rest().size() / 4));
    for (std::size_t i = 0; i < count && body.ok(); ++i) {
      TemplateField field = field_of(call.protocol, body);
      if (v9 && i < scope) field = scope_of_v9(field.id, field.length);
      if (v9 && field.length == kVariableLength) return Fault::bad_template;
      layout.fields.push_back(field);
    }
    if (!body.ok()) return Fault::truncated;
    Template& held = exporters_.put(*call.exporter, *call.domain, id, std::move(layout), call.arrival.receive_time);
    tell_waiting(held, call);
  }
  return Fault::none;
}

Fault Decoder::data(Template& with, ByteReader body, Teller& teller, Call& call) {
  const Plan& plan = plan_of(with);
  if (plan.octets_min() == 0) {
    ++counters_.sets_skipped;
    return Fault::none;
  }
  // What is shorter than any record is padding.
  while (body.rest().size() >= plan.octets_min()) {
    if (!plan.read(body, record_)) return Fault::truncated;
    if (call.records) ++*call.records;
    if (with.layout.options) {
      ++counters_.options;
      exporters_.learn(*call.exporter, *call.domain, record_);
    } else {
      tell(record_, teller, call);
    }
  }
  return Fault::none;
}

void Decoder::wait(std::uint16_t id, Bytes body, Call& call) {
  call.records.reset();
  if (body.empty()) return;
  WaitingSet set;
  set.key = {call.exporter->address, static_cast<std::uint8_t>(call.protocol), call.domain->number, id};
  set.octets = as_text(body);
  set.receive_time = call.arrival.receive_time;
  set.export_time = call.teller.export_time;
  set.uptime = call.teller.uptime;
  set.ordinal = call.arrival.ordinal;
  // A set has fewer records than octets: its events are numbered apart from those of the datagram's other sets.
  set.part = call.set_number << 16U;
  waiting_.add(std::move(set));
}

// With the clocks of their own datagrams.
void Decoder::tell_waiting(Template& with, Call& call) {
  if (waiting_.bytes() == 0) return;
  const std::optional<std::uint32_t> records = call.records;
  for (const WaitingSet& set : waiting_.take(
           {call.exporter->address, static_cast<std::uint8_t>(call.protocol), call.domain->number, with.id})) {
    Teller teller = call.teller;
    teller.ordinal = set.ordinal;
    teller.part = set.part;
    teller.receive_time = set.receive_time;
    teller.export_time = set.export_time;
    teller.uptime = set.uptime;
    const Bytes octets{reinterpret_cast<const std::uint8_t*>(set.octets.data()), set.octets.size()};
    if (data(with, ByteReader{octets}, teller, call) != Fault::none)
      ++counters_.malformed[static_cast<std::size_t>(Fault::truncated)];
  }
  call.records = records;  // those are of other datagrams
}

void Decoder::flush(Timestamp now, bool end) {
  waiting_.expire(now);
  exporters_.expire(now);
  if (end) waiting_.end();
}

Counters Decoder::counters() const {
  Counters out = counters_;
  out.store = exporters_.counters();
  out.waiting = waiting_.counters();
  out.lists_skipped = record_.lists;
  out.values_unreadable = record_.unreadable;
  out.templates_held = exporters_.templates();
  out.exporters_held = exporters_.exporters();
  out.waiting_bytes = waiting_.bytes();
  return out;
}

std::size_t message_octets(Bytes in) noexcept {
  ByteReader reader{in};
  const std::uint16_t version = reader.u16be(), number = reader.u16be();
  if (!reader.ok()) return 0;
  std::size_t octets = 0;
  if (version == 10) octets = number;
  if (version == 5) octets = kHeader5Octets + kRecord5Octets * number;
  return octets < 16 || octets > in.size() ? 0 : octets;
}

}  // namespace nw::flows
