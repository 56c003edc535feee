#include "ingest/network/protocols/profinet_io_cm_message.h"

#include <algorithm>

#include "ingest/network/protocols/profinet_io_cm_names.h"

namespace nw::network {

namespace {

enum Block : std::uint16_t {
  kWriteRequest = 0x0008,
  kReadRequest = 0x0009,
  kIdentity0 = 0x0020,
  kIdentity1 = 0x0021,
  kIdentity3 = 0x0023,
  kRelationRequest = 0x0101,
  kExchangeRequest = 0x0102,
  kAlarmRequest = 0x0103,
  kExpectedSubmodules = 0x0104,
  kWriteResponse = 0x8008,
  kReadResponse = 0x8009,
  kRelationResponse = 0x8101,
  kExchangeResponse = 0x8102,
  kAlarmResponse = 0x8103,
  kDifferences = 0x8104,
  kServer = 0x8106,
};
constexpr std::uint16_t kMultipleWrite = 0xe040;  // the record is made of requests to write

// The steps of a connection, 0x0110 to 0x0118; their responses have the highest bit set.
constexpr bool is_control(std::uint16_t block) noexcept {
  const unsigned request = block & 0x7fffU;
  return request >= 0x0110 && request <= 0x0118;
}

Uuid read_uuid(ByteReader& in) noexcept {
  Uuid out{};
  std::ranges::copy(in.bytes(out.size()), out.begin());
  return out;
}

Bytes trimmed(Bytes text) noexcept {
  while (!text.empty() && (text.back() == ' ' || text.back() == 0)) text = text.first(text.size() - 1);
  return text;
}

void append_slot(IcsText& out, std::uint32_t api, std::uint16_t slot, std::uint16_t subslot) {
  out.next();
  out.append_number(api);
  out.append('/');
  out.append_number(slot);
  out.append('/');
  out.append_number(subslot);
}

void append_place(IcsText& out, const IoCmPlace& place) {
  append_slot(out, place.api, place.slot, place.subslot);
  out.append("/0x");
  out.append_hex(place.index, 4);
}

void append_octets(IcsText& out, Bytes bytes) {
  if (bytes.empty()) return;
  out.next();
  for (const std::uint8_t byte : bytes) {
    if (out.full()) return;
    out.append_hex(byte, 2);
  }
}

class BlockReader {
 public:
  BlockReader(Bytes in, bool texts, IoCmContents& out) noexcept : in_{in}, size_{in.size()}, texts_{texts}, out_{out} {}

  void read() {
    while (!in_.empty() && !out_.broken) {
      const std::uint16_t type = in_.u16be();
      ByteReader block = in_.sub(in_.u16be());
      block.u16be();  // version
      if (block.ok()) {
        out_.blocks.add(type);
        contents(type, block);
      }
      out_.broken = out_.broken || !block.ok();
    }
  }

 private:
  void contents(std::uint16_t type, ByteReader& block) {
    if (is_control(type)) return control(block);
    switch (type) {
      case kReadRequest:
      case kReadResponse:
      case kWriteRequest:
      case kWriteResponse: return record(type, block);
      case kRelationRequest: return relation(block, true);
      case kRelationResponse: return relation(block, false);
      case kExchangeRequest: return exchange(block, true);
      case kExchangeResponse: return exchange(block, false);
      case kAlarmRequest: return alarm(block, true);
      case kAlarmResponse: return alarm(block, false);
      case kExpectedSubmodules: return submodules(block);
      case kDifferences: return differences(block);
      case kServer: out_.responder_name = block.bytes(block.u16be()); break;
      default: break;
    }
  }

  // | 0 u16 | AR | session u16 | 0 u16, of plug alarms their number | command u16 | properties u16 |
  void control(ByteReader& block) {
    block.u16be();
    const Uuid relation = read_uuid(block);
    block.u32be();
    const std::uint16_t command = block.u16be();
    if (!block.ok()) return;
    out_.relation = relation;
    out_.command = command;
    out_.value.append(io_cm_command_name(command));
  }

  // | kind u16 | AR | session u16 | hardware address 6 | of a request: object | properties u32 | timeout u16 |
  //   port u16 | name |
  void relation(ByteReader& block, bool request) {
    const std::uint16_t kind = block.u16be();
    const Uuid relation = read_uuid(block);
    block.bytes(8);
    if (!block.ok()) return;
    out_.relation = relation;
    out_.relation_kind = kind;
    if (!request) return;
    out_.initiator = read_uuid(block);
    block.u64be();
    out_.initiator_name = block.bytes(block.u16be());
  }

  // | kind u16 | number u16 | of a request: EtherType u16 | properties u32 | octets u16 | frame id u16 | of a request:
  //   clock u16 | reduction u16 | ... |
  void exchange(ByteReader& block, bool request) {
    IoCmExchange now;
    now.kind = block.u16be();
    block.u16be();
    if (request) {
      block.bytes(6);
      now.octets = block.u16be();
    }
    now.frame_id = block.u16be();
    if (request) {
      now.cycle = block.u16be();
      now.cycle *= block.u16be();
    }
    if (block.ok()) out_.exchanges.add(now);
  }

  // | kind u16 | of a request: EtherType u16 | properties u32 | timeout u16 | retries u16 | the sender's end u16 |
  void alarm(ByteReader& block, bool request) {
    block.bytes(request ? 12 : 2);
    const std::uint16_t end = block.u16be();
    if (block.ok()) out_.alarm_end = end;
  }

  // | APIs u16 | { API u32 | modules u16 | { slot u16 | module u32 | state u16 | submodules u16 | { subslot u16 |
  //   kind u32 | state u16 } } } |
  void differences(ByteReader& block) {
    constexpr std::uint16_t kProper = 2;
    for (unsigned apis = block.u16be(); apis > 0 && block.ok(); --apis) {
      IoCmDifference now;
      now.api = block.u32be();
      for (unsigned modules = block.u16be(); modules > 0 && block.ok(); --modules) {
        now.slot = block.u16be();
        block.u32be();
        now.state = block.u16be();
        now.of_module = true;
        if (block.ok() && now.state != kProper) out_.differences.add(now);
        now.of_module = false;
        for (unsigned count = block.u16be(); count > 0 && block.ok(); --count) {
          now.subslot = block.u16be();
          block.u32be();
          now.state = block.u16be();
          if (block.ok()) out_.differences.add(now);
        }
      }
    }
  }

  // | APIs u16 | { API u32 | slot u16 | module u32 | properties u16 | submodules u16 | { subslot u16 | kind u32 |
  //   properties u16 | of inputs, of outputs: direction u16, octets u16, u8, u8 } } |
  void submodules(ByteReader& block) {
    constexpr std::size_t kDescription = 6;
    constexpr unsigned kBothDirections = 3;
    for (unsigned apis = block.u16be(); apis > 0 && block.ok(); --apis) {
      IoCmSubmodule now;
      now.api = block.u32be();
      now.slot = block.u16be();
      now.module = block.u32be();
      block.u16be();
      for (unsigned count = block.u16be(); count > 0 && block.ok(); --count) {
        now.subslot = block.u16be();
        now.kind = block.u32be();
        const bool both = (block.u16be() & kBothDirections) == kBothDirections;
        block.bytes(both ? 2 * kDescription : kDescription);
        if (!block.ok()) return;
        out_.submodules.add(now);
        if (texts_) append_slot(out_.target, now.api, now.slot, now.subslot);
      }
    }
  }

  // | number u16 | AR | API u32 | slot u16 | subslot u16 | 0 u16 | index u16 | octets u32 | of responses: two values
  // u16,
  //   of a write PNIOStatus | 0 |
  void record(std::uint16_t type, ByteReader& block) {
    block.u16be();
    const Uuid relation = read_uuid(block);
    IoCmPlace place;
    place.api = block.u32be();
    place.slot = block.u16be();
    place.subslot = block.u16be();
    block.u16be();
    place.index = block.u16be();
    const std::uint32_t length = block.u32be();
    if (!block.ok()) return;
    if (!out_.place) {
      out_.relation = relation;
      out_.place = place;
      out_.record_length = length;
    }
    if (type == kWriteResponse) {
      block.u32be();
      const std::uint32_t status = block.u32be();
      if (out_.status == 0) out_.status = status;
    }
    if (place.index == kMultipleWrite) {
      several_ = true;
      return;
    }
    if (texts_) append_place(out_.target, place);
    if (type == kWriteRequest || type == kReadResponse) data(type, length);
  }

  void data(std::uint16_t type, std::uint32_t length) {
    out_.broken = out_.broken || length > in_.rest().size();
    const Bytes record = in_.bytes(std::min<std::size_t>(length, in_.rest().size()));
    if (type == kReadResponse && out_.record.empty()) out_.record = record;
    if (texts_) append_octets(out_.value, record);
    // Up to the next of several.
    constexpr std::size_t kAlignment = 4;
    const std::size_t beyond = (size_ - in_.rest().size()) % kAlignment;
    if (several_ && beyond != 0) in_.bytes(std::min(kAlignment - beyond, in_.rest().size()));
  }

  ByteReader in_;
  std::size_t size_;
  bool texts_, several_ = false;
  IoCmContents& out_;
};

// Indexes of diagnoses: of a subslot, a slot, an AR, an API; of the device; its log.
bool is_diagnosis(std::uint16_t index) noexcept {
  constexpr std::uint16_t kDevice = 0xf80c, kLog = 0xf830;
  constexpr std::array<std::uint16_t, 7> kKinds{0x00a, 0x00b, 0x00c, 0x010, 0x011, 0x012, 0x013};
  constexpr std::array<std::uint16_t, 4> kOf{0x8, 0xc, 0xe, 0xf};
  if (index == kDevice || index == kLog) return true;
  const auto of = static_cast<std::uint16_t>(index >> 12U), kind = static_cast<std::uint16_t>(index & 0xfffU);
  return std::ranges::find(kOf, of) != kOf.end() && std::ranges::find(kKinds, kind) != kKinds.end();
}

IcsOperation read_effect(std::uint16_t index) noexcept {
  constexpr std::uint16_t kFirst = 0xaff0, kLast = 0xafff, kFilter = 0xf840;  // identification and maintenance
  if ((index >= kFirst && index <= kLast) || index == kFilter) return IcsOperation::identify;
  return is_diagnosis(index) ? IcsOperation::diagnose : IcsOperation::read;
}

}  // namespace

void read_io_cm(const DceRpcStub& stub, bool texts, IoCmContents& out) {
  DceRpcReader in{stub.bytes, stub.header.little_endian};
  const DceRpcType type = stub.header.type;
  const std::uint32_t first = in.u32();
  if (type != DceRpcType::request) out.status = first;
  out.broken = !in.ok();
  if (out.broken || type == DceRpcType::fault || type == DceRpcType::reject) return;
  in.bytes(3 * sizeof(std::uint32_t));
  const std::size_t length = in.u32();
  if (!in.ok()) {
    out.broken = out.status == 0;  // some refusals are their status alone
    return;
  }
  const Bytes blocks = in.rest().first(std::min(length, in.rest().size()));
  BlockReader{blocks, texts, out}.read();
  out.broken = out.broken || blocks.size() < length;
  if (!texts || !out.target.empty() || !out.relation) return;
  out.target.append("ar/");
  out.target.append(to_text(*out.relation));
}

IcsOperation io_cm_effect(std::uint16_t operation, const IoCmContents& contents) noexcept {
  constexpr std::uint16_t kRelease = 4;  // the bit of the command
  switch (static_cast<IoCmOperation>(operation)) {
    case IoCmOperation::connect:
    case IoCmOperation::release: return IcsOperation::subscribe;
    case IoCmOperation::read:
    case IoCmOperation::read_implicit: return contents.place ? read_effect(contents.place->index) : IcsOperation::read;
    case IoCmOperation::write: return IcsOperation::write;
    case IoCmOperation::control:
      return (contents.command.value_or(0) & kRelease) != 0 ? IcsOperation::subscribe : IcsOperation::other;
  }
  return IcsOperation::other;
}

// | vendor u16 | order number 20 | serial number 16 | hardware u16 | prefix u8, software 3 | ... | of I&M0;
// | function 32 | location 22 | of I&M1; | description 54 | of I&M3.
bool read_io_cm_identity(Bytes record, IoCmIdentity& out) noexcept {
  ByteReader in{record};
  const std::uint16_t type = in.u16be();
  ByteReader block = in.sub(in.u16be());
  block.u16be();
  switch (type) {
    case kIdentity0:
      out.vendor = block.u16be();
      out.order_number = trimmed(block.bytes(20));
      out.serial_number = trimmed(block.bytes(16));
      out.hardware = block.u16be();
      out.prefix = block.u8();
      for (std::uint8_t& part : out.software) part = block.u8();
      break;
    case kIdentity1:
      out.function = trimmed(block.bytes(32));
      out.location = trimmed(block.bytes(22));
      break;
    case kIdentity3: out.description = trimmed(block.bytes(54)); break;
    default: return false;
  }
  return block.ok();
}

}  // namespace nw::network
