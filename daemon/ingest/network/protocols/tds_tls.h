// TLS inside TDS 7 ([MS-TDS] 2.2.6.5, 3.2.5.2): the handshake's records are what prelogin packets carry, in whatever
// pieces; behind it records stand for themselves, of the login only or of all that follows.
#pragma once

#include <array>
#include <vector>

#include "ingest/network/protocols/ssl_event.h"

namespace nw::network {

// | type u8 = 20 to 23 | version u16 | length u16 | fragment |; no packet of TDS has such a type.
struct TdsRecord {
  bool is_data = false;  // of an application
  Bytes bytes;           // with its header
};
constexpr bool is_tds_record(std::uint8_t first) noexcept { return first >= 20 && first <= 23; }
enum class TdsRecordFault : std::uint8_t { none, more, bad };
// `reader` moves only past a whole record.
TdsRecordFault read_tds_record(ByteReader& reader, TdsRecord& out);

class TdsTls {
 public:
  // Positions of the two types in the protocol's own list; when the first record came.
  TdsTls(std::size_t ssl_type, std::size_t x509_type, Timestamp began) noexcept
      : began_{began}, events_{ssl_type, x509_type, 't'} {}

  // What a packet carried, or a record. False: it is not TLS, which has been counted; what was seen of it is told.
  bool read(Bytes bytes, Direction direction, Context& context);
  void gap(Direction direction, Context& context);
  void tell(Context& context);
  // Told: both sides encrypt, or nothing more can be read.
  [[nodiscard]] bool over() const noexcept { return told_; }

 private:
  Timestamp began_;
  TlsSession session_;
  SslEvents events_;
  std::array<std::vector<std::uint8_t>, 2> pending_;  // by direction: a record whose rest is in later packets
  bool told_ = false;
};

}  // namespace nw::network
