#include "ingest/network/protocols/snmp_message.h"

#include <array>

namespace nw::network {

namespace {

constexpr std::uint8_t kPduTag = 0xa0;  // and the PDU's number
constexpr std::int64_t kVersion1 = 0, kVersion2c = 1, kVersion3 = 3;

// Values that must all be there, one after the other. What is missing or of another kind is empty, and then ok() is
// off.
class Row {
 public:
  explicit Row(Bytes in) : reader_{in} {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  BerValue any() { return take(reader_.next()); }
  Bytes octets() { return take(reader_.next(ber_tag::kOctetString)).contents; }
  std::int64_t integer() {
    const auto value = ber_integer(take(reader_.next(ber_tag::kInteger)).contents);
    ok_ = ok_ && value;
    return value.value_or(0);
  }
  // A row of its own; what is wrong inside is its own too.
  Row sequence() { return Row{take(reader_.next(ber_tag::kSequence)).contents}; }

 private:
  BerValue take(const std::optional<BerValue>& value) {
    ok_ = ok_ && value;
    return value.value_or(BerValue{});
  }

  BerReader reader_;
  bool ok_ = true;
};

// | request id, error or non-repeaters, its index or repetitions: integers | bindings |
// version 1's trap: | enterprise | agent's address | generic, specific: integers | time | bindings |
std::optional<DecodeError> read_pdu(const BerValue& value, SnmpMessage& out) {
  if (value.tag < kPduTag || value.tag >= kPduTag + kSnmpPdus) return DecodeError::bad_value;
  const auto pdu = static_cast<SnmpPdu>(value.tag - kPduTag);
  Row row{value.contents};
  if (pdu == SnmpPdu::trap_v1) {
    out.enterprise = row.any().contents;
    row.any();
    row.integer();
    row.integer();
    row.any();
  } else {
    row.integer();
    out.error = row.integer();
    row.integer();
  }
  const BerValue bindings = row.any();
  if (!row.ok() || bindings.tag != ber_tag::kSequence) return DecodeError::bad_value;
  out.pdu = pdu;
  out.bindings = bindings.contents;
  return {};
}

// | engine, octets | its boots, its time: integers | user, octets | ... |, in a sequence.
bool read_user(Bytes security, Bytes& user) {
  Row outer{security};
  Row parameters = outer.sequence();
  parameters.octets();
  parameters.integer();
  parameters.integer();
  user = parameters.octets();
  return outer.ok() && parameters.ok();
}

// | sequence: id, size, flags, security model | security parameters, octets | PDU in its context, or that encrypted |
std::optional<DecodeError> read_version_3(Row& message, SnmpMessage& out) {
  constexpr std::int64_t kUserBased = 3;
  Row header = message.sequence();
  header.integer();
  header.integer();
  const Bytes flags = header.octets();
  const std::int64_t model = header.integer();
  const Bytes security = message.octets();
  const BerValue scoped = message.any();
  if (!header.ok() || !message.ok() || flags.size() != 1) return DecodeError::bad_value;
  out.flags = flags[0];
  if (model == kUserBased && !read_user(security, out.user)) return DecodeError::bad_value;
  if (scoped.tag == ber_tag::kOctetString) return {};
  Row context{scoped.contents};
  context.octets();  // engine
  context.octets();  // name
  const BerValue pdu = context.any();
  if (scoped.tag != ber_tag::kSequence || !context.ok()) return DecodeError::bad_value;
  return read_pdu(pdu, out);
}

}  // namespace

std::optional<DecodeError> read_snmp(Bytes in, SnmpMessage& out) {
  const auto whole = BerReader{in}.next();
  // A datagram that ends before its outermost length says so is cut; inside, lengths lie.
  if (!whole) return DecodeError::truncated;
  if (whole->tag != ber_tag::kSequence) return DecodeError::bad_value;
  Row message{whole->contents};
  out.version = message.integer();
  if (!message.ok()) return DecodeError::bad_value;
  if (out.version == kVersion3) return read_version_3(message, out);
  if (out.version != kVersion1 && out.version != kVersion2c) return DecodeError::bad_value;
  out.community = message.octets();
  const BerValue pdu = message.any();
  if (!message.ok()) return DecodeError::bad_value;
  return read_pdu(pdu, out);
}

std::optional<SnmpBinding> read_snmp_binding(BerReader& bindings) {
  const auto pair = bindings.next(ber_tag::kSequence);
  if (!pair) return {};
  Row row{pair->contents};
  const BerValue name = row.any(), value = row.any();
  if (!row.ok() || name.tag != ber_tag::kOid) return {};
  return SnmpBinding{name.contents, value};
}

// X.690 8.19: base 128, the top bit says that the number goes on; the first holds two.
bool render_object_id(Bytes contents, TextBuffer& out) {
  constexpr std::size_t kNumbersMax = 128;  // RFC 2578 section 3.5
  std::size_t count = 0;
  std::uint64_t number = 0;
  bool open = false;
  for (const std::uint8_t octet : contents) {
    number = number << 7U | (octet & 0x7fU);
    open = (octet & 0x80U) != 0;
    if (number > 0xffff'ffffU) return false;
    if (open) continue;
    if (++count == kNumbersMax) return false;
    if (count == 1) {
      const std::uint64_t first = number < 80 ? number / 40 : 2;
      out.append_number(first);
      number -= first * 40;
    }
    out.append('.');
    out.append_number(number);
    number = 0;
  }
  return count != 0 && !open;
}

std::string_view snmp_error_name(std::int64_t error) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType", "wrongLength",
       "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed",
       "undoFailed", "authorizationError", "notWritable", "inconsistentName"});
  return error >= 0 && static_cast<std::size_t>(error) < kNames.size() ? kNames[static_cast<std::size_t>(error)]
                                                                       : std::string_view{};
}

}  // namespace nw::network
