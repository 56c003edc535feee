#include "app/evtx_records.h"

#include <cerrno>
#include <cstring>

namespace nw::app {

EvtxRecords::EvtxRecords(std::FILE* file, std::string path, std::size_t head_bytes, std::size_t chunks_at)
    : file_{file}, path_{std::move(path)}, skip_{chunks_at - head_bytes}, bytes_{head_bytes} {}

// Reads up to as many bytes into chunk_; false at a fault.
bool EvtxRecords::fill(std::size_t bytes) {
  chunk_.resize(bytes);
  chunk_.resize(std::fread(chunk_.data(), 1, bytes, file_));
  bytes_ += chunk_.size();
  return std::ferror(file_) == 0;
}

// False at the end of the file.
Result<bool> EvtxRecords::next_chunk() {
  const bool good = (skip_ == 0 || fill(skip_)) && fill(logs::kEvtxChunkBytes);
  skip_ = 0;
  if (!good) return Error{Errc::io, "cannot read " + path_ + ": " + std::strerror(errno)};
  if (chunk_.empty()) return false;
  ++chunks_;
  reader_.open(chunk_);
  return true;
}

Result<std::size_t> EvtxRecords::read(std::size_t most, FunctionRef<void(std::string_view, bool)> take) {
  std::size_t taken = 0;
  while (taken < most) {
    if (partial_) {
      partial_ = false;
      take(record_.xml, false);
      ++taken;
      continue;
    }
    if (!open_) {
      auto more = next_chunk();
      if (!more) return more.error();
      if (!*more) break;
      open_ = true;
    }
    if (!reader_.next(record_)) {
      open_ = false;
      continue;
    }
    ++taken;
    if (record_.fault == logs::EvtxChunk::Fault::none) {
      take(record_.xml, false);
      continue;
    }
    damage_ = "EVTX chunk " + std::to_string(chunks_) + ", record " + std::to_string(record_.number) + ": ";
    damage_ += logs::to_string(record_.fault);
    take(damage_, false);
    partial_ = !record_.xml.empty();
  }
  return taken;
}

}  // namespace nw::app
