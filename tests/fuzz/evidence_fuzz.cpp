// A segment of evidence of any bytes: what is found in it lies within it, and nothing opens, for nobody sealed it.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "record/evidence/segment_scan.h"

namespace {

// The input as a file.
class Memory final : public nw::record::FileOps {
 public:
  explicit Memory(std::string_view bytes) : bytes_{bytes} {}
  ssize_t pread(int /*fd*/, void* into, std::size_t size, off_t offset) override {
    const auto at = static_cast<std::size_t>(offset);
    if (at >= bytes_.size()) return 0;
    return static_cast<ssize_t>(bytes_.substr(at).copy(static_cast<char*>(into), size));
  }

 private:
  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::record;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  Memory memory{bytes};
  for (const Bodies bodies : {Bodies::skip, Bodies::check}) {
    const auto scan = scan_evidence(memory, Fd{}, "input", size, bodies);
    NW_CHECK(scan && scan->sound_bytes <= size);
    std::uint64_t end = EvidenceHead::kBytes;
    for (const EvidencePlace& place : scan->places) {
      NW_CHECK(place.offset >= end);
      end = place.offset + ObjectHead::kBytes + ObjectHead::kAround + place.bytes;
      NW_CHECK(end <= size);
    }
  }
  if (const auto head = EvidenceHead::parse(bytes)) NW_CHECK(head->to_bytes() == bytes.substr(0, EvidenceHead::kBytes));
  const auto head = EvidenceHead::parse(bytes);
  NW_CHECK(!open_evidence(bytes, head ? head->key : nw::privacy::PublicKey{}, nw::privacy::Key32{}));
  return 0;
}
