// Which files a bundle has. README.md says what each is for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record/evidence/evidence.h"

namespace nw::bundle {

inline constexpr std::string_view kFormat = "normwatch-bundle/1";
inline constexpr std::string_view kReadme = "README", kIncident = "incident.json", kCheckpoint = "checkpoint-new",
                                  kOldCheckpoint = "checkpoint-old", kConsistency = "consistency";
// In the order in which their hash is made (app/norm_files.h).
inline constexpr std::array<std::string_view, 3> kNormParts{"catalogue.yaml", "law.yaml", "regimes.yaml"};

enum class FileKind : unsigned char {
  manifest,
  readme,
  incident,
  checkpoint,
  old_checkpoint,
  consistency,  // of checkpoint-old
  handover,
  entry,             // entries/<index>.json
  proof,             // proofs/<index>.tlog-proof
  head,              // heads/<size>
  head_consistency,  // heads/<size>.consistency
  stamp,             // tsr/<size>.tsr
  sealed,            // evidence/<alert>.<kind>.sealed
  clear,             // evidence/<alert>.values.json, .packets.pcapng, .line.log
  nonce,             // evidence/<alert>.<kind>.nonce
  rule,              // rules/<its hash>.yml
  rules_list,        // rules/<the pack's hash>.list
  norms,             // norms/<hash of the three>/<part>
  extract,           // register/<the register's hash>.json
  register_list,     // register/<the register's hash>.list
};

struct FileName {
  FileKind kind = FileKind::readme;
  std::uint64_t number = 0;  // index or size
  std::string_view alert;    // 32 hex digits; views the path
  record::EvidenceKind evidence = record::EvidenceKind::values;
  std::string_view hash;  // 64 hex digits; views the path
};
// Nothing: no bundle has a file of this path.
std::optional<FileName> read_path(std::string_view path);

std::string entry_path(std::uint64_t index);
std::string proof_path(std::uint64_t index);
std::string head_path(std::uint64_t size);
std::string head_consistency_path(std::uint64_t size);
std::string stamp_path(std::uint64_t size);
std::string sealed_path(std::string_view alert, record::EvidenceKind kind);
std::string clear_path(std::string_view alert, record::EvidenceKind kind);
std::string nonce_path(std::string_view alert, record::EvidenceKind kind);

bool is_hex(std::string_view text, std::size_t digits) noexcept;  // lower case

}  // namespace nw::bundle
