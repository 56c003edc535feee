// The message formats; each is defined in the file of its name. One line here and one row in messages.cpp. Sorted.
#pragma once

#include "ingest/logs/formats/message.h"

namespace nw::logs {

const MessageFormat& access_format();
const MessageFormat& auditd_format();
const MessageFormat& bind_format();
const MessageFormat& cef_format();
const MessageFormat& cisco_format();
const MessageFormat& dnsmasq_format();
const MessageFormat& fortinet_format();
const MessageFormat& key_value_format();
const MessageFormat& leef_format();
const MessageFormat& netfilter_format();
const MessageFormat& palo_alto_format();
const MessageFormat& pam_format();
const MessageFormat& patterns_format();
const MessageFormat& sshd_format();
const MessageFormat& sudo_format();
const MessageFormat& unbound_format();
const MessageFormat& w3c_format();
const MessageFormat& windows_xml_format();
const MessageFormat& zeek_tsv_format();

}  // namespace nw::logs
