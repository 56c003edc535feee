// The events of HART-IP: one per message, one per command of a direct PDU, one per record of an audit log.
#pragma once

#include <optional>
#include <span>

#include "ingest/network/protocols/hart_ip_message.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum : std::size_t { kHartMessages, kHartDirectCommands, kHartRecords, kHartDevices };
std::span<const event::TypeSpec> hart_ip_types();
std::size_t hart_ip_ics();  // the position of a message's `ics.operation`

// What a message says, as far as it was readable.
struct HartContents {
  HartPdu pdu;                           // of a token-passing PDU
  std::optional<std::uint16_t> command;  // that the message is about: of several direct ones what changes something
  bool broken = false;
  IcsCommand ics;
  IcsText value;   // of a response
  IcsText reason;  // why it was refused; empty: it was not
};
HartContents gather_hart(const HartIpMessage& message, bool texts);

// A request that waits, and what its response repeats.
struct HartRequest {
  Timestamp time{};
  Direction direction = Direction::to_responder;
  std::uint8_t version = 0, id = 0;
  std::uint16_t sequence = 0;
  std::optional<std::uint16_t> command;
  IcsCommand ics{};
};

// `asked` is null when nobody saw the request.
void tell_hart_message(const HartIpMessage& message, const HartContents& contents, const IcsCommand& ics,
                       std::optional<IcsOutcome> outcome, const HartRequest* asked, Context& context);
void tell_hart_parts(const HartIpMessage& message, Context& context);
// The request once more, as nobody answered it.
void tell_hart_unanswered(const HartRequest& request, Context& context);

}  // namespace nw::network
