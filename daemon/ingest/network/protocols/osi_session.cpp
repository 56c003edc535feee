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
    if (!in.ok()) return false;
    const Bytes value = take(in, size, begins);
    if (!in.ok()) return false;
    if (code == kUserData || code == kExtendedUserData) out.user = value;
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

PresentationValues::PresentationValues(Bytes pdu) noexcept {
  if (pdu.empty()) return;
  OsiBerReader in{pdu};
  auto value = in.next();
  good_ = value.has_value();
  // What is around the data: nothing, or the connection's parameters.
  constexpr unsigned kAroundMax = 3;
  for (unsigned around = 0; value && around < kAroundMax && value->tag != kPresentationData; ++around) {
    OsiBerReader members{value->contents};
    value.reset();
    while (auto member = members.next())
      if (member->tag == kPresentationData || member->tag == kNormalMode) value = member;
  }
  if (value && value->tag == kPresentationData) values_ = OsiBerReader{value->contents};
}

std::optional<Bytes> PresentationValues::next() noexcept {
  constexpr std::uint8_t kSingleValue = 0xA0;
  while (good_ && !values_.empty()) {
    const auto list = values_.next();
    OsiBerReader members{list ? list->contents : Bytes{}};
    good_ = list.has_value();
    while (!members.empty()) {
      const auto member = members.next();
      if (member && member->tag == kSingleValue) return member->contents;
      good_ = good_ && member;
    }
  }
  return {};
}

}  // namespace nw::network
