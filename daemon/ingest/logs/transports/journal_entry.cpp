#include "ingest/logs/transports/journal_entry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "base/time.h"

namespace nw::logs {

namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// JSON

struct Part {
  std::string_view name, value;
  int rank = 0;          // lower ones stay longer
  bool bytes = false;    // a list of numbers
  std::size_t room = 0;  // for what stands between its quotes or brackets
};

int rank_of(std::string_view name) { return name == "MESSAGE" ? 1 : name.starts_with('_') ? 2 : 3; }

bool always_text(std::string_view name) {
  return name == "MESSAGE" || name.starts_with('_') || name.starts_with("SYSLOG_");
}

bool is_text(std::string_view value) {
  while (!value.empty()) {
    const std::size_t length = utf8_length(value);
    if (length == 0 || value.front() == '\0') return false;
    value.remove_prefix(length);
  }
  return true;
}

struct Fit {
  std::size_t bytes = 0;    // so many of the value
  std::size_t written = 0;  // take so many
};

// As append_json_string() writes them.
Fit fit_text(std::string_view text, std::size_t room) {
  Fit fit;
  while (fit.bytes < text.size()) {
    const auto c = static_cast<unsigned char>(text[fit.bytes]);
    std::size_t length = 1, written = 1;
    if (c >= 0x80) {
      length = utf8_length(text.substr(fit.bytes));
      written = length == 0 ? 3 : length;
      length = std::max<std::size_t>(length, 1);
    } else if (c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t') {
      written = 2;
    } else if (c < 0x20) {
      written = 6;
    }
    if (fit.written + written > room) break;
    fit.bytes += length;
    fit.written += written;
  }
  return fit;
}

Fit fit_bytes(std::string_view value, std::size_t room) {
  Fit fit;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const std::size_t written = (byte > 99 ? 3U : byte > 9 ? 2U : 1U) + (fit.bytes > 0 ? 1U : 0U);
    if (fit.written + written > room) break;
    ++fit.bytes;
    fit.written += written;
  }
  return fit;
}

Fit fit_part(const Part& part, std::size_t room) {
  return part.bytes ? fit_bytes(part.value, room) : fit_text(part.value, room);
}

void append_bytes(std::string_view value, std::string& out) {
  out += '[';
  for (const char c : value) {
    if (out.back() != '[') out += ',';
    out += std::to_string(static_cast<unsigned char>(c));
  }
  out += ']';
}

// Takes out what there is no room for even if every value were empty; returns what that would be.
std::size_t drop_parts(std::vector<Part>& parts, std::size_t bytes_max) {
  std::size_t fixed = 2, kept = 0;
  for (const Part& part : parts) {
    const bool again = kept > 0 && parts[kept - 1].name == part.name;
    // The value's own two; a comma; the name with quotes and colon, or, once in a list, the brackets at most.
    const std::size_t needed = 2 + 1 + (again ? 2 : fit_text(part.name, bytes_max).written + 3);
    if (fixed + needed > bytes_max) continue;
    fixed += needed;
    parts[kept++] = part;
  }
  parts.resize(kept);
  return fixed;
}

// Gives every value the room that it needs, or, where that is more than there is, the longest ones equal shares. True
// when there was not enough.
bool share_room(std::vector<Part>& parts, std::size_t room) {
  std::size_t needed = 0;
  for (Part& part : parts) {
    const Fit fit = fit_part(part, room);
    // What does not fit at all is as long as all the room, or longer.
    part.room = fit.bytes < part.value.size() ? room + 1 : fit.written;
    needed += part.room;
  }
  if (needed <= room) return false;
  std::vector<std::size_t> sizes;
  for (const Part& part : parts) sizes.push_back(part.room);
  std::ranges::sort(sizes);
  std::size_t left = room, most = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    most = left / (sizes.size() - i);
    if (sizes[i] > most) break;
    left -= sizes[i];
  }
  for (Part& part : parts) part.room = std::min(part.room, most);
  return true;
}

// Syslog

enum Known : std::size_t {
  message,
  message_id,
  priority,
  facility,
  identifier,
  syslog_pid,
  audit_id,
  audit_type,
  audit_type_name,
  comm,
  hostname,
  pid,
  source_time,
  transport,
  kKnown
};
constexpr std::array<std::string_view, kKnown> kNames = {"MESSAGE",
                                                         "MESSAGE_ID",
                                                         "PRIORITY",
                                                         "SYSLOG_FACILITY",
                                                         "SYSLOG_IDENTIFIER",
                                                         "SYSLOG_PID",
                                                         "_AUDIT_ID",
                                                         "_AUDIT_TYPE",
                                                         "_AUDIT_TYPE_NAME",
                                                         "_COMM",
                                                         "_HOSTNAME",
                                                         "_PID",
                                                         "_SOURCE_REALTIME_TIMESTAMP",
                                                         "_TRANSPORT"};
static_assert(std::ranges::is_sorted(kNames));

constexpr std::uint64_t kInfo = 6, kUser = 1;  // what journald takes where the sender says nothing
constexpr std::uint64_t kTimeMax = static_cast<std::uint64_t>(INT64_MAX) / 1000;

// RFC 5424 section 6: a header's fields are visible bytes without spaces. The names' lengths are bounded as its host
// is, as systemd's are longer than its 48; UTF-8 stays, which our reader takes.
void append_token(std::string_view value, std::size_t bytes_max, std::string& out) {
  out += ' ';
  if (value.empty()) out += '-';
  for (const char c : value.substr(0, bytes_max)) out += static_cast<unsigned char>(c) <= ' ' || c == '\x7f' ? '_' : c;
}

// As auditd writes its records, from journald's "NAME rest"; nothing when it is no such record. What is left of `text`
// stands behind it.
void append_audit_head(const std::array<std::string_view, kKnown>& known, std::uint64_t time_us, std::string_view& text,
                       std::string& out) {
  const std::string_view name = known[audit_type_name];
  const auto serial = parse_number(known[audit_id]);
  if (known[transport] != "audit" || name.empty() || !serial || !text.starts_with(name) ||
      !text.substr(name.size()).starts_with(' '))
    return;
  text.remove_prefix(name.size() + 1);
  // journald's way to name a type that it does not know.
  const auto type = parse_number(known[audit_type]);
  const bool unknown = type && name == "AUDIT" + std::to_string(*type);
  out += "type=";
  out += unknown ? "UNKNOWN[" + std::to_string(*type) + ']' : std::string{name};
  const std::string milliseconds = std::to_string(1000 + time_us / 1000 % 1000);
  out += " msg=audit(" + std::to_string(time_us / 1'000'000) + '.' + milliseconds.substr(1) + ':' +
         std::to_string(*serial) + "): ";
}

}  // namespace

bool append_journal_json(const JournalEntry& entry, std::size_t bytes_max, std::string& out) {
  const std::string realtime = std::to_string(entry.realtime_us), monotonic = std::to_string(entry.monotonic_us);
  std::vector<Part> parts{{"__CURSOR", entry.cursor},
                          {"__REALTIME_TIMESTAMP", realtime},
                          {"__MONOTONIC_TIMESTAMP", monotonic},
                          {"_BOOT_ID", entry.boot_id}};
  const auto own = static_cast<std::ptrdiff_t>(parts.size());
  for (const JournalField& field : entry.fields)
    if (!field.name.starts_with("__") && field.name != "_BOOT_ID" && !field.name.empty())
      parts.push_back(
          {field.name, field.value, rank_of(field.name), !always_text(field.name) && !is_text(field.value)});
  std::stable_sort(parts.begin() + own, parts.end(),
                   [](const Part& a, const Part& b) { return a.rank != b.rank ? a.rank < b.rank : a.name < b.name; });
  const std::size_t all = parts.size();
  const std::size_t fixed = drop_parts(parts, bytes_max);
  const bool cut = share_room(parts, bytes_max > fixed ? bytes_max - fixed : 0) || parts.size() != all || entry.cut;

  out += '{';
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    const bool again = i > 0 && parts[i - 1].name == part.name;
    const bool more = i + 1 < parts.size() && parts[i + 1].name == part.name;
    if (i > 0) out += ',';
    if (!again) {
      append_json_string(part.name, out);
      out += more ? ":[" : ":";
    }
    const std::string_view value = part.value.substr(0, fit_part(part, part.room).bytes);
    if (part.bytes)
      append_bytes(value, out);
    else
      append_json_string(value, out);
    if (again && !more) out += ']';
  }
  out += '}';
  return cut;
}

bool journal_syslog_reads(std::string_view name) { return std::ranges::binary_search(kNames, name); }

bool append_journal_syslog(const JournalEntry& entry, std::size_t bytes_max, std::string& out) {
  std::array<std::string_view, kKnown> known{};
  std::vector<std::string_view> more;  // messages
  for (const JournalField& field : entry.fields) {
    const auto found = std::ranges::lower_bound(kNames, field.name);
    if (found == kNames.end() || *found != field.name) continue;
    std::string_view& value = known[static_cast<std::size_t>(found - kNames.begin())];
    if (value.empty())
      value = field.value;
    else if (*found == "MESSAGE")
      more.push_back(field.value);
  }

  const std::size_t from = out.size();
  const std::uint64_t severity = parse_number(known[priority]).value_or(kInfo);
  const std::uint64_t kind = parse_number(known[facility]).value_or(known[transport] == "kernel" ? 0 : kUser);
  out += '<' + std::to_string((kind > 23 ? kUser : kind) * 8 + (severity > 7 ? kInfo : severity)) + ">1";
  // When it was said, where that is known; journald may have taken it later.
  std::uint64_t time_us = parse_number(known[source_time]).value_or(0);
  if (time_us == 0 || time_us > kTimeMax) time_us = entry.realtime_us;
  const auto time_ns = static_cast<std::int64_t>(std::min(time_us, kTimeMax) * 1000);
  append_token(to_rfc3339(from_unix_nanoseconds(time_ns), 6), 64, out);
  append_token(known[hostname], 255, out);
  append_token(known[identifier].empty() ? known[comm] : known[identifier], 255, out);
  append_token(known[pid].empty() ? known[syslog_pid] : known[pid], 128, out);
  append_token(known[message_id], 32, out);
  out += " -";
  std::string_view text = known[message];
  if (!text.empty()) {
    out += ' ';
    append_audit_head(known, time_us, text, out);
  }
  bool cut = entry.cut;
  const auto append = [&](std::string_view piece) {
    const std::size_t used = out.size() - from, room = used < bytes_max ? bytes_max - used : 0;
    cut = cut || piece.size() > room;
    out.append(piece.substr(0, room));
  };
  append(text);
  for (const std::string_view another : more) {
    append("\n");
    append(another);
  }
  if (out.size() - from > bytes_max) {
    out.resize(from + bytes_max);
    cut = true;
  }
  return cut;
}

}  // namespace nw::logs
