// Signed notes: C2SP signed-note v1.0.0. A text, and lines that sign it.
//
//   <text, ends in a newline>
//                                                    the last empty line
//   — <key name> <base64(key id u32be | signature)>  once or more
//
// A note says nothing until verify_note() has found a signature of a key that is known beforehand.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/merkle/ed25519.h"

namespace nw::merkle {

constexpr std::size_t kNoteBytesMax = std::size_t{1} << 20U;
constexpr std::size_t kNoteSignaturesMax = 100;  // as Go's; the specification asks for 16 at least

// What a key signs. The number is part of the key id and the first byte of an encoded key.
enum class KeyType : std::uint8_t {
  note = 0x01,         // Ed25519 over the note's text: a log
  cosignature = 0x04,  // Ed25519 with a time, over a checkpoint: a witness (cosignature.h)
};

// Not empty, UTF-8, without Unicode spaces, control characters and plus signs.
bool is_key_name(std::string_view name);
// SHA-256(name | newline | type | public key), first four bytes.
std::uint32_t key_id(std::string_view name, KeyType type, const PublicKey& key);

// What others know of a key: <name>+<key id, 8 hexadecimal digits>+<base64(type | public key)>, a "vkey".
struct VerifierKey {
  std::string name;
  std::uint32_t id = 0;
  KeyType type = KeyType::note;
  PublicKey key{};

  // `invalid_argument` when `name` is no key name.
  static Result<VerifierKey> make(std::string_view name, KeyType type, const PublicKey& key);
  // `malformed`: the text, or an id that is not this key's; `unavailable`: a type that is not among KeyType.
  static Result<VerifierKey> parse(std::string_view vkey);
  [[nodiscard]] std::string to_string() const;
  bool operator==(const VerifierKey&) const = default;
};

// What its owner keeps: PRIVATE+KEY+<name>+<key id of the public key>+<base64(type | seed)>, as Go's sumdb/note.
class SignerKey {
 public:
  static Result<SignerKey> make(std::string_view name, KeyType type, std::string_view seed);
  static Result<SignerKey> parse(std::string_view skey);
  // The text that parse() takes; a secret, of which this is one more copy.
  static Result<std::string> encode(std::string_view name, KeyType type, std::string_view seed);

  [[nodiscard]] const VerifierKey& verifier() const noexcept { return verifier_; }
  [[nodiscard]] const PrivateKey& key() const noexcept { return key_; }

 private:
  SignerKey(VerifierKey verifier, PrivateKey key) : verifier_{std::move(verifier)}, key_{std::move(key)} {}
  VerifierKey verifier_;
  PrivateKey key_;
};

struct NoteSignature {
  std::string name;
  std::uint32_t id = 0;
  std::string bytes;  // what follows the id; not empty
  bool operator==(const NoteSignature&) const = default;

  [[nodiscard]] std::string to_line() const;  // with its newline
  // One line without its newline.
  static Result<NoteSignature> parse(std::string_view line);
};

struct Note {
  std::string text;  // ends in a newline
  std::vector<NoteSignature> signatures;

  // `malformed`, with the line.
  static Result<Note> parse(std::string_view bytes);
  // parse() reads it back when the text is one, and there is a signature.
  [[nodiscard]] std::string to_string() const;
};

// Valid UTF-8 without control characters other than newline, at least one newline, the last character is one.
Result<> check_note_text(std::string_view text);

// `invalid_argument` when the text cannot be a note's, or the key is one of a witness (cosign() is for those).
Result<NoteSignature> sign_note(std::string_view text, const SignerKey& key);

// A signature that was checked and is good.
struct KnownSignature {
  std::size_t key = 0;          // in `known`
  std::uint64_t timestamp = 0;  // of a cosignature: seconds since 1970; otherwise 0
};
// Every signature by one of `known`, in the note's order; a line that is repeated counts once. Signatures of other keys
// are passed over, also when they share a name or an id with a known one. `no_permission`: a signature in the name of a
// known key is wrong, or no known key has signed. `invalid_argument`: two of `known` have one name and id.
Result<std::vector<KnownSignature>> verify_note(const Note& note, std::span<const VerifierKey> known);

}  // namespace nw::merkle
