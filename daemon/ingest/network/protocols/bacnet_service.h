// What BACnet's services carry: ANSI/ASHRAE 135-2020, clauses 13 to 17 and 21. No state.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/bacnet_message.h"
#include "ingest/network/protocols/bacnet_value.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

// What a parameter is, as the letter that stands for it in a service's layout.
enum BacnetRole : char {
  kBacnetSource = 'A',  // who acknowledges or commands, a text
  kBacnetData = 'D',    // octets of a file
  kBacnetErrorBracket = 'E',
  kBacnetTimeOfDay = 'H',
  kBacnetMessageText = 'M',
  kBacnetObjectName = 'N',
  kBacnetProcess = 'P',
  kBacnetStart = 'S',  // position in a file, signed
  kBacnetDay = 'T',
  kBacnetValueBracket = 'V',
  kBacnetMaxApdu = 'a',
  kBacnetConfirms = 'b',  // notifications are to be confirmed
  kBacnetCount = 'c',
  kBacnetDevice = 'd',
  kBacnetEndOfFile = 'e',
  kBacnetFromState = 'f',
  kBacnetGroup = 'g',
  kBacnetHighLimit = 'h',
  kBacnetIndex = 'i',
  kBacnetSession = 'j',  // of a virtual terminal
  kBacnetToState = 'k',
  kBacnetLowLimit = 'l',
  kBacnetMinutes = 'm',
  kBacnetServiceNumber = 'n',
  kBacnetObjectRole = 'o',
  kBacnetPropertyRole = 'p',
  kBacnetNotifyType = 'q',
  kBacnetPriority = 'r',
  kBacnetState = 's',
  kBacnetLifetime = 't',
  kBacnetVendor = 'v',
  kBacnetPassword = 'w',
  kBacnetEventType = 'x',
  kBacnetObjectType = 'y',
  kBacnetSegmentation = 'z',
};

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

// A layout says what each parameter is: tags of an application in their order (again and again), '|', those of a
// context by their number. '.' is what is not read; what a bracket holds has a layout of its own in ( ), unless it is
// 'E' or 'V'.
struct BacnetServiceKind {
  std::string_view name, request, answer;
  IcsOperation operation;
};
// Null when the number has no service.
const BacnetServiceKind* bacnet_service(bool confirmed, std::uint8_t choice);
// The message's; an answer has its request's. Null when it has none.
const BacnetServiceKind* bacnet_service(const BacnetApdu& apdu);

struct BacnetField {
  char role = '.';
  Bytes contents;  // of a bracket all that is in it
};

// Goes over the parameters that are there. Stops at the first that cannot be read.
class BacnetFields {
 public:
  BacnetFields(std::string_view layout, Bytes body);
  explicit BacnetFields(const BacnetApdu& apdu);
  bool next(BacnetField& out);
  [[nodiscard]] bool broken() const noexcept { return broken_; }

 private:
  struct Level {
    std::string_view plain, numbered;
    std::uint8_t tag;  // of the bracket
    std::size_t at;    // the next of `plain`
  };
  static constexpr std::size_t kLevelsMax = 5;  // more than any layout has

  void enter(std::string_view layout, std::uint8_t tag);
  bool fail();
  bool take(const BacnetTag& tag, BacnetField& out);

  ByteReader rest_;
  std::array<Level, kLevelsMax> levels_;
  std::size_t depth_ = 0;
  bool broken_ = false;
};

struct BacnetFailure {
  std::uint64_t error_class = 0, code = 0;
};
// The error within an error's body or a bracket.
std::optional<BacnetFailure> read_bacnet_failure(Bytes tags);

// What a message says of one property.
struct BacnetProperty {
  std::optional<std::uint32_t> object;
  std::optional<std::uint64_t> property, index, priority;
  std::optional<Bytes> value;  // tags
  std::optional<BacnetFailure> failure;
};

class BacnetProperties {
 public:
  explicit BacnetProperties(const BacnetApdu& apdu) : fields_{apdu} {}
  bool next(BacnetProperty& out);

 private:
  BacnetFields fields_;
  BacnetProperty current_;
};

// The first parameter of each role.
class BacnetContents {
 public:
  explicit BacnetContents(const BacnetApdu& apdu);

  [[nodiscard]] bool has(BacnetRole role) const noexcept { return seen_[place(role)]; }
  [[nodiscard]] Bytes octets(BacnetRole role) const noexcept { return first_[place(role)]; }
  [[nodiscard]] std::optional<std::uint64_t> number(BacnetRole role) const noexcept {
    return bacnet_unsigned(octets(role));
  }
  [[nodiscard]] std::optional<std::uint32_t> object(BacnetRole role) const noexcept;
  [[nodiscard]] bool broken() const noexcept { return broken_; }

 private:
  static constexpr std::size_t kRoles = 'z' - 'A' + 1;
  static constexpr std::size_t place(char role) noexcept { return static_cast<std::size_t>(role - 'A'); }

  std::array<Bytes, kRoles> first_;
  std::array<bool, kRoles> seen_{};
  bool broken_ = false;
};

constexpr std::uint64_t kBacnetProgramChange = 90;  // a property

// What a message does, with its target and value when `with_texts`.
IcsCommand bacnet_command(const BacnetMessage& message, const BacnetContents& contents, bool with_texts);
// The target of one property; "object/property[index]" behind the device's address or number.
void append_bacnet_target(IcsText& out, const BacnetMessage& message, const BacnetContents& contents,
                          const BacnetProperty& property);
void append_bacnet_property(IcsText& out, const BacnetProperty& property);
// What a write of the property does.
IcsOperation bacnet_write_operation(const BacnetProperty& property);

}  // namespace nw::network
