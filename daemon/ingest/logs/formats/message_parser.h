// The parser of every line whose text is a message (message.h): it takes the envelope off, finds the message's format
// and tells what that reads. What no format reads is a plain syslog event where there is an envelope, else `unparsed`.
// Inner to this folder.
#pragma once

#include <memory>

#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/message_index.h"

namespace nw::logs {

struct Reading {
  const MessageIndex* index;  // outlives the parser
  Reach reach;                // not `none`
  std::size_t one = 0;        // Reach::one: the format's position in the index
};

void declare_messages(event::Schema& schema, const FormatOptions& options, const Reading& reading);
std::unique_ptr<LineParser> make_message_parser(std::shared_ptr<const event::Schema> schema,
                                                std::shared_ptr<const event::Interest> interest,
                                                const FormatOptions& options, const Reading& reading);

}  // namespace nw::logs
