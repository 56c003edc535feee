// The message formats: one row here, one file beside this one. Sorted by name.
#include "ingest/logs/formats/messages.h"

#include <vector>

namespace nw::logs {

std::span<const MessageFormat> message_formats() {
  static const std::vector<MessageFormat> kFormats{
      access_format(),    auditd_format(),   bind_format(),        cef_format(),     cisco_format(),
      dnsmasq_format(),   fortinet_format(), key_value_format(),   leef_format(),    netfilter_format(),
      palo_alto_format(), pam_format(),      patterns_format(),    sshd_format(),    sudo_format(),
      unbound_format(),   w3c_format(),      windows_xml_format(), zeek_tsv_format()};
  return kFormats;
}

}  // namespace nw::logs
