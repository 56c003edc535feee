#include "ingest/network/protocols/ge_srtp_message.h"

#include <algorithm>

namespace nw::network {

namespace {

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

bool knows(std::uint8_t type, std::uint8_t message) {
  if (type == kSrtpRequest) return message == kSrtpShortRequest || message == kSrtpTextRequest;
  if (type == kSrtpReply) return message == kSrtpShortAck || message == kSrtpTextAck || message == kSrtpNack;
  return type == kSrtpUnknown;
}

// Octets 6 to 25 of what every public capture shows: two numbers of unknown meaning between zeros.
bool plain(Bytes reserved) {
  return all_zero(reserved.first(3)) && all_zero(reserved.subspan(4, 7)) && all_zero(reserved.subspan(12));
}

// | slot | 0e | 0 | 0 |, which the controller must see, whatever stands in the reserved octets.
bool of_cpu(const SrtpFrame& frame) {
  const Bytes mailbox = frame.request() ? frame.destination : frame.source;
  return mailbox[1] == 0x0e && all_zero(mailbox.subspan(2));
}

SrtpStatus read_status(ByteReader& in) {
  SrtpStatus status;
  status.program = in.u8();
  status.privilege = in.u8();
  status.sweep = in.u16le();
  status.word = in.u16le();
  return status;
}

void read_body(ByteReader& in, SrtpFrame& out) {
  constexpr std::size_t kBeforePackets = 6, kResultBytes = 6;
  if (out.message == kSrtpTextRequest || out.message == kSrtpTextAck) {
    in.bytes(kBeforePackets);
    out.packet = in.u8();
    out.packets = in.u8();
  }
  switch (out.message) {
    case kSrtpShortRequest:
    case kSrtpTextRequest:
      out.service = in.u8();
      out.data = in.rest();
      break;
    case kSrtpShortAck:
      out.status = in.u8();
      out.minor = in.u8();
      out.result = in.bytes(kResultBytes);
      out.plc = read_status(in);
      break;
    case kSrtpTextAck:
      out.result = out.text;
      out.plc = read_status(in);
      break;
    case kSrtpNack:
      out.status = in.u8();
      out.minor = in.u8();
      break;
    default: break;
  }
}

void append_words(Bytes octets, IcsText& text) {
  for (ByteReader in{octets}; in.rest().size() >= 2 && !text.full();) {
    text.next();
    text.append_number(in.u16le());
  }
}

// "%R100-109": numbered from one, as programs do; bits within octets likewise.
void append_memory(const SrtpMemory& memory, IcsText& text) {
  const SrtpSegment* segment = find_srtp_segment(memory.selector);
  text.append('/');
  if (segment == nullptr) {
    text.append("segment-");
    text.append_number(memory.selector);
    text.append('/');
    return text.append_range(memory.offset, memory.count);
  }
  const std::uint32_t points = segment->bits == 8 ? 8 : 1;
  text.append(segment->prefix);
  text.append_range(memory.offset * points + 1, memory.count * points);
}

// The octets that `memory` has; those of bits begin within the first one.
std::size_t octets_of(const SrtpMemory& memory) {
  const SrtpSegment* segment = find_srtp_segment(memory.selector);
  const std::size_t bits = segment == nullptr ? 8 : segment->bits;
  return ((bits == 1 ? memory.offset % 8U : 0U) + memory.count * bits + 7) / 8;
}

void append_values(const SrtpMemory& memory, Bytes octets, IcsText& text) {
  const SrtpSegment* segment = find_srtp_segment(memory.selector);
  octets = octets.first(std::min(octets.size(), octets_of(memory)));
  if (segment != nullptr && segment->bits == 16)
    append_words(octets, text);
  else
    text.append_octets(octets);
}

bool bcd(Bytes octets) {
  return std::ranges::all_of(octets, [](std::uint8_t octet) { return octet >> 4U <= 9 && (octet & 0xFU) <= 9; });
}

// | second | minute | hour | day | month | year |, two decimal digits each.
void append_clock(Bytes result, IcsText& text) {
  constexpr std::size_t kClockBytes = 6;
  if (result.size() < kClockBytes || !bcd(result.first(kClockBytes))) return text.append_octets(result);
  static constexpr std::string_view kBehind = "-- ::";
  text.append("20");
  for (std::size_t i = 0; i < kClockBytes; ++i) {
    text.append_hex(result[kClockBytes - 1 - i], 2);
    if (i < kBehind.size()) text.append(kBehind[i]);
  }
}

}  // namespace

std::optional<DecodeError> read_srtp(ByteReader& reader, bool strict, SrtpFrame& out) {
  constexpr std::size_t kReservedBytes = 20, kMailboxBytes = 4;
  ByteReader in = reader;
  const Bytes header = in.rest().first(std::min(in.rest().size(), SrtpFrame::kHeaderBytes));
  out = {};
  out.type = in.u8();
  const bool named = out.type <= kSrtpReply || out.type == kSrtpUnknown;
  // Refused as soon as it shows: nothing waits for the rest of what is no frame.
  if (in.ok() && (!named || (strict && out.type != kSrtpRequest && out.type != kSrtpReply)))
    return DecodeError::bad_value;
  if (in.u8() != 0) return DecodeError::bad_value;
  out.sequence = in.u16le();
  const std::uint16_t length = in.u16le();
  if (in.ok() && length > SrtpFrame::kTextMax) return DecodeError::bad_value;
  const Bytes reserved = in.bytes(kReservedBytes);
  out.seconds = in.u8();
  out.minutes = in.u8();
  out.hours = in.u8();
  in.u8();
  out.mailbox_sequence = in.u8();
  out.message = in.u8();
  if (in.ok() && !out.opens() && !knows(out.type, out.message)) return DecodeError::bad_value;
  out.source = in.bytes(kMailboxBytes);
  out.destination = in.bytes(kMailboxBytes);
  if (in.ok() && strict && !plain(reserved) && !of_cpu(out)) return DecodeError::bad_value;
  out.packet = in.u8();
  out.packets = in.u8();
  constexpr std::size_t kBodyBytes = 14, kInitOctet = 8;
  ByteReader body = in.sub(kBodyBytes);
  if (!in.ok()) return DecodeError::truncated;
  if (out.opens() && (!all_zero(header.subspan(1, kInitOctet - 1)) || !all_zero(header.subspan(kInitOctet + 1)) ||
                      (out.type == kSrtpInit && header[kInitOctet] != 0)))
    return DecodeError::bad_value;
  out.text = in.bytes(length);
  if (!in.ok()) return DecodeError::truncated;
  if (!out.opens()) read_body(body, out);
  reader = in;
  return {};
}

std::optional<SrtpMemory> srtp_memory(const SrtpFrame& frame) {
  if (frame.service != kSrtpReadSystem && frame.service != kSrtpWriteSystem) return {};
  ByteReader in{frame.data};
  SrtpMemory memory;
  memory.selector = in.u8();
  memory.offset = in.u16le();
  memory.count = in.u16le();
  return memory;
}

void describe_srtp(const SrtpFrame& frame, bool texts, IcsCommand& command) {
  const SrtpService* service = frame.service ? find_srtp_service(*frame.service) : nullptr;
  if (service != nullptr) command.operation = service->operation;
  if (!texts || frame.opens()) return;
  command.target.append_octets(frame.request() ? frame.destination : frame.source);
  const auto memory = srtp_memory(frame);
  if (!memory) return;
  append_memory(*memory, command.target);
  constexpr std::size_t kMemoryBytes = 5;
  if (frame.service == kSrtpWriteSystem)
    append_values(*memory, frame.message == kSrtpTextRequest ? frame.text : frame.data.subspan(kMemoryBytes),
                  command.value);
}

void append_srtp_result(IcsText& text, std::uint8_t service, const SrtpMemory* memory, Bytes result) {
  if (service == kSrtpReadClock) return append_clock(result, text);
  if (service == kSrtpReadSystem && memory != nullptr) append_values(*memory, result, text);
}

}  // namespace nw::network
