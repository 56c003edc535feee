#include "record/evidence/segment_scan.h"

#include <algorithm>
#include <string>
#include <utility>

#include "record/ledger/crc32c.h"

namespace nw::record {

namespace {

constexpr std::size_t kBlock = 16U << 10;  // small objects share a read, large ones waste little

// A window over the file.
class Window {
 public:
  Window(FileOps& ops, const Fd& file, std::string_view name, std::uint64_t size)
      : ops_{ops}, file_{file}, name_{name}, size_{size} {}

  // `want` bytes from `offset` on; fewer only at the end of the file. Valid until the next call.
  Result<std::string_view> at(std::uint64_t offset, std::size_t want) {
    if (offset >= size_) return std::string_view{};
    want = static_cast<std::size_t>(std::min<std::uint64_t>(want, size_ - offset));
    if (offset < begin_ || offset + want > begin_ + buffer_.size()) {
      buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(std::max(want, kBlock), size_ - offset)));
      begin_ = offset;
      const auto got = read_at(ops_, file_, buffer_.data(), buffer_.size(), offset, name_);
      if (!got) {
        buffer_.clear();
        return got.error();
      }
      buffer_.resize(*got);
    }
    return std::string_view{buffer_}.substr(static_cast<std::size_t>(offset - begin_), want);
  }

 private:
  FileOps& ops_;
  const Fd& file_;
  std::string_view name_;
  std::uint64_t size_, begin_ = 0;
  std::string buffer_;
};

}  // namespace

Result<EvidenceScan> scan_evidence(FileOps& ops, const Fd& file, std::string_view name, std::uint64_t size,
                                   Bodies bodies) {
  EvidenceScan scan;
  Window window{ops, file, name, size};
  const auto first = window.at(0, EvidenceHead::kBytes);
  if (!first) return first.error();
  scan.head = EvidenceHead::parse(*first);
  if (scan.head) scan.sound_bytes = EvidenceHead::kBytes;
  bool between = false;  // in a stretch that is no object
  for (std::uint64_t at = EvidenceHead::kBytes; at + ObjectHead::kBytes + ObjectHead::kAround <= size;) {
    const auto bytes = window.at(at, ObjectHead::kBytes);
    if (!bytes) return bytes.error();
    const auto head = ObjectHead::parse(*bytes);
    bool sound = head.has_value() && at + ObjectHead::kBytes + head->body_bytes() <= size;
    if (sound && bodies == Bodies::check && head->state == ObjectState::live) {
      const auto body = window.at(at + ObjectHead::kBytes, head->body_bytes());
      if (!body) return body.error();
      sound = crc32c(*body) == head->body_crc;
    }
    if (!sound) {
      between = true;
      ++at;
      continue;
    }
    if (std::exchange(between, false)) ++scan.damaged;
    if (head->state_damaged) ++scan.damaged;
    scan.places.push_back(
        EvidencePlace{head->alert, head->stored, static_cast<std::uint32_t>(at), head->bytes, head->kind, head->state});
    at += ObjectHead::kBytes + head->body_bytes();
    scan.sound_bytes = at;
  }
  return scan;
}

}  // namespace nw::record
