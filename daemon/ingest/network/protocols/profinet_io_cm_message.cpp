#include "ingest/network/protocols/profinet_io_cm_message.h"

#include <algorithm>

#include "ingest/network/protocols/profinet_io_cm_blocks.h"

namespace nw::network {

namespace {

// Of identification and maintenance.
enum Block : std::uint16_t { kIdentity0 = 0x0020, kIdentity1 = 0x0021, kIdentity3 = 0x0023 };

Bytes trimmed(Bytes text) noexcept {
  while (!text.empty() && (text.back() == ' ' || text.back() == 0)) text = text.first(text.size() - 1);
  return text;
}

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

void read_stub(const DceRpcStub& stub, bool texts, IoCmContents& out) {
  if (stub.extent == DceRpcStub::Extent::piece) return search_io_cm_blocks(stub.bytes, texts, out);
  DceRpcReader in{stub.bytes, stub.header.little_endian};
  const DceRpcType type = stub.header.type;
  const std::uint32_t first = in.u32();
  if (type != DceRpcType::request) out.status = first;
  if (!in.ok()) out.odd |= IoCmOdd::kCounts;
  if (!in.ok() || type == DceRpcType::fault || type == DceRpcType::reject) return;
  const std::uint32_t length = in.u32();
  in.u32();
  const std::uint32_t offset = in.u32(), count = in.u32();
  if (!in.ok()) {
    if (out.status == 0) out.odd |= IoCmOdd::kCounts;  // some refusals are their status alone
    return;
  }
  // Some devices go by one of the counts, some by what is there: all of that is read. Zeros may fill it up.
  const Bytes blocks = in.rest();
  const bool all = blocks.size() >= count && is_zero(blocks.subspan(count));
  if (length != count || offset != 0 || !all) out.odd |= IoCmOdd::kCounts;
  read_io_cm_blocks(blocks, texts, out);
}

}  // namespace

void read_io_cm(const DceRpcStub& stub, bool texts, IoCmContents& out) {
  read_stub(stub, texts, out);
  // What there is of an incomplete one ends somewhere: that was counted, and is not odd.
  const auto extent = stub.extent;
  if (extent == DceRpcStub::Extent::begun || extent == DceRpcStub::Extent::piece) out.odd = 0;
  if (extent != DceRpcStub::Extent::whole) out.odd |= IoCmOdd::kFragments;
  if (!texts || !out.target.empty() || !out.relation) return;
  out.target.append("ar/");
  out.target.append(to_text(*out.relation));
}

IcsOperation io_cm_effect(std::uint16_t operation, const IoCmContents& contents) noexcept {
  // Some devices go by the block, whatever the operation says.
  if (contents.writes) return IcsOperation::write;
  switch (static_cast<IoCmOperation>(operation)) {
    case IoCmOperation::connect:
    case IoCmOperation::release: return IcsOperation::subscribe;
    case IoCmOperation::read:
    case IoCmOperation::read_implicit: return contents.place ? read_effect(contents.place->index) : IcsOperation::read;
    case IoCmOperation::write: return IcsOperation::write;
    case IoCmOperation::control: break;
  }
  return contents.releases ? IcsOperation::subscribe : IcsOperation::other;
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
