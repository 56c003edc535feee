#include "context/indicators/answered.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace nw::context {

namespace {

using event::Event;
using event::Value;

enum Sign : std::size_t {
  kAction,
  kAct,
  kConnState,
  kRespBytes,
  kQuery,
  kRcode,
  kRcodeName,
  kAnswers,
  kStatusCode,
  kScStatus,
  kUriRaw,
  kEstablished,
  kCipher,
  kServerName,
  kServerScid,
  kClientScid,
  kSha256,
  kFingerprint,
  kQueryStatus,
  kSigns
};
constexpr auto kNames = std::to_array<std::string_view>({"action", "act", "conn_state", "resp_bytes", "query", "rcode",
                                                         "rcode_name", "answers", "status_code", "sc-status", "uri_raw",
                                                         "established", "cipher", "server_name", "server_scid",
                                                         "client_scid", "sha256", "fingerprint", "QueryStatus"});
static_assert(kNames.size() == kSigns);

// How the words of firewalls, proxies and name servers begin.
constexpr auto kBlocking = std::to_array<std::string_view>(
    {"block", "den", "discard", "drop", "prevent", "quarantine", "refuse", "reject", "reset", "sinkhole"});
constexpr auto kPassing =
    std::to_array<std::string_view>({"accept", "allow", "built", "monitor", "pass", "permit", "tcp_hit", "tcp_miss"});

bool begins(std::string_view text, std::string_view lower) noexcept {
  return text.size() >= lower.size() && std::ranges::equal(text.substr(0, lower.size()), lower, {}, ascii_lower);
}

class Signs {
 public:
  Signs(const Event& event, std::span<const event::FieldId> ids) : event_{event}, ids_{ids} {}

  [[nodiscard]] const Value* get(Sign sign) const { return event_.get(ids_[sign]); }
  [[nodiscard]] bool has(Sign sign) const { return get(sign) != nullptr; }
  [[nodiscard]] std::string_view text(Sign sign) const {
    const Value* value = get(sign);
    return value != nullptr && value->kind() == Value::Kind::text ? value->as_text() : std::string_view{};
  }
  [[nodiscard]] std::optional<std::int64_t> number(Sign sign) const {
    const Value* value = get(sign);
    if (value != nullptr && value->kind() == Value::Kind::integer) return value->as_integer();
    const std::string_view written = text(sign);
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), out);
    if (error != std::errc{} || end != written.data() + written.size()) return std::nullopt;
    return out;
  }

 private:
  const Event& event_;
  std::span<const event::FieldId> ids_;
};

Answered yes_if(bool yes) noexcept { return yes ? Answered::yes : Answered::no; }

Answered by_action(std::string_view word) noexcept {
  const auto starts = [word](std::string_view lower) { return begins(word, lower); };
  if (std::ranges::any_of(kBlocking, starts)) return Answered::no;
  return std::ranges::any_of(kPassing, starts) ? Answered::yes : Answered::unknown;
}

// Zeek's states; what they mean is in daemon/ingest/network.
Answered by_state(std::string_view state, std::optional<std::int64_t> resp_bytes) noexcept {
  constexpr auto kNone = std::to_array<std::string_view>({"S0", "REJ", "RSTOS0", "SH"});
  if (std::ranges::find(kNone, state) != kNone.end()) return Answered::no;
  if (state != "OTH") return Answered::yes;
  return resp_bytes && *resp_bytes > 0 ? Answered::yes : Answered::unknown;
}

// Names that lead nowhere are answered so: 0.0.0.0, 127.0.0.0/8, :: and ::1.
bool sinkhole(const Value& record) noexcept {
  IpAddress address;
  if (record.kind() == Value::Kind::address)
    address = record.as_address();
  else if (record.kind() != Value::Kind::text || !IpAddress::parse_into(record.as_text(), address))
    return false;
  const auto& bytes = address.bytes();
  if (address.is_v4())
    return bytes[12] == 127 || std::all_of(bytes.begin() + 12, bytes.end(), [](auto b) { return b == 0; });
  return std::all_of(bytes.begin(), bytes.end() - 1, [](auto b) { return b == 0; }) && bytes[15] <= 1;
}

Answered by_dns(const Signs& signs) {
  const std::string_view name = signs.text(kRcodeName);
  const auto code = signs.number(kRcode);
  // No response was seen.
  if (!code && name.empty()) return Answered::no;
  if (code ? *code != 0 : name != "NOERROR") return Answered::no;
  const Value* answers = signs.get(kAnswers);
  if (answers == nullptr) return Answered::no;
  if (answers->kind() != Value::Kind::list) return yes_if(!sinkhole(*answers));
  return yes_if(!std::ranges::all_of(answers->as_list(), sinkhole));
}

}  // namespace

std::span<const std::string_view> answered_signs() { return kNames; }

Answered answered_of(const Event& event, std::span<const event::FieldId> ids) {
  const Signs signs{event, ids};
  for (const Sign sign : {kAction, kAct})
    if (const Answered by = by_action(signs.text(sign)); by != Answered::unknown) return by;
  if (const std::string_view state = signs.text(kConnState); !state.empty())
    return by_state(state, signs.number(kRespBytes));
  if (signs.has(kSha256) || signs.has(kFingerprint)) return Answered::yes;
  for (const Sign sign : {kStatusCode, kScStatus})
    if (const auto status = signs.number(sign)) return yes_if(*status > 0 && *status < 400);
  if (signs.has(kUriRaw)) return Answered::no;  // our own event of HTTP, without a response
  if (signs.has(kQuery)) return by_dns(signs);
  if (const auto status = signs.number(kQueryStatus)) return yes_if(*status == 0);
  if (signs.has(kCipher) || !signs.text(kServerScid).empty()) return Answered::yes;
  const Value* established = signs.get(kEstablished);
  if (established != nullptr && established->kind() == Value::Kind::boolean) return yes_if(established->as_boolean());
  if (signs.has(kServerName) || signs.has(kClientScid)) return Answered::no;
  return Answered::unknown;
}

}  // namespace nw::context
