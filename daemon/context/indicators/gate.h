// What must not become an indicator, whatever a feed says: what everybody has, what is ours, and what is known to be
// harmless. Filled first, then asked for each indicator.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "context/indicators/set.h"

namespace nw::context {

class IndicatorGate {
 public:
  static constexpr std::size_t kSubstringsMax = 1000;  // each is searched for in each indicator
  static constexpr std::size_t kBytesMax = std::size_t{256} << 20;

  // The designated networks: `own`.
  explicit IndicatorGate(std::vector<IpPrefix> own = {});

  // A line of a warning list: a name (with all below it), an address, a network, a URL or a digest.
  Refusal warn(std::string_view value, std::string_view list);
  // As MISP's lists may say it: not as a part of names, but anywhere.
  Refusal warn_substring(std::string_view value);
  // Last: makes it ready to be asked.
  void close();

  // Whether it may pass, and if not, why. `list`, of Refusal::warning_list: which one it was.
  [[nodiscard]] Refusal judge(IndicatorKind kind, std::string_view key, std::string& list) const;
  [[nodiscard]] std::size_t warned() const noexcept { return warned_; }

 private:
  [[nodiscard]] bool on_list(IndicatorKind kind, std::string_view key, std::string& list) const;

  std::vector<IpPrefix> own_, listed_;  // sorted, each after what contains it
  IndicatorBuilder builder_;
  std::shared_ptr<const IndicatorSet> lists_ = IndicatorSet::empty();
  std::vector<std::string> substrings_;
  std::size_t warned_ = 0;
};

}  // namespace nw::context
