#include "ingest/capture/byte_window.h"

#include <algorithm>
#include <pcap/dlt.h>

namespace nw::capture {

// They differ in these (pcap-linktype(7)).
int to_dlt(std::uint32_t link_type) noexcept {
  switch (link_type) {
    case 100: return DLT_ATM_RFC1483;
    case 101: return DLT_RAW;
    case 102: return DLT_SLIP_BSDOS;
    case 103: return DLT_PPP_BSDOS;
    case 106: return DLT_ATM_CLIP;
    default: return static_cast<int>(link_type);
  }
}

// Goes on in the block that was left longest, when nobody has a share of it: else in a new one.
void ByteWindow::next_block() {
  if (blocks_.empty() || blocks_.front().use_count() != 1) {
    blocks_.push_back(std::make_shared_for_overwrite<std::uint8_t[]>(kBlockBytes));
  } else {
    std::rotate(blocks_.begin(), blocks_.begin() + 1, blocks_.end());
  }
  block_ = blocks_.back().get();
}

bool ByteWindow::fill(std::size_t count) {
  if (kBlockBytes - begin_ < count) {
    const Bytes left = bytes();
    if (shared()) next_block();
    std::memmove(block_, left.data(), left.size());
    end_ -= std::exchange(begin_, 0);
  }
  while (end_ - begin_ < count) {
    const std::size_t got = bytes_.read({block_ + end_, kBlockBytes - end_});
    if (got == 0) return false;
    end_ += got;
  }
  return true;
}

bool ByteWindow::skip(std::uint64_t count) {
  for (;;) {
    const std::uint64_t here = std::min<std::uint64_t>(count, end_ - begin_);
    begin_ += static_cast<std::size_t>(here);
    count -= here;
    if (count == 0) return true;
    if (shared()) next_block();
    begin_ = end_ = 0;
    end_ = bytes_.read({block_, kBlockBytes});
    if (end_ == 0) return false;
  }
}

}  // namespace nw::capture
