// The small files in which transports keep the place that they reached.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nw::logs {

// Said at the start rather than at the first save. Errors: not_found, no_permission, with the path and the fix.
Result<> check_state_place(const std::string& path);

// Nothing when the file does not exist; of a longer one the first `bytes_max` bytes. `what` names it in errors: "the
// tail state". Errors: io, no_permission.
Result<std::optional<std::string>> read_state(const std::string& path, std::string_view what, std::size_t bytes_max);
// Replaces the file whole: after a crash the old state is there or the new one. Errors: io, no_permission.
Result<> replace_state(const std::string& path, std::string_view what, std::string_view text);

}  // namespace nw::logs
