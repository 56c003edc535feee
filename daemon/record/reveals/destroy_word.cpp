#include "record/reveals/destroy_word.h"

#include <array>
#include <boost/json/object.hpp>
#include <sodium/crypto_box.h>
#include <vector>

#include "record/privacy/forms.h"
#include "record/reveals/json_map.h"

namespace nw::reveals {

namespace {

constexpr std::string_view kWord = "the word to destroy keys", kWordType = "normwatch-destroy-word";
constexpr std::size_t kBoxBytesMax = kDestroyWordBytesMax / 4 * 3;

Result<DestroyWord> read_word(std::string_view text) {
  const auto object = read_object(text, kWord);
  if (!object) return object.error();
  JsonMap map{*object, kWord};
  DestroyWord out;
  const auto epoch = privacy::Epoch::parse(map.text("epoch", 7));
  if (epoch)
    out.epoch = *epoch;
  else
    map.fault("epoch", "is no month");
  out.proposal = map.text_if_there("proposal", 64);
  out.why = map.text_if_there("why", kWordsMax);
  out.person.by = map.text("by", kNameMax);
  out.person.uid = map.number("uid", -1, std::int64_t{1} << 32);
  out.person.host = map.text("host", kHostMax);
  out.offline = map.flag_if_there("offline");
  out.at = map.time("at");
  if (auto good = map.finish_strict(); !good) return good.error();
  if (auto good = check_words(out.person.by, kNameMax, "the custodian's name"); !good) return good.error();
  if (auto good = check_host(out.person.host); !good) return Error{Errc::malformed, good.error().what};
  if (out.proposal.empty())
    if (auto good = check_words(out.why, kWordsMax, "the reason (--why)"); !good) return good.error();
  return out;
}

}  // namespace

Result<std::string> make_destroy_word(const DestroyWord& word, const privacy::CustodianKeys& keys,
                                      const privacy::PublicKey& to, privacy::Random random) {
  if (!privacy::sodium_ready()) return Error{Errc::unavailable, "libsodium cannot be set up"};
  boost::json::object inner{{"epoch", word.epoch.to_string()}, {"by", word.person.by},    {"uid", word.person.uid},
                            {"host", word.person.host},        {"offline", word.offline}, {"at", to_rfc3339(word.at)}};
  if (!word.proposal.empty()) inner["proposal"] = word.proposal;
  if (!word.why.empty()) inner["why"] = word.why;
  const std::string text = canonical(inner);
  if (auto good = read_word(text); !good) return good.error();  // what the daemon would say of it
  std::array<std::uint8_t, crypto_box_NONCEBYTES> nonce;
  random(nonce);
  std::vector<std::uint8_t> box(text.size() + crypto_box_MACBYTES);
  if (crypto_box_easy(box.data(), privacy::bytes_of(text).data(), text.size(), nonce.data(), to.data(),
                      keys.secret_key.bytes().data()) != 0)
    return Error{Errc::malformed, "nothing can be sealed to the daemon's key: it is no public key"};
  return canonical({{"type", kWordType},
                    {"v", 1},
                    {"custodian_key", privacy::to_hex(keys.public_key)},
                    {"nonce", privacy::to_hex(nonce)},
                    {"box", privacy::to_hex(box)}});
}

Result<DestroyWord> open_destroy_word(std::string_view file, const privacy::Key32& secret) {
  if (file.size() > 2 * kDestroyWordBytesMax) return Error{Errc::malformed, std::string{kWord} + " is too long"};
  const auto object = read_object(file, kWord);
  if (!object) return object.error();
  JsonMap map{*object, kWord};
  if (map.text("type", 64) != kWordType)
    map.fault("type", "is not " + std::string{kWordType} + ": two custodians destroy keys, each with --key FILE");
  map.number("v", 1, 1);
  privacy::PublicKey custodian{};
  map.hex("custodian_key", custodian);
  std::array<std::uint8_t, crypto_box_NONCEBYTES> nonce{};
  map.hex("nonce", nonce);
  const std::string hex = map.text("box", 2 * kBoxBytesMax);
  std::vector<std::uint8_t> box(hex.size() / 2);
  if (hex.size() % 2 != 0 || box.size() <= crypto_box_MACBYTES || !privacy::read_hex(hex, box))
    map.fault("box", "is no box in hex digits");
  if (auto good = map.finish_strict(); !good) return good.error();
  std::string text(box.size() - crypto_box_MACBYTES, '\0');
  if (crypto_box_open_easy(reinterpret_cast<unsigned char*>(text.data()), box.data(), box.size(), nonce.data(),
                           custodian.data(), secret.bytes().data()) != 0)
    return Error{Errc::no_permission,
                 "it does not open: it was made with another key than the one that it names, or before the daemon "
                 "started anew, or was changed on its way; make it again"};
  auto out = read_word(text);
  if (!out) return out.error();
  out->custodian_key = custodian;
  return out;
}

}  // namespace nw::reveals
