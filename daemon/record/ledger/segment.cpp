#include "record/ledger/segment.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "base/byte_reader.h"
#include "record/ledger/crc32c.h"

namespace nw::record {

namespace {

// One read from the disk; more than the longest record.
constexpr std::size_t kBlockBytes = 128 * 1024;
static_assert(kBlockBytes > kRecordHeaderBytes + kRecordPayloadMax);
constexpr std::size_t kNameDigits = 20;

struct Header {
  std::uint32_t length = 0, crc = 0;
};

Header read_header(std::string_view bytes) {
  std::array<std::uint8_t, kRecordHeaderBytes> raw{};
  std::copy_n(bytes.begin(), kRecordHeaderBytes, raw.begin());
  ByteReader reader{raw};
  Header header;
  header.length = reader.u32le();
  header.crc = reader.u32le();
  return header;
}

bool plausible(const Header& header) { return header.length >= 2 && header.length <= kRecordPayloadMax; }

// Whether a whole, sound record begins at the front of `bytes`.
bool sound(std::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes) return false;
  const Header header = read_header(bytes);
  bytes.remove_prefix(kRecordHeaderBytes);
  if (!plausible(header) || header.length > bytes.size()) return false;
  const std::string_view payload = bytes.substr(0, header.length);
  return is_payload(payload) && crc32c(payload) == header.crc;
}

void append_u32le(std::uint32_t value, std::string& out) {
  for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 0xffU);
}

}  // namespace

bool is_payload(std::string_view payload) noexcept {
  return payload.size() >= 2 && payload.front() == '{' && payload.back() == '}' &&
         payload.find('\0') == std::string_view::npos;
}

void append_record(std::string_view payload, std::string& out) {
  append_u32le(static_cast<std::uint32_t>(payload.size()), out);
  append_u32le(crc32c(payload), out);
  out += payload;
}

std::string segment_name(std::uint64_t first) {
  std::string digits = std::to_string(first);
  return std::string(kNameDigits - digits.size(), '0') + digits + ".log";
}

std::optional<std::uint64_t> segment_first(std::string_view name) {
  if (name.size() != kNameDigits + 4 || !name.ends_with(".log")) return std::nullopt;
  std::uint64_t first = 0;
  const char* const end = name.data() + kNameDigits;
  const auto parsed = std::from_chars(name.data(), end, first);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return first;
}

// Makes `need` bytes from next_ on available in the buffer; false when the file has not so many.
Result<bool> RecordReader::fill(std::size_t need) {
  const std::uint64_t buffered_end = buffer_offset_ + buffer_.size();
  if (next_ >= buffer_offset_ && next_ + need <= buffered_end) return true;
  if (need > end_ - next_) return false;
  buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBlockBytes, end_ - next_)));
  buffer_offset_ = next_;
  const auto got = read_at(ops_, file_, buffer_.data(), buffer_.size(), next_, name_);
  if (!got) {
    buffer_.clear();
    return got.error();
  }
  buffer_.resize(*got);
  return buffer_.size() >= need;  // less: the file is shorter than its owner says
}

Result<RecordReader::Step> RecordReader::next() {
  at_ = next_;
  payload_ = {};
  if (at_ >= end_) return Step::end;
  const auto have_header = fill(kRecordHeaderBytes);
  if (!have_header) return have_header.error();
  if (!*have_header) return Step::fault;
  const auto buffered = [this] {
    return std::string_view{buffer_}.substr(static_cast<std::size_t>(next_ - buffer_offset_));
  };
  const Header header = read_header(buffered());
  if (!plausible(header)) return Step::fault;
  const std::size_t size = kRecordHeaderBytes + header.length;
  const auto have_record = fill(size);
  if (!have_record) return have_record.error();
  if (!*have_record || !sound(buffered().substr(0, size))) return Step::fault;
  payload_ = buffered().substr(kRecordHeaderBytes, header.length);
  next_ += size;
  return Step::record;
}

Result<SegmentScan> scan_segment(FileOps& ops, const Fd& file, std::string_view name, std::uint64_t size) {
  SegmentScan scan;
  RecordReader reader{ops, file, name, 0, size};
  for (;;) {
    const auto step = reader.next();
    if (!step) return step.error();
    if (*step != RecordReader::Step::record) {
      scan.sound_bytes = reader.offset();
      scan.fault = *step == RecordReader::Step::fault;
      return scan;
    }
    if (scan.entries++ % kIndexStep == 0) scan.offsets.push_back(reader.offset());
  }
}

Result<bool> is_torn_tail(FileOps& ops, const Fd& file, std::string_view name, std::uint64_t offset,
                          std::uint64_t size) {
  constexpr std::size_t kRecordMax = kRecordHeaderBytes + kRecordPayloadMax;
  std::string tail(static_cast<std::size_t>(std::min<std::uint64_t>(kRecordMax, size - offset)), '\0');
  const auto got = read_at(ops, file, tail.data(), tail.size(), offset, name);
  if (!got) return got.error();
  tail.resize(*got);
  for (std::size_t at = 1; at < tail.size(); ++at)
    if (sound(std::string_view{tail}.substr(at))) return false;

  std::string block(kBlockBytes, '\0');
  for (std::uint64_t at = offset + tail.size(); at < size;) {
    const auto read = read_at(ops, file, block.data(), block.size(), at, name);
    if (!read) return read.error();
    if (*read == 0) break;
    const auto end = block.begin() + static_cast<std::ptrdiff_t>(*read);
    if (std::any_of(block.begin(), end, [](char c) { return c != '\0'; })) return false;
    at += *read;
  }
  return true;
}

Error damaged(std::string_view name, std::uint64_t offset) {
  return Error{Errc::malformed, std::string{name} + ": the record at byte " + std::to_string(offset) +
                                    " is damaged, and it is not the torn end of a write; nothing was changed. Put an "
                                    "intact copy of this file in its place"};
}

}  // namespace nw::record
