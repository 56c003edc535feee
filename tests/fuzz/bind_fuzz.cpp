// Any bytes as lines of the format bind.
#include "fuzz/message_lines_fuzz.h"
#include "ingest/logs/formats/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return nw::logs::fuzz_message_lines(nw::logs::bind_format(), nw::logs::Heads::none, data, size);
}
