// What the formats of appliances share: values by their kind, and the ends of the connection that a line tells of.
// Pure; nothing here allocates.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/logs/formats/message.h"

namespace nw::logs {

enum class FieldKind : std::uint8_t { text, integer, real, address };

// By FieldSpec::type; what is none of these is text.
constexpr FieldKind kind_of(std::string_view type) noexcept {
  if (type == "address") return FieldKind::address;
  if (type == "integer") return FieldKind::integer;
  return type == "real" ? FieldKind::real : FieldKind::text;
}

// What `text` says, as that kind where all of it reads as such, else as the text that it is.
event::Value value_of(FieldKind kind, std::string_view text) noexcept;

// The ends of a connection as a line writes them; empty: it does not say.
struct Ends {
  std::string_view orig_h, orig_p, resp_h, resp_p, proto;
};

// Where a type declares Sigma's names of the firewall category: src_ip, src_port, dst_ip, dst_port, in this order, from
// the first of its fields on.
constexpr std::size_t kFirewallFields = 4;
enum class FirewallNames : std::uint8_t { none, first };

// Sets the common fields of the ends: addresses and ports that read as such, the protocol in Zeek's spelling. With
// `first`, the names of the firewall category too.
void set_ends(MessageWriter& out, const Ends& ends, FirewallNames names) noexcept;

// Zeek's name of an IP protocol given by its number or by any spelling of its name; what is not known comes back as it
// came.
std::string_view protocol_named(std::string_view text) noexcept;

// What a firewall's word for its action means for Sigma's `blocked`: "true", "false", or nothing.
std::string_view blocked_by(std::string_view action) noexcept;

}  // namespace nw::logs
