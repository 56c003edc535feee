// Windows event log files (EVTX), as libevtx's description of the format has them, read chunk by chunk: each record as
// the XML that Windows would show for it, on one line. Pure: who calls reads the file.
//
//   file:    "ElfFile\0" ... | chunks of 64 KiB, from the byte that the header says
//   chunk:   "ElfChnk\0" ... | records from byte 512 on | unused
//   record:  2a 2a 00 00 | size u32 | number u64 | written FILETIME | binary XML | size u32
// Checksums are not looked at: a file copied from a running machine has old ones. What does not fit is told where it
// stands.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/logs/formats/evtx_xml.h"

namespace nw::logs {

constexpr std::size_t kEvtxHeaderBytes = 128, kEvtxChunkBytes = 64 * 1024;

// Where the first chunk begins, by the first kEvtxHeaderBytes of a file; 0: it is no such file.
std::size_t evtx_chunks_at(Bytes header) noexcept;

class EvtxChunk {
 public:
  enum class Fault : std::uint8_t {
    none,
    bad_chunk,   // not used, and not empty: no signature
    bad_record,  // its two sizes differ, or pass the chunk; the search goes on behind it
    malformed,   // its binary XML
    too_deep,
    too_long,
  };
  struct Record {
    std::uint64_t number = 0;
    std::string_view xml;  // until the next call; after a fault what was read up to there
    Fault fault = Fault::none;
  };

  // `chunk` stays until the last next(). The last of a file may be shorter.
  void open(Bytes chunk) noexcept;
  // The next record, or fault; false at the end.
  bool next(Record& out);

 private:
  [[nodiscard]] std::size_t at() const noexcept { return chunk_.size() - rest_.size(); }

  Bytes chunk_, rest_;
  // Behind it, by the header, there is old rubbish; or, when the file was copied while it was written, a record that
  // goes on counting.
  std::size_t used_ = 0;
  std::uint64_t last_ = 0;
  bool bad_ = false;
  EvtxXml xml_;
};
std::string_view to_string(EvtxChunk::Fault fault);

}  // namespace nw::logs
