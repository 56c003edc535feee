// Any bytes as a log of PAN-OS.
#include "fuzz/message_fuzz.h"
#include "ingest/logs/formats/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nw::logs::fuzz_message(nw::logs::palo_alto_format(), data, size);
  return 0;
}
