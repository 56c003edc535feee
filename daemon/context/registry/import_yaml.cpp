#include "context/registry/import_yaml.h"

#include <array>

#include "base/hash.h"
#include "base/text.h"
#include "base/yaml_text.h"
#include "context/registry/prefix_map.h"
#include "context/registry/read.h"

namespace nw::context {

namespace {

// Without i, l, o, 0 and 1, which look alike.
constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz", kCharacters = "abcdefghjkmnpqrstuvwxyz23456789";

IpAddress address_of(const WideKey& key) {
  std::array<std::uint8_t, 16> bytes{};
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(key.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(key.low >> (56 - 8 * i));
  }
  return IpAddress::from_bytes(bytes);
}

void host_line(const ImportHost& host, std::string& out) {
  out += "      - {addr: " + yaml_text(host.address.to_string());
  if (!host.name.empty()) out += ", name: " + yaml_text(host.name);
  if (!host.roles.empty()) {
    out += ", roles: [";
    for (const std::string& role : host.roles) out += (&role == host.roles.data() ? "" : ", ") + yaml_text(role);
    out += ']';
  }
  out += '}';
  if (!host.comment.empty()) out += "  # " + yaml_comment(host.comment);
  out += '\n';
}

}  // namespace

std::string OpaqueIds::next() {
  for (;;) {
    std::uint64_t bits = mix64(mix64(seed_) ^ count_++);
    std::string id(8, kLetters[bits % kLetters.size()]);
    bits /= kLetters.size();
    for (std::size_t i = 1; i < id.size(); ++i, bits /= kCharacters.size())
      id[i] = kCharacters[bits % kCharacters.size()];
    if (used_.insert(id).second) return id;
  }
}

std::string import_yaml(const std::vector<std::string>& head, const std::vector<ImportAsset>& assets, OpaqueIds& ids) {
  std::string out;
  for (const std::string& line : head) out += "# " + yaml_comment(line) + '\n';
  out += "version: 1\nassets:";
  if (assets.empty()) return out + " []\n";
  out += '\n';
  for (const ImportAsset& asset : assets) {
    for (const std::string& comment : asset.comments) out += "  # " + yaml_comment(comment) + '\n';
    out += "  - asset: " + yaml_text(ids.next()) + '\n';
    if (!asset.name.empty()) out += "    name: " + yaml_text(asset.name) + '\n';
    if (!asset.operator_id.empty()) out += "    operator: " + yaml_text(asset.operator_id) + '\n';
    out += "    sector: " + yaml_text(asset.sector);
    if (!asset.sector_comment.empty()) out += "  # " + yaml_comment(asset.sector_comment);
    out += "\n    class: {a: C3, i: C3, c: C3}  # assess: set by the import, by nobody who knows the asset\n";
    out += "    disclosure: restricted\n";
    if (!asset.networks.empty()) {
      out += "    networks:\n";
      for (const IpPrefix& network : asset.networks) out += "      - " + yaml_text(network.to_string()) + '\n';
    }
    if (!asset.zones.empty()) {
      out += "    zones:\n";
      for (const auto& [network, name] : asset.zones)
        out += "      " + yaml_text(network.to_string()) + ": " + yaml_text(name) + '\n';
    }
    if (asset.hosts.empty()) continue;
    out += "    hosts:\n";
    for (const ImportHost& host : asset.hosts) host_line(host, out);
  }
  return out;
}

std::string shown_name(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text.substr(at));
    const auto first = static_cast<unsigned char>(text[at]);
    const std::string_view piece = length == 0 || first < 0x20 || first == 0x7f ? " " : text.substr(at, length);
    if (out.size() + piece.size() > kNameBytesMax) break;
    out += piece;
    at += length == 0 ? 1 : length;
  }
  return std::string{trim(out)};
}

std::vector<IpPrefix> prefixes_between(const IpAddress& first, const IpAddress& last) {
  std::vector<IpPrefix> out;
  if (first.is_v4() != last.is_v4() || last < first) return out;
  const unsigned shortest = first.is_v4() ? 96 : 0;
  const WideKey end = wide_key(last);
  for (IpAddress at = first;;) {
    unsigned bits = 128;
    // The widest network that begins here and does not reach beyond the end.
    while (bits > shortest) {
      const IpPrefix wider{at, bits - 1};
      if (wider.address() != at || end < last_key(wider)) break;
      --bits;
    }
    out.emplace_back(at, bits);
    WideKey next = last_key(out.back());
    if (next == end) return out;
    if (++next.low == 0) ++next.high;
    at = address_of(next);
  }
}

std::string unfit(const IpPrefix& network) {
  const IpAddress& address = network.address();
  const auto bytes = address.bytes();
  if (address.is_v4() && network.bits() >= 96) {
    if (network.bits() < 96 + 8) return "it is wider than a /8";
    if (bytes[12] == 0 || bytes[12] == 127 || bytes[12] >= 224) return "it is no address of a host";
    return {};
  }
  if (network.bits() < 16) return "it is wider than a /16";
  if (bytes[0] == 0xff || (bytes[0] == 0xfe && (bytes[1] & 0xc0U) == 0x80)) return "it is no address of a host";
  const WideKey key = wide_key(address);
  if (key.high == 0) return "it is no address of a host";
  return {};
}

}  // namespace nw::context
