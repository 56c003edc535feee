#include "record/reveals/opening.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <map>
#include <sodium/crypto_box.h>
#include <sodium/crypto_scalarmult.h>
#include <string.h>

#include "record/privacy/ipcrypt.h"
#include "record/privacy/pseudonym.h"
#include "record/privacy/token.h"
#include "record/reveals/json_map.h"

namespace nw::reveals {

namespace json = boost::json;

namespace {

constexpr std::string_view kPseudonyms = "pseudonyms", kEvidence = "evidence";

// Wiped when it goes: the clear texts of this process.
struct Wiped {
  std::string text;
  explicit Wiped(std::string from = {}) : text{std::move(from)} {}
  Wiped(Wiped&&) = default;
  Wiped& operator=(Wiped&&) = default;
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { explicit_bzero(text.data(), text.size()); }
};

// At most kClearBytesMax, between two characters.
void cut(std::string& text) {
  if (text.size() <= kClearBytesMax) return;
  std::size_t end = kClearBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
}

privacy::PublicKey public_half(const privacy::Key32& secret) {
  privacy::PublicKey out{};
  crypto_scalarmult_base(out.data(), secret.bytes().data());
  return out;
}

const SealedShare* share_of(const Approval& approval, const NeededKey& key, std::size_t holder, std::size_t partner) {
  const auto fits = [&](const SealedShare& share) {
    return share.key == key && share.holder == holder && share.partner == partner;
  };
  const auto at = std::ranges::find_if(approval.shares, fits);
  return at == approval.shares.end() ? nullptr : &*at;
}

Result<privacy::Share> open_share(const SealedShare& sealed, const privacy::SealedKey& of,
                                  const privacy::Key32& secret) {
  privacy::Share out{sealed.holder, sealed.partner, of.check, {}};
  const privacy::PublicKey key = public_half(secret);
  if (crypto_box_seal_open(out.value.writable().data(), sealed.box.data(), sealed.box.size(), key.data(),
                           secret.bytes().data()) != 0)
    return Error{Errc::malformed, "a share does not open with the request's one-time key"};
  return out;
}

// One key of the request, from the shares that the two have with each other.
Result<privacy::Key32> key_of(const OpeningInput& input, std::size_t number) {
  const privacy::SealedKey& sealed = input.document->sealed[number];
  const NeededKey& needed = input.document->request.keys[number];
  const auto one = sealed.place_of(input.one->custodian_key), other = sealed.place_of(input.other->custodian_key);
  if (!one || !other)
    return Error{Errc::not_found, "not both of the two who approved were custodians in " + needed.epoch.to_string()};
  const SealedShare* first = share_of(*input.one, needed, *one, *other);
  const SealedShare* second = share_of(*input.other, needed, *other, *one);
  if (first == nullptr || second == nullptr)
    return Error{Errc::not_found, "an approval has no share of the key of " + needed.epoch.to_string()};
  const auto a = open_share(*first, sealed, *input.reveal_secret),
             b = open_share(*second, sealed, *input.reveal_secret);
  if (!a) return a.error();
  if (!b) return b.error();
  return sealed.combine(*a, *b);
}

class Opener {
 public:
  Opener(const OpeningInput& input, OpenObject open_object) : open_object_{open_object} {
    for (std::size_t i = 0; i < input.document->request.keys.size(); ++i) {
      const NeededKey& needed = input.document->request.keys[i];
      auto key = key_of(input, i);
      if (!key)
        why_no_key_.emplace(std::pair{needed.epoch, needed.purpose}, key.error().what);
      else if (needed.purpose == kPseudonyms)
        add_pseudonyms(*key, input.document->sealed[i]);
      else if (needed.purpose == kEvidence)
        evidence_.push_back(std::move(*key));
    }
    for (const SealedValues& object : input.objects) open_sealed(object);
  }

  // The line of the result for one value.
  json::object line(const std::string& value) {
    std::string why;
    Wiped clear;
    const auto kind = kind_of(value);
    if (!kind)
      why = kind.error().what;
    else
      clear.text = kind->token ? of_token(value, why) : of_pseudonym(value, why);
    json::object out{{"stored", value}};
    if (!why.empty()) {
      out["why"] = why;
      return out;
    }
    cut(clear.text);
    bytes_ += clear.text.size();
    if (bytes_ > kResultBytesMax / 2) {
      ++counts.not_found;
      out["why"] = "the values before it fill the result; ask for it in a request of its own";
      return out;
    }
    ++counts.revealed;
    out["clear"] = clear.text;
    return out;
  }

  Opened counts;

 private:
  void add_pseudonyms(const privacy::Key32& master, const privacy::SealedKey& sealed) {
    auto keys = privacy::EpochKeys::derive(master, sealed.operator_id, sealed.epoch);
    if (!keys) return;
    if (auto pfx = privacy::Pfx::create(keys->pfx)) pfx_.emplace(sealed.epoch, std::move(*pfx));
  }

  void open_sealed(const SealedValues& object) {
    std::string why = "no key opens the sealed values of alert " + object.alert;
    for (const privacy::Key32& key : evidence_) {
      auto opened = open_object_(object.bytes, public_half(key), key);
      if (!opened) {
        if (opened.error().code != Errc::no_permission) why = opened.error().what;
        continue;
      }
      Wiped clear{std::move(opened->bytes)};
      if (opened->object.alert != object.alert ||
          !privacy::opens(object.commitment, opened->nonce, privacy::bytes_of(clear.text)))
        why = "the sealed values of alert " + object.alert + " are not those that the ledger commits to";
      else if (auto values = read_object(clear.text, "the sealed values")) {
        values_.push_back(std::move(*values));
        return;
      } else {
        why = values.error().what;
      }
    }
    why_not_opened_ = why;
  }

  std::string of_pseudonym(const std::string& value, std::string& why) {
    const auto pseudonym = privacy::Pseudonym::parse(value);
    const auto pfx = pfx_.find(pseudonym->epoch);
    if (pfx != pfx_.end()) return pfx->second.decrypt(pseudonym->value).to_string();
    ++counts.no_key;
    const auto told = why_no_key_.find(std::pair{pseudonym->epoch, std::string{kPseudonyms}});
    why = told == why_no_key_.end() ? "no key of its month was opened" : told->second;
    return {};
  }

  std::string of_token(const std::string& value, std::string& why) {
    for (const json::object& values : values_)
      if (const json::value* clear = values.if_contains(value); clear != nullptr && clear->is_string())
        return std::string{std::string_view{clear->as_string()}};
    if (evidence_.empty() && !why_no_key_.empty()) {
      ++counts.no_key;
      why = why_no_key_.begin()->second;
    } else if (!why_not_opened_.empty()) {
      ++counts.damaged;
      why = why_not_opened_;
    } else {
      ++counts.not_found;
      why = "it stands in none of the sealed values of the alerts";
    }
    return {};
  }

  OpenObject open_object_;
  std::map<privacy::Epoch, privacy::Pfx> pfx_;
  std::vector<privacy::Key32> evidence_;
  std::vector<json::object> values_;
  std::map<std::pair<privacy::Epoch, std::string>, std::string> why_no_key_;
  std::string why_not_opened_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<Opened> open_values(const OpeningInput& input, privacy::Random random, OpenObject open_object) {
  const Request& request = input.document->request;
  Opener opener{input, open_object};
  json::array lines;
  for (const std::string& value : request.values) lines.push_back(opener.line(value));
  json::object result{{"request", request.id}};
  result["values"] = std::move(lines);
  const Wiped text{canonical(result)};
  const privacy::Nonce nonce = privacy::make_nonce(random);
  Opened out = std::move(opener.counts);
  out.commitment = privacy::commitment_text(privacy::commitment(nonce, privacy::bytes_of(text.text)));
  // The nonce and the text, so that the requester can show what the ledger commits to.
  Wiped clear;
  clear.text.reserve(nonce.size() + text.text.size());
  clear.text.append(reinterpret_cast<const char*>(nonce.data()), nonce.size()).append(text.text);
  out.sealed.resize(clear.text.size() + crypto_box_SEALBYTES);
  if (crypto_box_seal(reinterpret_cast<unsigned char*>(out.sealed.data()), privacy::bytes_of(clear.text).data(),
                      clear.text.size(), request.requester_key.data()) != 0)
    return Error{Errc::invalid_argument, "nothing can be sealed to the requester's key"};
  return out;
}

std::string Opened::to_json() const {
  std::string base64;
  privacy::append_base64(privacy::bytes_of(sealed), base64);
  return canonical({{"revealed", revealed},
                    {"no_key", no_key},
                    {"not_found", not_found},
                    {"damaged", damaged},
                    {"commitment", commitment},
                    {"bytes", sealed.size()},
                    {"sealed", base64}});
}

Result<Opened> Opened::from_json(std::string_view text) {
  constexpr std::string_view kWhat = "the opened values";
  // Up to 4 MiB: more than the ledger's entries may hold, so exact_json.h does not read it.
  boost::json::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return Error{Errc::malformed, std::string{kWhat} + " are no JSON object"};
  JsonMap map{value.as_object(), kWhat};
  Opened out;
  out.revealed = map.count_if_there("revealed");
  out.no_key = map.count_if_there("no_key");
  out.not_found = map.count_if_there("not_found");
  out.damaged = map.count_if_there("damaged");
  out.commitment = map.text("commitment", 80);
  out.sealed.resize(static_cast<std::size_t>(map.number("bytes", 1, kResultBytesMax)));
  map.base64("sealed", {reinterpret_cast<std::uint8_t*>(out.sealed.data()), out.sealed.size()});
  if (auto good = map.finish_strict(); !good) return good.error();
  return out;
}

Result<ClearResult> open_result(std::string_view sealed, const privacy::CustodianKeys& requester,
                                std::string_view commitment) {
  constexpr std::size_t kNonce = std::tuple_size_v<privacy::Nonce>;
  if (!privacy::sodium_ready()) return Error{Errc::unavailable, "libsodium cannot be set up"};
  if (sealed.size() < crypto_box_SEALBYTES + kNonce + 2 || sealed.size() > kResultBytesMax)
    return Error{Errc::malformed, "this is no result of a reveal: " + std::to_string(sealed.size()) + " bytes"};
  Wiped clear{std::string(sealed.size() - crypto_box_SEALBYTES, '\0')};
  if (crypto_box_seal_open(reinterpret_cast<unsigned char*>(clear.text.data()), privacy::bytes_of(sealed).data(),
                           sealed.size(), requester.public_key.data(), requester.secret_key.bytes().data()) != 0)
    return Error{Errc::no_permission,
                 "the result does not open: it is sealed to the key that the request was made "
                 "with, and this is another one"};
  const std::string_view text = std::string_view{clear.text}.substr(kNonce);
  privacy::Nonce nonce;
  std::copy_n(clear.text.begin(), kNonce, nonce.begin());
  privacy::Digest committed{};
  if (!privacy::read_commitment(commitment, committed) || !privacy::opens(committed, nonce, privacy::bytes_of(text)))
    return Error{Errc::malformed, "the result is not the one that the ledger commits to"};
  boost::json::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return Error{Errc::malformed, "the result is no JSON object"};
  JsonMap map{value.as_object(), "the result"};
  ClearResult out;
  out.request = map.text("request", kIdMax);
  const auto lines = map.objects("values", kValuesMax);
  if (auto good = map.finish_strict(); !good) return good.error();
  for (const json::object* each : lines) {
    JsonMap line{*each, "a value of the result"};
    ClearValue read{line.text("stored", kValueBytesMax), line.text_if_there("clear", kClearBytesMax),
                    line.text_if_there("why", kClearBytesMax)};
    if (auto good = line.finish_strict(); !good) return good.error();
    out.values.push_back(std::move(read));
  }
  return out;
}

}  // namespace nw::reveals
