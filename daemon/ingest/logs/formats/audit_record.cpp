#include "ingest/logs/formats/audit_record.h"

#include <algorithm>
#include <array>

#include "ingest/logs/formats/audit_names.h"
#include "ingest/logs/formats/linux_text.h"

namespace nw::logs {

namespace {

constexpr auto kNone = std::string_view::npos;
constexpr char kEnriched = '\x1d';
constexpr std::string_view kEnrichedEscaped = "#035";  // as rsyslog writes that byte
constexpr std::size_t kTypeBytesMax = 64;

bool type_char(char c) noexcept { return (c >= 'A' && c <= 'Z') || ascii_digit(c) || c == '_'; }

bool type_word(std::string_view word) noexcept {
  return word.size() >= 2 && word.size() <= kTypeBytesMax && word.front() >= 'A' && word.front() <= 'Z' &&
         std::ranges::all_of(word, type_char);
}

// "SYSCALL", "1300", "UNKNOWN[1350]": the name where it is known, else as it stands.
std::string_view type_name(std::string_view word) noexcept {
  std::string_view number = word;
  if (take(number, "UNKNOWN[")) take_end(number, "]");
  std::int64_t value = 0;
  if (!parse_integer(number, value)) return word;
  const std::string_view name = audit_type_name(value);
  return name.empty() ? word : name;
}

// "audit(1768464000.123:42):", consumed.
AuditScan take_id(std::string_view& text, AuditRecord& out) noexcept {
  if (!take(text, "audit(")) return AuditScan::bad_header;
  const std::size_t close = text.find(')');
  if (close == kNone) return AuditScan::bad_header;
  const std::string_view id = text.substr(0, close);
  const std::size_t colon = id.rfind(':');
  Timestamp time;
  if (colon == kNone || !parse_integer(id.substr(colon + 1), out.serial) || out.serial < 0)
    return AuditScan::bad_header;
  if (!parse_epoch(id.substr(0, colon), time)) return AuditScan::bad_time;
  out.time = {time, event::TimeQuality::stated};
  text.remove_prefix(close + 1);
  skip_spaces(text);
  if (!take(text, ":")) return AuditScan::bad_header;
  skip_spaces(text);
  return AuditScan::record;
}

// The journal's forms, which say neither time nor serial; `text` is all of the message.
bool take_journal_type(std::string_view& text, AuditRecord& out) noexcept {
  std::string_view rest = text;
  if (take(rest, "<audit-")) {
    const std::size_t close = rest.find('>');
    if (close > 8) return false;
    out.type = type_name(rest.substr(0, close));
    rest.remove_prefix(close + 1);
  } else {
    const std::string_view word = take_word(rest);
    // Words in capitals are not rare; a field after them is.
    if (!type_word(word) || rest.find('=') == kNone) return false;
    out.type = word;
  }
  skip_spaces(rest);
  text = rest;
  return true;
}

constexpr auto kSeparators = [] {
  std::array<bool, 256> out{};
  for (const char c : {' ', kEnriched, '(', ',', ')', '\n'}) out[static_cast<unsigned char>(c)] = true;
  return out;
}();

bool separator(char c) noexcept { return kSeparators[static_cast<unsigned char>(c)]; }

// What an enriching daemon names, behind its byte.
constexpr auto kMeanings =
    std::to_array<std::string_view>({"ARCH", "AUID", "EGID", "EUID", "FSGID", "FSUID", "GID", "ID", "OAUID", "OGID",
                                     "OUID", "SADDR", "SGID", "SUID", "SYSCALL", "UID"});

// Where in an unquoted value the daemon's part begins: some ways to log write its byte out, others lose it, and then
// "cap_frootid=0" runs into "OUID=root".
std::size_t enriched_at(std::string_view value) noexcept {
  if (const auto escaped = value.find(kEnrichedEscaped); escaped != kNone) return escaped;
  const std::size_t equals = value.find('=');
  if (equals == kNone) return value.size();
  std::size_t bytes = 0;
  for (const std::string_view meaning : kMeanings)
    if (value.substr(0, equals).ends_with(meaning)) bytes = std::max(bytes, meaning.size());
  return bytes == 0 || bytes == equals ? value.size() : equals - bytes;
}

bool hex_digit(char c) noexcept { return ascii_digit(c) || (c >= 'A' && c <= 'F'); }

unsigned hex_value(char c) noexcept {
  return ascii_digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'A' + 10);
}

unsigned byte_at(std::string_view digits, std::size_t i) noexcept {
  return hex_value(digits[2 * i]) * 16 + hex_value(digits[2 * i + 1]);
}

struct Family {
  unsigned number;
  std::string_view name;
};
// linux/socket.h, by the names that auparse gives them.
constexpr auto kFamilies = std::to_array<Family>({{1, "local"},
                                                  {2, "inet"},
                                                  {3, "ax25"},
                                                  {10, "inet6"},
                                                  {16, "netlink"},
                                                  {17, "packet"},
                                                  {31, "bluetooth"},
                                                  {38, "alg"},
                                                  {40, "vsock"}});

}  // namespace

AuditScan scan_audit(const Message& message, AuditRecord& out) noexcept {
  out = {};
  out.time = message.time;
  std::string_view text = message.text;
  skip_spaces(text);
  skip_kernel_time(text);
  take(text, "audit: ");
  const bool node = take(text, "node=");
  if (node) {
    out.node = take_word(text);
    skip_spaces(text);
  }
  if (!take(text, "type=")) {
    if (node) return AuditScan::bad_header;
    if (message.program.empty() || !take_journal_type(text, out)) return AuditScan::none;
    out.body = text;
    return AuditScan::record;
  }
  const std::string_view type = take_word(text);
  if (type.empty() || type.size() > kTypeBytesMax) return AuditScan::bad_header;
  out.type = type_name(type);
  skip_spaces(text);
  take(text, "msg=");
  if (const AuditScan scan = take_id(text, out); scan != AuditScan::record) return scan;
  out.body = text;
  return AuditScan::record;
}

// To the next field; false at the end.
bool AuditFields::skip_between() noexcept {
  for (;;) {
    while (!rest_.empty() && separator(rest_.front())) rest_.remove_prefix(1);
    if (take(rest_, kEnrichedEscaped)) continue;
    if (nested_ && !rest_.empty() && rest_.front() == '\'') {
      rest_.remove_prefix(1);
      continue;
    }
    if (!rest_.empty()) return true;
    if (!nested_) return false;
    rest_ = after_;
    nested_ = false;
  }
}

bool AuditFields::enter(std::string_view inner, std::size_t bytes) noexcept {
  after_ = rest_.substr(std::min(bytes, rest_.size()));
  rest_ = inner;
  return nested_ = true;
}

// "user", "login", "old", ...: words that are no field. "avc:  denied  { read } for" is two.
bool AuditFields::take_word(AuditField& out) noexcept {
  std::size_t end = 0;
  while (end < rest_.size() && !separator(rest_[end])) ++end;
  if (end == 0) end = 1;
  const std::string_view word = rest_.substr(0, end);
  rest_.remove_prefix(end);
  before_ = word == "old" || word == "new" ? word : std::string_view{};
  if (word != "avc:") return false;
  skip_spaces(rest_);
  out = {"seresult", rest_.substr(0, rest_.find(' ')), false, nested_};
  rest_.remove_prefix(out.value.size());
  skip_spaces(rest_);
  if (rest_.starts_with('{')) {
    const std::size_t close = std::min(rest_.find('}'), rest_.size());
    permissions_ = rest_.substr(1, close - 1);
    while (permissions_.starts_with(' ')) permissions_.remove_prefix(1);
    drop_spaces_at_end(permissions_);
    rest_.remove_prefix(std::min(close + 1, rest_.size()));
  }
  return true;
}

// The value of out.name at the front of rest_, consumed.
void AuditFields::take_value(AuditField& out) noexcept {
  if (rest_.starts_with('"') || rest_.starts_with('\'')) {
    const std::size_t close = std::min(rest_.find(rest_.front(), 1), rest_.size());
    out.value = rest_.substr(1, close - 1);
    out.quoted = true;
    rest_.remove_prefix(std::min(close + 1, rest_.size()));
    return;
  }
  std::size_t end = 0;
  const auto to_separator = [&] {
    while (end < rest_.size() && rest_[end] != ' ' && rest_[end] != kEnriched && rest_[end] != '\n') ++end;
  };
  to_separator();
  // What tools of old wrote as the operation is a sentence: "op=adding group to /etc/group id=1004".
  while (out.name == "op" && end < rest_.size() && rest_[end] == ' ') {
    std::size_t next = end + 1;
    while (next < rest_.size() && !separator(rest_[next]) && rest_[next] != '=' && rest_[next] != ':') ++next;
    if (next == end + 1 || (next < rest_.size() && rest_[next] != ' ')) break;
    end = next;
  }
  out.value = rest_.substr(0, end);
  out.value = out.value.substr(0, enriched_at(out.value));
  rest_.remove_prefix(out.value.size());
  if (out.value.ends_with(',')) out.value.remove_suffix(1);
  if (out.value.ends_with(')') && out.value.find('(') == kNone) out.value.remove_suffix(1);
}

bool AuditFields::next(AuditField& out) noexcept {
  if (!permissions_.empty()) {
    out = {"seperms", permissions_, false, nested_};
    permissions_ = {};
    return true;
  }
  while (skip_between()) {
    std::size_t equals = 0;
    while (equals < rest_.size() && rest_[equals] != '=' && !separator(rest_[equals])) ++equals;
    if (equals == 0 || equals >= rest_.size() || rest_[equals] != '=') {
      if (take_word(out)) return true;
      continue;
    }
    out = {rest_.substr(0, equals), {}, false, nested_};
    rest_.remove_prefix(equals + 1);
    if (!nested_ && out.name == "msg" && rest_.starts_with('\'')) {
      // Up to the last quote of the kernel's part: the text inside is user space's, and may have quotes of its own.
      const std::size_t kernel = std::min(rest_.find(kEnriched), rest_.size());
      const std::size_t close = rest_.substr(0, kernel).rfind('\'');
      const std::size_t end = close == 0 ? rest_.size() : close;
      enter(rest_.substr(1, end - 1), end + 1);
      continue;
    }
    if (!nested_ && rest_.starts_with('{')) {  // SADDR={ saddr_fam=inet laddr=192.0.2.1 lport=443 }
      const std::size_t close = std::min(rest_.find('}'), rest_.size());
      enter(rest_.substr(1, close - 1), close + 1);
      continue;
    }
    take_value(out);
    // LOGIN of old kernels: "old auid=1 new auid=2"; later ones write old-auid.
    if (before_ == "old" && out.name == "auid") out.name = "old-auid";
    if (before_ == "old" && out.name == "ses") out.name = "old-ses";
    before_ = {};
    return true;
  }
  return false;
}

std::size_t audit_hex_bytes(std::string_view digits) noexcept {
  if (digits.empty() || digits.size() % 2 != 0 || !std::ranges::all_of(digits, hex_digit)) return 0;
  return digits.size() / 2;
}

void audit_hex_decode(std::string_view digits, char* out) noexcept {
  for (std::size_t i = 0; i < digits.size() / 2; ++i) out[i] = static_cast<char>(byte_at(digits, i));
}

bool read_audit_socket(std::string_view digits, AuditSocket& out) noexcept {
  out = {};
  const std::size_t bytes = audit_hex_bytes(digits);
  if (bytes < 2) return false;
  // The family is in the machine's own order, and below 256 in every one.
  const unsigned number = byte_at(digits, 0) + byte_at(digits, 1);
  const auto* const family = std::ranges::find(kFamilies, number, &Family::number);
  if (family == kFamilies.end()) return false;
  out.family = family->name;
  const auto address = [&](std::size_t at, std::size_t count) {
    std::array<std::uint8_t, 16> raw{};
    for (std::size_t i = 0; i < count; ++i) raw[i] = static_cast<std::uint8_t>(byte_at(digits, at + i));
    out.address = IpAddress::from_bytes(Bytes{raw}.first(count));
  };
  const auto port = [&] { out.port = static_cast<std::int64_t>(byte_at(digits, 2) * 256 + byte_at(digits, 3)); };
  if (number == 2 && bytes >= 8) {
    port();
    address(4, 4);
    return true;
  }
  if (number == 10 && bytes >= 24) {
    port();
    address(8, 16);
    return true;
  }
  if (number == 1) {
    // A name in the abstract space begins with NUL; its bytes follow to the end.
    std::size_t first = 2, end = 2;
    if (bytes > 2 && byte_at(digits, 2) == 0) first = end = 3;
    while (end < bytes && byte_at(digits, end) != 0) ++end;
    out.path = digits.substr(2 * first, 2 * (end - first));
  }
  return number != 2 && number != 10;
}

}  // namespace nw::logs
