// The message formats: one row here, one file beside this one. Sorted by name.
#include "ingest/logs/formats/messages.h"

#include <vector>

namespace nw::logs {

std::span<const MessageFormat> message_formats() {
  static const std::vector<MessageFormat> kFormats{};
  return kFormats;
}

}  // namespace nw::logs
