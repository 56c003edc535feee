// The message formats that messages.cpp lists. Inner to this folder.
#pragma once

#include "ingest/logs/formats/message.h"

namespace nw::logs {

const MessageFormat& access_format();
const MessageFormat& bind_format();
const MessageFormat& cisco_format();
const MessageFormat& dnsmasq_format();
const MessageFormat& unbound_format();
const MessageFormat& w3c_format();

}  // namespace nw::logs
