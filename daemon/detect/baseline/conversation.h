// A conversation of a control network: who asks whom for what. The originator of the connection stands first, whichever
// way one message goes.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/ip.h"

namespace nw::baseline {

constexpr std::size_t kFunctionBytesMax = 64;  // of a function's name; a longer one is cut

// Borrows its texts.
struct ConversationView {
  IpAddress from, to;
  std::string_view protocol, function;
  friend auto operator<=>(const ConversationView&, const ConversationView&) = default;
};

struct Conversation {
  Conversation() = default;
  explicit Conversation(const ConversationView& view)
      : from{view.from}, to{view.to}, protocol{view.protocol}, function{view.function} {}
  [[nodiscard]] ConversationView view() const noexcept { return {from, to, protocol, function}; }

  IpAddress from, to;
  std::string protocol, function;
  friend auto operator<=>(const Conversation&, const Conversation&) = default;
};

// For tables that are asked with views. An order, not a hash: strangers choose what such a table holds.
struct ConversationLess {
  using is_transparent = void;
  bool operator()(const ConversationView& a, const ConversationView& b) const noexcept { return a < b; }
  bool operator()(const Conversation& a, const Conversation& b) const noexcept { return a.view() < b.view(); }
  bool operator()(const Conversation& a, const ConversationView& b) const noexcept { return a.view() < b; }
  bool operator()(const ConversationView& a, const Conversation& b) const noexcept { return a < b.view(); }
};

}  // namespace nw::baseline
