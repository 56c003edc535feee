#include "ingest/network/protocols/iec104_apci.h"

#include "ingest/network/protocols/iec104_asdu.h"

namespace nw::network {

namespace {

constexpr std::uint8_t kStart = 0x68;
constexpr std::size_t kControl = 4, kLengthMax = 253;  // octets behind the length
constexpr std::size_t kAsduMin = 6;                    // C_RD_NA_1 with the narrowest addresses

void read_control(ByteReader& in, Iec104Apdu& out) {
  const std::uint16_t first = in.u16le(), second = in.u16le();
  const unsigned kind = first & 3U;
  out.format = (kind & 1U) == 0 ? Iec104Format::i : kind == 1 ? Iec104Format::s : Iec104Format::u;
  out.function = static_cast<std::uint8_t>(first);
  out.send = first >> 1U;
  out.receive = second >> 1U;
  const bool even = (second & 1U) == 0;
  if (out.format == Iec104Format::i)
    out.exact = even && out.length <= kLengthMax;
  else if (out.format == Iec104Format::s)
    out.exact = even && first == 1 && out.length == kControl;
  else
    out.exact = first < 0x100 && second == 0 && out.length == kControl && !iec104_function_name(out.function).empty();
}

}  // namespace

std::optional<DecodeError> read_iec104_apdu(ByteReader& reader, bool strict, Iec104Apdu& out) {
  ByteReader in = reader;
  const std::uint8_t start = in.u8();
  if (in.ok() && start != kStart) return DecodeError::bad_value;
  out.length = in.u8();
  if (in.ok() && (out.length < kControl || (strict && out.length > kLengthMax))) return DecodeError::bad_value;
  ByteReader control = in;
  read_control(control, out);
  if (!control.ok()) return DecodeError::truncated;
  if (strict && !out.exact) return DecodeError::bad_value;
  out.asdu = control.rest();  // as far as it has come
  ByteReader body = in.sub(out.length);
  if (!body.ok()) return DecodeError::truncated;
  body.bytes(kControl);
  out.asdu = body.rest();
  reader = in;
  return {};
}

bool is_plausible_iec104(const Iec104Apdu& apdu) {
  if (!apdu.exact || apdu.format != Iec104Format::i) return apdu.exact;
  if (apdu.length < kControl + kAsduMin) return false;
  ByteReader in{apdu.asdu};
  const std::uint8_t type = in.u8();
  if (in.ok() && find_iec104_type(type) == nullptr) return false;
  const unsigned number = in.u8() & 0x7fU, cause = in.u8() & 0x3fU;
  return !in.ok() || (number != 0 && !iec104_cause_name(static_cast<std::uint8_t>(cause)).empty());
}

std::string_view iec104_function_name(std::uint8_t function) {
  switch (function) {
    case kIec104StartAct: return "STARTDT_ACT";
    case kIec104StartCon: return "STARTDT_CON";
    case kIec104StopAct: return "STOPDT_ACT";
    case kIec104StopCon: return "STOPDT_CON";
    case kIec104TestAct: return "TESTFR_ACT";
    case kIec104TestCon: return "TESTFR_CON";
    default: return {};
  }
}

}  // namespace nw::network
