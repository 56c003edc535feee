// Any bytes as the lines of one source of a message format: the first line names the program, each other is a message.
// Never a crash; a message is one event or a fault, or nothing where the format has heads.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {

enum class Heads { none, some };

inline int fuzz_message_lines(const MessageFormat& format, Heads heads, const std::uint8_t* data, std::size_t size) {
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
    const std::string told = play.play(message);
    const bool nothing = told.empty() && heads == Heads::some;
    const bool one =
        told.find('\n') + 1 == told.size() && (told.starts_with("{\"_path\":") || told.starts_with("fault: "));
    if (!nothing && !one) std::abort();
  }
  return 0;
}

}  // namespace nw::logs
