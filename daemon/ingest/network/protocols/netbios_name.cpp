#include "ingest/network/protocols/netbios_name.h"

namespace nw::network {

namespace {

// Each octet is two letters, the higher half first.
bool decode_letters(Bytes letters, NetbiosName& out) {
  for (std::size_t i = 0; i < out.octets.size(); ++i) {
    const unsigned high = letters[2 * i] - unsigned{'A'}, low = letters[2 * i + 1] - unsigned{'A'};
    if (high > 15 || low > 15) return false;
    out.octets[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return true;
}

}  // namespace

std::optional<DecodeError> read_netbios_name(ByteReader& reader, NetbiosName& out) {
  constexpr std::size_t kLetters = 32, kLabelMax = 63;
  const std::size_t length = reader.u8();
  if (reader.ok() && length != kLetters) return DecodeError::bad_value;
  const Bytes letters = reader.bytes(length);
  if (!reader.ok()) return DecodeError::truncated;
  if (!decode_letters(letters, out)) return DecodeError::bad_value;
  for (;;) {
    const std::size_t label_bytes = reader.u8();
    const Bytes label = reader.bytes(label_bytes);
    if (!reader.ok()) return DecodeError::truncated;
    if (label_bytes == 0) return {};
    if (label_bytes > kLabelMax) return DecodeError::bad_value;
    if (out.scope_labels == NetbiosName::kScopeLabelsMax) return DecodeError::limit;
    out.scope[out.scope_labels++] = label;
  }
}

std::string_view netbios_type_name(unsigned type) {
  switch (type) {
    case 0x00: return "workstation";
    case 0x01: return "browsers";
    case 0x03: return "messenger";
    case 0x06: return "remote_access_server";
    case 0x1b: return "domain_master_browser";
    case 0x1c: return "domain_controllers";
    case 0x1d: return "master_browser";
    case 0x1e: return "browser_elections";
    case 0x1f: return "network_dde";
    case 0x20: return "file_server";
    case 0x21: return "remote_access_client";
    default: return {};
  }
}

void append_netbios_name(Bytes octets, TextBuffer& out) {
  octets = octets.first(15);
  while (!octets.empty() && (octets.back() == ' ' || octets.back() == 0)) octets = octets.first(octets.size() - 1);
  out.append_escaped(octets);
}

void set_netbios_scope(EventWriter& out, std::size_t field, const NetbiosName& name) {
  if (name.scope_labels == 0 || !out.wants(field)) return;
  TextBuffer text;
  for (std::size_t i = 0; i < name.scope_labels; ++i) {
    if (i != 0) text.append('.');
    text.append_escaped(name.scope[i]);
  }
  out.set(field, event::Value::text(out.event().keep(text.view())));
}

}  // namespace nw::network
