#include "record/merkle/log_proof.h"

#include "base/text.h"
#include "record/merkle/base64.h"

namespace nw::merkle {
namespace {

constexpr std::string_view kMagic = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

// Lines, each with its newline, until one is missing.
class Lines {
 public:
  explicit Lines(std::string_view bytes) : rest_{bytes} {}
  bool next() {
    const std::size_t end = rest_.find('\n');
    ++number_;
    if (end == std::string_view::npos) return false;
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] Error fault(const std::string& what) const {
    return {Errc::malformed, "tlog-proof, line " + std::to_string(number_) + ": " + what};
  }

 private:
  std::string_view rest_, line_;
  std::size_t number_ = 0;
};

}  // namespace

Result<LogProof> LogProof::parse(std::string_view bytes) {
  if (bytes.size() > kLogProofBytesMax)
    return Error{Errc::malformed, "the tlog-proof has " + std::to_string(bytes.size()) + " bytes, too many to be one"};
  Lines lines{bytes};
  LogProof out;
  if (!lines.next() || lines.line() != kMagic) return lines.fault("is not '" + std::string{kMagic} + "'");
  if (!lines.next()) return lines.fault("the index is missing");
  if (lines.line().starts_with(kExtra)) {
    auto extra = decode_base64(lines.line().substr(kExtra.size()));
    if (!extra) return lines.fault("the extra data is no Base64");
    if (extra->empty()) return lines.fault("the extra data is empty; such a line is left out");
    out.extra = std::move(*extra);
    if (!lines.next()) return lines.fault("the index is missing");
  }
  if (!lines.line().starts_with(kIndex)) return lines.fault("is not 'index' and a number");
  const auto index = parse_decimal(lines.line().substr(kIndex.size()));
  if (!index) return lines.fault("the index " + index.error().what);
  out.index = *index;
  for (;;) {
    if (!lines.next()) return lines.fault("ends within the proof; an empty line and the checkpoint follow it");
    if (lines.line().empty()) break;
    if (out.hashes.size() == kProofHashesMax) return lines.fault("the proof has over 63 hashes");
    const auto hash = hash_from_base64(lines.line());
    if (!hash) return lines.fault("the hash: " + hash.error().what);
    out.hashes.push_back(*hash);
  }
  auto note = Note::parse(lines.rest());
  if (!note) return Error{Errc::malformed, "tlog-proof, the checkpoint in it: " + note.error().what};
  out.checkpoint = std::move(*note);
  return out;
}

std::string LogProof::to_string() const {
  std::string out = std::string{kMagic} + "\n";
  if (extra && !extra->empty()) out += std::string{kExtra} + encode_base64(*extra) + "\n";
  out += std::string{kIndex} + std::to_string(index) + "\n";
  for (const Hash& hash : hashes) out += to_base64(hash) + "\n";
  return out + "\n" + checkpoint.to_string();
}

Result<AcceptedCheckpoint> LogProof::verify(const Hash& leaf, const Policy& policy) const {
  auto accepted = policy.check(checkpoint);
  if (!accepted) return accepted.error();
  const TreeHead& head = accepted->checkpoint.head;
  if (auto good = verify_inclusion(index, head.size, leaf, hashes, head.root); !good) return good.error();
  return accepted;
}

}  // namespace nw::merkle
