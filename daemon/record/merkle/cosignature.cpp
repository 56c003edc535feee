#include "record/merkle/cosignature.h"

#include "base/byte_reader.h"
#include "base/text.h"

namespace nw::merkle {

std::string cosigned_message(std::string_view text, std::uint64_t timestamp) {
  std::string out = "cosignature/v1\ntime " + std::to_string(timestamp) + "\n";
  out += text;
  return out;
}

Result<NoteSignature> cosign(std::string_view text, const SignerKey& key, std::uint64_t timestamp) {
  if (key.verifier().type != KeyType::cosignature)
    return Error{Errc::invalid_argument,
                 "'" + printable(key.verifier().name) + "' is the key of a log, not of a witness"};
  if (timestamp > kCosignatureTimeMax)
    return Error{Errc::invalid_argument, "the time of a cosignature is at most 2^63-1 seconds"};
  if (auto good = check_note_text(text); !good) return good.error();
  NoteSignature out{key.verifier().name, key.verifier().id, {}};
  for (unsigned shift = 64; shift > 0; shift -= 8) out.bytes += static_cast<char>(timestamp >> (shift - 8) & 0xffU);
  out.bytes += key.key().sign(cosigned_message(text, timestamp));
  return out;
}

std::optional<std::uint64_t> verify_cosignature(const PublicKey& key, std::string_view text,
                                                std::string_view signature) {
  ByteReader reader{Bytes{reinterpret_cast<const std::uint8_t*>(signature.data()), signature.size()}};
  const std::uint64_t timestamp = reader.u64be();
  if (!reader.ok() || timestamp > kCosignatureTimeMax) return std::nullopt;
  if (!verify_ed25519(key, cosigned_message(text, timestamp), signature.substr(8))) return std::nullopt;
  return timestamp;
}

}  // namespace nw::merkle
