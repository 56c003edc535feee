// DNP3's events: one `dnp3` per application message, one `dnp3_objects` per object header, one `dnp3_control` per
// block.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ingest/network/protocols/dnp3_files.h"
#include "ingest/network/protocols/dnp3_message.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// The protocol's types, in order.
enum Dnp3Type : std::size_t { kDnp3Messages, kDnp3Objects, kDnp3Controls, kDnp3Devices };
std::span<const event::TypeSpec> dnp3_types();

// Of the `dnp3` event.
enum Dnp3Field : std::size_t {
  kDnp3FcRequest,
  kDnp3FcReply,
  kDnp3Iin,
  kDnp3IinFlags,
  kDnp3FcCode,
  kDnp3IsOrig,
  kDnp3Source,
  kDnp3Destination,
  kDnp3Sequence,
  kDnp3WantsConfirm,
  kDnp3ObjectNames,
  kDnp3FileName,
  kDnp3FileSize,
  kDnp3FileMode,
  kDnp3FileStatus,
  kDnp3LinkFunction,
  kDnp3DataLength,
  kDnp3Rtt,
  kDnp3Ics,
};

// A fragment of the application layer, whose octets view the frame or the transport's memory.
struct Dnp3Fragment {
  std::uint16_t source = 0, destination = 0;
  Bytes octets;
  Direction direction = Direction::to_responder;
  bool whole = true;  // else its end was lost, and that is counted
  Dnp3Message message;

  [[nodiscard]] std::uint16_t outstation() const noexcept { return message.response() ? source : destination; }
  [[nodiscard]] Dnp3Handle handle(std::uint32_t number) const noexcept {
    return {message.response() ? destination : source, outstation(), number};
  }
};

// Where the name of a file is taken from that an object does not say itself.
struct Dnp3FileNames {
  const Dnp3Files& open;     // by the handle
  std::string_view asked{};  // by the request that is answered
};

// What all objects of a message say together.
struct Dnp3Contents {
  static constexpr std::size_t kNamesMax = 32;

  std::array<std::uint16_t, kNamesMax> kinds;  // group and variation, set up to `kind_count`
  std::size_t kind_count = 0;
  std::optional<std::uint8_t> group, variation;  // of the first
  std::optional<std::uint8_t> about;             // the one group of all objects but authentication's, when it is one
  Dnp3File file;
  std::string_view file_name;     // said, or known by the handle
  IcsText target, value, reason;  // the last: why a block or a file was refused
  bool broken = false;
};

// How a response ended, for all events of it.
struct Dnp3Result {
  std::optional<IcsOutcome> outcome{};
  std::string_view reason{};
};

// Its texts are made when somebody wants them.
Dnp3Contents gather_dnp3(const Dnp3Fragment& fragment, const Dnp3Files& files, Context& context);

// Begins the `dnp3` event of a message, with all that stands in it.
EventWriter begin_dnp3(const Dnp3Fragment& fragment, const Dnp3Contents& contents, Context& context);
void set_dnp3_function(EventWriter& out, std::size_t field, std::uint8_t function);
// The other events of a message.
void tell_dnp3_objects(const Dnp3Fragment& fragment, IcsOperation operation, const Dnp3Result& result,
                       const Dnp3FileNames& files, Context& context);

}  // namespace nw::network
