// What the answers of a DNS message say of a zone itself, as fields of their own: which state of it is served (SOA),
// and by which keys it is to be proved (DS, DNSKEY; RFC 4034).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "ingest/network/protocols/dns_message.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

class DnsZone {
 public:
  static constexpr std::size_t kKeysMax = 16;  // of each kind; more, and the set is not told

  // `data` is borrowed until the write. Records of other types are passed by.
  void add(std::uint16_t type, Bytes data);
  // True when there were more keys than are told.
  [[nodiscard]] bool cut() const noexcept { return ds_count_ > kKeysMax || key_count_ > kKeysMax; }
  // The fields' positions; sets come sorted, so that one set is always one text.
  void write(EventWriter& out, std::size_t serial, std::size_t ds, std::size_t keys);

 private:
  struct Ds {
    std::uint16_t tag = 0;
    std::uint8_t algorithm = 0, digest_type = 0;
    Bytes digest;
  };
  struct Key {
    std::uint16_t flags = 0, tag = 0;
    std::uint8_t algorithm = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  std::optional<std::uint32_t> serial_;
  std::array<Ds, kKeysMax> ds_;
  std::array<Key, kKeysMax> keys_;
  std::size_t ds_count_ = 0, key_count_ = 0;
};

}  // namespace nw::network
