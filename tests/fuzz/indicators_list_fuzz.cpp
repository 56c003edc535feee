// Any bytes as a feed of indicators in the format list.
#include "fuzz/indicator_feed.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nw::context::fuzz_feed("list", data, size);
  return 0;
}
