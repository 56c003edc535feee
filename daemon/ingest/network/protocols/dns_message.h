// Reading a DNS message: header, questions, records. No state. RFC 1035 section 4; names and numbers as in Zeek's logs.
//
// | id u16 | QR 1 opcode 4 AA TC RD RA 1 Z AD CD 3 rcode 4 | questions u16 | answers u16 | authority u16 | additional
// u16 | then questions: | name | type u16 | class u16 |, then records: | name | type u16 | class u16 | TTL u32 | length
// u16 | data |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "base/ip.h"
#include "base/time.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

struct DnsHeader {
  static constexpr std::size_t kBytes = 12;

  std::uint16_t id = 0, flags = 0;
  std::uint16_t questions = 0, answers = 0, authority = 0, additional = 0;

  [[nodiscard]] bool response() const noexcept { return (flags & 0x8000U) != 0; }
  [[nodiscard]] unsigned opcode() const noexcept { return flags >> 11U & 15U; }
  [[nodiscard]] bool authoritative() const noexcept { return (flags & 0x0400U) != 0; }
  [[nodiscard]] bool truncated() const noexcept { return (flags & 0x0200U) != 0; }
  [[nodiscard]] bool recursion_desired() const noexcept { return (flags & 0x0100U) != 0; }
  [[nodiscard]] bool recursion_available() const noexcept { return (flags & 0x0080U) != 0; }
  [[nodiscard]] unsigned z() const noexcept { return flags >> 4U & 7U; }  // with AD and CD, as Zeek has it
  [[nodiscard]] unsigned rcode() const noexcept { return flags & 15U; }
};

struct DnsQuestion {
  std::uint16_t type = 0, klass = 0;
};

struct DnsRecord {
  std::uint16_t type = 0, klass = 0;
  std::uint32_t ttl = 0;
  std::size_t data_at = 0, data_bytes = 0;  // within the message
};

// A cursor over one message. After an error it stays where it is: later reads give the error again.
class DnsReader {
 public:
  static constexpr std::size_t kNameBytesMax = 255;  // RFC 1035 section 3.1, the root's length octet included
  static constexpr unsigned kJumpsMax = 32;          // compression pointers followed in one name; real ones need a few

  // The message is borrowed for the reader's life.
  explicit DnsReader(Bytes message) noexcept : message_{message}, rest_{message} {}

  using Fault = std::optional<DecodeError>;

  // Fails with `truncated` only.
  Fault header(DnsHeader& out);
  // Appends the name to `name`, in lower case, "." for the root.
  Fault question(DnsQuestion& out, TextBuffer& name);
  // The record up to and past its data; the owner's name goes to `owner` when there is one.
  Fault record(DnsRecord& out, TextBuffer* owner);
  [[nodiscard]] Bytes data(const DnsRecord& record) const {
    return message_.subspan(record.data_at, record.data_bytes);
  }
  // The address of an A or AAAA record of the right length.
  [[nodiscard]] std::optional<IpAddress> address(const DnsRecord& record) const;
  // Of an RRSIG: whole days from `now` until its signature ends, negative when that is past.
  [[nodiscard]] std::optional<std::int64_t> signature_days_left(const DnsRecord& record, Timestamp now) const;
  // The data of any other `record` as Zeek's `answers` shows it; nothing for records that have no such text (OPT, TSIG,
  // WKS). `owner` is needed for NSEC only.
  Fault render(const DnsRecord& record, std::string_view owner, TextBuffer& out) const;

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  [[nodiscard]] std::size_t message_bytes() const noexcept { return message_.size(); }

 private:
  // `reader` must read message_ up to its end: its place follows from what is left. `out` may be null.
  Fault name(ByteReader& reader, TextBuffer* out) const;
  // The name `skip` bytes into the record's data; it must end within them.
  Fault data_name(const DnsRecord& record, std::size_t skip, TextBuffer& out) const;
  Fault render_names(const DnsRecord& record, ByteReader data, TextBuffer& out) const;
  Fault render_signed(const DnsRecord& record, ByteReader data, std::string_view owner, TextBuffer& out) const;
  // A reader over what follows `at`, to the message's end, for names inside record data.
  [[nodiscard]] ByteReader from(std::size_t at) const noexcept { return ByteReader{message_.subspan(at)}; }

  Bytes message_;
  ByteReader rest_;
};

// Names of numbers; empty when the number has none.
std::string_view dns_type_name(std::uint16_t type);
std::string_view dns_class_name(std::uint16_t klass);
std::string_view dns_rcode_name(unsigned rcode);
std::string_view dns_opcode_name(unsigned opcode);

}  // namespace nw::network
