// Any bytes as a feed of indicators in the format stix.
#include "fuzz/indicator_feed.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nw::context::fuzz_feed("stix", data, size);
  return 0;
}
