// sFlow version 5 (sflow_version_5.txt): a datagram of samples, a sample of records, all in XDR (RFC 4506).
//
//   | version u32 = 5 | agent: kind u32, 4 or 16 octets | sub-agent u32 | sequence u32 | uptime u32 | samples u32 |
//   sample: | enterprise u20, format u12 | octets u32 | ...; record: the same
//
// There is no clock in it: the receive time is the time.
#include <array>

#include "base/hash.h"
#include "ingest/flows/decoder_call.h"
#include "ingest/flows/packet_header.h"

namespace nw::flows {

namespace {

using event::Value;

enum SampleFormat : std::uint32_t { kFlow = 1, kCounter = 2, kFlowExpanded = 3, kCounterExpanded = 4 };
enum RecordFormat : std::uint32_t {
  kRawHeader = 1,
  kEthernet = 2,
  kIpv4 = 3,
  kIpv6 = 4,
  kSwitch = 1001,
  kRouter = 1002,
  kGateway = 1003,
  kUser = 1004,
  kUrlRecord = 1005,
  kNat = 1007,
  kNatPort = 1020,
};
constexpr std::uint32_t kGenericCounters = 1, kGenericOctets = 88;
constexpr std::uint32_t kSegmentsMax = 64, kAsPathMax = 1024;
constexpr std::size_t kSourcesMax = 1024;  // of an agent, whose drops are counted

std::optional<IpAddress> address(ByteReader& in) noexcept {
  const std::uint32_t kind = in.u32be();
  if (kind == 1) return IpAddress::from_bytes(in.bytes(4));
  if (kind == 2) return IpAddress::from_bytes(in.bytes(16));
  return std::nullopt;
}

void set_address(std::size_t slot, ByteReader& in, Record& record) {
  if (const auto found = address(in); found && in.ok()) record.set(slot, Value::address(*found));
}

// Of variable length, filled up to four octets.
Bytes opaque(ByteReader& in) noexcept {
  const std::uint32_t size = in.u32be();
  const Bytes out = in.bytes(size);
  if (in.ok() && size % 4 != 0) in.bytes(4 - size % 4);
  return out;
}

void set_text(std::size_t slot, Bytes octets, Record& record) {
  Value value;
  if (!octets.empty() && read_value(Shape::text, octets, value)) record.set(slot, value);
}

// The length on the wire, and what of it is IP where the header said so.
void set_sizes(std::uint32_t frame_octets, Record& record) {
  record.set_number(kFrameBytes, frame_octets);
  if (!record.has(kBytes)) record.set_number(kBytes, frame_octets);
}

void raw_header(ByteReader in, Record& record) {
  const std::uint32_t protocol = in.u32be(), frame = in.u32be();
  in.u32be();  // what was stripped off
  const Bytes header = opaque(in);
  if (!in.ok()) return;
  (void)read_header(protocol, header, record);
  set_sizes(frame, record);
}

void ip_record(std::size_t octets, ByteReader in, Record& record) {
  const std::uint32_t size = in.u32be(), protocol = in.u32be();
  const Bytes source = in.bytes(octets), destination = in.bytes(octets);
  const std::uint32_t from = in.u32be(), to = in.u32be(), flags = in.u32be(), tos = in.u32be();
  if (!in.ok()) return;
  record.set_number(kBytes, size);
  record.set_number(kIpProto, protocol & 0xffU);
  record.set(kOrigH, Value::address(IpAddress::from_bytes(source)));
  record.set(kRespH, Value::address(IpAddress::from_bytes(destination)));
  record.set_number(kOrigP, from & 0xffffU);
  record.set_number(kRespP, to & 0xffffU);
  record.set_number(kTcpBits, flags);
  record.set_number(kTos, tos & 0xffU);
}

void ethernet_record(ByteReader in, Record& record) {
  const std::uint32_t size = in.u32be();
  const Bytes source = in.bytes(8), destination = in.bytes(8);  // six, and filled up
  const std::uint32_t type = in.u32be();
  if (!in.ok()) return;
  set_sizes(size, record);
  record.set(kOrigL2, Value::text(as_text(source.first(6))));
  record.set(kRespL2, Value::text(as_text(destination.first(6))));
  if (type != 0x0800 && type != 0x86dd) record.set_number(kEtherType, type & 0xffffU);
}

// Next hop, the router's own AS, the source's, its peer's, then the path to the destination: its last is the
// destination's AS.
void gateway_record(ByteReader in, Record& record) {
  set_address(kBgpNextHop, in, record);
  in.u32be();
  const std::uint32_t source = in.u32be();
  in.u32be();
  const std::uint32_t segments = in.u32be();
  if (!in.ok() || segments > kSegmentsMax) return;
  record.set_number(kSrcAs, source);
  std::uint32_t last = 0;
  for (std::uint32_t i = 0; i < segments; ++i) {
    in.u32be();
    const std::uint32_t count = in.u32be();
    if (!in.ok() || count > kAsPathMax) return;
    for (std::uint32_t j = 0; j < count; ++j) last = in.u32be();
  }
  if (in.ok() && last != 0) record.set_number(kDstAs, last);
}

// False: of a kind that is not read.
bool flow_record(std::uint32_t format, ByteReader in, Record& record) {
  switch (format) {
    case kRawHeader: raw_header(in, record); return true;
    case kEthernet: ethernet_record(in, record); return true;
    case kIpv4: ip_record(4, in, record); return true;
    case kIpv6: ip_record(16, in, record); return true;
    case kSwitch: {
      const std::uint32_t source = in.u32be();
      in.u32be();
      const std::uint32_t destination = in.u32be();
      if (!in.ok()) return true;
      // The header's own tag is what was on the wire.
      if (!record.has(kVlan)) record.set_number(kVlan, source);
      record.set_number(kPostVlan, destination);
      return true;
    }
    case kRouter: {
      set_address(kNextHop, in, record);
      const std::uint32_t source = in.u32be(), destination = in.u32be();
      if (!in.ok()) return true;
      record.set_number(kSrcMask, source);
      record.set_number(kDstMask, destination);
      return true;
    }
    case kGateway: gateway_record(in, record); return true;
    case kUser:
      in.u32be();  // MIBEnum of its character set
      set_text(kUsername, opaque(in), record);
      return true;
    case kUrlRecord:
      in.u32be();  // whose it is
      set_text(kUrl, opaque(in), record);
      set_text(kHttpHost, opaque(in), record);
      return true;
    case kNat:
      set_address(kNatOrigH, in, record);
      set_address(kNatRespH, in, record);
      return true;
    case kNatPort: {
      const std::uint32_t source = in.u32be(), destination = in.u32be();
      if (!in.ok()) return true;
      record.set_number(kNatOrigP, source & 0xffffU);
      record.set_number(kNatRespP, destination & 0xffffU);
      return true;
    }
    default: return false;
  }
}

// An interface: in two bits its kind (0: an index; 1: dropped, and why; 2: several), in 30 bits the value.
void set_interface(std::size_t slot, std::uint32_t kind, std::uint32_t value, Record& record) {
  constexpr std::uint32_t kUnknown = 0x3fff'ffff;
  if (kind == 0 && value != kUnknown && value != 0xffff'ffff) record.set_number(slot, value);
}

}  // namespace

Fault Decoder::sflow(ByteReader in, Call& call) {
  const auto agent = address(in);
  const std::uint32_t sub_agent = in.u32be(), sequence = in.u32be(), uptime = in.u32be(), samples = in.u32be();
  if (!in.ok() || !agent) return Fault::too_short;
  call.teller.agent = *agent;
  // One address may speak for several agents, each of which counts for itself.
  call.of_domain(exporters_, mix64(word_at(*agent, 0) ^ mix64(word_at(*agent, 8) ^ sub_agent)));
  call.teller.domain_number = sub_agent;
  call.teller.uptime = uptime;
  call.missed(sequence, 1, std::nullopt, counters_);
  Fault fault = Fault::none;
  for (std::uint32_t i = 0; i < samples; ++i) {
    const std::uint32_t format = in.u32be(), octets = in.u32be();
    const ByteReader body = in.sub(octets);
    if (!body.ok()) return Fault::truncated;
    if (const Fault of_sample = sflow_sample(format, body, call); of_sample != Fault::none) fault = of_sample;
  }
  counters_.trailing_octets += in.rest().size();
  return fault;
}

Fault Decoder::sflow_sample(std::uint32_t format, ByteReader body, Call& call) {
  switch (format) {
    case kFlow: return flow_sample(false, body, call);
    case kFlowExpanded: return flow_sample(true, body, call);
    case kCounter: return counter_sample(false, body, call);
    case kCounterExpanded: return counter_sample(true, body, call);
    default: ++counters_.samples_skipped; return Fault::none;
  }
}

Fault Decoder::flow_sample(bool expanded, ByteReader body, Call& call) {
  body.u32be();  // the sample's own number
  std::uint32_t source = body.u32be();
  if (expanded) source = source << 24U | (body.u32be() & 0xff'ffffU);  // kind and index apart
  const std::uint32_t rate = body.u32be();
  body.u32be();  // how many packets there were to sample
  const std::uint32_t drops = body.u32be();
  std::array<std::uint32_t, 2> kinds{}, values{};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::uint32_t first = body.u32be();
    kinds[i] = expanded ? first : first >> 30U;
    values[i] = expanded ? body.u32be() : first & 0x3fff'ffffU;
  }
  const std::uint32_t records = body.u32be();
  if (!body.ok()) return Fault::truncated;
  record_.clear();
  bool fits = true, any = false;
  for (std::uint32_t i = 0; i < records && fits; ++i) {
    const std::uint32_t format = body.u32be(), octets = body.u32be();
    const ByteReader inner = body.sub(octets);
    fits = inner.ok();
    if (!fits) break;
    const bool read = flow_record(format, inner, record_);
    any = any || read;
    if (!read) ++counters_.samples_skipped;
  }
  // The switch counts them up: how many more there are now than when it last said so.
  auto& dropped = call.domain->domain.dropped;
  if (const auto held = dropped.find(source); held != dropped.end()) {
    if (drops > held->second) counters_.switch_drops += drops - held->second;
    held->second = drops;
  } else if (dropped.size() < kSourcesMax) {
    dropped.emplace(source, drops);
  }
  if (any) {
    record_.set_number(kPackets, 1);
    if (rate != 0) record_.set_number(kInterval, rate);
    set_interface(kInput, kinds[0], values[0], record_);
    set_interface(kOutput, kinds[1], values[1], record_);
    tell(record_, call.teller, call);
  }
  return fits ? Fault::none : Fault::truncated;
}

Fault Decoder::counter_sample(bool expanded, ByteReader body, Call& call) {
  ++counters_.counter_samples;
  body.u32be();
  body.u32be();
  if (expanded) body.u32be();
  const std::uint32_t records = body.u32be();
  if (!body.ok()) return Fault::truncated;
  for (std::uint32_t i = 0; i < records; ++i) {
    const std::uint32_t format = body.u32be(), octets = body.u32be();
    ByteReader in = body.sub(octets);
    if (!in.ok()) return Fault::truncated;
    if (format != kGenericCounters) {
      ++counters_.samples_skipped;
      continue;
    }
    if (octets < kGenericOctets) return Fault::truncated;
    if (!writer_.wants_counters()) {
      ++call.outcome.unwanted;
      continue;
    }
    std::array<Value, kCounterFields - kCounterInterface> values;
    const auto at = [&](CounterField field) -> Value& { return values[field - kCounterInterface]; };
    const auto number = [](std::uint64_t count) {
      return Value::integer(static_cast<std::int64_t>(count & 0x7fff'ffff'ffff'ffff));
    };
    // All ones: the switch does not count it.
    const auto count = [&](std::uint32_t value) { return value == 0xffff'ffff ? Value{} : number(value); };
    at(kCounterInterface) = number(in.u32be());
    at(kCounterType) = number(in.u32be());
    at(kCounterSpeed) = number(in.u64be());
    in.u32be();  // duplex
    const std::uint32_t status = in.u32be();
    at(kCounterAdminUp) = Value::boolean((status & 1U) != 0);
    at(kCounterOperUp) = Value::boolean((status & 2U) != 0);
    at(kCounterInBytes) = number(in.u64be());
    for (const CounterField field :
         {kCounterInUnicast, kCounterInMulticast, kCounterInBroadcast, kCounterInDiscards, kCounterInErrors})
      at(field) = count(in.u32be());
    in.u32be();  // of unknown protocols
    at(kCounterOutBytes) = number(in.u64be());
    for (const CounterField field :
         {kCounterOutUnicast, kCounterOutMulticast, kCounterOutBroadcast, kCounterOutDiscards, kCounterOutErrors})
      at(field) = count(in.u32be());
    writer_.counters(values, call.teller, call.sink);
    ++call.outcome.told;
  }
  return Fault::none;
}

}  // namespace nw::flows
