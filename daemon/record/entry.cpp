#include "record/entry.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "record/merkle/canonical.h"
#include "record/merkle/exact_json.h"

namespace nw::record {

namespace {

constexpr std::string_view kBody = R"({"body":)", kTime = R"(,"t":")", kType = R"(","type":")",
                           kVersion = R"(","v":1})";
constexpr std::size_t kTypeBytesMax = 32, kTimeBytesMax = 40;

constexpr bool is_object(std::string_view text) {
  return text.size() >= 2 && text.front() == '{' && text.back() == '}';
}

Error not_an_entry(std::string_view why) {
  return Error{Errc::malformed, "not a ledger entry of version 1: " + std::string{why}};
}

// Takes `tail` off the end of `text`.
bool take_end(std::string_view& text, std::string_view tail) {
  if (!text.ends_with(tail)) return false;
  text.remove_suffix(tail.size());
  return true;
}

// Takes what stands behind the last `begin` (and `begin`) off the end of `text`, at most `bytes_max` of it.
bool take_behind(std::string_view& text, std::string_view begin, std::size_t bytes_max, std::string_view& out) {
  const std::size_t at = text.rfind(begin);
  if (at == std::string_view::npos || text.size() - at - begin.size() > bytes_max) return false;
  out = text.substr(at + begin.size());
  text.remove_suffix(text.size() - at);
  return true;
}

constexpr bool is_type(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

// The body in canonical form. What cannot be written so is said in its place: our own bodies can be.
std::string canonical_body(std::string_view body_json) {
  const auto said = [](std::string_view why) {
    std::string out = R"({"shortened":true,"why":)";
    append_json_string(why, out);
    return out + '}';
  };
  const auto value = merkle::parse_exact_json(body_json);
  if (!value) return said(value.error().what);
  auto text = merkle::canonical_json(*value);
  if (!text) return said(text.error().what);
  if (text->size() > kBodyBytesMax) return said("longer than an entry");
  return std::move(*text);
}

}  // namespace

std::string make_entry(std::string_view type, Timestamp t, std::string_view body_json) {
  NW_CHECK(std::find(kEntryTypes.begin(), kEntryTypes.end(), type) != kEntryTypes.end());
  NW_CHECK(is_object(body_json));
  const std::string body = canonical_body(body_json);
  std::string out;
  out.reserve(body.size() + kEntryFrameMax);
  out.append(kBody).append(body).append(kTime).append(to_rfc3339(t)).append(kType).append(type).append(kVersion);
  return out;
}

std::string make_alert_entry(Timestamp t, const GuardedAlert& alert) {
  return make_entry(kEntryAlert, t, alert->to_json());
}

Result<EntryView> parse_entry(std::string_view payload) {
  if (payload.size() > kEntryBytesMax) return not_an_entry("longer than 65535 bytes");
  std::string_view rest = payload, time;
  EntryView entry;
  if (!rest.starts_with(kBody)) return not_an_entry("it begins `" + printable(payload, 24) + "`, not `{\"body\":`");
  rest.remove_prefix(kBody.size());
  if (!take_end(rest, kVersion))
    return not_an_entry("its version or layout is unknown: it ends `" +
                        printable(rest.substr(rest.size() - std::min<std::size_t>(rest.size(), 24)), 24) + "`");
  if (!take_behind(rest, kType, kTypeBytesMax, entry.type) || !is_type(entry.type)) return not_an_entry("no `type`");
  if (!take_behind(rest, kTime, kTimeBytesMax, time)) return not_an_entry("no `t`");
  const auto parsed = parse_rfc3339(time);
  if (!parsed) return not_an_entry("`t`: " + parsed.error().what);
  entry.time = *parsed;
  if (!is_object(rest)) return not_an_entry("`body` is no object");
  entry.body = rest;
  return entry;
}

}  // namespace nw::record
