#include "record/bundle/layout.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "record/bundle/manifest.h"
#include "record/merkle/checkpoint.h"

namespace nw::bundle {

namespace {

constexpr std::size_t kAlertDigits = 32, kHashDigits = 64;
// By EvidenceKind: so that other programs know what to do with it.
constexpr std::array<std::string_view, record::kEvidenceKinds.size()> kClearEndings{".json", ".pcapng", ".log"};

bool take_front(std::string_view& text, std::string_view front) {
  if (!text.starts_with(front)) return false;
  text.remove_prefix(front.size());
  return true;
}
bool take_back(std::string_view& text, std::string_view back) {
  if (!text.ends_with(back)) return false;
  text.remove_suffix(back.size());
  return true;
}

std::optional<FileName> numbered(FileKind kind, std::string_view digits) {
  const auto number = merkle::parse_decimal(digits);
  if (!number) return std::nullopt;
  FileName out;
  out.kind = kind;
  out.number = *number;
  return out;
}

std::optional<FileName> hashed(FileKind kind, std::string_view hash) {
  if (!is_hex(hash, kHashDigits)) return std::nullopt;
  FileName out;
  out.kind = kind;
  out.hash = hash;
  return out;
}

std::optional<FileName> evidence(std::string_view rest) {
  FileName out;
  out.alert = rest.substr(0, kAlertDigits);
  if (!is_hex(out.alert, kAlertDigits)) return std::nullopt;
  rest.remove_prefix(kAlertDigits);
  for (std::size_t i = 0; i < record::kEvidenceKinds.size(); ++i) {
    std::string_view ending = rest;
    if (!take_front(ending, ".") || !take_front(ending, record::kEvidenceKinds[i])) continue;
    out.evidence = static_cast<record::EvidenceKind>(i);
    if (ending == ".sealed")
      out.kind = FileKind::sealed;
    else if (ending == ".nonce")
      out.kind = FileKind::nonce;
    else if (ending == kClearEndings[i])
      out.kind = FileKind::clear;
    else
      return std::nullopt;
    return out;
  }
  return std::nullopt;
}

std::string evidence_path(std::string_view alert, record::EvidenceKind kind, std::string_view ending) {
  std::string out{"evidence/"};
  return out.append(alert).append(".").append(to_string(kind)).append(ending);
}

}  // namespace

bool is_hex(std::string_view text, std::size_t digits) noexcept {
  return text.size() == digits &&
         std::all_of(text.begin(), text.end(), [](char c) { return ascii_digit(c) || (c >= 'a' && c <= 'f'); });
}

std::optional<FileName> read_path(std::string_view path) {
  constexpr auto kPlain =
      std::to_array<std::pair<std::string_view, FileKind>>({{kManifest, FileKind::manifest},
                                                            {kReadme, FileKind::readme},
                                                            {kIncident, FileKind::incident},
                                                            {kCheckpoint, FileKind::checkpoint},
                                                            {kOldCheckpoint, FileKind::old_checkpoint},
                                                            {kConsistency, FileKind::consistency},
                                                            {kHandover, FileKind::handover}});
  for (const auto& [name, kind] : kPlain) {
    if (path != name) continue;
    FileName out;
    out.kind = kind;
    return out;
  }
  if (take_front(path, "entries/")) return take_back(path, ".json") ? numbered(FileKind::entry, path) : std::nullopt;
  if (take_front(path, "proofs/"))
    return take_back(path, ".tlog-proof") ? numbered(FileKind::proof, path) : std::nullopt;
  if (take_front(path, "heads/"))
    return take_back(path, ".consistency") ? numbered(FileKind::head_consistency, path)
                                           : numbered(FileKind::head, path);
  if (take_front(path, "tsr/")) return take_back(path, ".tsr") ? numbered(FileKind::stamp, path) : std::nullopt;
  if (take_front(path, "evidence/")) return evidence(path);
  if (take_front(path, "rules/")) {
    if (take_back(path, ".yml")) return hashed(FileKind::rule, path);
    return take_back(path, ".list") ? hashed(FileKind::rules_list, path) : std::nullopt;
  }
  if (take_front(path, "norms/")) {
    for (const std::string_view part : kNormParts)
      if (std::string_view hash = path; take_back(hash, part) && take_back(hash, "/"))
        return hashed(FileKind::norms, hash);
    return std::nullopt;
  }
  if (take_front(path, "register/")) {
    if (take_back(path, ".json")) return hashed(FileKind::extract, path);
    return take_back(path, ".list") ? hashed(FileKind::register_list, path) : std::nullopt;
  }
  return std::nullopt;
}

std::string entry_path(std::uint64_t index) { return "entries/" + std::to_string(index) + ".json"; }
std::string proof_path(std::uint64_t index) { return "proofs/" + std::to_string(index) + ".tlog-proof"; }
std::string head_path(std::uint64_t size) { return "heads/" + std::to_string(size); }
std::string head_consistency_path(std::uint64_t size) { return head_path(size) + ".consistency"; }
std::string stamp_path(std::uint64_t size) { return "tsr/" + std::to_string(size) + ".tsr"; }
std::string sealed_path(std::string_view alert, record::EvidenceKind kind) {
  return evidence_path(alert, kind, ".sealed");
}
std::string clear_path(std::string_view alert, record::EvidenceKind kind) {
  return evidence_path(alert, kind, kClearEndings[static_cast<std::size_t>(kind)]);
}
std::string nonce_path(std::string_view alert, record::EvidenceKind kind) {
  return evidence_path(alert, kind, ".nonce");
}

}  // namespace nw::bundle
