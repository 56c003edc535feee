#include "ingest/logs/formats/messages.h"
#include "linux_message_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return nw::logs::fuzz_messages(nw::logs::sshd_format(), data, size);
}
