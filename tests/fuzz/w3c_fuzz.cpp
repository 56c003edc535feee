// Any bytes as lines of the format w3c.
#include "fuzz/message_lines_fuzz.h"
#include "ingest/logs/formats/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return nw::logs::fuzz_message_lines(nw::logs::w3c_format(), nw::logs::Heads::some, data, size);
}
