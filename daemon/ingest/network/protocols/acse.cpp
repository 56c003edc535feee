#include "ingest/network/protocols/acse.h"

#include <array>
#include <span>

#include "ingest/network/protocols/ber.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kPduType,
  kContextName,
  kCallingTitle,
  kCalledTitle,
  kRespondingTitle,
  kCallingQualifier,
  kCalledQualifier,
  kMechanism,
  kPassword,
  kAuthFailure,
  kResult,
  kAborted,
  kDiag,
  kRtt,
  kIcs,
};
static_assert(kAcseFields[kIcs].name == "ics.operation");

constexpr std::uint8_t kFirstTag = 0x60, kLastTag = 0x64, kUserInformation = 0xBE;

// What a member's tag is around. A title in the form of a directory's name has another tag, and is not told.
Bytes within(const BerValue& member, std::uint8_t tag) noexcept {
  const auto inner = OsiBerReader{member.contents}.next(tag);
  return inner ? inner->contents : Bytes{};
}

void read_request(const BerValue& member, AcsePdu& out) noexcept {
  switch (member.tag) {
    case 0xA1: out.context_name = within(member, ber_tag::kOid); break;
    case 0xA2: out.called_title = within(member, ber_tag::kOid); break;
    case 0xA3: out.called_qualifier = within(member, ber_tag::kInteger); break;
    case 0xA6: out.calling_title = within(member, ber_tag::kOid); break;
    case 0xA7: out.calling_qualifier = within(member, ber_tag::kInteger); break;
    case 0x8B: out.mechanism = member.contents; break;
    case 0xAC: out.secret = true; break;
    default: break;
  }
}

void read_response(const BerValue& member, AcsePdu& out) noexcept {
  constexpr std::uint8_t kProvider = 0xA2;
  switch (member.tag) {
    case 0xA1: out.context_name = within(member, ber_tag::kOid); break;
    case 0xA2: out.result = ber_integer(within(member, ber_tag::kInteger)); break;
    case 0xA3:
      if (const auto source = OsiBerReader{member.contents}.next()) {
        out.by_provider = source->tag == kProvider;
        out.diagnostic = ber_integer(within(*source, ber_tag::kInteger));
      }
      break;
    case 0xA4: out.responding_title = within(member, ber_tag::kOid); break;
    case 0x89: out.mechanism = member.contents; break;
    case 0xAA: out.secret = true; break;
    default: break;
  }
}

// Release and abort.
void read_ending(const BerValue& member, AcsePdu& out) noexcept {
  const auto number = ber_integer(member.contents);
  if (out.kind != AcseKind::abort) {
    if (member.tag == 0x80) out.reason = number;
    return;
  }
  if (member.tag == 0x80) out.source = number;
  if (member.tag == 0x81) out.diagnostic = number;
}

std::string_view at(std::span<const std::string_view> names, std::int64_t number) {
  return number >= 0 && static_cast<std::uint64_t>(number) < names.size() ? names[static_cast<std::size_t>(number)]
                                                                          : std::string_view{};
}

std::string_view result_name(std::int64_t result) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"accepted", "rejected-permanent", "rejected-transient"});
  return at(kNames, result);
}

std::string_view diagnostic_name(const AcsePdu& pdu) {
  static constexpr auto kUser = std::to_array<std::string_view>(
      {"null", "no-reason-given", "application-context-name-not-supported", "calling-AP-title-not-recognized",
       "calling-AP-invocation-identifier-not-recognized", "calling-AE-qualifier-not-recognized",
       "calling-AE-invocation-identifier-not-recognized", "called-AP-title-not-recognized",
       "called-AP-invocation-identifier-not-recognized", "called-AE-qualifier-not-recognized",
       "called-AE-invocation-identifier-not-recognized", "authentication-mechanism-name-not-recognized",
       "authentication-mechanism-name-required", "authentication-failure", "authentication-required"});
  static constexpr auto kProvider =
      std::to_array<std::string_view>({"null", "no-reason-given", "no-common-acse-version"});
  static constexpr auto kAbort = std::to_array<std::string_view>(
      {"", "no-reason-given", "protocol-error", "authentication-mechanism-name-not-recognized",
       "authentication-mechanism-name-required", "authentication-failure", "authentication-required"});
  if (!pdu.diagnostic) return {};
  if (pdu.kind == AcseKind::abort) return at(kAbort, *pdu.diagnostic);
  return pdu.by_provider ? at(kProvider, *pdu.diagnostic) : at(kUser, *pdu.diagnostic);
}

std::string_view reason_name(std::int64_t reason) {
  static constexpr auto kNames = std::to_array<std::string_view>({"normal", "urgent"});
  constexpr std::int64_t kUserDefined = 30;
  return reason == kUserDefined ? "user-defined" : at(kNames, reason);
}

// The name, or the number when it has none.
void set_named(EventWriter& out, std::size_t field, std::string_view name, std::optional<std::int64_t> number) {
  if (number && out.wants(field)) out.set(field, named(out, name, static_cast<unsigned>(*number)));
}

void set_kept(EventWriter& out, std::size_t field, const IcsText& text) {
  if (!text.empty()) out.set(field, Value::text(out.event().keep(text.view())));
}

// "1.0.9506.2.3": X.690, 8.19.
void set_oid(EventWriter& out, std::size_t field, Bytes oid) {
  if (oid.empty() || !out.wants(field)) return;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 56U;
  IcsText text;
  std::uint64_t number = 0;
  bool first = true;
  for (const std::uint8_t octet : oid) {
    if (number >= kMost) break;  // nobody's
    number = number << 7U | (octet & 0x7FU);
    if ((octet & 0x80U) != 0) continue;
    if (first) text.append_number(number < 80 ? number / 40 : 2U);
    text.append('.');
    text.append_number(!first ? number : number < 80 ? number % 40 : number - 80);
    first = false;
    number = 0;
  }
  set_kept(out, field, text);
}

void set_qualifier(EventWriter& out, std::size_t field, Bytes qualifier) {
  if (qualifier.empty() || !out.wants(field)) return;
  IcsText text;
  if (const auto number = ber_integer(qualifier)) text.append_number(*number);
  set_kept(out, field, text);
}

EventWriter begin(std::string_view kind, const AcseTold& told, std::size_t type, Context& context) {
  EventWriter out = context.begin(type, told.time);
  out.set(kIsOrig, Value::boolean(told.direction == Direction::to_responder));
  out.set(kPduType, Value::text(kind));
  if (told.rtt) out.set(kRtt, Value::interval(*told.rtt));
  return out;
}

bool about_proof(std::string_view diagnostic) { return diagnostic.starts_with("authentication-"); }

}  // namespace

std::string_view to_string(AcseKind kind) {
  static constexpr std::array<std::string_view, 5> kNames{"aarq", "aare", "rlrq", "rlre", "abrt"};
  return kNames[static_cast<std::size_t>(kind)];
}

namespace {

// In it stands an EXTERNAL. Of several data receivers take the last.
void read_user_information(Bytes inside, AcsePdu& out) noexcept {
  constexpr std::uint8_t kExternal = 0x28;
  while (const auto data = take_osi_data(inside, kExternal)) out.user = *data;
  out.good = inside.empty();
}

}  // namespace

std::optional<AcsePdu> read_acse(Bytes value) noexcept {
  const auto pdu = osi_value(value);
  if (!pdu || pdu->tag < kFirstTag || pdu->tag > kLastTag) return {};
  AcsePdu out;
  out.kind = static_cast<AcseKind>(pdu->tag - kFirstTag);
  for (Bytes rest = pdu->inside; !rest.empty();) {
    const auto member = osi_value(rest);
    out.good = member.has_value();
    if (!member) break;
    rest = member->behind;
    if (member->tag == kUserInformation) {  // the last one
      read_user_information(member->inside, out);
      break;
    }
    if (out.kind == AcseKind::request)
      read_request(*member, out);
    else if (out.kind == AcseKind::response)
      read_response(*member, out);
    else
      read_ending(*member, out);
  }
  return out;
}

IcsOutcome acse_outcome(const AcsePdu& answer) noexcept {
  if (answer.kind == AcseKind::abort) return IcsOutcome::refused;
  return answer.result.value_or(0) == 0 ? IcsOutcome::ok : IcsOutcome::refused;
}

void tell_acse(const AcsePdu& pdu, const AcseTold& told, std::size_t type, Context& context) {
  if (!context.wants(type)) return;
  EventWriter out = begin(to_string(pdu.kind), told, type, context);
  set_oid(out, kContextName, pdu.context_name);
  set_oid(out, kCallingTitle, pdu.calling_title);
  set_oid(out, kCalledTitle, pdu.called_title);
  set_oid(out, kRespondingTitle, pdu.responding_title);
  set_qualifier(out, kCallingQualifier, pdu.calling_qualifier);
  set_qualifier(out, kCalledQualifier, pdu.called_qualifier);
  set_oid(out, kMechanism, pdu.mechanism);
  if (pdu.secret) out.set(kPassword, Value::boolean(true));
  const std::string_view diagnostic = diagnostic_name(pdu);
  if (pdu.diagnostic) out.set(kAuthFailure, Value::boolean(about_proof(diagnostic)));
  set_named(out, kResult, pdu.result ? result_name(*pdu.result) : "", pdu.result);
  if (pdu.kind == AcseKind::abort) out.set(kAborted, Value::boolean(true));
  set_named(out, kDiag, diagnostic, pdu.diagnostic);
  if (pdu.reason) set_named(out, kDiag, reason_name(*pdu.reason), pdu.reason);
  const bool refused = told.outcome == IcsOutcome::refused;
  write_ics(out, kIcs, {}, told.outcome, refused ? diagnostic : std::string_view{});
  context.emit();
}

void tell_session_end(bool refused, const AcseTold& told, std::size_t type, Context& context) {
  if (!context.wants(type)) return;
  EventWriter out = begin(refused ? "session-refuse" : "session-abort", told, type, context);
  if (!refused) out.set(kAborted, Value::boolean(true));
  write_ics(out, kIcs, {}, told.outcome);
  context.emit();
}

}  // namespace nw::network
