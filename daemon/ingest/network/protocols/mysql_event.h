// The `mysql` event: a command, or a login, and how it ended.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "ingest/network/protocols/mysql_packet.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

inline constexpr std::uint8_t kMysqlLogin = 255;  // beside the commands

struct MysqlCommand {
  Timestamp time{};
  std::uint8_t code = 0;
  bool secret = true;  // a password may be in it, or what it is about is not known
  std::string arg;

  void recycle(bool alone);
};

// As far as it is known.
struct MysqlOutcome {
  const MysqlError* error = nullptr;
  bool success = false;
  bool nameless = false;     // the command was not seen
  bool late_secret = false;  // the error may be another command's
  std::uint64_t rows = 0;
  std::optional<std::uint64_t> result_rows;
  std::string_view file;                      // that the server asked for
  std::string_view database, server_version;  // of a login
};

std::span<const event::TypeSpec> mysql_types();
void tell_mysql(const MysqlCommand& command, const MysqlOutcome& outcome, Context& context);

}  // namespace nw::network
