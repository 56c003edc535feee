// What BACnet's services carry: ANSI/ASHRAE 135-2020, clauses 13 to 17 and 21. No state.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ingest/network/protocols/bacnet_contents.h"
#include "ingest/network/protocols/bacnet_layout.h"
#include "ingest/network/protocols/bacnet_message.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

// A service's choice among the confirmed ones.
enum BacnetService : std::uint8_t {
  kBacnetReadFile = 6,
  kBacnetReadProperty = 12,
  kBacnetReadMultiple = 14,
  kBacnetWriteProperty = 15,
  kBacnetWriteMultiple = 16,
  kBacnetCommunicationControl = 17,
  kBacnetPrivateTransfer = 18,
  kBacnetReinitialize = 20,
  kBacnetReadRange = 26,
  kBacnetLifeSafety = 27,
};
// Among the unconfirmed ones.
enum BacnetUnconfirmedService : std::uint8_t {
  kBacnetIAm = 0,
  kBacnetIHave = 1,
  kBacnetUnconfirmedPrivateTransfer = 4,
  kBacnetTimeSynchronization = 6,
  kBacnetWhoHas = 7,
  kBacnetWhoIs = 8,
  kBacnetUtcTimeSynchronization = 9,
};

// A name with '-' in place of '_', as ICSNPP has it in some of its logs.
class BacnetDashed {
 public:
  constexpr explicit BacnetDashed(std::string_view name) : size_{name.size()} {
    for (std::size_t i = 0; i < name.size(); ++i) text_[i] = name[i] == '_' ? '-' : name[i];
  }
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 40> text_{};
  std::size_t size_;
};

struct BacnetServiceKind {
  std::string_view name;
  BacnetLayout request, answer;
  IcsOperation operation;
  BacnetDashed dashed{name};
};
// Null when the number has no service.
const BacnetServiceKind* bacnet_service(bool confirmed, std::uint8_t choice);
// The message's; an answer has its request's. Null when it has none.
const BacnetServiceKind* bacnet_service(const BacnetApdu& apdu);
// What stands in the message; null when nobody knows.
const BacnetLayout* bacnet_layout(const BacnetApdu& apdu);

// What a message does, with its target and value when `with_texts`.
void describe_bacnet(const BacnetMessage& message, const BacnetContents& contents, bool with_texts, IcsCommand& out);
// The target of one property; "object/property[index]" behind the device's address or number.
void append_bacnet_target(IcsText& out, const BacnetMessage& message, const BacnetContents& contents,
                          const BacnetProperty& property);
void append_bacnet_property(IcsText& out, const BacnetProperty& property);

}  // namespace nw::network
