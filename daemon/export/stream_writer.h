// Writes batches of text to a stream that others read (standard output, a FIFO), without ever blocking the thread: a
// reader that stands still delays its own output and nobody else's.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace nw::exporter {

class StreamWriter {
 public:
  // `fd` is borrowed.
  explicit StreamWriter(int fd) noexcept : fd_{fd} {}

  // Writes `text`. After an error or a cancellation, call again with the same `key`: writing goes on where it stopped,
  // so a line is never torn or repeated. Syncs when the stream is a file. Errors: unavailable (nobody reads), full, io.
  boost::asio::awaitable<Result<>> write(std::uint64_t key, std::string text);

 private:
  int fd_;
  std::uint64_t key_ = 0;
  std::string text_;  // empty: nothing under way
  std::size_t done_ = 0;
};

// The error for errno after writing to `what`.
Error write_error(const std::string& what, int error_number);

}  // namespace nw::exporter
