#include "app/line_file.h"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "ingest/capture/packet_source.h"
#include "ingest/logs/formats/evtx.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/log_time.h"

namespace nw::app {

namespace {

constexpr std::size_t kChunk = 256 * 1024;

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

}  // namespace

Result<LineFile> LineFile::open(const std::string& path, std::size_t line_bytes_max) {
  LineFile out;
  out.path_ = path;
  out.line_bytes_max_ = line_bytes_max;
  out.modified_ = wall_now();
  if (path == "-") {
    out.file_.reset(::fdopen(::dup(STDIN_FILENO), "r"));
  } else {
    out.file_.reset(std::fopen(path.c_str(), "re"));
  }
  if (!out.file_) {
    const Errc code = errno == ENOENT ? Errc::not_found : errno == EACCES ? Errc::no_permission : Errc::io;
    return Error{code, "cannot read " + path + ": " + std::strerror(errno)};
  }
  struct stat info {};
  if (::fstat(::fileno(out.file_.get()), &info) == 0 && S_ISDIR(info.st_mode))
    return Error{Errc::invalid_argument, path + " is a folder; name the files in it"};
  if (S_ISREG(info.st_mode)) {
    out.size_ = static_cast<std::uint64_t>(info.st_size);
    out.modified_ = Timestamp{std::chrono::seconds{info.st_mtim.tv_sec} + Nanoseconds{info.st_mtim.tv_nsec}};
  }
  out.buffer_.resize(logs::kEvtxHeaderBytes);
  out.buffer_.resize(std::fread(out.buffer_.data(), 1, out.buffer_.size(), out.file_.get()));
  out.bytes_ = out.buffer_.size();
  if (const std::size_t at = logs::evtx_chunks_at(bytes_of(out.buffer_)); at != 0)
    out.records_ = std::make_unique<EvtxRecords>(out.file_.get(), path, out.buffer_.size(), at);
  return out;
}

Result<std::size_t> LineFile::read(std::size_t most, FunctionRef<void(std::string_view, bool)> take) {
  if (records_) return records_->read(most, take);
  std::size_t taken = 0;
  while (taken < most) {
    const std::string_view rest = std::string_view{buffer_}.substr(at_);
    const std::size_t end = rest.find('\n');
    const bool whole = end != std::string_view::npos;
    if (whole || rest.size() > line_bytes_max_ || (ended_ && !rest.empty())) {
      std::string_view line = rest.substr(0, whole ? end : rest.size());
      at_ += line.size() + (whole ? 1 : 0);
      const bool rest_of_long = skipping_;
      skipping_ = !whole && !ended_;
      if (rest_of_long) continue;
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      const bool too_long = line.size() > line_bytes_max_ || skipping_;
      take(line.substr(0, line_bytes_max_), too_long);
      ++taken;
      continue;
    }
    if (ended_) break;
    buffer_.erase(0, at_);
    at_ = 0;
    const std::size_t kept = buffer_.size();
    buffer_.resize(kept + kChunk);
    const std::size_t got = std::fread(buffer_.data() + kept, 1, kChunk, file_.get());
    buffer_.resize(kept + got);
    bytes_ += got;
    if (got < kChunk) {
      if (std::ferror(file_.get()) != 0) return Error{Errc::io, "cannot read " + path_ + ": " + std::strerror(errno)};
      ended_ = true;
    }
  }
  return taken;
}

std::optional<Timestamp> stated_time(std::string_view line) {
  if (line.starts_with('<')) {
    const std::size_t end = line.substr(0, 5).find('>');
    if (end == std::string_view::npos) return std::nullopt;
    line.remove_prefix(end + 1);
    if (line.starts_with("1 ")) line.remove_prefix(2);
  }
  logs::LogTime time;
  if (logs::scan_iso_time(line, std::chrono::minutes{0}, time) != logs::TimeScan::good) return std::nullopt;
  return time.quality == event::TimeQuality::stated ? std::optional{time.time} : std::nullopt;
}

namespace {

bool named_like_a_capture(std::string_view path) {
  for (const std::string_view packing : {".gz", ".zst"})
    if (path.ends_with(packing)) path.remove_suffix(packing.size());
  return path.ends_with(".pcap") || path.ends_with(".pcapng") || path.ends_with(".cap");
}

// An event, or <Events>, at the front; a byte order mark or an XML declaration may stand there.
bool holds_windows_xml(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const std::size_t at = head.find("<Event");
  return (head.starts_with("<?xml") || at == 0) && at != std::string_view::npos &&
         head.find("http://schemas.microsoft.com/win/2004/08/events/event") != std::string_view::npos;
}

std::string guess_log_format(const std::string& path) {
  for (const std::string_view ending : {".jsonl", ".json", ".ndjson"})
    if (path.ends_with(ending)) return "json";
  std::string head(512, '\0');
  if (const auto file = std::unique_ptr<std::FILE, int (*)(std::FILE*)>{std::fopen(path.c_str(), "re"), std::fclose})
    head.resize(std::fread(head.data(), 1, head.size(), file.get()));
  if (head.starts_with('{')) return "json";
  // Their events may go over several lines, which only the format itself puts together.
  if (logs::evtx_chunks_at(bytes_of(head)) != 0 || holds_windows_xml(head)) return "windows_xml";
  return "auto";
}

}  // namespace

bool holds_windows_events(const std::string& path) {
  if (path == "-") return false;
  auto file = LineFile::open(path, logs::kLineBytesMax);
  bool found = false;
  const auto look = [&](std::string_view line, bool) {
    const auto has = [line](std::string_view word) { return line.find(word) != std::string_view::npos; };
    found = (has("\"EventID\"") && has("\"Channel\"")) || (has("\"event_id\"") && has("\"winlog\""));
  };
  if (file) (void)file->read(1, look);
  return found;
}

Result<std::string> replay_format(const std::string& path, const std::string& format) {
  if (!format.empty() && logs::find_format(format) == nullptr) {
    std::string known;
    for (const std::string_view name : logs::format_names()) known.append(known.empty() ? "" : ", ").append(name);
    return Error{Errc::invalid_argument, "no log format is called '" + printable(format, 64) + "'" +
                                             did_you_mean(format, logs::format_names()) + "; there are " + known};
  }
  if (const logs::Format* const known = logs::find_format(format); known != nullptr && known->datagrams)
    return Error{Errc::invalid_argument, "'" + format +
                                             "' is a format of datagrams, which a file of lines cannot hold; "
                                             "send them to a source of kind: udp"};
  if (path == "-") return format;
  const auto is_capture = capture::is_capture_file(path);
  if (!is_capture) return is_capture.error();
  if (*is_capture) return std::string{};
  if (format.empty() && named_like_a_capture(path))
    return Error{
        Errc::malformed,
        path + " is neither pcap nor pcapng (nor one of these in gzip or zstd); if it is a log, say so with --format"};
  return format.empty() ? guess_log_format(path) : format;
}

}  // namespace nw::app
