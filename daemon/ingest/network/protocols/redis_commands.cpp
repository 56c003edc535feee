#include "ingest/network/protocols/redis_commands.h"

#include <algorithm>

#include "base/text.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

struct Row {
  std::string_view name;
  std::uint8_t key = 0, value = 0;  // which argument; 0: none
};

// What Zeek's log shows as key and value; all others have their arguments.
constexpr auto kRows = std::to_array<Row>({
    {"append", 1, 2}, {"bitcount", 1},  {"bitfield", 1}, {"bitfield_ro", 1}, {"bitop", 2},       {"bitpos", 1},
    {"blmpop", 3},    {"blpop", 1},     {"brpop", 1},    {"copy", 1},        {"decr", 1},        {"decrby", 1, 2},
    {"del", 1},       {"dump", 1},      {"exists", 1},   {"expire", 1, 2},   {"expireat", 1, 2}, {"expiretime", 1},
    {"get", 1},       {"getbit", 1, 2}, {"getdel", 1},   {"getex", 1},       {"getrange", 1},    {"getset", 1, 2},
    {"hdel", 1, 2},   {"hget", 1, 2},   {"hset", 1},     {"incr", 1},        {"incrby", 1, 2},   {"keys", 1},
    {"mget", 1},      {"move", 1, 2},   {"mset", 1, 2},  {"persist", 1},     {"rename", 1, 2},   {"set", 1, 2},
    {"strlen", 1},    {"ttl", 1},       {"type", 1},
});
static_assert(std::ranges::is_sorted(kRows, {}, &Row::name));

constexpr std::string_view kHidden = "<secret>";

bool same(char a, char b) { return ascii_lower(a) == b; }

bool has(std::string_view text, std::string_view lower) {
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

const Row* find_row(std::string_view name) {
  const auto row = std::ranges::find_if(kRows, [&](const Row& r) { return std::ranges::equal(name, r.name, same); });
  return row == kRows.end() ? nullptr : &*row;
}

Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

void keep(std::string& out, std::string_view text) {
  TextBuffer escaped;
  escaped.append_escaped(as_bytes(text));
  out = escaped.view();
}

constexpr bool is_blank(std::uint8_t c) { return c == 0 || c == '\t' || c == '\n' || c == '\r' || c == ' '; }

// Up to the next blank that no quotes hold.
std::size_t word_size(Bytes line) {
  std::uint8_t quote = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const std::uint8_t c = line[at];
    if (quote != 0) {
      if (c == '\\') {
        ++at;
      } else if (c == quote) {
        quote = 0;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (is_blank(c)) {
      return at;
    }
  }
  return line.size();
}

int hex_digit(std::uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int small = c | 0x20;
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// What a backslash in double quotes stands for; takes it off `rest`, which begins behind the backslash.
char unescape(Bytes& rest) {
  constexpr std::string_view kLetters = "nrtba", kBytes = "\n\r\t\b\a";
  const std::uint8_t c = rest.front();
  if (c == 'x' && rest.size() >= 3 && hex_digit(rest[1]) >= 0 && hex_digit(rest[2]) >= 0) {
    const int byte = hex_digit(rest[1]) * 16 + hex_digit(rest[2]);
    rest = rest.subspan(3);
    return static_cast<char>(byte);
  }
  rest = rest.subspan(1);
  const std::size_t letter = kLetters.find(static_cast<char>(c));
  return letter == std::string_view::npos ? static_cast<char>(c) : kBytes[letter];
}

void unquote(Bytes word, std::string& out) {
  out.clear();
  std::uint8_t quote = 0;
  while (!word.empty()) {
    const std::uint8_t c = word.front();
    word = word.subspan(1);
    if (quote == 0 ? c == '"' || c == '\'' : c == quote) {
      quote = quote == 0 ? c : 0;
    } else if (quote == '"' && c == '\\' && !word.empty()) {
      out += unescape(word);
    } else if (quote == '\'' && c == '\\' && !word.empty() && word.front() == '\'') {
      out += '\'';
      word = word.subspan(1);
    } else {
      out += static_cast<char>(c);
    }
  }
}

// Rules of ACL SETUSER that are no password; a mistyped one begins with anything.
bool is_rule(std::string_view rule) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"on", "off", "nopass", "reset", "resetpass", "resetkeys", "resetchannels", "allkeys", "allchannels",
       "allcommands", "nocommands", "clearselectors", "sanitize-payload", "skip-sanitize-payload"});
  return !rule.empty() &&
         (std::string_view{"+-~&%("}.find(rule[0]) != std::string_view::npos ||
          std::ranges::any_of(kWords, [&](std::string_view w) { return std::ranges::equal(rule, w, same); }));
}

}  // namespace

bool is_redis_secret(std::string_view name) {
  constexpr std::string_view kEnd = "auth";
  return name.size() <= kRedisSettingMax &&
         (has(name, "pass") ||
          (name.size() >= kEnd.size() && std::ranges::equal(name.substr(name.size() - kEnd.size()), kEnd, same)));
}

void RedisCommand::add(Bytes argument) {
  if (count_ < kArgumentsMax)
    arguments_[count_].assign(reinterpret_cast<const char*>(argument.data()), argument.size());
  ++count_;
}

void RedisCommand::add_line(Bytes line) {
  while (!line.empty()) {
    const std::size_t size = is_blank(line.front()) ? 0 : word_size(line);
    if (size != 0) {
      add({});
      if (count_ <= kArgumentsMax) unquote(line.first(size), arguments_[count_ - 1]);
    }
    line = line.subspan(std::max<std::size_t>(size, 1));
  }
}

bool RedisCommand::is(std::size_t index, std::string_view lower) const {
  return index < std::min(count_, kArgumentsMax) && std::ranges::equal(arguments_[index], lower, same);
}

RedisMode RedisCommand::mode() const {
  if (is(0, "client") && is(1, "reply")) {
    if (is(2, "on")) return RedisMode::replies_on;
    if (is(2, "off")) return RedisMode::replies_off;
    if (is(2, "skip")) return RedisMode::skip_reply;
  }
  const std::string_view name = count_ == 0 ? std::string_view{} : arguments_[0];
  const bool subscribes = name.size() <= 12 && has(name, "subscribe");
  return subscribes ? RedisMode::subscribe : RedisMode::answered;
}

// A password, or the name before it: `requirepass x`, `AUTH x`, `AUTH user x`, `>x` among the rules of an ACL. The
// first argument of what is behind the command's own name is no password but of AUTH.
bool RedisCommand::is_secret(std::size_t index) const {
  if (is(0, "auth")) return count_ != 3 || index == 2;
  if (is(0, "acl") && is(1, "setuser") && index > 2) return !is_rule(arguments_[index]);
  for (std::size_t back = 1; back <= 2 && back < index; ++back) {
    const std::string_view before = arguments_[index - back];
    if (before.size() <= kRedisSettingMax && (has(before, "auth") || has(before, "pass"))) return true;
  }
  return false;
}

bool RedisCommand::has_secret() const {
  for (std::size_t i = 1; i < std::min(count_, kArgumentsMax); ++i)
    if (is_secret(i)) return true;
  return count_ > kArgumentsMax && (is(0, "config") || is(0, "acl"));
}

void RedisCommand::write_arguments(std::string& out) const {
  out.clear();
  TextBuffer text;
  for (std::size_t i = 1; i < std::min(count_, kArgumentsMax); ++i) {
    if (i != 1) text.append(' ');
    if (is_secret(i)) {
      text.append(kHidden);
    } else {
      text.append_escaped(as_bytes(arguments_[i]));
    }
  }
  out = text.view().substr(0, kShownMax);
}

void RedisCommand::write(RedisCommandText& out) const {
  const Row* row = find_row(arguments_[0]);
  const auto there = [&](std::size_t index) { return index != 0 && index < count_; };
  keep(out.name, std::string_view{arguments_[0]}.substr(0, kNameMax));
  out.has_key = row != nullptr && there(row->key);
  out.has_value = row != nullptr && there(row->value);
  if (out.has_key) keep(out.key, arguments_[row->key]);
  const bool secret_key = out.has_key && is_redis_secret(arguments_[row->key]);
  if (out.has_value) keep(out.value, secret_key ? kHidden : std::string_view{arguments_[row->value]});
  out.arguments.clear();
  if (!out.has_key) write_arguments(out.arguments);
  const std::string_view asked = count_ > 2 ? arguments_[2] : std::string_view{};
  out.secret_reply = secret_key || is(0, "acl") || is(0, "exec") || (is(0, "sentinel") && is(1, "config")) ||
                     (is(0, "config") && is(1, "get") &&
                      (count_ > 3 || has(asked, "auth") || has(asked, "pass") ||
                       asked.find_first_of("*?[") != std::string_view::npos));
  out.secret_error = !out.has_key && (out.secret_reply || has_secret());
  out.resets = is(0, "reset") || is(0, "quit");
  out.replicates = is(0, "psync") || is(0, "sync");
}

bool is_redis_name(std::string_view text) {
  constexpr std::size_t kNameMax = 24;
  return text.size() >= 2 && text.size() <= kNameMax && std::ranges::all_of(text, [](char c) {
           const char small = ascii_lower(c);
           return (small >= 'a' && small <= 'z') || c == '.' || c == '_' || c == '-' || ascii_digit(c);
         });
}

}  // namespace nw::network
