#include "ingest/network/protocols/osi_session.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::uint8_t kUserData = 0xC1, kExtendedUserData = 0xC2, kReason = 50;
constexpr std::uint8_t kPresentationData = 0x61, kNormalMode = 0xA2;

bool known(std::uint8_t kind) noexcept {
  switch (static_cast<SessionKind>(kind)) {
    case SessionKind::data:
    case SessionKind::not_finished:
    case SessionKind::finish:
    case SessionKind::disconnect:
    case SessionKind::refuse:
    case SessionKind::connect:
    case SessionKind::accept:
    case SessionKind::abort:
    case SessionKind::abort_accept: return true;
  }
  return false;
}

std::size_t length(ByteReader& in) noexcept {
  constexpr std::uint8_t kLong = 0xFF;
  const std::uint8_t first = in.u8();
  return first == kLong ? in.u16be() : first;
}

// Of a value that is cut where its message is.
Bytes take(ByteReader& in, std::size_t size, bool begins) noexcept {
  return in.bytes(begins ? std::min(size, in.rest().size()) : size);
}

// The parameters of a connection's beginning or end; false when one does not fit.
bool read_parameters(ByteReader in, bool begins, SessionPdu& out) noexcept {
  while (!in.empty()) {
    const std::uint8_t code = in.u8();
    const std::size_t size = length(in);
    if (!in.ok()) return begins;
    // It is the last, and receivers take it so, whatever its length says.
    if (code == kUserData || code == kExtendedUserData) {
      out.user = in.rest();
      return true;
    }
    const Bytes value = take(in, size, begins);
    if (!in.ok()) return false;
    if (code == kReason && out.kind == SessionKind::refuse && !value.empty()) {
      out.reason = value[0];
      if (value.size() > 1) out.user = value.subspan(1);
    }
  }
  return true;
}

}  // namespace

std::optional<SessionPdu> read_session(Bytes message, bool begins) noexcept {
  ByteReader in{message};
  const std::uint8_t kind = in.u8();
  const std::size_t size = length(in);
  if (!in.ok() || !known(kind)) return {};
  SessionPdu out;
  out.kind = static_cast<SessionKind>(kind);
  const Bytes parameters = take(in, size, begins);
  if (!in.ok()) return {};
  if (out.kind != SessionKind::data) {
    if (!read_parameters(ByteReader{parameters}, begins, out)) return {};
    return out;
  }
  // The token is given first, then comes what has the same number, the data: ISO 8327-1, 6.3.7.
  const bool data = in.u8() == kind;
  in.bytes(length(in));
  if (!in.ok() || !data) return {};
  out.user = in.rest();
  return out;
}

std::optional<OsiValue> osi_value(Bytes in) noexcept {
  constexpr std::uint8_t kIndefinite = 0x80;
  OsiValue out;
  if (const auto value = OsiBerReader{in}.next()) {
    const std::size_t size = value->whole.size();
    static_cast<BerValue&>(out) = *value;
    out.inside = in.subspan(size - value->contents.size());
    out.behind = in.subspan(size);
    return out;
  }
  if (in.size() < 2 || in[1] != kIndefinite) return {};
  out.tag = in[0];
  out.contents = out.inside = in.subspan(2);
  return out;
}

std::optional<Bytes> take_osi_data(Bytes& rest, std::uint8_t around) noexcept {
  constexpr std::uint8_t kSingleValue = 0xA0, kOctets = 0x81, kBits = 0x82;
  while (!rest.empty()) {
    const auto value = osi_value(rest);
    if (!value) break;
    rest = value->tag == around ? value->inside : value->behind;
    if (value->tag == kSingleValue || value->tag == kOctets) return value->contents;
    if (value->tag == kBits && !value->contents.empty()) return value->contents.subspan(1);
  }
  return {};
}

PresentationValues::PresentationValues(Bytes pdu) noexcept {
  if (pdu.empty()) return;
  auto value = osi_value(pdu);
  good_ = value.has_value();
  // What is around the data: nothing, or the connection's parameters.
  constexpr unsigned kAroundMax = 3;
  for (unsigned around = 0; value && around < kAroundMax && value->tag != kPresentationData; ++around) {
    Bytes rest = value->inside;
    value.reset();
    while (const auto member = osi_value(rest)) {
      if (member->tag == kPresentationData || member->tag == kNormalMode) value = member;
      rest = member->behind;
    }
  }
  if (value && value->tag == kPresentationData) rest_ = value->inside;
}

std::optional<Bytes> PresentationValues::next() noexcept {
  constexpr std::uint8_t kList = 0x30;
  if (!good_) return {};
  const auto data = take_osi_data(rest_, kList);
  good_ = data || rest_.empty();
  return data;
}

}  // namespace nw::network
