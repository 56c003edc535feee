// The records of a Windows event log file (EVTX), read from start to end as lines: each as its XML. What is damaged is
// a line that says so, in front of what could be read of it; so it is counted, and told.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/result.h"
#include "ingest/logs/formats/evtx.h"

namespace nw::app {

class EvtxRecords {
 public:
  // `file` is borrowed; `head_bytes` have been read from it, and the first chunk begins at `chunks_at`.
  EvtxRecords(std::FILE* file, std::string path, std::size_t head_bytes, std::size_t chunks_at);

  // As LineFile::read(). Never too long: a record is bounded by itself.
  Result<std::size_t> read(std::size_t most, FunctionRef<void(std::string_view line, bool too_long)> take);
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return bytes_; }

 private:
  Result<bool> next_chunk();
  bool fill(std::size_t bytes);

  std::FILE* file_;
  std::string path_, damage_;
  std::vector<std::uint8_t> chunk_;
  std::size_t skip_;  // bytes up to the next chunk
  logs::EvtxChunk reader_;
  logs::EvtxChunk::Record record_;
  std::uint64_t bytes_, chunks_ = 0;
  bool open_ = false;     // there may be more in the chunk
  bool partial_ = false;  // what could be read of record_ is to be told
};

}  // namespace nw::app
