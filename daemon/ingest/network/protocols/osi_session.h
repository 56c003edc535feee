// What stands between ISO transport and the protocols of its upper layers: the session (ISO 8327-1), the presentation
// (ISO 8823-1).
//
// session      | SI u8 | length u8, or FF and u16 | parameters | user information |; data: 01 00 01 00 in front
// parameter    | PI u8 | length, likewise | value |; user data: PI C1, C2
// presentation | CP 31, CPA 31, CPR 30, ARU A0 around | user data 61 |, each value of it 30 with
//              | transfer syntax 06, optional | context 02 | value A0, or in octets 81, bits 82 |
// Of the contexts none need be known (and in mid-stream none is): PDUs of ACSE and MMS share no tag.
#pragma once

#include <cstdint>
#include <optional>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ber.h"

namespace nw::network {

enum class SessionKind : std::uint8_t {
  data = 1,
  not_finished = 8,
  finish = 9,
  disconnect = 10,
  refuse = 12,
  connect = 13,
  accept = 14,
  abort = 25,
  abort_accept = 26,
};

struct SessionPdu {
  SessionKind kind{};
  std::optional<std::uint8_t> reason;  // of a refusal, ISO 8327-1, 8.3.5.10
  Bytes user;                          // the presentation's PDU; views the input
};

// Nothing when `message`, what ISO transport carries, is none. `begins`: its end may be missing.
std::optional<SessionPdu> read_session(Bytes message, bool begins = false) noexcept;

// A value that is whole, or open and without its end.
struct OsiValue : BerValue {
  Bytes inside,
      behind;  // all behind its length: receivers look at what comes, not at how long what is around it claims
};
std::optional<OsiValue> osi_value(Bytes in) noexcept;
// The next data in `rest`, which then is what stands behind them; nothing when there are none, and then `rest` is empty
// unless something does not fit. `around` is the tag of what they stand in, at whose length nobody looks.
std::optional<Bytes> take_osi_data(Bytes& rest, std::uint8_t around) noexcept;

// The values in a presentation's PDU, one after the other. Views the input.
class PresentationValues {
 public:
  explicit PresentationValues(Bytes pdu) noexcept;
  // The next one's contents; nothing behind the last, and from what does not fit on, which good() tells apart.
  std::optional<Bytes> next() noexcept;
  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  Bytes rest_;
  bool good_ = true;
};

}  // namespace nw::network
