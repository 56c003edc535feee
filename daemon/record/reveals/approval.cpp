#include "record/reveals/approval.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <sodium/crypto_box.h>
#include <sodium/utils.h>

#include "base/text.h"
#include "record/reveals/json_map.h"

namespace nw::reveals {

namespace json = boost::json;

namespace {

static_assert(crypto_box_SEALBYTES + 32 == std::tuple_size_v<decltype(SealedShare::box)>);

constexpr std::string_view kApproval = "the approval", kApprovalType = "normwatch-reveal-approval";
// Eight custodians have seven shares of each key.
constexpr std::size_t kSharesMax = kKeysMax * (privacy::kCustodiansMax - 1);

struct Envelope {
  ApprovalLabel label;
  std::array<std::uint8_t, crypto_box_NONCEBYTES> nonce{};
  std::string box;
};

// Base64 of a length that the text gives.
bool read_bytes(std::string_view text, std::string& out) {
  if (text.empty() || text.size() % 4 != 0) return false;
  const std::size_t padding = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U;
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3 - padding);
  if (!privacy::read_base64(text, bytes)) return false;
  out.assign(bytes.begin(), bytes.end());
  return true;
}

Result<Envelope> read_envelope(std::string_view file) {
  if (file.size() > kApprovalBytesMax) return Error{Errc::malformed, "the approval is longer than 512 KiB"};
  const auto object = read_object(file, kApproval);
  if (!object) return object.error();
  JsonMap map{*object, kApproval};
  Envelope out;
  if (map.text("type", 64) != kApprovalType) map.fault("type", "is not " + std::string{kApprovalType});
  map.number("v", 1, 1);
  out.label.request = map.text("request", kIdMax);
  map.hex("custodian_key", out.label.custodian_key);
  map.hex("nonce", out.nonce);
  if (!read_bytes(map.text("box", kApprovalBytesMax), out.box) || out.box.size() <= crypto_box_MACBYTES)
    map.fault("box", "is no Base64 of a box");
  if (auto good = map.finish_strict(); !good) return good.error();
  return out;
}

Result<SealedShare> read_share(const json::object& object) {
  JsonMap map{object, "a share of the approval"};
  SealedShare out;
  const auto epoch = privacy::Epoch::parse(map.text("epoch", 7));
  if (epoch)
    out.key.epoch = *epoch;
  else
    map.fault("epoch", "is no month");
  out.key.purpose = map.text("purpose", 32);
  map.hex("sha256", out.key.sha256);
  out.holder = static_cast<std::uint8_t>(map.number("holder", 0, privacy::kCustodiansMax - 1));
  out.partner = static_cast<std::uint8_t>(map.number("partner", 0, privacy::kCustodiansMax - 1));
  map.base64("box", out.box);
  if (auto good = map.finish_strict(); !good) return good.error();
  return out;
}

json::object share_object(const SealedShare& share) {
  std::string box;
  privacy::append_base64(share.box, box);
  return {{"epoch", share.key.epoch.to_string()},
          {"purpose", share.key.purpose},
          {"sha256", privacy::to_hex(share.key.sha256)},
          {"holder", share.holder},
          {"partner", share.partner},
          {"box", box}};
}

Result<Approval> read_inner(std::string_view text) {
  const auto object = read_object(text, kApproval);
  if (!object) return object.error();
  JsonMap map{*object, kApproval};
  Approval out;
  out.request = map.text("request", kIdMax);
  out.request_sha256 = map.text("request_sha256", 64);
  out.custodian.by = map.text("by", kNameMax);
  out.custodian.uid = map.number("uid", -1, std::int64_t{1} << 32);
  out.custodian.host = map.text("host", kHostMax);
  out.offline = map.flag_if_there("offline");
  out.at = map.time("at");
  const auto shares = map.objects("shares", kSharesMax);
  if (auto good = map.finish_strict(); !good) return good.error();
  if (auto good = check_words(out.custodian.by, kNameMax, "the custodian's name"); !good) return good.error();
  if (auto good = check_host(out.custodian.host); !good) return Error{Errc::malformed, good.error().what};
  for (const json::object* each : shares) {
    auto share = read_share(*each);
    if (!share) return share.error();
    out.shares.push_back(std::move(*share));
  }
  return out;
}

// The shares that the custodian has of one key, with each partner, sealed anew.
Result<> add_shares(const NeededKey& key, const privacy::SealedKey& sealed, const privacy::CustodianKeys& keys,
                    const privacy::PublicKey& reveal_key, json::array& out) {
  const auto place = sealed.place_of(keys.public_key);
  if (!place) return {};  // was no custodian in that month
  for (std::size_t partner = 0; partner < sealed.custodians.size(); ++partner) {
    if (partner == *place) continue;
    auto share = sealed.open_share(keys.public_key, keys.secret_key, partner);
    if (!share) return share.error();
    SealedShare again{key, share->holder, share->partner, {}};
    if (crypto_box_seal(again.box.data(), share->value.bytes().data(), 32, reveal_key.data()) != 0)
      return Error{Errc::malformed, "nothing can be sealed to the request's one-time key: it is no public key"};
    out.push_back(share_object(again));
  }
  return {};
}

}  // namespace

Result<std::string> make_approval(const RequestDocument& document, const privacy::CustodianKeys& keys,
                                  const Approver& approver, privacy::Random random) {
  if (!privacy::sodium_ready()) return Error{Errc::unavailable, "libsodium cannot be set up"};
  json::array shares;
  for (std::size_t i = 0; i < document.sealed.size(); ++i)
    if (auto added =
            add_shares(document.request.keys[i], document.sealed[i], keys, document.request.reveal_key, shares);
        !added)
      return added.error();
  if (shares.empty())
    return Error{Errc::not_found, "none of the keys that this request needs is sealed to the custodian " +
                                      privacy::to_hex(privacy::fingerprint_of(keys.public_key)) +
                                      "; take the key file that you had in that month"};
  json::object inner{{"request", document.request.id}, {"request_sha256", document.request.hash()},
                     {"by", approver.person.by},       {"uid", approver.person.uid},
                     {"host", approver.person.host},   {"offline", approver.offline},
                     {"at", to_rfc3339(approver.at)}};
  inner["shares"] = std::move(shares);
  const std::string text = canonical(inner);
  std::array<std::uint8_t, crypto_box_NONCEBYTES> nonce;
  random(nonce);
  std::vector<std::uint8_t> box(text.size() + crypto_box_MACBYTES);
  if (crypto_box_easy(box.data(), privacy::bytes_of(text).data(), text.size(), nonce.data(),
                      document.request.reveal_key.data(), keys.secret_key.bytes().data()) != 0)
    return Error{Errc::malformed, "nothing can be sealed to the request's one-time key: it is no public key"};
  std::string base64;
  privacy::append_base64(box, base64);
  return canonical({{"type", kApprovalType},
                    {"v", 1},
                    {"request", document.request.id},
                    {"custodian_key", privacy::to_hex(keys.public_key)},
                    {"nonce", privacy::to_hex(nonce)},
                    {"box", base64}});
}

Result<ApprovalLabel> read_approval_label(std::string_view file) {
  auto envelope = read_envelope(file);
  if (!envelope) return envelope.error();
  return std::move(envelope->label);
}

Result<Approval> open_approval(std::string_view file, const privacy::Key32& reveal_secret) {
  const auto envelope = read_envelope(file);
  if (!envelope) return envelope.error();
  std::string text(envelope->box.size() - crypto_box_MACBYTES, '\0');
  if (crypto_box_open_easy(reinterpret_cast<unsigned char*>(text.data()), privacy::bytes_of(envelope->box).data(),
                           envelope->box.size(), envelope->nonce.data(), envelope->label.custodian_key.data(),
                           reveal_secret.bytes().data()) != 0)
    return Error{Errc::no_permission,
                 "the approval does not open: it was made for another request, with another key than the one that it "
                 "names, or was changed on its way"};
  auto out = read_inner(text);
  if (!out) return out.error();
  if (out->request != envelope->label.request)
    return Error{Errc::malformed, "the approval names two requests: " + printable(envelope->label.request, kIdMax) +
                                      " outside, " + printable(out->request, kIdMax) + " inside"};
  out->custodian_key = envelope->label.custodian_key;
  return out;
}

}  // namespace nw::reveals
