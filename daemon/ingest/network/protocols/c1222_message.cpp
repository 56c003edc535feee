#include "ingest/network/protocols/c1222_message.h"

#include <algorithm>
#include <array>
#include <limits>

#include "ingest/network/protocols/ber.h"

namespace nw::network {

namespace {

constexpr std::uint8_t kMessage = 0x60, kExternal = 0x28, kOctetAligned = 0x81;
constexpr std::uint8_t kHasClass = 0x10, kSecurity = 0x0C, kAuthenticated = 0x04, kEncrypted = 0x08;
constexpr std::size_t kLengthMax = 16384, kMacBytes = 4;
constexpr std::size_t kElementsMax = 32;  // of which there are ten kinds: a message is looked for at every octet

// A BER length, with zeros before it or not; nothing when it is not all there. One that cannot be is above any bound.
std::optional<std::size_t> read_length(ByteReader& reader) {
  constexpr std::uint8_t kLong = 0x80;
  constexpr std::size_t kOctetsMax = 4;
  std::size_t length = reader.u8();
  if (length >= kLong) {
    const std::size_t octets = length & 0x7FU;
    length = octets == 0 || octets > kOctetsMax ? kLengthMax + 1 : 0;
    if (length == 0)
      for (const std::uint8_t octet : reader.bytes(octets)) length = length << 8U | octet;
  }
  return reader.ok() ? std::optional{length} : std::nullopt;
}

// Those that are known, and what an extension would add: of ACSE's class.
bool is_element(std::uint8_t tag) { return (tag & 0xC0U) == 0x80; }

C1222Title read_title(Bytes contents) {
  const auto value = BerReader{contents}.next();
  if (!value) return {};
  return {value->contents, value->tag != ber_tag::kOid};
}

std::optional<std::int64_t> read_number(Bytes contents) {
  const auto value = BerReader{contents}.next();
  return value ? ber_integer(value->contents) : std::nullopt;
}

// The number of the key, some levels deep: [2] [0] [1] { [0] key, [1] initialisation vector }.
std::optional<std::int64_t> read_key(Bytes contents) {
  for (const std::uint8_t tag : {std::uint8_t{0xA2}, std::uint8_t{0xA0}, std::uint8_t{0xA1}}) {
    const auto value = BerReader{contents}.next(tag);
    if (!value) return std::nullopt;
    contents = value->contents;
  }
  const auto key = BerReader{contents}.next(0x80);
  return key ? ber_integer(key->contents) : std::nullopt;
}

std::optional<std::uint32_t> read_octets(std::optional<std::int64_t> number) {
  if (!number || *number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

bool read_epsem(Bytes contents, C1222Message& out) {
  const auto external = BerReader{contents}.next(kExternal);
  if (!external) return false;
  BerReader parts{external->contents};
  auto value = parts.next();
  for (; value && value->tag != kOctetAligned; value = parts.next())
    if (value->tag == ber_tag::kInteger) out.offset = read_octets(ber_integer(value->contents));
  if (!value) return false;
  out.segment = value->contents;
  ByteReader reader{value->contents};
  out.control = reader.u8();
  if ((out.control & kHasClass) != 0) out.device_class = reader.bytes(4);
  out.encrypted = (out.control & kSecurity) == kEncrypted;
  out.services = reader.rest();
  const bool authenticated = (out.control & kSecurity) == kAuthenticated;
  if (authenticated && out.services.size() >= kMacBytes)
    out.services = out.services.first(out.services.size() - kMacBytes);
  out.has_services = true;
  return reader.ok() || out.offset;
}

// What stands in a segment is no services; a message without both numbers is none.
void judge_segment(C1222Message& out) {
  if (!out.size || !out.offset) {
    out.offset.reset();
    out.segment = {};
    return;
  }
  out.services = out.device_class = {};
  out.control = 0;
  out.has_services = out.encrypted = false;
}

// Of what is no service, devices need little: only services that are not there are a fault, and what is no element.
bool read_element(const BerValue& element, C1222Message& out) {
  switch (element.tag) {
    case 0xA1: {
      const auto value = BerReader{element.contents}.next();
      if (value) out.context = value->contents;
      return true;
    }
    case 0xA2: out.called = read_title(element.contents); return true;
    case 0xA3: out.size = read_octets(read_number(element.contents)); return true;
    case 0xA4: out.called_id = read_number(element.contents); return true;
    case 0xA6: out.calling = read_title(element.contents); return true;
    case 0xA7: out.qualifier = read_number(element.contents); return true;
    case 0xA8: out.calling_id = read_number(element.contents); return true;
    case 0x8B: out.mechanism = element.contents; return true;
    case 0xAC: out.key = read_key(element.contents); return true;
    case 0xBE: return read_epsem(element.contents, out);
    default: return is_element(element.tag);
  }
}

C1222Title next_title(ByteReader& reader) {
  const std::uint8_t tag = reader.u8();
  const auto length = read_length(reader);
  return {reader.bytes(length.value_or(kLengthMax)), tag != ber_tag::kOid};
}

void read_table(const C1222Service& service, ByteReader& reader, C1222Request& out) {
  constexpr std::uint8_t kDefault = 0x0E, kOffset = 0x0F, kWrites = 0x40;
  constexpr std::uint16_t kProcedures = 7;
  const std::uint8_t kind = service.code & 0x0FU;
  if (kind == kDefault) return;
  out.table = reader.u16be();
  if (kind == kOffset) out.offset = std::uint32_t{reader.u8()} << 16U | reader.u16be();
  if (kind > 0 && kind < kDefault) out.index = reader.bytes(std::size_t{2} * kind);
  if ((service.code & 0xF0U) != kWrites) {
    if (kind != 0) out.count = reader.u16be();
    return;
  }
  out.count = reader.u16be();
  out.data = reader.bytes(out.count);
  reader.u8();  // check
  if (*out.table == kProcedures && out.data.size() >= 2) {
    ByteReader procedure{out.data};
    out.procedure = procedure.u16le() & 0xFFFU;  // with the bit of a maker's own; above stand flags
    out.data = procedure.rest();
  }
  if (is_c1222_secret(out)) out.data = {};
}

void read_registration(ByteReader& reader, C1222Request& out) {
  reader.bytes(6);  // kinds of node and connection, class of device
  out.title = next_title(reader);
  out.serial = next_title(reader).octets;
  out.address = reader.bytes(reader.u8());
}

// C12.19-2008, table 7: what standard procedures do.
IcsOperation procedure_operation(std::uint16_t procedure) {
  switch (procedure) {
    case 0:
    case 1: return IcsOperation::restart;  // cold, warm
    case 2:                                // save configuration
    case 12:                               // activate pending tables
    case 13:
    case 14:  // clear them
    case 15: return IcsOperation::program;
    case 10: return IcsOperation::time_set;
    case 11: return IcsOperation::diagnose;
    default: return IcsOperation::control;
  }
}

}  // namespace

std::optional<DecodeError> read_c1222(ByteReader& reader, bool strict, C1222Message& out) {
  ByteReader behind = reader;
  const std::uint8_t tag = behind.u8();
  if (!behind.ok()) return DecodeError::truncated;
  if (tag != kMessage) return DecodeError::bad_value;
  const auto length = read_length(behind);
  if (!length) return DecodeError::truncated;
  if (*length > kLengthMax || *length < 2) return DecodeError::bad_value;
  const bool begun = !behind.empty();
  const std::uint8_t first = ByteReader{behind.rest()}.u8();
  if (begun && strict && !is_element(first)) return DecodeError::bad_value;
  ByteReader body = behind.sub(*length);
  if (!body.ok()) return DecodeError::truncated;
  out = {};
  BerReader elements{body.rest()};
  for (std::size_t count = 0; !elements.empty(); ++count) {
    const auto element = elements.next();
    if (count == kElementsMax || !element || !read_element(*element, out)) return DecodeError::bad_value;
  }
  judge_segment(out);
  if (strict && !out.has_services && !out.offset) return DecodeError::bad_value;
  out.whole = reader.rest().first(reader.rest().size() - behind.rest().size());
  reader = behind;
  return {};
}

bool next_c1222_service(ByteReader& reader, C1222Service& out) {
  auto length = read_length(reader);
  while (length == std::size_t{0} && !reader.empty()) length = read_length(reader);  // an empty one says nothing
  ByteReader service = reader.sub(length.value_or(kLengthMax));
  out.code = service.u8();
  out.body = service.rest();
  return service.ok();
}

bool read_c1222_request(const C1222Service& service, C1222Request& out) {
  constexpr std::size_t kUserBytes = 10, kPasswordBytes = 20;
  ByteReader reader{service.body};
  out = {};
  switch (service.code) {
    case kC1222Logon:
      out.user_id = reader.u16be();
      out.user = reader.bytes(kUserBytes);
      out.idle = reader.u16be();
      break;
    case kC1222Security:
      reader.bytes(kPasswordBytes);
      if (reader.ok() && !reader.empty()) out.user_id = reader.u16be();
      break;
    case kC1222Wait: out.seconds = reader.u8(); break;
    case kC1222Deregister:
    case kC1222Resolve:
    case kC1222Trace: out.title = next_title(reader); break;
    case kC1222Register: read_registration(reader, out); break;
    default:
      if (const unsigned family = service.code & 0xF0U; family == 0x30 || family == 0x40)
        read_table(service, reader, out);
  }
  return reader.ok();
}

// C12.19-2008: SECURITY_TBL, KEY_TBL, and the standard procedure Log In.
bool is_c1222_secret(const C1222Request& request) {
  constexpr std::uint16_t kPasswords = 42, kKeys = 45, kLogIn = 18;
  return request.table == kPasswords || request.table == kKeys || request.procedure == kLogIn;
}

IcsOperation c1222_operation(const C1222Service& service, const C1222Request& request) {
  if (request.procedure) return procedure_operation(*request.procedure);
  if ((service.code & 0xF0U) == 0x30) return IcsOperation::read;
  if ((service.code & 0xF0U) == 0x40) return IcsOperation::write;
  switch (service.code) {
    case kC1222Identify: return IcsOperation::identify;
    case kC1222Disconnect: return IcsOperation::stop;  // the node leaves the network
    case kC1222Resolve:
    case kC1222Trace: return IcsOperation::diagnose;
    default: return IcsOperation::other;
  }
}

// Features behind the version, each with a tag: 4 mechanism of security, 5 sessions, 6 class, 7 identity, 0 the end.
bool read_c1222_identity(Bytes body, C1222Identity& out) {
  ByteReader reader{body};
  out.standard = reader.u8();
  out.version = reader.u8();
  out.revision = reader.u8();
  for (std::uint8_t tag = reader.u8(); reader.ok() && tag != 0; tag = reader.u8()) {
    if (tag == 4)
      next_title(reader);
    else if (tag == 5)
      reader.u8();
    else if (tag == 6)
      out.device_class = reader.bytes(reader.u8());
    else if (tag == 7)
      out.identity = reader.bytes(reader.u8());  // begins with its format
    else
      break;  // nobody knows how long that is
  }
  if (!out.identity.empty()) out.identity = out.identity.subspan(1);
  constexpr std::size_t kVersion = 3;
  return body.size() >= kVersion;
}

Bytes c1222_read_data(Bytes body) {
  ByteReader reader{body};
  return reader.bytes(reader.u16be());
}

std::string_view c1222_service_name(std::uint8_t code) {
  static constexpr auto kAnswers = std::to_array<std::string_view>(
      {"RESP:OK", "RESP:ERR", "RESP:SNS", "RESP:ISC", "RESP:ONP", "RESP:IAR", "RESP:BSY", "RESP:DNR", "RESP:DLK",
       "RESP:RNO", "RESP:ISSS", "RESP:SME", "RESP:UAT", "RESP:NETT", "RESP:NETR", "RESP:RQTL", "RESP:RSTL", "RESP:SGNP",
       "RESP:SGERR"});
  if (code < kAnswers.size()) return kAnswers[code];
  if (code >= 0x30 && code < 0x40) return "REQ:Read";
  if (code >= 0x40 && code < 0x50) return "REQ:Write";
  if (code >= 0x60 && code <= 0x6B) return "REQ:Negotiate";
  switch (code) {
    case kC1222Identify: return "REQ:Ident";
    case kC1222Terminate: return "REQ:Terminate";
    case kC1222Disconnect: return "REQ:Disconnect";
    case kC1222Deregister: return "REQ:Dereg";
    case kC1222Resolve: return "REQ:Resolve";
    case kC1222Trace: return "REQ:Trace";
    case kC1222Register: return "REQ:Reg";
    case kC1222Logon: return "REQ:Logon";
    case kC1222Security: return "REQ:Security";
    case 0x52: return "REQ:Logoff";
    case 0x53: return "REQ:Authenticate";
    case kC1222Wait: return "REQ:Wait";
    case 0x71: return "REQ:Timing Setup";
    default: return {};
  }
}

std::string_view c1222_error_name(std::uint8_t code) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"OK", "Error", "Service not supported", "Insufficient security clearance", "Operation not possible",
       "Inappropriate action requested", "Device busy", "Data not ready", "Data locked", "Renegotiate request",
       "Invalid service sequence state", "Security mechanism error", "Unknown application title", "Network time-out",
       "Network not reachable", "Request too large", "Response too large", "Segmentation not possible",
       "Segmentation error"});
  return code < kNames.size() ? kNames[code] : std::string_view{};
}

void append_c1222_title(IcsText& out, const C1222Title& title) {
  constexpr std::uint64_t kPartMax = std::uint64_t{1} << 56U;
  std::uint64_t part = 0;
  bool first = !title.relative;
  for (const std::uint8_t octet : title.octets) {
    if (part > kPartMax || out.full()) return;  // longer than anybody numbers
    part = part << 7U | (octet & 0x7FU);
    if ((octet & 0x80U) != 0) continue;
    if (first) {  // X.690, 8.19.4: the first two parts are one number
      const std::uint64_t top = std::min<std::uint64_t>(part / 40, 2);
      out.append_number(top);
      part -= top * 40;
    }
    first = false;
    out.append('.');
    out.append_number(part);
    part = 0;
  }
}

}  // namespace nw::network
