#include "ingest/logs/formats/evtx.h"

#include <algorithm>
#include <array>

namespace nw::logs {

namespace {

constexpr std::array<std::uint8_t, 8> kFileMark{'E', 'l', 'f', 'F', 'i', 'l', 'e', 0};
constexpr std::array<std::uint8_t, 8> kChunkMark{'E', 'l', 'f', 'C', 'h', 'n', 'k', 0};
constexpr std::array<std::uint8_t, 4> kRecordMark{0x2a, 0x2a, 0, 0};
constexpr std::size_t kFreeAt = 48;      // in a chunk: where its free space begins, u32
constexpr std::size_t kRecordsAt = 512;  // in a chunk
constexpr std::size_t kRecordHead = 24;  // up to the binary XML
constexpr std::size_t kRecordMin = kRecordHead + 4;
constexpr std::size_t kRecordAlign = 8;

bool marked(Bytes bytes, Bytes mark) {
  return bytes.size() >= mark.size() && std::ranges::equal(bytes.first(mark.size()), mark);
}

EvtxChunk::Fault fault_of(EvtxXml::Fault fault) {
  switch (fault) {
    case EvtxXml::Fault::none: return EvtxChunk::Fault::none;
    case EvtxXml::Fault::malformed: return EvtxChunk::Fault::malformed;
    case EvtxXml::Fault::too_deep: return EvtxChunk::Fault::too_deep;
    case EvtxXml::Fault::too_long: return EvtxChunk::Fault::too_long;
  }
  return EvtxChunk::Fault::malformed;
}

}  // namespace

std::string_view to_string(EvtxChunk::Fault fault) {
  static constexpr std::array<std::string_view, 6> kNames{"none",      "bad_chunk", "bad_record",
                                                          "malformed", "too_deep",  "too_long"};
  return kNames[static_cast<std::size_t>(fault)];
}

std::size_t evtx_chunks_at(Bytes header) noexcept {
  if (header.size() < kEvtxHeaderBytes || !marked(header, kFileMark)) return 0;
  ByteReader in{header.subspan(40)};
  const std::size_t size = in.u16le();
  return size < kEvtxHeaderBytes ? 0 : size;
}

void EvtxChunk::open(Bytes chunk) noexcept {
  chunk_ = chunk.first(std::min(chunk.size(), kEvtxChunkBytes));
  const bool good = chunk_.size() >= kRecordsAt && marked(chunk_, kChunkMark);
  rest_ = good ? chunk_.subspan(kRecordsAt) : Bytes{};
  used_ = good ? ByteReader{chunk_.subspan(kFreeAt)}.u32le() : 0;
  if (used_ < kRecordsAt) used_ = kRecordsAt;
  last_ = 0;
  // Space that was made ready and never used holds nothing.
  bad_ = !good && std::ranges::any_of(chunk_, [](std::uint8_t byte) { return byte != 0; });
}

bool EvtxChunk::next(Record& out) {
  out = {};
  if (bad_) {
    bad_ = false;
    out.fault = Fault::bad_chunk;
    return true;
  }
  while (rest_.size() >= kRecordMin && at() < used_ && !marked(rest_, kRecordMark)) rest_ = rest_.subspan(kRecordAlign);
  if (rest_.size() < kRecordMin || !marked(rest_, kRecordMark)) return false;
  ByteReader in{rest_.subspan(kRecordMark.size())};
  const std::size_t size = in.u32le();
  out.number = in.u32le();
  out.number |= std::uint64_t{in.u32le()} << 32U;
  const bool fits = size >= kRecordMin && size <= rest_.size() && ByteReader{rest_.subspan(size - 4)}.u32le() == size;
  if (at() >= used_ && (!fits || out.number != last_ + 1)) return false;
  if (!fits) {
    out.fault = Fault::bad_record;
    rest_ = rest_.subspan(kRecordAlign);
    return true;
  }
  out.fault = fault_of(xml_.read(chunk_, rest_.subspan(kRecordHead, size - kRecordMin)));
  out.xml = xml_.out();
  rest_ = rest_.subspan(size);
  last_ = out.number;
  return true;
}

}  // namespace nw::logs
