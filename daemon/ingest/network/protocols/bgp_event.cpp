#include "ingest/network/protocols/bgp_event.h"

#include <algorithm>
#include <chrono>

#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

constexpr std::size_t kPrefixesMax = 16;  // told per list and event

void set_address(EventWriter& out, BgpField field, Bytes address) {
  if (address.size() == 4 || address.size() == 16) out.set(field, Value::address(IpAddress::from_bytes(address)));
}

Value prefix_value(EventWriter& out, const BgpPrefix& prefix, std::size_t address_bytes) {
  std::array<std::uint8_t, 16> address{};
  std::ranges::copy(prefix.octets, address.begin());
  // Bits beyond the prefix mean nothing.
  if (const unsigned rest = prefix.bits % 8; rest != 0)
    address[prefix.bits / 8] &= static_cast<std::uint8_t>(0xff00U >> rest);
  TextBuffer text;
  text.append(IpAddress::from_bytes(Bytes{address}.first(address_bytes)).to_string());
  text.append('/');
  text.append_number(prefix.bits);
  return Value::text(out.event().keep(text.view()));
}

// Counts the prefixes of both lists and tells the first of them. False when a list is broken: the rest is left out.
bool set_prefixes(EventWriter& out, BgpField count_field, BgpField list_field,
                  const std::array<BgpPrefixes, 2>& lists) {
  std::array<Value, kPrefixesMax> first;
  std::size_t told = 0;
  std::int64_t count = 0;
  bool whole = true;
  for (const BgpPrefixes& of : lists) {
    ByteReader reader{of.list};
    while (!reader.empty()) {
      const auto prefix = read_bgp_prefix(reader, of);
      whole = whole && prefix;
      if (!prefix) break;
      ++count;
      if (of.shown && told < first.size() && out.wants(list_field))
        first[told++] = prefix_value(out, *prefix, of.address_bytes);
    }
  }
  out.set(count_field, Value::integer(count));
  const std::span<Value> values = out.event().arena().make<Value>(told);
  std::copy_n(first.begin(), values.size(), values.begin());
  set_list(out, list_field, values);
  return whole;
}

// Section 4.3 (b): | kind u8, 1 a set, 2 a sequence, 3 and 4 the same inside a confederation | count u8 | numbers |.
struct AsPath {
  TextBuffer text;
  std::optional<std::uint32_t> last;
  std::size_t length = 0;  // a set counts as one, a confederation's systems do not: RFC 4271 section 9.1.2.2, RFC 5065
};
bool read_as_path(Bytes in, bool wide, AsPath& out) {
  constexpr std::uint8_t kSet = 1, kConfederationSequence = 3, kConfederationSet = 4;
  ByteReader reader{in};
  while (!reader.empty()) {
    const std::uint8_t kind = reader.u8();
    const unsigned count = reader.u8();
    if (kind < kSet || kind > kConfederationSet) return false;
    const bool set = kind == kSet || kind == kConfederationSet, inside = kind >= kConfederationSequence;
    if (!out.text.view().empty()) out.text.append(' ');
    if (inside) out.text.append('(');
    if (set) out.text.append('{');
    for (unsigned i = 0; i < count; ++i) {
      const std::uint32_t number = wide ? reader.u32be() : reader.u16be();
      if (!reader.ok()) return false;
      if (i != 0) out.text.append(' ');
      out.text.append_number(number);
      if (!set) out.last = number;
    }
    if (!inside) out.length += set ? 1 : count;
    if (set) out.text.append('}');
    if (inside) out.text.append(')');
  }
  return reader.ok();
}

// Where it is not known how wide AS numbers are, the width that fits is taken.
std::optional<DecodeError> set_path(EventWriter& out, const BgpUpdate& update, std::optional<bool> known) {
  if (update.as_path.empty()) return {};
  bool wide = known.value_or(true);
  AsPath path;
  bool good = read_as_path(update.as_path, wide, path);
  if (!good && !known) {
    wide = false;
    path.text.clear();
    path.last.reset();
    path.length = 0;
    good = read_as_path(update.as_path, wide, path);
  }
  if (!good) return DecodeError::bad_value;
  out.set(kBgpAsPath, Value::text(out.event().keep(path.text.view())));
  if (path.last) out.set(kBgpOriginAs, Value::integer(*path.last));
  if (path.text.cut()) return DecodeError::limit;
  // Behind an old router the true numbers are in an attribute of their own. RFC 6793 sections 4.2.3 and 6: nobody
  // believes it of a new one, nor when it is the longer path.
  AsPath true_path;
  if (!wide && !update.as4_path.empty() && read_as_path(update.as4_path, true, true_path) && true_path.last &&
      true_path.length <= path.length)
    out.set(kBgpOriginAs, Value::integer(*true_path.last));
  return {};
}

}  // namespace

void write_bgp_head(EventWriter& out, std::string_view type, const IpAddress& sender, Bytes body,
                    std::optional<std::int64_t> keepalives) {
  out.set(kBgpMsgType, Value::text(type));
  out.set(kBgpSender, Value::address(sender));
  if (keepalives) out.set(kBgpKeepalives, Value::integer(*keepalives));
  out.set(kBgpLength, Value::integer(static_cast<std::int64_t>(BgpHeader::kBytes + body.size())));
}

void write_bgp_open(EventWriter& out, const BgpOpen& open) {
  out.set(kBgpVersion, Value::integer(open.version));
  out.set(kBgpAs, Value::integer(open.as));
  out.set(kBgpRouterId, Value::address(IpAddress::v4(open.id)));
  out.set(kBgpHoldTime, Value::interval(std::chrono::seconds{open.hold_seconds}));
  set_numbers(out, kBgpCapabilities, Bytes{open.capabilities}.first(open.capability_count), 1);
}

std::optional<DecodeError> write_bgp_update(EventWriter& out, Bytes body, const BgpReading& reading) {
  BgpUpdate update;
  auto fault = read_bgp_update(body, reading.path_ids, update);
  const bool announced = set_prefixes(out, kBgpAnnounced, kBgpAnnouncedPrefixes, update.announced);
  const bool withdrawn = set_prefixes(out, kBgpWithdrawn, kBgpWithdrawnPrefixes, update.withdrawn);
  if (!fault && (!announced || !withdrawn)) fault = DecodeError::bad_value;
  const auto in_path = set_path(out, update, reading.wide);
  if (!fault) fault = in_path;
  static constexpr std::array<std::string_view, 3> kOrigins{"IGP", "EGP", "INCOMPLETE"};
  if (update.origin && *update.origin < kOrigins.size()) out.set(kBgpOrigin, Value::text(kOrigins[*update.origin]));
  set_address(out, kBgpNextHop, update.next_hop);
  if (update.med) out.set(kBgpMed, Value::integer(*update.med));
  if (update.local_preference) out.set(kBgpLocalPref, Value::integer(*update.local_preference));
  return fault;
}

void write_bgp_notification(EventWriter& out, Bytes body) {
  constexpr unsigned kCease = 6, kShutdown = 2, kReset = 4;
  ByteReader reader{body};
  const unsigned code = reader.u8(), detail = reader.u8();
  out.set(kBgpErrorCode, Value::integer(code));
  if (out.wants(kBgpErrorName)) out.set(kBgpErrorName, named(out, bgp_error_name(code), code));
  if (detail != 0 && out.wants(kBgpErrorDetail))
    out.set(kBgpErrorDetail, named(out, bgp_error_detail(code, detail), detail));
  // RFC 9003: | length u8 | text |.
  if (code == kCease && (detail == kShutdown || detail == kReset) && !reader.empty())
    set_text(out, kBgpErrorMessage, reader.bytes(reader.u8()));
}

}  // namespace nw::network
