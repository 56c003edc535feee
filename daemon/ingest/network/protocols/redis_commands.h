// What a Redis command says: its key and value, or its other arguments, without the passwords.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/byte_reader.h"

namespace nw::network {

// A command as its event shows it.
struct RedisCommandText {
  std::string name, key, value, arguments;
  bool has_key = false, has_value = false;
  bool secret_reply = false;  // the reply may have passwords in it
  bool secret_error = false;  // an error may repeat one
  bool resets = false;        // RESET, QUIT: a subscription ends with its reply
  bool replicates = false;    // SYNC, PSYNC: what follows the reply is a copy of all
};

// What a command does to the replies.
enum class RedisMode : std::uint8_t { answered, subscribe, replies_on, replies_off, skip_reply };

// A command being read, one argument after another.
class RedisCommand {
 public:
  static constexpr std::size_t kArgumentsMax = 8;  // that are kept; an MSET may have thousands
  static constexpr std::size_t kShownMax = 512;    // bytes of `arguments`

  static constexpr std::size_t kNameMax = 64;  // bytes of `name`

  void clear() noexcept { count_ = 0; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  void add(Bytes argument);
  // A plain line: words with blanks between, as Redis reads them: quotes and what they escape undone.
  void add_line(Bytes line);
  [[nodiscard]] RedisMode mode() const;
  void write(RedisCommandText& out) const;

 private:
  [[nodiscard]] bool is(std::size_t index, std::string_view lower) const;
  [[nodiscard]] bool is_secret(std::size_t index) const;
  [[nodiscard]] bool has_secret() const;
  void write_arguments(std::string& out) const;

  std::array<std::string, kArgumentsMax> arguments_;
  std::size_t count_ = 0;
};

constexpr std::size_t kRedisSettingMax = 64;  // bytes of a setting's name; Redis' own have at most 34
// Whether it is the name of a setting, or of a field, that is a password: requirepass, masterauth.
bool is_redis_secret(std::string_view name);

// Whether it looks like a command's name, Redis' own or a module's.
bool is_redis_name(std::string_view text);

}  // namespace nw::network
