// Any bytes as the lines of a Zeek log: never a crash, and no line makes more than one event.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/shipped_mapping.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const nw::logs::FormatOptions options = nw::logs::with_mapping("zeek");
  nw::logs::MessagePlay mapped{nw::logs::zeek_tsv_format(), options};
  nw::logs::MessagePlay plain{nw::logs::zeek_tsv_format()};
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    const std::string_view line = rest.substr(0, end + (end + 1 == rest.size() && rest.back() != '\n' ? 1 : 0));
    rest.remove_prefix(end + 1);
    for (nw::logs::MessagePlay* to : {&mapped, &plain}) {
      const std::string told = to->play(line);
      if (std::count(told.begin(), told.end(), '\n') > 1) std::abort();
    }
  }
  return 0;
}
