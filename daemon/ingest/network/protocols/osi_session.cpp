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

// A value that is whole, or open and without its end.
struct Part {
  std::uint8_t tag = 0;
  Bytes contents, behind;
  Bytes inside;  // all behind its length: receivers look at what comes, not at how long what is around it claims to be
};

std::optional<Part> part_of(Bytes in) noexcept {
  constexpr std::uint8_t kIndefinite = 0x80;
  if (const auto value = OsiBerReader{in}.next()) {
    const std::size_t size = value->whole.size();
    return Part{value->tag, value->contents, in.subspan(size), in.subspan(size - value->contents.size())};
  }
  if (in.size() < 2 || in[1] != kIndefinite) return {};
  return Part{in[0], in.subspan(2), {}, in.subspan(2)};
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

PresentationValues::PresentationValues(Bytes pdu) noexcept {
  if (pdu.empty()) return;
  auto value = part_of(pdu);
  good_ = value.has_value();
  // What is around the data: nothing, or the connection's parameters.
  constexpr unsigned kAroundMax = 3;
  for (unsigned around = 0; value && around < kAroundMax && value->tag != kPresentationData; ++around) {
    Bytes rest = value->inside;
    value.reset();
    while (const auto member = part_of(rest)) {
      if (member->tag == kPresentationData || member->tag == kNormalMode) value = member;
      rest = member->behind;
    }
  }
  if (value && value->tag == kPresentationData) rest_ = value->inside;
}

std::optional<Bytes> PresentationValues::next() noexcept {
  constexpr std::uint8_t kList = 0x30, kSingleValue = 0xA0, kOctets = 0x81, kBits = 0x82;
  while (good_ && !rest_.empty()) {
    const auto part = part_of(rest_);
    good_ = part.has_value();
    if (!part) break;
    rest_ = part->tag == kList ? part->inside : part->behind;
    if (part->tag == kSingleValue || part->tag == kOctets) return part->contents;
    if (part->tag == kBits && !part->contents.empty()) return part->contents.subspan(1);
  }
  return {};
}

}  // namespace nw::network
