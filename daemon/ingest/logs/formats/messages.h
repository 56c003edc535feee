// The message formats: one function for each, in the file of its name. messages.cpp is their table.
#pragma once

#include "ingest/logs/formats/message.h"

namespace nw::logs {

const MessageFormat& auditd_format();
const MessageFormat& netfilter_format();
const MessageFormat& pam_format();
const MessageFormat& sshd_format();
const MessageFormat& sudo_format();

}  // namespace nw::logs
