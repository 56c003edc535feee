// What the tests of the file transport share.
#pragma once

#include <algorithm>
#include <bzlib.h>
#include <fcntl.h>
#include <lzma.h>
#include <memory>
#include <set>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/log.h"
#include "ingest/logs/transports/tail_state.h"
#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {

namespace fs = std::filesystem;
using Got = std::vector<std::string>;

struct TailBench {
  explicit TailBench(bool with_state = true) {
    options.address = log;
    if (with_state) options.state_path = kept.file("state");
  }
  void open() {
    auto opened = find_transport("file")->open(io, options, lines);
    if (!opened) throw std::runtime_error{opened.error().what};
    transport = std::move(*opened);
  }
  void close() {
    transport->stop();
    transport.reset();
  }
  bool wait(std::size_t count) {
    return run_until(io, [&] { return lines.all.size() >= count; });
  }
  // Everything that was given, whatever the order.
  [[nodiscard]] Got sorted() const {
    Got all = lines.all;
    std::ranges::sort(all);
    return all;
  }
  [[nodiscard]] std::size_t different_places() const {
    return std::set<std::uint64_t>(lines.places.begin(), lines.places.end()).size();
  }

  TempDir dir, kept;  // the state is not among what is watched
  std::string log = dir.file("log");
  TransportOptions options;
  boost::asio::io_context io{1};
  Lines lines;
  std::unique_ptr<Transport> transport;
};

// The codes that the daemon logged meanwhile.
class LoggedCodes {
 public:
  LoggedCodes() {
    set_log_sink([this](const LogLine& line) {
      codes.emplace_back(line.code);
      for (const LogField& field : line.fields) values.push_back(field.value);
    });
  }
  ~LoggedCodes() { set_log_sink({}); }
  LoggedCodes(const LoggedCodes&) = delete;
  LoggedCodes& operator=(const LoggedCodes&) = delete;
  [[nodiscard]] auto count(std::string_view code) const { return std::ranges::count(codes, code); }
  [[nodiscard]] bool names(const std::string& value) const { return std::ranges::count(values, value) != 0; }

 private:
  std::vector<std::string> codes, values;
};

inline std::string contents(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline std::string gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string in = text, out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

inline std::string xz(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                                    text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size()),
            LZMA_OK);
  out.resize(size);
  return out;
}

inline std::string bzip2(const std::string& text) {
  std::string in = text, out(text.size() + text.size() / 100 + 600, '\0');
  auto size = static_cast<unsigned>(out.size());
  EXPECT_EQ(BZ2_bzBuffToBuffCompress(out.data(), &size, in.data(), static_cast<unsigned>(in.size()), 9, 0, 0), BZ_OK);
  out.resize(size);
  return out;
}

inline std::string packed_as(const std::string& text, const std::string& ending) {
  if (ending == ".xz") return xz(text);
  if (ending == ".bz2") return bzip2(text);
  return ending == ".gz" ? gzip(text) : zstd(text);
}

// As compressors do it: the compressed file is complete before the other goes, and keeps its time.
inline void compress(const std::string& path, const std::string& ending = ".gz") {
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  const std::string packed = packed_as(contents(path), ending);
  append(path + ending, packed);
  const timespec times[2] = {info.st_atim, info.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, (path + ending).c_str(), times, 0), 0);
  fs::remove(path);
}

// Times in a file system go in steps of some milliseconds; tests that order files by them wait for the next.
inline void next_file_time() { ::usleep(15'000); }

}  // namespace nw::logs
