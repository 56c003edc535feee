// One PDU of MMS (ISO 9506-2), in BER:
//
// confirmed   | A0 request, A1 response | length | invoke id 02 | modifiers 30, optional | service [n] |
// error       | A2 | length | invoke id 80 | modifier's place 81, optional | error A2: class A0, [n] number |
// unconfirmed | A3 | length | service [n] |        reject | A4 | length | invoke id 80, optional | [n] reason |
// cancel      | 85, 86, A7 |   initiate | A8, A9, AA |   conclude | 8B, 8C, AD |
// names       | vmd-specific 80 | domain-specific A1: domain 1A, item 1A | of the association 82 |
// variables   | A0: each 30: name A0, alternate access A5 |, or | A1: name of their list |
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "ingest/network/protocols/ber.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/mms_names.h"

namespace nw::network {

enum class MmsKind : std::uint8_t {
  confirmed_request,
  confirmed_response,
  confirmed_error,
  unconfirmed,
  reject,
  cancel_request,
  cancel_response,
  cancel_error,
  initiate_request,
  initiate_response,
  initiate_error,
  conclude_request,
  conclude_response,
  conclude_error,
};
// Of confirmed services that are looked at more closely.
constexpr unsigned kMmsStatus = 0, kMmsGetNameList = 1, kMmsIdentify = 2, kMmsRead = 4, kMmsWrite = 5,
                   kMmsGetListAttributes = 12, kMmsFileDelete = 76, kMmsFileDirectory = 77;
std::string_view to_string(MmsKind kind);  // confirmed-RequestPDU, ...

// What an object is called. Views the input.
struct MmsName {
  Bytes domain{}, item{};  // domain: none of those of the whole device
  std::optional<std::uint64_t> number{};
  std::optional<Bytes> alternate{};  // only a part of it is meant: the contents of AlternateAccess
};
void append_mms_name(IcsText& out, const MmsName& name);
// The components that are meant, as an item would name them itself: `$component`, `[index]`.
void append_mms_access(IcsText& out, const MmsName& name);

struct MmsInitiate {
  std::optional<std::int64_t> local_detail, calling, called, nesting, version;
  Bytes services;  // a BIT STRING's contents
};

struct MmsPdu {
  MmsKind kind{};
  std::optional<std::uint32_t> invoke_id;
  std::optional<std::uint8_t> service;  // its number
  MmsService what;
  Bytes names;           // for MmsNames
  Bytes values;          // each a value, or the error for which there is none
  Bytes identifiers;     // what a list of names or files brings
  bool success = false;  // values: each is an error or a success
  std::optional<bool> more_follows;
  std::optional<std::int64_t> object_class, error_class, error, logical_status, physical_status;
  Bytes domain;                   // of the objects that are listed
  Bytes vendor, model, revision;  // who the device is
  MmsInitiate initiate;
  Bytes behind;      // the service: of a request, what else stands in it
  bool good = true;  // all lengths fit

  [[nodiscard]] bool is(MmsKind which, unsigned number) const noexcept { return kind == which && service == number; }
  [[nodiscard]] bool request() const noexcept;
  [[nodiscard]] bool answer() const noexcept;
};

// Nothing when `value` is no PDU of MMS. Views it.
std::optional<MmsPdu> read_mms_pdu(Bytes value);
// There should be one service in a request, but devices carry out each: the one behind that of `pdu`.
std::optional<MmsPdu> read_further_service(const MmsPdu& pdu);

// Room for a name whose strings come in pieces (X.690, 8.21), as receivers take them.
class MmsPieces {
 public:
  // The contents of a string; what is longer than any name is cut off.
  Bytes join(const BerValue& string) noexcept;
  void clear() noexcept { size_ = 0; }

 private:
  void add(Bytes pieces, unsigned depth) noexcept;
  std::array<std::uint8_t, 256> octets_;
  std::size_t size_ = 0;
};

// The objects that a PDU names, one after the other. A name lasts until the next one.
class MmsNames {
 public:
  explicit MmsNames(const MmsPdu& pdu) noexcept : entries_{pdu.names}, argument_{pdu.what.argument} {}
  std::optional<MmsName> next() noexcept;

 private:
  OsiBerReader entries_;
  MmsArgument argument_;
  MmsPieces pieces_;
  bool list_named_ = false;  // what is behind it are its variables
};

// Names of what a list brings, one after the other.
class MmsIdentifiers {
 public:
  explicit MmsIdentifiers(const MmsPdu& pdu) noexcept : entries_{pdu.identifiers} {}
  std::optional<Bytes> next() noexcept;

 private:
  OsiBerReader entries_;
  MmsPieces pieces_;
};

// What is spoken over MMS, as far as an object's name shows it.
enum class MmsApplication : std::uint8_t { unknown, iec61850, tase2 };
std::string_view to_string(MmsApplication application);
MmsApplication mms_application(Bytes item) noexcept;

}  // namespace nw::network
