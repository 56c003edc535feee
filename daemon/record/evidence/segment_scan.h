// What a segment of evidence holds, found by reading the headers of its objects and nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/evidence/format.h"
#include "record/ledger/durable_file.h"

namespace nw::record {

// An object's place. 40 bytes each: a full store of small objects has millions.
struct EvidencePlace {
  std::array<std::uint8_t, 16> alert{};
  Timestamp stored{};
  std::uint32_t offset = 0;  // of its header
  std::uint32_t bytes = 0;   // clear
  EvidenceKind kind = EvidenceKind::values;
  ObjectState state = ObjectState::live;
};

enum class Bodies : unsigned char { skip, check };

struct EvidenceScan {
  std::optional<EvidenceHead> head;   // none: damaged
  std::vector<EvidencePlace> places;  // in the order of the file
  std::uint64_t sound_bytes = 0;      // up to the end of the last object
  std::uint64_t damaged = 0;          // stretches between objects that are none
};
// `check`: a body whose sum is wrong is no object (what lies in the file that was written last may be torn).
Result<EvidenceScan> scan_evidence(FileOps& ops, const Fd& file, std::string_view name, std::uint64_t size,
                                   Bodies bodies);

}  // namespace nw::record
