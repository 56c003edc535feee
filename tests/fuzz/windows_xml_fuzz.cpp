// Any bytes as lines of Windows events in XML: never a crash; what is held is told at the end; a line that is an event
// by itself is the same event afterwards.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/shipped_mapping.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const nw::logs::FormatOptions options = nw::logs::with_mapping("windows");
  static nw::logs::MessagePlay mapped{nw::logs::windows_xml_format(), options};
  static nw::logs::MessagePlay narrow{nw::logs::windows_xml_format(), options, {"Image", "Data", "Threat Name"}};
  static nw::logs::MessagePlay plain{nw::logs::windows_xml_format()};
  const std::string_view all{reinterpret_cast<const char*>(data), size};
  for (nw::logs::MessagePlay* to : {&mapped, &narrow, &plain}) {
    std::string_view rest = all;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      (void)to->play(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    (void)to->flush(nw::logs::MessagePlay::received(), true);
    const std::string once = to->play(all);
    (void)to->flush(nw::logs::MessagePlay::received(), true);
    if (to->play(all) != once) std::abort();
    (void)to->flush(nw::logs::MessagePlay::received(), true);
  }
  return 0;
}
