// The functions that the rows of table.cpp name; each is defined in its format's file. Message formats: messages.h.
#pragma once

#include <memory>

#include "ingest/logs/formats/format.h"

namespace nw::logs {

void declare_flows(event::Schema& schema, const FormatOptions& options);
std::unique_ptr<LineParser> make_flows(std::shared_ptr<const event::Schema> schema,
                                       std::shared_ptr<const event::Interest> interest, const FormatOptions& options);

void declare_json(event::Schema& schema, const FormatOptions& options);
std::unique_ptr<LineParser> make_json(std::shared_ptr<const event::Schema> schema,
                                      std::shared_ptr<const event::Interest> interest, const FormatOptions& options);

}  // namespace nw::logs
