// The names that rotation gives to log files. Pure.
//
//   access.log.1  access.log.2.gz  access.1.log      logrotate; with `extension`
//   access.log-20240131  access-2024-01-31.log.zst   logrotate with `dateext`; log4j, logback
//   access.log.old
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/logs/transports/packed_file.h"

namespace nw::logs {

struct RotatedName {
  std::uint64_t number = 0;  // 0: it has a date
  std::string date;          // digits only
  Packing packing = Packing::none;
  // Whether a file of this name was rotated before that of the other; nothing when names do not tell.
  [[nodiscard]] std::optional<bool> before(const RotatedName& other) const;
};

// `name` as what rotation makes of `base`; both without folder.
[[nodiscard]] std::optional<RotatedName> rotated_name(std::string_view base, std::string_view name);
// What rotation may have begun with: "access" of "access.log.2.gz". Whatever begins with it is worth a look.
[[nodiscard]] std::string_view rotation_stem(std::string_view name);

}  // namespace nw::logs
