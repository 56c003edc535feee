// Any bytes as FortiGate's message.
#include "fuzz/message_fuzz.h"
#include "ingest/logs/formats/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nw::logs::fuzz_message(nw::logs::fortinet_format(), data, size);
  return 0;
}
