// Which file a handle is of (IEEE 1815-2012, 5.3): who opens a file names it, the answer gives it a handle, and all
// that follows names that alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

struct Dnp3Handle {
  std::uint16_t master = 0, outstation = 0;
  std::uint32_t number = 0;  // the outstation's
  bool operator==(const Dnp3Handle&) const = default;
};

// The open files of a flow.
class Dnp3Files {
 public:
  static constexpr std::size_t kMost = 16;

  // The one that was opened first makes way: that is counted.
  void opened(const Dnp3Handle& handle, std::string_view name, Context& context) {
    closed(handle);
    if (open_.size() == kMost) {
      context.refused(DecodeError::limit);
      open_.erase(open_.begin());
    }
    open_.push_back({handle, std::string{name}});
  }
  void closed(const Dnp3Handle& handle) {
    std::erase_if(open_, [&](const Open& open) { return open.handle == handle; });
  }
  // Messages were lost: a handle may be another file's.
  void forget() noexcept { open_.clear(); }
  // Empty when it is not known. Lasts until the next call of one of those.
  [[nodiscard]] std::string_view name(const Dnp3Handle& handle) const {
    const auto at = std::ranges::find(open_, handle, &Open::handle);
    return at == open_.end() ? std::string_view{} : at->name;
  }

 private:
  struct Open {
    Dnp3Handle handle;
    std::string name;
  };
  std::vector<Open> open_;  // the oldest first
};

}  // namespace nw::network
