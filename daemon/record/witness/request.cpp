#include "record/witness/request.h"

#include <optional>

#include "record/merkle/checkpoint.h"
#include "record/merkle/hash.h"

namespace nw::witness {

namespace {

constexpr std::string_view kOld = "old ";

// The next line without its newline, taken off `rest`; none when there is no newline.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

Error wrong(std::size_t line, const std::string& what) {
  return {Errc::malformed, "line " + std::to_string(line) + ": " + what};
}

}  // namespace

Result<AddRequest> AddRequest::parse(std::string_view bytes) {
  if (bytes.size() > kRequestBytesMax) return Error{Errc::malformed, "the request has over 64 KiB"};
  AddRequest out;
  const auto first = take_line(bytes);
  if (!first || !first->starts_with(kOld)) return wrong(1, "there must be 'old <size>'");
  const auto size = merkle::parse_decimal(first->substr(kOld.size()));
  if (!size) return wrong(1, "the old size: " + size.error().what);
  out.old_size = *size;
  for (std::size_t number = 2;; ++number) {
    const auto line = take_line(bytes);
    if (!line) return wrong(number, "an empty line must stand before the checkpoint");
    if (line->empty()) break;
    if (out.proof.size() == merkle::kProofHashesMax) return wrong(number, "a proof has at most 63 hashes");
    const auto hash = merkle::hash_from_base64(*line);
    if (!hash) return wrong(number, "no hash of the proof: " + hash.error().what);
    out.proof.push_back(*hash);
  }
  auto note = merkle::Note::parse(bytes);
  if (!note) return Error{Errc::malformed, "the checkpoint: " + note.error().what};
  out.checkpoint = std::move(*note);
  return out;
}

std::string AddRequest::to_string() const {
  std::string out = std::string{kOld} + std::to_string(old_size) + '\n';
  for (const merkle::Hash& hash : proof) out += merkle::to_base64(hash) + '\n';
  return out + '\n' + checkpoint.to_string();
}

std::string log_id(std::string_view origin) { return merkle::to_hex(merkle::sha256(origin)); }

std::string shown_path(std::string_view origin) { return '/' + log_id(origin) + "/checkpoint"; }

}  // namespace nw::witness
