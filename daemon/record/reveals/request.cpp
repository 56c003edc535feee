#include "record/reveals/request.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>

#include "base/ip.h"
#include "base/text.h"
#include "record/act.h"
#include "record/privacy/pseudonym.h"
#include "record/privacy/token.h"
#include "record/reveals/json_map.h"

namespace nw::reveals {

namespace json = boost::json;

namespace {

constexpr std::string_view kRequest = "the request", kDocumentType = "normwatch-reveal-request";
constexpr std::size_t kDocumentTextMax = privacy::kSealedBytesMax;

std::string folded(std::string_view name) {
  std::string out;
  for (const char c : trim(name)) {
    if (ascii_space(c) && (out.empty() || out.back() == ' ')) continue;
    out += ascii_space(c) ? ' ' : ascii_lower(c);
  }
  return out;
}

json::array array_of(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

// A word that tells somebody's address, whatever stands around it.
bool tells_address(std::string_view word) {
  const auto around = [](char c) { return std::string_view{"()[]<>{}\"',;.:!?/="}.find(c) != std::string_view::npos; };
  while (!word.empty() && around(word.front()) && !word.starts_with("::")) word.remove_prefix(1);
  while (!word.empty() && around(word.back())) word.remove_suffix(1);
  if (const std::size_t at = word.find('@'); at != std::string_view::npos && at != 0 && at + 1 < word.size())
    return true;
  IpAddress address;
  if (IpAddress::parse_into(word, address)) return true;
  return IpAddress::parse_into(word.substr(0, word.find_first_of("/]")), address);
}

json::object key_object(const NeededKey& key) {
  return {{"epoch", key.epoch.to_string()}, {"purpose", key.purpose}, {"sha256", privacy::to_hex(key.sha256)}};
}

Result<NeededKey> read_key(const json::object& object) {
  JsonMap map{object, "a key of the request"};
  NeededKey out;
  const auto epoch = privacy::Epoch::parse(map.text("epoch", 7));
  if (epoch)
    out.epoch = *epoch;
  else
    map.fault("epoch", "is no month");
  out.purpose = map.text("purpose", 32);
  map.hex("sha256", out.sha256);
  if (auto good = map.finish_strict(); !good) return good.error();
  return out;
}

}  // namespace

bool is_purpose(std::string_view code) noexcept {
  return std::ranges::find(kPurposes, code, &Purpose::code) != kPurposes.end();
}

bool same_name(std::string_view a, std::string_view b) { return folded(a) == folded(b); }

bool same_account(const Person& a, const Person& b) noexcept {
  return a.uid >= 0 && a.uid == b.uid && !a.host.empty() && a.host == b.host;
}

Result<> check_words(std::string_view words, std::size_t most, std::string_view what) {
  const std::string name{what};
  if (trim(words).empty()) return Error{Errc::invalid_argument, name + " is missing"};
  if (words.size() > most)
    return Error{Errc::invalid_argument, name + " is longer than " + std::to_string(most) + " bytes"};
  if (printable(words, most) != words)
    return Error{Errc::invalid_argument, name + " holds line ends, control characters or broken UTF-8"};
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    if (tells_address(words.substr(at, end - at)))
      return Error{Errc::invalid_argument,
                   name + " tells an address: '" + std::string{words.substr(at, end - at)} +
                       "'; the ledger keeps it for good, so name the case or the pseudonym instead"};
    at = end + 1;
  }
  return {};
}

bool is_alert_id(std::string_view id) noexcept {
  std::array<std::uint8_t, 16> bytes{};
  return privacy::read_hex(id, bytes);
}

Result<> check_alert_id(std::string_view id) {
  if (is_alert_id(id)) return {};
  return Error{Errc::invalid_argument, "an alert's id is 32 hex digits in lower case"};
}

Result<> check_case(std::string_view id) {
  if (record::is_incident_id(id)) return {};
  return Error{Errc::invalid_argument, "a case is an incident's id, such as NW-2026-000001"};
}

Result<> check_id(std::string_view kind, std::string_view id) {
  constexpr std::size_t kDay = 8;
  const std::size_t day = kind.size() + 1, digits = day + kDay + 1;
  std::array<std::uint8_t, 4> bytes{};
  if (id.size() == digits + 2 * bytes.size() && id.starts_with(kind) && id[day - 1] == '-' && id[digits - 1] == '-' &&
      std::ranges::all_of(id.substr(day, kDay), ascii_digit) && privacy::read_hex(id.substr(digits), bytes))
    return {};
  return Error{Errc::invalid_argument,
               "the id has another form: it is such as " + std::string{kind} + "-20260115-1a2b3c4d"};
}

Result<> check_host(std::string_view host) {
  const auto fits = [](char c) {
    return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
           std::string_view{"-._/"}.find(c) != std::string_view::npos;
  };
  if (host.size() > kHostMax || !std::ranges::all_of(host, fits))
    return Error{Errc::invalid_argument, "the host is no name of at most " + std::to_string(kHostMax) +
                                             " letters, digits, '.', '-', '_' and '/'"};
  for (std::size_t at = 0; at < host.size();) {
    const std::size_t end = std::min(host.find_first_of("/_", at), host.size());
    if (tells_address(host.substr(at, end - at)))
      return Error{Errc::invalid_argument,
                   "the host is an address; the ledger keeps it for good, so give the station a name"};
    at = end + 1;
  }
  return {};
}

std::string Request::to_json() const {
  json::object out{{"id", id},
                   {"case", case_id},
                   {"purpose", purpose},
                   {"basis", basis},
                   {"why", why},
                   {"values", array_of(values)},
                   {"alerts", array_of(alerts)},
                   {"by", requester.by},
                   {"uid", requester.uid},
                   {"host", requester.host},
                   {"requester_key", privacy::to_hex(requester_key)},
                   {"reveal_key", privacy::to_hex(reveal_key)},
                   {"asked", to_rfc3339(asked)},
                   {"expires", to_rfc3339(expires)}};
  if (break_glass) out["break_glass"] = true;
  json::array needed;
  for (const NeededKey& key : keys) needed.push_back(key_object(key));
  out["keys"] = std::move(needed);
  return canonical(out);
}

Result<Request> Request::from_json(std::string_view text) {
  const auto object = read_object(text, kRequest);
  if (!object) return object.error();
  JsonMap map{*object, kRequest};
  Request out;
  out.id = map.text("id", kIdMax);
  out.case_id = map.text_if_there("case", kIdMax);
  out.purpose = map.text("purpose", kIdMax);
  out.basis = map.text("basis", kWordsMax);
  out.why = map.text("why", kWordsMax);
  out.values = map.texts("values", kValuesMax, kValueBytesMax);
  out.alerts = map.texts("alerts", kAlertsMax, kIdMax);
  out.break_glass = map.flag_if_there("break_glass");
  out.requester.by = map.text("by", kNameMax);
  out.requester.uid = map.number("uid", -1, std::int64_t{1} << 32);
  out.requester.host = map.text_if_there("host", kHostMax);
  map.hex("requester_key", out.requester_key);
  map.hex("reveal_key", out.reveal_key);
  out.asked = map.time("asked");
  out.expires = map.time("expires");
  const auto keys = map.objects("keys", kKeysMax);
  if (auto good = map.finish_strict(); !good) return good.error();
  for (const json::object* each : keys) {
    auto key = read_key(*each);
    if (!key) return key.error();
    out.keys.push_back(std::move(*key));
  }
  return out;
}

std::string Request::hash() const { return privacy::to_hex(privacy::sha256({privacy::bytes_of(to_json())})); }

std::string Request::words() const {
  const auto purpose_row = std::ranges::find(kPurposes, purpose, &Purpose::code);
  const auto line = [](std::string_view name, std::string_view value) {
    std::string out{name};
    out.resize(14, ' ');
    return out + printable(value, kWordsMax) + '\n';
  };
  std::string out = line("request", id) + line("asked by", requester.by) +
                    line("from", (requester.host.empty() ? "an unnamed station" : requester.host) + ", user " +
                                     std::to_string(requester.uid)) +
                    line("for the case", case_id);
  out += line("purpose", purpose + (purpose_row == kPurposes.end() ? "" : ": " + std::string{purpose_row->help}));
  out += line("legal basis", basis) + line("why", why) + line("asked at", to_rfc3339(asked, 0)) +
         line("expires", to_rfc3339(expires, 0));
  if (break_glass) out += line("break-glass", "to be reviewed afterwards; it still needs two custodians");
  out += "values (" + std::to_string(values.size()) + "):\n";
  for (const std::string& value : values) out += "  " + printable(value) + '\n';
  out += "alerts in which they stand (" + std::to_string(alerts.size()) + "):\n";
  for (const std::string& alert : alerts) out += "  " + printable(alert) + '\n';
  out += "keys that would be opened (" + std::to_string(keys.size()) + "):\n";
  for (const NeededKey& key : keys) out += "  " + key.epoch.to_string() + ' ' + printable(key.purpose) + '\n';
  return out + line("sha256", hash());
}

std::string Ask::to_json() const {
  json::object out{{"case", case_id},
                   {"purpose", purpose},
                   {"basis", basis},
                   {"why", why},
                   {"by", by},
                   {"host", host},
                   {"values", array_of(values)},
                   {"alerts", array_of(alerts)},
                   {"key", privacy::to_hex(key)}};
  if (break_glass) out["break_glass"] = true;
  return canonical(out);
}

Result<Ask> Ask::from_json(std::string_view text) {
  const auto object = read_object(text, kRequest);
  if (!object) return object.error();
  JsonMap map{*object, kRequest};
  Ask out;
  out.case_id = map.text_if_there("case", kIdMax);
  out.purpose = map.text("purpose", kIdMax);
  out.basis = map.text("basis", kWordsMax);
  out.why = map.text("why", kWordsMax);
  out.by = map.text("by", kNameMax);
  out.host = map.text_if_there("host", kHostMax);
  out.values = map.texts("values", kValuesMax, kValueBytesMax);
  out.alerts = map.texts("alerts", kAlertsMax, kIdMax);
  out.break_glass = map.flag_if_there("break_glass");
  map.hex("key", out.key);
  if (!out.purpose.empty() && !is_purpose(out.purpose)) {
    std::string known;
    for (const Purpose& each : kPurposes) known += (known.empty() ? "" : ", ") + std::string{each.code};
    map.fault("purpose", "'" + printable(out.purpose, 64) + "' is none of: " + known);
  }
  if (auto good = map.finish_strict(); !good) return good.error();
  for (const auto& [words, most, what] : {std::tuple{&out.basis, kWordsMax, "the basis"},
                                          {&out.why, kWordsMax, "the reason"},
                                          {&out.by, kNameMax, "the name"}})
    if (auto good = check_words(*words, most, what); !good) return good.error();
  if (out.values.empty()) return Error{Errc::malformed, "the request: 'values' is empty: name what is to be readable"};
  if (!out.case_id.empty())
    if (auto good = check_case(out.case_id); !good) return good.error();
  if (auto good = check_host(out.host); !good) return good.error();
  for (const std::string& alert : out.alerts)
    if (auto good = check_alert_id(alert); !good) return good.error();
  if (out.alerts.empty()) return Error{Errc::malformed, "the request: 'alerts' is empty: name where the values stand"};
  for (const auto* list : {&out.values, &out.alerts})
    if (std::set<std::string_view>{list->begin(), list->end()}.size() != list->size())
      return Error{Errc::malformed, "the request names a value or an alert twice"};
  for (const std::string& value : out.values)
    if (auto kind = kind_of(value); !kind) return kind.error();
  return out;
}

Result<ValueKind> kind_of(std::string_view value) {
  if (value.starts_with("pfx:")) {
    const auto pseudonym = privacy::Pseudonym::parse(value);
    if (!pseudonym) return Error{Errc::invalid_argument, pseudonym.error().what};
    return ValueKind{pseudonym->epoch, false};
  }
  if (value.starts_with("tok:")) {
    const auto token = privacy::Token::parse(value);
    if (!token) return Error{Errc::invalid_argument, token.error().what};
    return ValueKind{token->epoch, true};
  }
  return Error{Errc::invalid_argument, "'" + printable(value, kValueBytesMax) +
                                           "' cannot be made readable: only pfx:... and tok:... can, exactly as an "
                                           "alert has them"};
}

std::string RequestDocument::to_json() const {
  json::array texts;
  for (const privacy::SealedKey& key : sealed) texts.emplace_back(key.to_text());
  json::object out{{"type", kDocumentType}, {"v", 1}, {"request", request.to_json()}};
  out["sealed"] = std::move(texts);
  return canonical(out);
}

Result<RequestDocument> RequestDocument::from_json(std::string_view text) {
  constexpr std::string_view kWhat = "the request's file";
  const auto object = read_object(text, kWhat);
  if (!object) return object.error();
  JsonMap map{*object, kWhat};
  if (map.text("type", 64) != kDocumentType) map.fault("type", "is not " + std::string{kDocumentType});
  map.number("v", 1, 1);
  const std::string inner = map.text("request", std::size_t{1} << 17);
  const auto texts = map.texts("sealed", kKeysMax, kDocumentTextMax);
  if (auto good = map.finish_strict(); !good) return good.error();
  RequestDocument out;
  auto request = Request::from_json(inner);
  if (!request) return request.error();
  out.request = std::move(*request);
  // What is hashed and approved is what was read, not how it was written.
  if (out.request.to_json() != inner)
    return Error{Errc::malformed, std::string{kWhat} + ": 'request' is not in canonical form"};
  if (texts.size() != out.request.keys.size())
    return Error{Errc::malformed, std::string{kWhat} + ": the request names " +
                                      std::to_string(out.request.keys.size()) + " keys, and here are " +
                                      std::to_string(texts.size())};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto sealed = privacy::SealedKey::parse(texts[i]);
    if (!sealed) return sealed.error();
    if (sealed->epoch != out.request.keys[i].epoch ||
        privacy::sha256({privacy::bytes_of(texts[i])}) != out.request.keys[i].sha256)
      return Error{Errc::malformed, std::string{kWhat} + ": the sealed key of " + sealed->epoch.to_string() +
                                        " is not the one that the request names"};
    out.sealed.push_back(std::move(*sealed));
  }
  return out;
}

}  // namespace nw::reveals
