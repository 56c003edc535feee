#include "record/privacy/sealing.h"

#include <algorithm>
#include <sodium/crypto_box.h>
#include <sodium/crypto_scalarmult.h>
#include <sodium/utils.h>

#include "base/check.h"
#include "base/text.h"
#include "base/yaml.h"

namespace nw::privacy {

namespace {

static_assert(crypto_box_SEALBYTES + 32 == SealedKey::kBoxBytes && crypto_box_PUBLICKEYBYTES == 32);

constexpr std::string_view kHead = "normwatch-sealed-key/v1\n";

// A key that no secret can be agreed with (a point of low order) would make a box that anybody opens.
bool is_public_key(const PublicKey& key) noexcept {
  constexpr std::array<std::uint8_t, 32> kAnyScalar{1};  // clamped by the library
  std::array<std::uint8_t, 32> shared;
  return crypto_scalarmult(shared.data(), kAnyScalar.data(), key.data()) == 0;
}

// From a key of 256 random bits nobody gets back with 128 bits of a hash of it.
std::array<std::uint8_t, 16> check_of(const Key32& key) noexcept {
  std::array<std::uint8_t, 16> out{};
  hkdf_expand(key, "normwatch-key-check/v1", out);
  return out;
}

void exclusive_or(Key32& into, const Key32& with) noexcept {
  for (std::size_t i = 0; i < 32; ++i) into.writable()[i] ^= with.bytes()[i];
}

bool is_custodian_name(std::string_view name) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || ascii_digit(c) || c == '-' || c == '.' || c == '_';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, allowed);
}

void read_custodian(const YamlNode& node, std::string_view file, Diagnostics& diagnostics,
                    std::vector<Custodian>& all) {
  YamlMap map{node, "a custodian", file, diagnostics};
  if (!map.ok()) return;
  Custodian custodian;
  const YamlNode* name = map.require("name");
  const YamlNode* key = map.require("key");
  custodian.name = name == nullptr ? std::string{} : name->scalar;
  custodian.body = map.require_text("body");
  map.finish();
  const auto twice = [&all](auto member, const auto& value) {
    return std::ranges::find(all, value, member) != all.end();
  };
  if (name != nullptr && !is_custodian_name(custodian.name))
    map.error(name->mark, "custodian-name", "'" + printable(custodian.name, 80) + "' is no custodian's name",
              "write 1 to 64 of a-z, 0-9, '-', '.' and '_'");
  else if (name != nullptr && twice(&Custodian::name, custodian.name))
    map.error(name->mark, "custodian-name", "there are two custodians '" + custodian.name + "'",
              "give each a name of their own");
  if (key != nullptr && (!read_hex(key->scalar, custodian.key) || !is_public_key(custodian.key)))
    map.error(key->mark, "custodian-key", "this is no X25519 public key",
              "write the 64 hex digits, in lower case, that the custodian read to you");
  else if (key != nullptr && twice(&Custodian::key, custodian.key))
    map.error(key->mark, "custodian-key", "another custodian has the same key", "each custodian makes their own");
  if (!custodian.body.empty() && twice(&Custodian::body, custodian.body))
    diagnostics.warning(file, map.mark(), "custodian-body",
                        "two custodians belong to '" + printable(custodian.body, 80) + "'",
                        "two of different bodies can reveal only together");
  all.push_back(std::move(custodian));
}

std::string_view take_line(std::string_view& rest) noexcept {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

bool take_word(std::string_view& line, std::string_view word) noexcept {
  if (!line.starts_with(word)) return false;
  line.remove_prefix(word.size());
  return true;
}

Error malformed(std::string_view what) {
  return Error{Errc::malformed, "this is no sealed key of ours: " + std::string{what}};
}

// "0 1 <base64> <base64>"
bool read_pair(std::string_view line, SealedKey::Pair& pair) {
  constexpr std::size_t kBase64Bytes = (SealedKey::kBoxBytes + 2) / 3 * 4;
  if (line.size() != 4 + kBase64Bytes + 1 + kBase64Bytes) return false;
  pair.first = static_cast<std::uint8_t>(line[0] - '0');
  pair.second = static_cast<std::uint8_t>(line[2] - '0');
  return line[1] == ' ' && line[3] == ' ' && line[4 + kBase64Bytes] == ' ' &&
         read_base64(line.substr(4, kBase64Bytes), pair.for_first) &&
         read_base64(line.substr(5 + kBase64Bytes), pair.for_second);
}

}  // namespace

Fingerprint fingerprint_of(const PublicKey& key) noexcept {
  const Digest digest = sha256({key});
  Fingerprint out;
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

Custodians Custodians::read(std::string_view yaml, std::string_view file, Diagnostics& diagnostics) {
  YamlLimits limits;
  limits.bytes_max = kCustodiansBytesMax;
  limits.documents_max = 1;
  const std::size_t errors_before = diagnostics.errors();
  const std::vector<YamlNode> documents = parse_yaml(yaml, file, diagnostics, limits);
  Custodians out;
  if (diagnostics.errors() != errors_before) return out;
  static const YamlNode kNothing;
  YamlMap map{documents.empty() ? kNothing : documents.front(), "the custodians' file", file, diagnostics};
  if (!map.ok()) return out;
  const YamlNode* version = map.require("version");
  const YamlNode* list = map.require("custodians");
  map.finish();
  if (version != nullptr && version->as_int() != 1)
    map.error(version->mark, "custodian-version", "this version of the file is not known", "write 'version: 1'");
  if (list != nullptr && list->kind != YamlNode::Kind::sequence)
    map.error(list->mark, "wrong-type", "'custodians' is a list", "write '- {name: ..., body: ..., key: ...}'");
  else if (list != nullptr && (list->items.size() < kCustodiansMin || list->items.size() > kCustodiansMax))
    map.error(list->mark, "custodian-count", "there are " + std::to_string(list->items.size()) + " custodians",
              "name 2 to 8; with 3 or more one lost key loses nothing");
  else if (list != nullptr)
    for (const YamlNode& item : list->items) read_custodian(item, file, diagnostics, out.all_);
  if (diagnostics.errors() != errors_before) out.all_.clear();
  return out;
}

Result<SealedKey> SealedKey::seal(const Key32& key, std::string_view operator_id, Epoch epoch,
                                  const std::vector<Custodian>& custodians, Random random) {
  if (!sodium_ready()) return Error{Errc::unavailable, "libsodium cannot be set up; nothing was sealed"};
  if (!is_operator_id(operator_id))
    return Error{Errc::invalid_argument, "'" + printable(operator_id, 80) + "' is no operator's name"};
  if (custodians.size() < kCustodiansMin || custodians.size() > kCustodiansMax)
    return Error{Errc::invalid_argument,
                 "a key is sealed for 2 to 8 custodians; here are " + std::to_string(custodians.size())};
  SealedKey out;
  out.operator_id = operator_id;
  out.epoch = epoch;
  out.check = check_of(key);
  for (const Custodian& custodian : custodians) {
    const Fingerprint print = fingerprint_of(custodian.key);
    if (std::ranges::find(out.custodians, print) != out.custodians.end())
      return Error{Errc::invalid_argument, "two custodians have one key, so that one alone would be both"};
    out.custodians.push_back(print);
  }
  for (std::uint8_t i = 0; i < custodians.size(); ++i)
    for (auto j = static_cast<std::uint8_t>(i + 1); j < custodians.size(); ++j) {
      const Key32 r = Key32::random(random);
      Key32 rest = key.clone();
      exclusive_or(rest, r);
      Pair pair{i, j, {}, {}};
      if (crypto_box_seal(pair.for_first.data(), r.bytes().data(), 32, custodians[i].key.data()) != 0 ||
          crypto_box_seal(pair.for_second.data(), rest.bytes().data(), 32, custodians[j].key.data()) != 0)
        return Error{Errc::unavailable, "the key of custodian '" + custodians[i].name + "' or '" + custodians[j].name +
                                            "' cannot be sealed to"};
      out.pairs.push_back(pair);
    }
  return out;
}

std::string SealedKey::to_text() const {
  std::string out{kHead};
  out += "operator " + operator_id + "\nepoch " + epoch.to_string() + "\ncheck ";
  append_hex(check, out);
  out += '\n';
  for (const Fingerprint& print : custodians) {
    out += "custodian ";
    append_hex(print, out);
    out += '\n';
  }
  for (const Pair& pair : pairs) {
    out += "box " + std::to_string(pair.first) + ' ' + std::to_string(pair.second) + ' ';
    append_base64(pair.for_first, out);
    out += ' ';
    append_base64(pair.for_second, out);
    out += '\n';
  }
  return out;
}

Result<SealedKey> SealedKey::parse(std::string_view text) {
  if (text.size() > kSealedBytesMax) return malformed("it is longer than 16 KiB");
  if (!text.starts_with(kHead)) return malformed("its first line is not normwatch-sealed-key/v1");
  std::string_view rest = text.substr(kHead.size());
  SealedKey out;
  std::string_view line = take_line(rest);
  if (!take_word(line, "operator ") || !is_operator_id(line)) return malformed("line 2 does not name the operator");
  out.operator_id = line;
  line = take_line(rest);
  const auto epoch = take_word(line, "epoch ") ? Epoch::parse(line) : Result<Epoch>{malformed("")};
  if (!epoch) return malformed("line 3 does not name the epoch");
  out.epoch = *epoch;
  line = take_line(rest);
  if (!take_word(line, "check ") || !read_hex(line, out.check))
    return malformed("line 4 is not 'check' and 32 hex digits");
  while (rest.starts_with("custodian ")) {
    line = take_line(rest).substr(10);
    Fingerprint print;
    if (out.custodians.size() == kCustodiansMax) return malformed("it names more than 8 custodians");
    if (!read_hex(line, print)) return malformed("a custodian is not 16 hex digits");
    if (std::ranges::find(out.custodians, print) != out.custodians.end())
      return malformed("it names a custodian twice");
    out.custodians.push_back(print);
  }
  const std::size_t n = out.custodians.size();
  if (n < kCustodiansMin) return malformed("it names fewer than 2 custodians");
  for (std::uint8_t i = 0; i < n; ++i)
    for (auto j = static_cast<std::uint8_t>(i + 1); j < n; ++j) {
      Pair pair;
      line = take_line(rest);
      if (!take_word(line, "box ") || !read_pair(line, pair) || pair.first != i || pair.second != j)
        return malformed("the boxes of custodians " + std::to_string(i) + " and " + std::to_string(j) +
                         " are missing or damaged");
      out.pairs.push_back(pair);
    }
  if (!rest.empty()) return malformed("something stands behind its last box");
  if (!text.ends_with('\n')) return malformed("its last line is cut");
  return out;
}

Result<std::size_t> SealedKey::place_of(const PublicKey& key) const {
  const auto at = std::ranges::find(custodians, fingerprint_of(key));
  if (at == custodians.end())
    return Error{Errc::not_found, "nothing in it is sealed to the key " + to_hex(fingerprint_of(key))};
  return static_cast<std::size_t>(at - custodians.begin());
}

Result<Share> SealedKey::open_share(const PublicKey& key, const Key32& secret_key, std::size_t partner) const {
  const auto place = place_of(key);
  if (!place) return place.error();
  const auto low = std::min(*place, partner), high = std::max(*place, partner);
  const auto fits = [low, high](const Pair& p) { return p.first == low && p.second == high; };
  const auto pair = std::ranges::find_if(pairs, fits);
  if (pair == pairs.end())
    return Error{Errc::not_found,
                 "custodians " + std::to_string(*place) + " and " + std::to_string(partner) + " have no box together"};
  Share out{static_cast<std::uint8_t>(*place), static_cast<std::uint8_t>(partner), check, {}};
  const Box& box = *place == low ? pair->for_first : pair->for_second;
  if (crypto_box_seal_open(out.value.writable().data(), box.data(), box.size(), key.data(),
                           secret_key.bytes().data()) != 0)
    return Error{Errc::malformed, "the box does not open: it was changed, or the secret key is not the one of " +
                                      to_hex(fingerprint_of(key))};
  return out;
}

Result<Key32> SealedKey::combine(const Share& one, const Share& other) const {
  if (one.check != check || other.check != check)
    return Error{Errc::invalid_argument,
                 "a share belongs to another sealed key (epoch " + epoch.to_string() + " is asked for)"};
  if (one.holder == other.holder)
    return Error{Errc::invalid_argument, "both shares are of one custodian; two people are needed"};
  if (one.holder != other.partner || one.partner != other.holder)
    return Error{Errc::invalid_argument, "the shares are of different pairs: " + std::to_string(one.holder) +
                                             " opened the one with " + std::to_string(one.partner) + ", " +
                                             std::to_string(other.holder) + " the one with " +
                                             std::to_string(other.partner)};
  Key32 key = one.value.clone();
  exclusive_or(key, other.value);
  const auto again = check_of(key);
  if (sodium_memcmp(again.data(), check.data(), check.size()) != 0)
    return Error{Errc::malformed, "the two shares do not make the key that was sealed: one of them was changed"};
  return key;
}

CustodianKeys make_custodian_keys(Random random) {
  CustodianKeys out;
  out.secret_key = Key32::random(random);
  // Fails for no scalar: the base point has no low order.
  NW_CHECK(crypto_scalarmult_base(out.public_key.data(), out.secret_key.bytes().data()) == 0);
  return out;
}

}  // namespace nw::privacy
