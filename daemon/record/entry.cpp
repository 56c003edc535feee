#include "record/entry.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace nw::record {

namespace {

constexpr std::string_view kVersion = R"({"v":)", kType = R"(1,"type":")", kTime = R"(","t":")", kBody = R"(","body":)";
constexpr std::string_view kShortened = R"({"shortened":true})";
constexpr std::size_t kTypeBytesMax = 32;

constexpr bool is_object(std::string_view text) {
  return text.size() >= 2 && text.front() == '{' && text.back() == '}';
}

Error not_an_entry(std::string_view why) {
  return Error{Errc::malformed, "not a ledger entry of version 1: " + std::string{why}};
}

// Takes `head` off the front of `text`.
bool take(std::string_view& text, std::string_view head) {
  if (!text.starts_with(head)) return false;
  text.remove_prefix(head.size());
  return true;
}

// Takes what stands before `end` (and `end`), at most `bytes_max` of it.
bool take_until(std::string_view& text, std::string_view end, std::size_t bytes_max, std::string_view& out) {
  const std::size_t at = text.substr(0, bytes_max + end.size()).find(end);
  if (at == std::string_view::npos) return false;
  out = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return true;
}

constexpr bool is_type(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

}  // namespace

std::string make_entry(std::string_view type, Timestamp t, std::string_view body_json) {
  NW_CHECK(std::find(kEntryTypes.begin(), kEntryTypes.end(), type) != kEntryTypes.end());
  NW_CHECK(is_object(body_json));
  if (body_json.size() > kBodyBytesMax) body_json = kShortened;
  std::string out;
  out.reserve(body_json.size() + kEntryFrameMax);
  out.append(kVersion).append(kType).append(type).append(kTime).append(to_rfc3339(t)).append(kBody);
  out.append(body_json).append("}");
  return out;
}

std::string make_alert_entry(Timestamp t, const Alert& alert) { return make_entry(kEntryAlert, t, alert.to_json()); }

Result<EntryView> parse_entry(std::string_view payload) {
  if (payload.size() > kEntryBytesMax) return not_an_entry("longer than 65535 bytes");
  std::string_view rest = payload, time;
  EntryView entry;
  if (!take(rest, kVersion)) return not_an_entry("it does not begin with `{\"v\":`");
  if (!take(rest, kType))
    return not_an_entry("its version or layout is unknown: it begins `" + printable(payload, 24) + "`");
  if (!take_until(rest, kTime, kTypeBytesMax, entry.type) || !is_type(entry.type)) return not_an_entry("no `type`");
  if (!take_until(rest, kBody, 40, time)) return not_an_entry("no `t`, or no `body` after it");
  const auto parsed = parse_rfc3339(time);
  if (!parsed) return not_an_entry("`t`: " + parsed.error().what);
  entry.time = *parsed;
  if (rest.empty() || rest.back() != '}') return not_an_entry("it does not end with `}`");
  rest.remove_suffix(1);
  if (!is_object(rest)) return not_an_entry("`body` is no object");
  entry.body = rest;
  return entry;
}

}  // namespace nw::record
