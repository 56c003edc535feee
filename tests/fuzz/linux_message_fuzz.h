// Any bytes as messages to one of the formats of Linux's own: the first line names the program, each other is a
// message. Never a crash; every message is an event or a fault.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {

inline int fuzz_messages(const MessageFormat& format, const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto take_line = [&] {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
  };
  MessagePlay play{format};
  const std::string_view program = take_line();
  while (!text.empty()) {
    const Message message = MessagePlay::message(take_line(), program);
    if (format.recognise != nullptr) (void)format.recognise(message);
    if (play.play(message).empty()) std::abort();
  }
  (void)play.flush(MessagePlay::received(), true);
  return 0;
}

}  // namespace nw::logs
