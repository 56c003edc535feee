// What a request reaches: its alerts in the ledger, the sealed keys and values that it needs, and their opening.
#include <algorithm>

#include "app/config.h"
#include "app/reveal_keeper.h"
#include "base/text.h"
#include "record/keys/secret_file.h"
#include "record/reveals/json_map.h"
#include "record/reveals/sandbox.h"

namespace nw::app {

using reveals::Guard;
using reveals::Refusal;
using reveals::Request;

namespace {

constexpr std::string_view kPseudonyms = "pseudonyms", kEvidence = "evidence";

// A member of an alert's body; empty: not there.
std::string member_of(const std::string& body, std::string_view name) {
  const auto object = reveals::read_object(body, "the alert");
  if (!object) return {};
  return reveals::JsonMap{*object, "the alert"}.text_if_there(name, record::kEntryBytesMax);
}

}  // namespace

bool stands_in(std::string_view value, std::string_view text) noexcept {
  const auto goes_on = [](char c) { return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'); };
  for (std::size_t at = text.find(value); at != std::string_view::npos; at = text.find(value, at + 1)) {
    const std::string_view rest = text.substr(at + value.size());
    // "1.2.3.4" in "1.2.3.45" or "1.2.3.4.5" is another one; before a full stop it is whole.
    const bool longer = !rest.empty() && (goes_on(rest[0]) ||
                                          ((rest[0] == '.' || rest[0] == ':') && rest.size() > 1 && goes_on(rest[1])));
    if (!longer) return true;
  }
  return false;
}

Result<std::string, Refusal> RevealKeeper::body_of(const record::CaseFile& file, const std::string& alert) const {
  const Refusal absent{Guard::not_in_alert, "incident " + file.incident.id + " has no alert " + alert};
  const auto mark = "\"id\":\"" + alert + '"';
  std::string found;
  const auto take = [&](const record::EntryView& entry) {
    if (entry.type == record::kEntryAlert && entry.body.find(mark) != std::string_view::npos) found = entry.body;
    return found.empty();
  };
  const auto known = std::ranges::find(file.alerts, alert, &record::CaseAlert::id);
  if (known != file.alerts.end()) {
    const auto payload = parts_.clerk->entry(known->entry);
    if (!payload) return Refusal{Guard::not_in_alert, payload.error().what};
    if (const auto entry = record::parse_entry(*payload)) (void)take(*entry);
  } else if (file.alerts_left_out != 0) {
    const auto read = parts_.clerk->scan(file.incident.first_entry, file.incident.last_entry + 1,
                                         [&](const record::EntryView& entry, std::uint64_t) { return take(entry); });
    if (!read) return Refusal{Guard::not_in_alert, read.error().what};
  }
  if (found.empty()) return absent;
  return found;
}

Result<std::vector<std::string>, Refusal> RevealKeeper::bodies_of(const Request& request) const {
  const auto file = parts_.case_file(request.case_id);
  if (!file) return Refusal{Guard::unknown_case, file.error().what};
  std::vector<std::string> bodies;
  for (const std::string& alert : request.alerts) {
    auto body = body_of(*file, alert);
    if (!body) return body.error();
    bodies.push_back(std::move(*body));
  }
  for (const std::string& value : request.values)
    if (std::ranges::none_of(bodies, [&value](const std::string& body) { return stands_in(value, body); }))
      return Refusal{Guard::not_in_alert, "'" + value + "' stands in none of the alerts that the request names"};
  return bodies;
}

Result<std::vector<reveals::NeededKey>, Refusal> RevealKeeper::keys_of(const Request& request) const {
  std::vector<std::pair<privacy::Epoch, std::string_view>> wanted;
  const auto want = [&wanted](privacy::Epoch epoch, std::string_view purpose) {
    const std::pair one{epoch, purpose};
    if (std::ranges::find(wanted, one) == wanted.end()) wanted.push_back(one);
  };
  bool tokens = false;
  for (const std::string& value : request.values) {
    const auto kind = reveals::kind_of(value);
    if (!kind) return Refusal{Guard::nothing_to_open, kind.error().what};
    tokens = tokens || kind->token;
    if (!kind->token) want(kind->epoch, kPseudonyms);
  }
  const std::size_t pseudonyms = wanted.size();
  if (tokens && parts_.evidence != nullptr)
    for (const std::string& alert : request.alerts)
      for (const record::EvidenceObject& object : parts_.evidence->of(alert))
        if (object.kind == record::EvidenceKind::values && !object.erased) want(object.epoch, kEvidence);
  if (tokens && wanted.size() == pseudonyms)
    return Refusal{Guard::nothing_to_open,
                   "tokens are opened from the sealed values of their alerts, and of these alerts none are kept: they "
                   "were erased or purged, or never sealed"};
  const auto files = parts_.sealed_files();
  if (!files) return Refusal{Guard::nothing_to_open, files.error().what};
  std::vector<reveals::NeededKey> out;
  for (const auto& [epoch, purpose] : wanted) {
    const std::size_t before = out.size();
    for (const record::SealedFile& file : *files) {
      if (file.epoch != epoch || file.purpose != purpose) continue;
      const auto text = read_text_file(file.file.string(), privacy::kSealedBytesMax);
      if (text && privacy::SealedKey::parse(*text))
        out.push_back({epoch, std::string{purpose}, privacy::sha256({privacy::bytes_of(*text)})});
    }
    if (out.size() == before)
      return Refusal{Guard::nothing_to_open, "no sealed key of " + epoch.to_string() + " for " + std::string{purpose} +
                                                 " is there: it was destroyed or is too old, or there were no "
                                                 "custodians then"};
  }
  if (out.size() > reveals::kKeysMax)
    return Refusal{Guard::nothing_to_open, "the values need more than " + std::to_string(reveals::kKeysMax) + " keys"};
  return out;
}

Result<reveals::RequestDocument> RevealKeeper::document_of(const Request& request) const {
  const auto files = parts_.sealed_files();
  if (!files) return files.error();
  reveals::RequestDocument out;
  out.request = request;
  for (const reveals::NeededKey& key : request.keys) {
    bool found = false;
    for (const record::SealedFile& file : *files) {
      if (file.epoch != key.epoch || file.purpose != key.purpose) continue;
      const auto text = read_text_file(file.file.string(), privacy::kSealedBytesMax);
      if (!text || privacy::sha256({privacy::bytes_of(*text)}) != key.sha256) continue;
      auto sealed = privacy::SealedKey::parse(*text);
      if (!sealed) return sealed.error();
      out.sealed.push_back(std::move(*sealed));
      found = true;
      break;
    }
    if (!found)
      return Error{Errc::no_permission, "the sealed key of " + key.epoch.to_string() + " for " + key.purpose +
                                            " that request " + request.id + " needs is gone since"};
  }
  return out;
}

Result<reveals::Opened> RevealKeeper::open_in_child(const Request& request, const Waiting& waiting) {
  if (waiting.given.size() != 2)
    return Error{Errc::unavailable, "an approval was lost while the ledger's disk failed; ask anew"};
  const auto document = document_of(request);
  if (!document) return document.error();
  reveals::OpeningInput input;
  input.document = &*document;
  input.reveal_secret = &waiting.key.secret_key;
  input.one = &waiting.given.begin()->second;
  input.other = &std::next(waiting.given.begin())->second;
  const auto is_token = [](const std::string& value) { return value.starts_with("tok:"); };
  if (parts_.evidence != nullptr && std::ranges::any_of(request.values, is_token)) {
    const auto bodies = bodies_of(request);
    if (!bodies) return Error{Errc::not_found, bodies.error().what};
    for (std::size_t i = 0; i < request.alerts.size(); ++i) {
      auto sealed = parts_.evidence->read(request.alerts[i], record::EvidenceKind::values);
      if (!sealed) continue;  // erased since: told as not found
      reveals::SealedValues object{request.alerts[i], {}, std::move(*sealed)};
      (void)privacy::read_commitment(member_of((*bodies)[i], "sealed_values"), object.commitment);
      input.objects.push_back(std::move(object));
    }
  }
  const auto open_object = [](std::string_view sealed, const privacy::PublicKey& key, const privacy::Key32& secret) {
    return record::open_evidence(sealed, key, secret);
  };
  const auto work = [&]() -> Result<std::string> {
    auto opened = reveals::open_values(input, record::kernel_random, open_object);
    if (!opened) return opened.error();
    return opened->to_json();
  };
  const auto said = reveals::run_in_sandbox(work, parts_.beat);
  if (!said) return said.error();
  return reveals::Opened::from_json(*said);
}

}  // namespace nw::app
