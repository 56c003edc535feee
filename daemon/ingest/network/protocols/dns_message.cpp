#include "ingest/network/protocols/dns_message.h"

namespace nw::network {

namespace {

enum Type : std::uint16_t {
  kA = 1,
  kNs = 2,
  kMd = 3,
  kMf = 4,
  kCname = 5,
  kSoa = 6,
  kMb = 7,
  kMg = 8,
  kMr = 9,
  kWks = 11,
  kPtr = 12,
  kHinfo = 13,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
  kLoc = 29,
  kSrv = 33,
  kNaptr = 35,
  kDname = 39,
  kOpt = 41,
  kDs = 43,
  kSshfp = 44,
  kRrsig = 46,
  kNsec = 47,
  kDnskey = 48,
  kNsec3 = 50,
  kNsec3param = 51,
  kSvcb = 64,
  kHttps = 65,
  kSpf = 99,
  kTsig = 250,
  kCaa = 257,
  kBind = 65534,  // BIND 9 marks a zone that it is signing with 65534
};

// One <character-string>: a length octet and that many octets (RFC 1035 section 3.3).
Bytes character_string(ByteReader& data) {
  const std::size_t length = data.u8();
  return data.bytes(length);
}

// "TXT 5 hello TXT 3 abc": every string with its length, as Zeek shows TXT and SPF.
DnsReader::Fault render_strings(std::string_view kind, ByteReader data, TextBuffer& out) {
  for (bool first = true; !data.empty(); first = false) {
    const Bytes text = character_string(data);
    if (!data.ok()) return DecodeError::truncated;
    if (!first) out.append(' ');
    out.append(kind);
    out.append(' ');
    out.append_number(text.size());
    out.append(' ');
    out.append_escaped(text);
  }
  return {};
}

// RFC 8659 section 4.1.
DnsReader::Fault render_caa(ByteReader data, TextBuffer& out) {
  const unsigned flags = data.u8();
  const Bytes tag = character_string(data);
  if (!data.ok()) return DecodeError::truncated;
  out.append("CAA ");
  out.append_number(flags);
  out.append(' ');
  out.append_escaped(tag);
  out.append(' ');
  out.append_escaped(data.rest());
  return {};
}

DnsReader::Fault render_hinfo(ByteReader data, TextBuffer& out) {
  const Bytes machine = character_string(data), system = character_string(data);
  if (!data.ok()) return DecodeError::truncated;
  out.append("HINFO ");
  out.append_escaped(machine);
  out.append(' ');
  out.append_escaped(system);
  return {};
}

void append_numbers(std::string_view kind, std::initializer_list<unsigned> numbers, TextBuffer& out) {
  out.append(kind);
  for (const unsigned number : numbers) {
    out.append(' ');
    out.append_number(number);
  }
}

}  // namespace

DnsReader::Fault DnsReader::header(DnsHeader& out) {
  out.id = rest_.u16be();
  out.flags = rest_.u16be();
  out.questions = rest_.u16be();
  out.answers = rest_.u16be();
  out.authority = rest_.u16be();
  out.additional = rest_.u16be();
  if (!rest_.ok()) return DecodeError::truncated;
  return {};
}

DnsReader::Fault DnsReader::name(ByteReader& reader, TextBuffer* out) const {
  ByteReader cursor = reader;
  std::size_t lowest = message_.size() - cursor.rest().size();
  std::size_t bytes = 1;  // the root's length octet
  unsigned jumps = 0;
  for (;;) {
    const unsigned length = cursor.u8();
    if (!cursor.ok()) return DecodeError::truncated;
    if (length == 0) break;
    if (length >= 0xc0) {
      const std::size_t target = (length & 0x3fU) << 8U | cursor.u8();
      if (!cursor.ok()) return DecodeError::truncated;
      if (jumps == 0) reader = cursor;
      // Only to a prior place (RFC 1035 section 4.1.4): each jump goes further back, so the chain ends.
      if (target >= lowest || target < DnsHeader::kBytes) return DecodeError::bad_value;
      if (++jumps > kJumpsMax) return DecodeError::limit;
      lowest = target;
      cursor = from(target);
      continue;
    }
    if (length >= 0x40) return DecodeError::bad_value;  // reserved (RFC 6891 section 5)
    const Bytes label = cursor.bytes(length);
    if (!cursor.ok()) return DecodeError::truncated;
    if ((bytes += length + 1) > kNameBytesMax) return DecodeError::too_long;
    if (out == nullptr) continue;
    if (bytes != length + 2) out->append('.');
    out->append_lower(label);
  }
  if (jumps == 0) reader = cursor;
  if (out != nullptr && bytes == 1) out->append('.');
  return {};
}

DnsReader::Fault DnsReader::question(DnsQuestion& out, TextBuffer& text) {
  if (const Fault fault = name(rest_, &text)) return fault;
  out.type = rest_.u16be();
  out.klass = rest_.u16be();
  if (!rest_.ok()) return DecodeError::truncated;
  // RFC 6762 section 5.4: mDNS asks for a unicast answer with the class's top bit.
  if ((out.klass & 0x7fffU) == 1) out.klass = 1;
  return {};
}

DnsReader::Fault DnsReader::record(DnsRecord& out, TextBuffer* owner) {
  if (const Fault fault = name(rest_, owner)) return fault;
  out.type = rest_.u16be();
  out.klass = rest_.u16be();
  out.ttl = rest_.u32be();
  out.data_bytes = rest_.u16be();
  out.data_at = message_.size() - rest_.rest().size();
  rest_.bytes(out.data_bytes);
  if (!rest_.ok()) return DecodeError::truncated;
  return {};
}

DnsReader::Fault DnsReader::data_name(const DnsRecord& record, std::size_t skip, TextBuffer& out) const {
  if (skip >= record.data_bytes) return DecodeError::truncated;
  const std::size_t end = record.data_at + record.data_bytes;
  ByteReader reader = from(record.data_at + skip);
  if (const Fault fault = name(reader, &out)) return fault;
  if (message_.size() - reader.rest().size() > end) return DecodeError::bad_value;
  return {};
}

std::optional<IpAddress> DnsReader::address(const DnsRecord& record) const {
  const bool v4 = record.type == kA && record.data_bytes == 4, v6 = record.type == kAaaa && record.data_bytes == 16;
  if (!v4 && !v6) return {};
  return IpAddress::from_bytes(message_.subspan(record.data_at, record.data_bytes));
}

std::optional<std::int64_t> DnsReader::signature_days_left(const DnsRecord& record, Timestamp now) const {
  constexpr std::size_t kEndAt = 8;  // after what is covered, algorithm, labels and TTL (RFC 4034 section 3.1)
  if (record.type != kRrsig) return {};
  ByteReader data{message_.subspan(record.data_at, record.data_bytes)};
  data.bytes(kEndAt);
  const std::uint32_t end = data.u32be();
  if (!data.ok()) return {};
  // Seconds since 1970 without their upper bits: the nearest such time to now (section 3.1.5).
  const auto today = static_cast<std::uint32_t>(to_unix_nanoseconds(now) / 1'000'000'000);
  const auto left = static_cast<std::int32_t>(end - today);
  return std::chrono::floor<std::chrono::days>(std::chrono::seconds{left}).count();
}

DnsReader::Fault DnsReader::render(const DnsRecord& record, std::string_view owner, TextBuffer& out) const {
  const ByteReader data{message_.subspan(record.data_at, record.data_bytes)};
  switch (record.type) {
    case kA:
    case kAaaa: return DecodeError::bad_value;  // address() takes those of the right length
    case kTxt: return render_strings("TXT", data, out);
    case kSpf: return render_strings("SPF", data, out);
    case kCaa: return render_caa(data, out);
    case kHinfo: return render_hinfo(data, out);
    case kBind: out.append("BIND9 signing signal"); return {};
    case kOpt:
    case kTsig:
    case kWks: return {};
    case kDs:
    case kSshfp:
    case kLoc:
    case kRrsig:
    case kNsec:
    case kDnskey:
    case kNsec3:
    case kNsec3param: return render_signed(record, data, owner, out);
    default: return render_names(record, data, out);
  }
}

// Records whose answer is a name at a fixed place of the data.
DnsReader::Fault DnsReader::render_names(const DnsRecord& record, ByteReader data, TextBuffer& out) const {
  std::size_t skip = 0;
  switch (record.type) {
    case kNs:
    case kMd:
    case kMf:
    case kCname:
    case kMb:
    case kMg:
    case kMr:
    case kPtr:
    case kDname:
    case kSoa: break;
    case kMx: skip = 2; break;   // after the preference
    case kSrv: skip = 6; break;  // after priority, weight, port
    case kSvcb:
    case kHttps: {  // RFC 9460 section 2.2; the parameters are left out
      const unsigned priority = data.u16be();
      if (!data.ok()) return DecodeError::truncated;
      append_numbers(record.type == kSvcb ? "SVCB" : "HTTPS", {priority}, out);
      out.append(' ');
      skip = 2;
      break;
    }
    case kNaptr: {  // RFC 3403 section 4.1
      const unsigned order = data.u16be(), preference = data.u16be();
      const Bytes flags = character_string(data), services = character_string(data), pattern = character_string(data);
      if (!data.ok()) return DecodeError::truncated;
      append_numbers("NAPTR", {order, preference}, out);
      for (const Bytes text : {flags, services, pattern}) {
        out.append(' ');
        out.append_escaped(text);
      }
      out.append(' ');
      skip = record.data_bytes - data.rest().size();
      break;
    }
    default:
      out.append("<unknown type=");
      out.append_number(record.type);
      out.append('>');
      return {};
  }
  return data_name(record, skip, out);
}

// DNSSEC's records and the few others that Zeek shortens to numbers.
DnsReader::Fault DnsReader::render_signed(const DnsRecord& record, ByteReader data, std::string_view owner,
                                          TextBuffer& out) const {
  switch (record.type) {
    case kNsec3: out.append("NSEC3"); return {};
    case kNsec3param: out.append("NSEC3PARAM"); return {};
    case kNsec: {
      out.append("NSEC ");
      out.append(owner);
      out.append(' ');
      return data_name(record, 0, out);
    }
    case kRrsig: {  // RFC 4034 section 3.1: type covered, then 16 bytes, then the signer
      const unsigned covered = data.u16be();
      if (!data.ok()) return DecodeError::truncated;
      append_numbers("RRSIG", {covered}, out);
      out.append(' ');
      return data_name(record, 18, out);
    }
    case kDs: {  // key tag, algorithm, digest type
      data.u16be();
      const unsigned algorithm = data.u8(), digest = data.u8();
      append_numbers("DS", {algorithm, digest}, out);
      break;
    }
    case kDnskey: {  // flags, protocol, algorithm
      data.bytes(3);
      append_numbers("DNSKEY", {data.u8()}, out);
      break;
    }
    case kSshfp:  // algorithm, fingerprint type, fingerprint
      data.bytes(2);
      out.append("SSHFP: ");
      out.append_hex(data.rest());
      break;
    default: {  // LOC, RFC 1876 section 2: version, size, horizontal and vertical precision
      data.u8();
      const unsigned size = data.u8(), horizontal = data.u8(), vertical = data.u8();
      append_numbers("LOC: ", {size, horizontal, vertical}, out);
      break;
    }
  }
  if (!data.ok()) return DecodeError::truncated;
  return {};
}

}  // namespace nw::network
