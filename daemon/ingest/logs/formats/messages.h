// The functions that the rows of messages.cpp name; each is defined in its format's file.
#pragma once

#include "ingest/logs/formats/message.h"

namespace nw::logs {

const MessageFormat& windows_xml_format();
const MessageFormat& zeek_tsv_format();

}  // namespace nw::logs
