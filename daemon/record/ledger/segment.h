// One file of the journal: how records lie in it, walking them, and what a fault in it means.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/ledger/durable_file.h"

namespace nw::record {

// Part of the format on disk: | length u32le | crc32c u32le over the payload | payload |
constexpr std::size_t kRecordHeaderBytes = 8;
constexpr std::size_t kRecordPayloadMax = 65'535;
// The offset of each 64th record is kept in memory: a random read walks over at most 63 others.
constexpr std::uint64_t kIndexStep = 64;

// A payload is one JSON object. (That it ends in '}' and holds no NUL is what makes a torn end recognisable.)
bool is_payload(std::string_view payload) noexcept;

void append_record(std::string_view payload, std::string& out);

// "00000000000000000042.log" <-> 42
std::string segment_name(std::uint64_t first);
std::optional<std::uint64_t> segment_first(std::string_view name);

// Walks the records between two offsets of one file, checking each. The file is borrowed.
class RecordReader {
 public:
  enum class Step : std::uint8_t { record, end, fault };

  RecordReader(FileOps& ops, const Fd& file, std::string_view name, std::uint64_t begin, std::uint64_t end)
      : ops_{ops}, file_{file}, name_{name}, at_{begin}, next_{begin}, end_{end} {}

  // `fault`: what begins at offset() is no whole, sound record. Error: io.
  Result<Step> next();
  // Of the record just read. The payload is valid until the next call.
  [[nodiscard]] std::string_view payload() const noexcept { return payload_; }
  [[nodiscard]] std::uint64_t offset() const noexcept { return at_; }
  [[nodiscard]] std::uint64_t next_offset() const noexcept { return next_; }

 private:
  Result<bool> fill(std::size_t need);

  FileOps& ops_;
  const Fd& file_;
  std::string_view name_;
  std::uint64_t at_, next_, end_;
  std::string buffer_;
  std::uint64_t buffer_offset_ = 0;
  std::string_view payload_;
};

// What a walk over a whole segment found.
struct SegmentScan {
  std::uint64_t entries = 0;
  std::uint64_t sound_bytes = 0;       // up to the first fault, or all
  std::vector<std::uint64_t> offsets;  // of each kIndexStep-th record
  bool fault = false;
};
Result<SegmentScan> scan_segment(FileOps& ops, const Fd& file, std::string_view name, std::uint64_t size);

// Whether the fault at `offset` is the end of a write that a power cut or a kill tore: no sound record begins behind
// it, and it is no longer than a record, unless only zeros follow (a file system may grow a file before it fills it).
// Otherwise entries that were accepted are damaged.
Result<bool> is_torn_tail(FileOps& ops, const Fd& file, std::string_view name, std::uint64_t offset,
                          std::uint64_t size);

struct SegmentFile {
  std::filesystem::path path;
  std::uint64_t first = 0, bytes = 0;
};
// The files of a journal in order. `malformed` when one is missing at the front, or when a file cannot hold the entries
// that its neighbour's name implies. Files of other names are passed over.
Result<std::vector<SegmentFile>> list_segments(const std::filesystem::path& journal);

// `malformed`, naming file and byte, and what to do.
Error damaged(std::string_view name, std::uint64_t offset);

}  // namespace nw::record
