#include "app/spool.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <vector>

#include "app/frames.h"
#include "base/hash.h"
#include "base/log.h"
#include "detect/sigma/archive.h"

namespace nw::app {

namespace {

constexpr std::size_t kHeadBytes = 2 * sizeof(std::uint64_t);  // of a frame
constexpr std::string_view kSuffix = ".lines";

// The file's number, or nothing when it is none of ours.
std::optional<std::uint64_t> number_of(const std::string& name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = name.data() + name.size() - kSuffix.size();
  const auto read = std::from_chars(name.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end ? std::optional{number} : std::nullopt;
}

std::string encode(const WaitingLine& line) {
  std::string peer;
  if (line.peer) peer.assign(reinterpret_cast<const char*>(line.peer->native().data()), line.peer->native().size());
  sigma::ArchiveWriter out;
  out(to_unix_nanoseconds(line.receive_time), peer, line.too_long, line.place, line.text);
  return framed(out.take());
}

bool decode(std::string_view body, WaitingLine& line) {
  sigma::ArchiveReader in{body};
  std::int64_t received = 0;
  std::string_view peer;
  in(received, peer, line.too_long, line.place, line.text);
  if (!in.at_end() || (!peer.empty() && peer.size() != 4 && peer.size() != 16)) return false;
  line.receive_time = from_unix_nanoseconds(received);
  if (!peer.empty())
    line.peer = IpAddress::from_bytes({reinterpret_cast<const std::uint8_t*>(peer.data()), peer.size()});
  return true;
}

// Of a line that had no place of its own: where it lies here. The same after a restart.
std::uint64_t place_of(std::uint64_t number, std::uint64_t offset) {
  return std::max<std::uint64_t>(1, mix64(mix64(number) ^ offset));
}

}  // namespace

Result<Spool> Spool::open(const Options& options, record::FileOps& ops) {
  Spool spool{options, ops};
  if (auto made = record::make_directories(ops, options.directory); !made) return made.error();
  if (auto taken = spool.take_up(); !taken) return taken.error();
  return spool;
}

std::filesystem::path Spool::path_of(std::uint64_t number) const {
  return options_.directory / (std::to_string(number) + std::string{kSuffix});
}

Result<> Spool::take_up() {
  std::uint64_t at = 0, offset = 0;
  const auto position = read_whole(options_.directory / "position");
  if (!position && position.error().code != Errc::not_found) return position.error();
  if (position)
    read_frames(*position, [&](std::string_view body) {
      sigma::ArchiveReader in{body};
      in(at, offset, next_number_);
    });
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{options_.directory, error})
    if (const auto number = number_of(entry.path().filename().string())) numbers.push_back(*number);
  if (error) return Error{Errc::io, options_.directory.string() + ": cannot be read: " + error.message()};
  std::sort(numbers.begin(), numbers.end());
  for (const std::uint64_t number : numbers) {
    next_number_ = std::max(next_number_, number + 1);
    const auto bytes = read_whole(path_of(number));
    if (!bytes) return bytes.error();
    // Those before the position were done with as the daemon ended.
    Segment segment{number, 0, 0};
    const std::uint64_t from = number < at ? bytes->size() : number == at ? std::min(offset, bytes->size()) : 0;
    segment.bytes =
        from + read_frames(std::string_view{*bytes}.substr(from), [&](std::string_view) { ++segment.lines; });
    if (segment.bytes != bytes->size())
      log_warning("spool_cut", "the end of a file of waiting lines is no whole line; a crash or the disk has cut it",
                  {{"file", path_of(number).string()}, {"bytes", std::to_string(bytes->size() - segment.bytes)}});
    if (segment.lines == 0) {
      ops_->unlink(path_of(number).c_str());
      continue;
    }
    if (segments_.empty()) offset_ = buffer_offset_ = from;
    lines_ += segment.lines;
    bytes_ += segment.bytes;
    segments_.push_back(segment);
  }
  return {};
}

Result<> Spool::begin_segment() {
  auto file = record::create_exclusive(*ops_, path_of(next_number_));
  if (!file) return file.error();
  if (unsynced_)
    if (auto synced = sync(); !synced) {
      ops_->unlink(path_of(next_number_).c_str());
      return synced;
    }
  write_ = std::move(*file);
  segments_.push_back({next_number_++, 0, 0});
  if (segments_.size() == 1) {
    offset_ = buffer_offset_ = 0;
    buffer_.clear();
  }
  return {};
}

Result<> Spool::push(const WaitingLine& line) {
  const std::string frame = encode(line);
  if (bytes_ + frame.size() > options_.bytes_max)
    return Error{Errc::full, options_.directory.string() + ": holds as many waiting lines as 'spill_max' allows"};
  if (write_.get() < 0 || segments_.back().bytes + frame.size() > options_.segment_bytes)
    if (auto begun = begin_segment(); !begun) return begun;
  Segment& last = segments_.back();
  if (auto written = record::write_at(*ops_, write_, frame, last.bytes, path_of(last.number).string()); !written)
    return written;  // the next one is written over what there is of it
  unsynced_ = true;
  last.bytes += frame.size();
  ++last.lines;
  bytes_ += frame.size();
  ++lines_;
  return {};
}

Result<> Spool::sync() {
  if (!unsynced_) return {};
  if (auto synced = record::sync_data(*ops_, write_, options_.directory.string()); !synced) return synced;
  unsynced_ = false;
  return {};
}

// What there is of the first segment behind the offset.
Result<> Spool::fill() {
  const Segment& first = segments_.front();
  const std::string name = path_of(first.number).string();
  auto file = record::open_existing(*ops_, name, O_RDONLY);
  if (!file) return file.error();
  buffer_.resize(first.bytes - offset_);
  buffer_offset_ = offset_;
  const auto got = record::read_at(*ops_, *file, buffer_.data(), buffer_.size(), offset_, name);
  if (!got) return got.error();
  buffer_.resize(*got);
  return {};
}

Result<std::optional<WaitingLine>> Spool::take() {
  while (lines_ != 0) {
    Segment& first = segments_.front();
    if (first.lines != 0) {
      std::array<std::uint64_t, 2> head{};
      if (buffer_offset_ + buffer_.size() <= offset_)
        if (auto filled = fill(); !filled) return filled.error();
      const std::string_view rest = std::string_view{buffer_}.substr(offset_ - buffer_offset_);
      if (rest.size() >= kHeadBytes) std::memcpy(head.data(), rest.data(), kHeadBytes);
      WaitingLine line;
      bool good = false;
      const std::string_view one = rest.substr(0, std::min<std::uint64_t>(rest.size(), kHeadBytes + head[0]));
      const std::size_t size = read_frames(one, [&](std::string_view body) { good = decode(body, line); });
      if (!good) {  // it was whole when it was written
        const std::string name = path_of(first.number).string();
        const std::uint64_t lost = std::exchange(first.lines, 0);
        lines_ -= lost;
        offset_ = buffer_offset_ = first.bytes;
        buffer_.clear();
        return Error{Errc::malformed, name + ": damaged at byte " + std::to_string(offset_) + "; " +
                                          std::to_string(lost) + " waiting lines are lost"};
      }
      if (line.place == 0) line.place = place_of(first.number, offset_);
      offset_ += size;
      --first.lines;
      --lines_;
      return std::optional{std::move(line)};
    }
    done_.push_back(first);
    segments_.pop_front();
    offset_ = buffer_offset_ = 0;
    buffer_.clear();
  }
  return std::optional<WaitingLine>{};
}

Spool::Position Spool::position() const noexcept {
  return segments_.empty() ? Position{next_number_, 0} : Position{segments_.front().number, offset_};
}

Result<> Spool::forget(const Position& position) {
  // The last file, when it is read to its end, is done with, too: what comes next begins another.
  if (segments_.size() == 1 && lines_ == 0 && position.number == segments_.front().number &&
      position.offset == segments_.front().bytes) {
    done_.push_back(segments_.front());
    segments_.clear();
    offset_ = buffer_offset_ = 0;
    buffer_.clear();
    write_ = record::Fd{};
    unsynced_ = false;
  }
  const Position kept = segments_.empty() ? this->position() : position;
  sigma::ArchiveWriter out;
  out(kept.number, kept.offset, next_number_);
  if (auto done = record::replace_file(*ops_, options_.directory / "position", framed(out.take())); !done) return done;
  for (; !done_.empty() && done_.front().number < kept.number; done_.pop_front()) {
    ops_->unlink(path_of(done_.front().number).c_str());
    bytes_ -= done_.front().bytes;
  }
  return {};
}

}  // namespace nw::app
