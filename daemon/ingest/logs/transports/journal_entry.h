// An entry of systemd's journal, and the two ways in which it is handed over as a line. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nw::logs {

struct JournalField {
  std::string_view name, value;
};

// Borrowed from whoever read it.
struct JournalEntry {
  std::string_view cursor, boot_id;
  std::uint64_t realtime_us = 0;     // when journald took it, since 1970
  std::uint64_t monotonic_us = 0;    // since that boot
  std::vector<JournalField> fields;  // in any order; a name may come several times
  bool cut = false;                  // values were shortened already
};

// Both append at most `bytes_max` bytes to `out` and say whether something was cut for it.

// One JSON object in the shape of `journalctl -o json`: numbers as text, a field that repeats as a list, bytes that are
// no text as a list of numbers. Where it differs: nothing is null for its size, but the longest values are cut, each
// to the same length; and MESSAGE, SYSLOG_* and journald's own fields are always text, with U+FFFD for what is no
// UTF-8, or a single byte in them would hide them from every rule. What matters most comes first, and stays when there
// are more fields than room. Valid JSON in any case.
bool append_journal_json(const JournalEntry& entry, std::size_t bytes_max, std::string& out);

// An RFC 5424 message: time in microseconds UTC, MESSAGE_ID as its MSGID, MESSAGE as it is, line feeds too. A record of
// audit gets back what journald took off: "type=NAME msg=audit(TIME:SERIAL): ", which joins it with its neighbours.
bool append_journal_syslog(const JournalEntry& entry, std::size_t bytes_max, std::string& out);
// What the function above reads of an entry.
bool journal_syslog_reads(std::string_view name);

}  // namespace nw::logs
