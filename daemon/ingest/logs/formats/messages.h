// The message formats; each is defined in the file of its name. One line here and one row in messages.cpp. Sorted.
#pragma once

#include "ingest/logs/formats/message.h"

namespace nw::logs {

const MessageFormat& patterns_format();
const MessageFormat& windows_xml_format();
const MessageFormat& zeek_tsv_format();

}  // namespace nw::logs
