#include "record/merkle/note.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <openssl/crypto.h>

#include "base/byte_reader.h"
#include "base/text.h"
#include "record/merkle/base64.h"
#include "record/merkle/cosignature.h"
#include "record/merkle/hash.h"

namespace nw::merkle {
namespace {

constexpr std::string_view kSignatureStart = "\u2014 ";  // an em dash and a space

Error malformed_at(std::size_t line, const std::string& what) {
  return {Errc::malformed, "line " + std::to_string(line) + ": " + what};
}

std::size_t line_at(std::string_view text, std::size_t offset) {
  return 1 +
         static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

// What Unicode has as White_Space beyond ASCII.
bool unicode_space(std::string_view sequence) {
  static constexpr auto kSpaces = std::to_array<std::string_view>(
      {"\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007",
       "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"});
  return std::find(kSpaces.begin(), kSpaces.end(), sequence) != kSpaces.end();
}

// Nothing, or what is wrong with the bytes, by line.
Result<> check_octets(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto c = static_cast<unsigned char>(bytes[at]);
    const std::size_t length = utf8_length(bytes.substr(at));
    if (length == 0) return malformed_at(line_at(bytes, at), "is no UTF-8");
    if (c < 0x20 && c != '\n')
      return malformed_at(line_at(bytes, at), "holds the control character " + printable(bytes.substr(at, 1)));
    at += length;
  }
  return {};
}

std::string hex8(std::uint32_t id) {
  std::array<char, 9> out{};
  std::snprintf(out.data(), out.size(), "%08x", id);
  return out.data();
}

// The parts of a key's text behind its name.
struct EncodedKey {
  std::string_view name;
  std::uint32_t id = 0;
  std::string material;  // the type's byte and 32 more
};

// Of a private key nothing is told but its name.
Result<EncodedKey> parse_encoded(std::string_view text, const char* what) {
  const std::string start = std::string{"the "} + what + " ";
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos)
    return Error{Errc::malformed, start + "is not of the form <name>+<key id>+<key in Base64>"};
  EncodedKey out;
  out.name = text.substr(0, first);
  if (!is_key_name(out.name))
    return Error{Errc::malformed, start + "has no proper name: '" + printable(out.name) +
                                      "'; a name has no spaces, no control characters and no plus sign"};
  const std::string_view id = text.substr(first + 1, second - first - 1);
  const auto [end, failed] = std::from_chars(id.data(), id.data() + id.size(), out.id, 16);
  if (id.size() != 8 || failed != std::errc{} || end != id.data() + id.size())
    return Error{Errc::malformed, start + "of '" + printable(out.name) + "' has the key id '" + printable(id) +
                                      "'; it is 8 hexadecimal digits"};
  auto material = decode_base64(text.substr(second + 1));
  if (!material || material->empty())
    return Error{Errc::malformed, start + "of '" + printable(out.name) + "' does not end in Base64"};
  const auto type = static_cast<std::uint8_t>(material->front());
  if (type != static_cast<std::uint8_t>(KeyType::note) && type != static_cast<std::uint8_t>(KeyType::cosignature)) {
    OPENSSL_cleanse(material->data(), material->size());
    return Error{Errc::unavailable, start + "of '" + printable(out.name) + "' is of type " + std::to_string(type) +
                                        "; known are 1 (Ed25519) and 4 (Ed25519 cosignature)"};
  }
  if (material->size() != 33) {
    const std::size_t size = material->size() - 1;
    OPENSSL_cleanse(material->data(), material->size());
    return Error{Errc::malformed, start + "of '" + printable(out.name) + "' has " + std::to_string(size) +
                                      " bytes of key instead of 32"};
  }
  out.material = std::move(*material);
  return out;
}

Error wrong_id(std::string_view name, std::uint32_t told, std::uint32_t right) {
  return {Errc::malformed, "the key of '" + printable(name) + "' has the key id " + hex8(right) + ", not " +
                               hex8(told) + ": name, id and key do not belong together"};
}

}  // namespace

bool is_key_name(std::string_view name) {
  if (name.empty()) return false;
  while (!name.empty()) {
    const std::size_t length = utf8_length(name);
    const auto c = static_cast<unsigned char>(name.front());
    if (length == 0 || c <= 0x20 || c == '+' || unicode_space(name.substr(0, length))) return false;
    name.remove_prefix(length);
  }
  return true;
}

std::uint32_t key_id(std::string_view name, KeyType type, const PublicKey& key) {
  std::string text{name};
  text += '\n';
  text += static_cast<char>(type);
  text.append(key.begin(), key.end());
  const Hash hash = sha256(text);
  return ByteReader{hash}.u32be();
}

Result<VerifierKey> VerifierKey::make(std::string_view name, KeyType type, const PublicKey& key) {
  if (!is_key_name(name)) return Error{Errc::invalid_argument, "'" + printable(name) + "' cannot be the name of a key"};
  return VerifierKey{std::string{name}, key_id(name, type, key), type, key};
}

Result<VerifierKey> VerifierKey::parse(std::string_view vkey) {
  auto encoded = parse_encoded(vkey, "public key");
  if (!encoded) return encoded.error();
  VerifierKey out{std::string{encoded->name}, encoded->id, static_cast<KeyType>(encoded->material[0]), {}};
  std::copy(encoded->material.begin() + 1, encoded->material.end(), out.key.begin());
  const std::uint32_t id = key_id(out.name, out.type, out.key);
  if (id != out.id) return wrong_id(out.name, out.id, id);
  return out;
}

std::string VerifierKey::to_string() const {
  std::string material(1, static_cast<char>(type));
  material.append(key.begin(), key.end());
  return name + "+" + hex8(id) + "+" + encode_base64(material);
}

Result<SignerKey> SignerKey::make(std::string_view name, KeyType type, std::string_view seed) {
  auto key = PrivateKey::from_seed(seed);
  if (!key) return key.error();
  auto verifier = VerifierKey::make(name, type, key->public_key());
  if (!verifier) return verifier.error();
  return SignerKey{std::move(*verifier), *std::move(key)};
}

constexpr std::string_view kPrivate = "PRIVATE+KEY+";

Result<SignerKey> SignerKey::parse(std::string_view skey) {
  if (!skey.starts_with(kPrivate)) return Error{Errc::malformed, "a private key begins with PRIVATE+KEY+"};
  auto encoded = parse_encoded(skey.substr(kPrivate.size()), "private key");
  if (!encoded) return encoded.error();
  auto out =
      make(encoded->name, static_cast<KeyType>(encoded->material[0]), std::string_view{encoded->material}.substr(1));
  OPENSSL_cleanse(encoded->material.data(), encoded->material.size());
  if (out && out->verifier().id != encoded->id) return wrong_id(encoded->name, encoded->id, out->verifier().id);
  return out;
}

Result<std::string> SignerKey::encode(std::string_view name, KeyType type, std::string_view seed) {
  const auto signer = make(name, type, seed);
  if (!signer) return signer.error();
  std::string material(1, static_cast<char>(type));
  material += seed;
  std::string out =
      std::string{kPrivate} + std::string{name} + "+" + hex8(signer->verifier().id) + "+" + encode_base64(material);
  OPENSSL_cleanse(material.data(), material.size());
  return out;
}

std::string NoteSignature::to_line() const {
  std::string material;
  for (unsigned shift = 32; shift > 0; shift -= 8) material += static_cast<char>(id >> (shift - 8) & 0xffU);
  material += bytes;
  return std::string{kSignatureStart} + name + " " + encode_base64(material) + "\n";
}

Result<NoteSignature> NoteSignature::parse(std::string_view line) {
  if (!line.starts_with(kSignatureStart))
    return Error{Errc::malformed, "is no signature: it does not begin with an em dash and a space"};
  line.remove_prefix(kSignatureStart.size());
  const std::size_t space = line.find(' ');
  NoteSignature out;
  out.name = std::string{line.substr(0, space)};
  if (space == std::string_view::npos || !is_key_name(out.name))
    return Error{Errc::malformed,
                 "is no signature: one is <key name> <base64>, and the name has no spaces and no plus"};
  const auto material = decode_base64(line.substr(space + 1));
  if (!material)
    return Error{Errc::malformed,
                 "the signature of '" + printable(out.name) + "' is no Base64 (or its name has a space)"};
  if (material->size() < 5)
    return Error{Errc::malformed,
                 "the signature of '" + printable(out.name) + "' is too short for a key id and a signature"};
  ByteReader reader{Bytes{reinterpret_cast<const std::uint8_t*>(material->data()), material->size()}};
  out.id = reader.u32be();
  out.bytes = material->substr(4);
  return out;
}

Result<> check_note_text(std::string_view text) {
  if (text.empty() || text.back() != '\n') return Error{Errc::invalid_argument, "the text of a note ends in a newline"};
  if (text.size() > kNoteBytesMax) return Error{Errc::invalid_argument, "the text of a note has at most 1 MiB"};
  if (auto good = check_octets(text); !good) return Error{Errc::invalid_argument, good.error().what};
  return {};
}

Result<Note> Note::parse(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax)
    return Error{Errc::malformed, "the note has " + std::to_string(bytes.size()) + " bytes; at most 1 MiB is read"};
  if (auto good = check_octets(bytes); !good) return good.error();
  const std::size_t blank = bytes.rfind("\n\n");
  if (blank == std::string_view::npos)
    return Error{Errc::malformed, "the note has no signatures: no empty line stands before any"};
  if (bytes.size() == blank + 2) return Error{Errc::malformed, "no signature follows the note's last empty line"};
  if (bytes.back() != '\n')
    return malformed_at(line_at(bytes, bytes.size()), "the note's last line has no newline: was it cut?");
  Note out;
  out.text = std::string{bytes.substr(0, blank + 1)};
  std::size_t line = line_at(bytes, blank + 2);
  for (std::string_view rest = bytes.substr(blank + 2); !rest.empty(); ++line) {
    if (out.signatures.size() == kNoteSignaturesMax)
      return malformed_at(line, "the note has more than " + std::to_string(kNoteSignaturesMax) + " signatures");
    const std::size_t end = rest.find('\n');
    auto signature = NoteSignature::parse(rest.substr(0, end));
    if (!signature) return malformed_at(line, signature.error().what);
    out.signatures.push_back(std::move(*signature));
    rest.remove_prefix(end + 1);
  }
  return out;
}

std::string Note::to_string() const {
  std::string out = text + "\n";
  for (const NoteSignature& signature : signatures) out += signature.to_line();
  return out;
}

Result<NoteSignature> sign_note(std::string_view text, const SignerKey& key) {
  if (key.verifier().type != KeyType::note)
    return Error{Errc::invalid_argument,
                 "'" + printable(key.verifier().name) + "' is the key of a witness: it cosigns"};
  if (auto good = check_note_text(text); !good) return good.error();
  return NoteSignature{key.verifier().name, key.verifier().id, key.key().sign(text)};
}

Result<std::vector<KnownSignature>> verify_note(const Note& note, std::span<const VerifierKey> known) {
  std::vector<KnownSignature> out;
  for (auto signature = note.signatures.begin(); signature != note.signatures.end(); ++signature) {
    const auto same = [&](const VerifierKey& key) { return key.id == signature->id && key.name == signature->name; };
    const auto key = std::find_if(known.begin(), known.end(), same);
    if (key == known.end()) continue;
    const std::string who = "'" + printable(key->name) + "' (key id " + hex8(key->id) + ")";
    if (std::find_if(key + 1, known.end(), same) != known.end())
      return Error{Errc::invalid_argument, "two known keys have the name and id " + who};
    if (std::find(note.signatures.begin(), signature, *signature) != signature) continue;
    KnownSignature good{static_cast<std::size_t>(key - known.begin()), 0};
    bool verified = false;
    if (key->type == KeyType::cosignature) {
      const auto timestamp = verify_cosignature(key->key, note.text, signature->bytes);
      verified = timestamp.has_value();
      good.timestamp = timestamp.value_or(0);
    } else {
      verified = verify_ed25519(key->key, note.text, signature->bytes);
    }
    if (!verified)
      return Error{Errc::no_permission, "the signature in the name of " + who +
                                            " is wrong: text or signature were changed, or another key signed"};
    out.push_back(good);
  }
  if (out.empty()) return Error{Errc::no_permission, "no known key has signed the note"};
  return out;
}

}  // namespace nw::merkle
