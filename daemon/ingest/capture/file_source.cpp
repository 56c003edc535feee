// Capture files: PcapReader or PcapngReader reads them; the bytes come from ByteStream, which unpacks.
#include <array>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "ingest/capture/byte_stream.h"
#include "ingest/capture/packet_source.h"
#include "ingest/capture/pcap.h"
#include "ingest/capture/pcapng.h"

namespace nw::capture {

namespace {

bool begins(Bytes head, std::string_view with) {
  return head.size() >= with.size() && std::memcmp(head.data(), with.data(), with.size()) == 0;
}

bool is_capture(Bytes head) noexcept { return begins_pcap(head) || begins_pcapng(head); }

// What a file that is no capture seems to be.
std::string_view looks_like(Bytes head) {
  using namespace std::string_view_literals;
  struct Kind {
    std::string_view magic, name;
  };
  static constexpr auto kKinds = std::to_array<Kind>({
      {"\xfd\x37zXZ"sv, "xz data; unpack it first (xz -d)"},
      {"BZh"sv, "bzip2 data; unpack it first (bzip2 -d)"},
      {"\x04\x22\x4d\x18"sv, "lz4 data; unpack it first (lz4 -d)"},
      {"\x1f\x8b"sv, "gzip in gzip; unpack it once first"},
      {"\x28\xb5\x2f\xfd"sv, "zstd in zstd; unpack it once first"},
      {"PK\x03\x04"sv, "a zip archive; unpack it first (unzip)"},
      {"7z\xbc\xaf"sv, "a 7z archive; unpack it first"},
      {"snoop\0"sv, "a snoop capture; convert it with editcap"},
      {"GMBU"sv, "a Microsoft Network Monitor capture; convert it with editcap"},
      {"RTSS"sv, "a Microsoft Network Monitor capture; convert it with editcap"},
      {"ElfFile"sv, "a Windows event log"},
      {"\x7f\x45LF"sv, "a program"},
      {"%PDF"sv, "a PDF document"},
      {"SQLite format 3"sv, "an SQLite database"},
      {"{"sv, "JSON; read it as a log source"},
      {"<"sv, "XML or syslog; read it as a log source"},
  });
  for (const Kind& kind : kKinds)
    if (begins(head, kind.magic)) return kind.name;
  const bool text = std::all_of(head.begin(), head.end(), [](std::uint8_t byte) {
    return byte >= 0x20 || byte == '\n' || byte == '\r' || byte == '\t';
  });
  return text ? "text; read it as a log source" : "none of the kinds that are known here";
}

std::string place(const std::string& path) { return path == "-" ? "standard input" : path; }

template <class Reader>
class FileSource final : public PacketSource {
 public:
  FileSource(std::string name, std::unique_ptr<ByteStream> bytes)
      : name_{std::move(name)}, bytes_{std::move(bytes)}, reader_{*bytes_} {}

  Reader& reader() noexcept { return reader_; }
  // Why the file's header could not be read.
  [[nodiscard]] Error refused() const {
    return {bytes_->reading_failed() ? Errc::io : Errc::malformed,
            name_ + ": the capture's header cannot be read: " + why()};
  }
  [[nodiscard]] bool at_end() const noexcept override { return at_end_; }
  [[nodiscard]] int descriptor() const noexcept override { return -1; }
  [[nodiscard]] Progress progress() const noexcept override { return {bytes_->done(), bytes_->all()}; }
  [[nodiscard]] CaptureCounters counters() override {
    CaptureCounters all = counters_;
    all.kernel_dropped = reader_.kernel_dropped();
    all.interface_dropped = reader_.interface_dropped();
    return all;
  }

  Result<std::size_t> read(std::size_t most, FunctionRef<void(const Packet&)> take) override {
    std::size_t count = 0;
    while (count < most && !at_end_) {
      Packet packet;
      const auto next = reader_.next(packet);
      if (next != Reader::Next::packet) return ended(count, next == Reader::Next::end);
      ++count;
      ++counters_.packets;
      counters_.cut += packet.data.size() < packet.wire_bytes ? 1U : 0U;
      take(packet);
    }
    return count;
  }

 private:
  // A clean end, or the fault, told once; at_end() holds from here on.
  Result<std::size_t> ended(std::size_t count, bool clean) {
    at_end_ = true;
    if (clean) return count;
    return Error{bytes_->reading_failed() ? Errc::io : Errc::malformed,
                 name_ + ": packet " + std::to_string(counters_.packets + 1) + ": " + why() +
                     "; the packets before it were read"};
  }

  [[nodiscard]] const std::string& why() const noexcept {
    return bytes_->fault().empty() ? reader_.fault() : bytes_->fault();
  }

  std::string name_;
  std::unique_ptr<ByteStream> bytes_;
  Reader reader_;
  bool at_end_ = false;
  CaptureCounters counters_;
};

// tee(2) copies from a pipe without consuming. A writer may start slowly: a second at most for the first bytes.
ssize_t look_into_pipe(std::vector<std::uint8_t>& head) {
  constexpr std::size_t kEnough = 64;
  std::array<int, 2> copy{-1, -1};
  if (::pipe(copy.data()) != 0) return -1;
  ssize_t got = -1;
  for (int wait = 0; wait < 100 && got < static_cast<ssize_t>(kEnough); ++wait) {
    if (::tee(STDIN_FILENO, copy[1], head.size(), 0) <= 0) break;
    got = ::read(copy[0], head.data(), head.size());
    pollfd writer{STDIN_FILENO, POLLIN, 0};
    if (::poll(&writer, 1, 0) > 0 && (writer.revents & POLLHUP) != 0) break;
    if (got < static_cast<ssize_t>(kEnough)) (void)::poll(nullptr, 0, 10);
  }
  ::close(copy[0]);
  ::close(copy[1]);
  return got;
}

// Up to 64 KiB of what waits on standard input, left there for the reader to come.
std::vector<std::uint8_t> look_at_standard_input() {
  std::vector<std::uint8_t> head(64 * 1024);
  ssize_t got = ::pread(STDIN_FILENO, head.data(), head.size(), ::lseek(STDIN_FILENO, 0, SEEK_CUR));
  if (got < 0) got = ::recv(STDIN_FILENO, head.data(), head.size(), MSG_PEEK);
  if (got < 0) got = look_into_pipe(head);
  head.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return head;
}

}  // namespace

Result<std::unique_ptr<PacketSource>> open_file(const std::string& path) {
  auto opened = ByteStream::open(path);
  if (!opened) return opened.error();
  std::unique_ptr<ByteStream> bytes = std::move(*opened);
  const std::string name = place(path);
  const Bytes head = bytes->peek();
  if (bytes->reading_failed()) return Error{Errc::io, name + ": " + bytes->fault()};
  if (head.empty() && !bytes->fault().empty()) return Error{Errc::malformed, name + ": " + bytes->fault()};
  if (head.empty()) return Error{Errc::malformed, name + ": the file is empty"};
  if (!is_capture(head) && !bytes->fault().empty()) return Error{Errc::malformed, name + ": " + bytes->fault()};
  if (!is_capture(head))
    return Error{Errc::malformed,
                 name + ": not a capture file (pcap or pcapng); it looks like " + std::string{looks_like(head)}};
  if (begins_pcapng(head))
    return std::unique_ptr<PacketSource>{std::make_unique<FileSource<PcapngReader>>(name, std::move(bytes))};
  auto source = std::make_unique<FileSource<PcapReader>>(name, std::move(bytes));
  if (!source->reader().begin()) return source->refused();
  return std::unique_ptr<PacketSource>{std::move(source)};
}

Result<bool> is_capture_file(const std::string& path) {
  if (path == "-") {
    const auto head = look_at_standard_input();
    return is_capture(ByteStream::over(head)->peek());
  }
  auto opened = ByteStream::open(path);
  if (!opened) return opened.error();
  const Bytes head = (*opened)->peek();
  if ((*opened)->reading_failed()) return Error{Errc::io, path + ": " + (*opened)->fault()};
  return is_capture(head);
}

}  // namespace nw::capture
