#include "ingest/network/protocols/mms_pdu.h"

#include <algorithm>
#include <array>

#include "ingest/network/protocols/mms_data.h"

namespace nw::network {

namespace {

constexpr std::uint8_t kIdentifier = 0x1A, kFileName = 0x19, kModifiers = 0x30, kVariable = 0x30;
constexpr std::uint8_t kVmdSpecific = 0x80, kDomainSpecific = 0xA1, kAssociationSpecific = 0x82;
constexpr std::uint8_t kConstructed = 0x20;

// Deeper than values may be, for what is around them.
constexpr unsigned kDepthMax = kMmsDepthMax + 16;

// The contents of the member with this tag; empty when there is none.
Bytes member_of(Bytes contents, std::uint8_t tag) noexcept {
  OsiBerReader members{contents};
  while (const auto member = members.next())
    if (member->tag == tag) return member->contents;
  return {};
}

std::optional<std::int64_t> number_of(Bytes contents, std::uint8_t tag) noexcept {
  return ber_integer(member_of(contents, tag));
}

// A primitive with the number `n` of its tag is error n's class.
void read_reason(const BerValue& reason, MmsPdu& out) noexcept {
  out.error_class = reason.number;
  out.error = ber_integer(reason.contents);
}

// ServiceError.
void read_error(Bytes contents, MmsPdu& out) noexcept {
  if (const auto error = OsiBerReader{member_of(contents, 0xA0)}.next()) read_reason(*error, out);
  out.good = out.good && out.error;
}

void read_status(Bytes contents, MmsPdu& out) noexcept {
  out.logical_status = number_of(contents, 0x80);
  out.physical_status = number_of(contents, 0x81);
}

// Variables or a list of them, and what is behind it the values.
void read_variables(OsiBerReader members, MmsPdu& out) noexcept {
  constexpr std::uint8_t kValues = 0xA0;
  if (const auto variables = members.next()) out.names = variables->contents;
  if (const auto values = members.next(kValues)) out.values = values->contents;
}

void read_list_request(Bytes contents, MmsPdu& out) noexcept {
  out.object_class = number_of(member_of(contents, 0xA0), 0x80);
  out.domain = member_of(member_of(contents, 0xA1), 0x81);
}

void read_request(const BerValue& service, MmsPdu& out) noexcept {
  switch (out.what.argument) {
    case MmsArgument::none: break;
    case MmsArgument::text:
    case MmsArgument::number: out.names = service.whole; break;
    case MmsArgument::object:
    case MmsArgument::definition:
    case MmsArgument::members:
    case MmsArgument::files: {
      const bool is_name = service.number == kMmsFileDelete && (service.tag & kConstructed) != 0;
      out.names = is_name ? service.whole : service.contents;
      break;
    }
    case MmsArgument::first:
      if (const auto name = OsiBerReader{service.contents}.next()) out.names = name->whole;
      break;
    case MmsArgument::second: out.names = member_of(service.contents, 0xA1); break;
    case MmsArgument::list: read_list_request(service.contents, out); break;
    case MmsArgument::variables: {
      const bool read = out.service == kMmsRead && out.kind == MmsKind::confirmed_request;
      read_variables(OsiBerReader{read ? member_of(service.contents, 0xA1) : service.contents}, out);
      break;
    }
  }
}

void read_file_list(Bytes contents, MmsPdu& out) noexcept {
  const auto list = OsiBerReader{member_of(contents, 0xA0)}.next();
  const Bytes more = member_of(contents, 0x81);
  out.identifiers = list ? list->contents : Bytes{};
  out.more_follows = !more.empty() && more[0] != 0;
}

void read_name_list(Bytes contents, MmsPdu& out) noexcept {
  const Bytes more = member_of(contents, 0x81);
  out.identifiers = member_of(contents, 0xA0);
  out.more_follows = more.empty() || more[0] != 0;
}

void read_response(const BerValue& service, MmsPdu& out) noexcept {
  const Bytes contents = service.contents;
  switch (service.number) {
    case kMmsStatus: return read_status(contents, out);
    case kMmsGetNameList: return read_name_list(contents, out);
    case kMmsFileDirectory: return read_file_list(contents, out);
    case kMmsRead: out.values = member_of(contents, 0xA1); return;
    case kMmsWrite:
      out.values = contents;
      out.success = true;
      return;
    case kMmsIdentify:
      out.vendor = member_of(contents, 0x80);
      out.model = member_of(contents, 0x81);
      out.revision = member_of(contents, 0x82);
      return;
    case kMmsGetListAttributes:
      out.names = member_of(contents, 0xA1);
      out.what.argument = MmsArgument::variables;
      return;
    default: return;
  }
}

// As receivers do, of one that is too long the last octets.
void set_invoke_id(Bytes contents, MmsPdu& out) noexcept {
  if (const auto id = ber_integer(contents.last(std::min(contents.size(), sizeof(std::uint32_t)))))
    out.invoke_id = static_cast<std::uint32_t>(*id);
  out.good = out.good && out.invoke_id;
}

// Of a number of several octets devices do not look at the class.
bool is_service(const BerValue& member) noexcept {
  constexpr std::uint8_t kClass = 0xC0, kContextClass = 0x80;
  constexpr unsigned kLongNumber = 31;
  return member.number >= kLongNumber || (member.tag & kClass) == kContextClass;
}

void read_additional_service(Bytes contents, MmsPdu& out) {
  const auto service = OsiBerReader{contents}.next();
  out.good = out.good && service;
  if (!service) return;
  if (const MmsService what = mms_additional_service(service->number); !what.name.empty()) out.what = what;
  if (out.kind == MmsKind::confirmed_request) read_request(*service, out);
}

void read_service(const BerValue& service, Bytes behind, MmsPdu& out) {
  out.behind = behind;
  out.service = service.number;
  out.what = mms_service(service.number);
  if (service.number == kMmsAdditionalService) return read_additional_service(service.contents, out);
  out.kind == MmsKind::confirmed_request ? read_request(service, out) : read_response(service, out);
}

void read_confirmed(Bytes contents, MmsPdu& out) {
  OsiBerReader members{contents};
  const auto id = members.next(ber_tag::kInteger);
  set_invoke_id(id ? id->contents : Bytes{}, out);
  if (out.kind == MmsKind::confirmed_request) members.next(kModifiers);
  const auto service = members.next();
  const bool named = service && is_service(*service);
  out.good = out.good && named;
  if (named) read_service(*service, members.rest(), out);
}

void read_unconfirmed(Bytes contents, MmsPdu& out) {
  constexpr std::uint8_t kUnsolicitedStatus = 1;
  const auto service = OsiBerReader{contents}.next();
  out.good = out.good && service;
  if (!service) return;
  out.service = service->number;
  out.what = mms_unconfirmed_service(service->number);
  service->number == kUnsolicitedStatus ? read_status(service->contents, out) : read_request(*service, out);
}

void read_reject(Bytes contents, MmsPdu& out) noexcept {
  OsiBerReader members{contents};
  if (const auto id = members.next(0x80)) set_invoke_id(id->contents, out);
  const auto reason = members.next();
  out.good = out.good && reason;
  if (reason) read_reason(*reason, out);
}

void read_initiate(Bytes contents, MmsPdu& out) noexcept {
  const Bytes detail = member_of(contents, 0xA4);
  out.initiate = {number_of(contents, 0x80), number_of(contents, 0x81), number_of(contents, 0x82),
                  number_of(contents, 0x83), number_of(detail, 0x80),   member_of(detail, 0x82)};
}

void read_body(Bytes contents, MmsPdu& out) {
  switch (out.kind) {
    case MmsKind::confirmed_request:
    case MmsKind::confirmed_response: return read_confirmed(contents, out);
    case MmsKind::unconfirmed: return read_unconfirmed(contents, out);
    case MmsKind::reject: return read_reject(contents, out);
    case MmsKind::cancel_request:
    case MmsKind::cancel_response: return set_invoke_id(contents, out);
    case MmsKind::confirmed_error:
      set_invoke_id(member_of(contents, 0x80), out);
      return read_error(member_of(contents, 0xA2), out);
    case MmsKind::cancel_error:
      set_invoke_id(member_of(contents, 0x80), out);
      return read_error(member_of(contents, 0xA1), out);
    case MmsKind::initiate_request:
    case MmsKind::initiate_response: return read_initiate(contents, out);
    case MmsKind::initiate_error:
    case MmsKind::conclude_error: return read_error(contents, out);
    case MmsKind::conclude_request:
    case MmsKind::conclude_response: return;
  }
}

bool primitive(MmsKind kind) noexcept {
  return kind == MmsKind::cancel_request || kind == MmsKind::cancel_response || kind == MmsKind::conclude_request ||
         kind == MmsKind::conclude_response;
}

std::optional<MmsName> object_name(const BerValue& value, MmsPieces& pieces) noexcept {
  const auto form = static_cast<std::uint8_t>(value.tag & ~kConstructed);
  if (form == kVmdSpecific || form == kAssociationSpecific) return MmsName{{}, pieces.join(value)};
  if (value.tag != kDomainSpecific) return {};
  OsiBerReader parts{value.contents};
  const auto domain = parts.next(), item = parts.next();
  if (!domain || !item) return {};
  return MmsName{pieces.join(*domain), pieces.join(*item)};
}

// Of several parts, which are a path's, all.
std::optional<MmsName> file_name(const BerValue& value, MmsPieces& pieces) noexcept {
  if (value.tag == kFileName) return MmsName{{}, value.contents};
  OsiBerReader parts{(value.tag & kConstructed) != 0 ? value.contents : Bytes{}};
  const auto first = parts.next(kFileName);
  if (!first) return {};
  return MmsName{{}, parts.empty() ? first->contents : pieces.join(value)};
}

// A number, a symbol or octets; of the whole device.
MmsName address_name(const BerValue& address) noexcept {
  constexpr std::uint8_t kNumeric = 0x80;
  const auto number = ber_integer(address.contents);
  if (address.tag == kNumeric && number) return MmsName{{}, {}, static_cast<std::uint64_t>(*number)};
  const auto text = OsiBerReader{(address.tag & kConstructed) != 0 ? address.contents : Bytes{}}.next();
  return MmsName{{}, text ? text->contents : address.contents};
}

// One of several, with what is meant of it; or the name of their list. What is told in another way has no name, but
// keeps its place, as the values are in the same order.
std::optional<MmsName> variable_name(const BerValue& value, MmsPieces& pieces) noexcept {
  constexpr std::uint8_t kName = 0xA0, kAddress = 0xA1, kDescription = 0xA2, kAlternateAccess = 0xA5;
  if (value.tag != kVariable) return object_name(value, pieces);
  OsiBerReader parts{value.contents};
  const auto outer = parts.next();
  const auto inner = OsiBerReader{outer ? outer->contents : Bytes{}}.next();
  MmsName name;
  if (inner && outer->tag == kName) name = object_name(*inner, pieces).value_or(MmsName{});
  if (inner && (outer->tag == kAddress || outer->tag == kDescription)) name = address_name(*inner);
  if (const auto access = parts.next(kAlternateAccess)) name.alternate = access->contents;
  return name;
}

// | component 81 | index 82 | named A5: name, one of these | in it more A0: component 80 or index 81, 30: these |, each
// several times: '+' between them.
void append_access(IcsText& out, Bytes access, unsigned depth = 0) {
  constexpr std::uint8_t kDeeper = 0xA0, kNamed = 0xA5, kComponent = 1, kIndex = 2;
  constexpr unsigned kAccessDepthMax = 8;
  OsiBerReader entries{depth < kAccessDepthMax ? access : Bytes{}};
  for (bool first = true; !out.full(); first = false) {
    auto entry = entries.next();
    if (!entry) break;
    if (!first) out.append('+');
    if (entry->tag == kNamed) {
      OsiBerReader named{entry->contents};
      named.next();
      entry = named.next();
      if (!entry) break;
    }
    OsiBerReader deeper{entry->tag == kDeeper ? entry->contents : Bytes{}};
    const auto into = entry->tag == kDeeper ? deeper.next() : entry;
    if (!into) break;
    const unsigned kind = into->number + (entry->tag == kDeeper ? 1U : 0U);
    if (kind == kComponent) {
      out.append('$');
      out.append_escaped(into->contents);
    } else if (const auto index = ber_integer(into->contents); kind == kIndex && index) {
      out.append('[');
      out.append_number(*index);
      out.append(']');
    }
    if (const auto more = deeper.next()) append_access(out, more->contents, depth + 1);
  }
}

// A member of a sequence: [0] is an identifier or an object's name, of the others only files are told.
std::optional<MmsName> member_name(const BerValue& value, MmsPieces& pieces) noexcept {
  constexpr std::uint8_t kFirst = 0x80;
  if (value.tag == kFirst) return MmsName{{}, value.contents};
  if (const auto file = file_name(value, pieces)) return file;
  if (value.tag != (kFirst | kConstructed)) return {};
  const auto inner = OsiBerReader{value.contents}.next();
  if (inner && inner->tag == kIdentifier) return MmsName{{}, pieces.join(value)};
  return inner ? object_name(*inner, pieces) : std::nullopt;
}

std::optional<MmsName> name_in(const BerValue& value, MmsArgument argument, MmsPieces& pieces) noexcept {
  switch (argument) {
    case MmsArgument::none:
    case MmsArgument::list: return {};
    case MmsArgument::text: return MmsName{{}, pieces.join(value)};
    case MmsArgument::number: {
      const auto number = ber_integer(value.contents);
      return number ? std::optional{MmsName{{}, {}, static_cast<std::uint64_t>(*number)}} : std::nullopt;
    }
    case MmsArgument::object:
    case MmsArgument::definition:
    case MmsArgument::first:
    case MmsArgument::second: return object_name(value, pieces);
    case MmsArgument::variables: return variable_name(value, pieces);
    case MmsArgument::members: return member_name(value, pieces);
    case MmsArgument::files: return file_name(value, pieces);
  }
  return {};
}

}  // namespace

std::string_view to_string(MmsKind kind) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"confirmed-RequestPDU", "confirmed-ResponsePDU", "confirmed-ErrorPDU", "unconfirmed-PDU", "rejectPDU",
       "cancel-RequestPDU", "cancel-ResponsePDU", "cancel-ErrorPDU", "initiate-RequestPDU", "initiate-ResponsePDU",
       "initiate-ErrorPDU", "conclude-RequestPDU", "conclude-ResponsePDU", "conclude-ErrorPDU"});
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(MmsApplication application) {
  static constexpr std::array<std::string_view, 3> kNames{"", "iec61850", "tase2"};
  return kNames[static_cast<std::size_t>(application)];
}

void append_mms_name(IcsText& out, const MmsName& name) {
  if (name.number) return out.append_number(*name.number);
  if (!name.domain.empty()) {
    out.append_escaped(name.domain);
    out.append('/');
  }
  out.append_escaped(name.item);
}

void append_mms_access(IcsText& out, const MmsName& name) {
  if (name.alternate) append_access(out, *name.alternate);
}

bool MmsPdu::request() const noexcept {
  return kind == MmsKind::confirmed_request || kind == MmsKind::cancel_request || kind == MmsKind::initiate_request ||
         kind == MmsKind::conclude_request;
}

bool MmsPdu::answer() const noexcept { return !request() && kind != MmsKind::unconfirmed; }

std::optional<MmsPdu> read_mms_pdu(Bytes value) {
  constexpr std::uint8_t kNumber = 0x1F, kLast = static_cast<std::uint8_t>(MmsKind::conclude_error);
  const auto pdu = OsiBerReader{value}.next();
  if (!pdu || pdu->number > kLast) return {};
  MmsPdu out;
  out.kind = static_cast<MmsKind>(pdu->number);
  const std::uint8_t form = primitive(out.kind) ? 0x80 : 0x80 | kConstructed;
  if ((pdu->tag & ~kNumber) != form) return {};
  out.good = primitive(out.kind) || ber_well_formed(pdu->contents, kDepthMax);
  read_body(pdu->contents, out);
  return out;
}

std::optional<MmsPdu> read_further_service(const MmsPdu& pdu) {
  constexpr unsigned kRequestDetail = 79;  // belongs to the service in front of it
  if (pdu.kind != MmsKind::confirmed_request) return {};
  OsiBerReader members{pdu.behind};
  while (const auto member = members.next()) {
    if (!is_service(*member) || member->number == kRequestDetail) continue;
    MmsPdu out;
    out.kind = pdu.kind;
    out.invoke_id = pdu.invoke_id;
    read_service(*member, members.rest(), out);
    return out;
  }
  return {};
}

Bytes MmsPieces::join(const BerValue& string) noexcept {
  if ((string.tag & kConstructed) == 0) return string.contents;
  const std::size_t begin = size_;
  add(string.contents, 0);
  return Bytes{octets_}.subspan(begin, size_ - begin);
}

void MmsPieces::add(Bytes pieces, unsigned depth) noexcept {
  constexpr unsigned kPiecesDepthMax = 8;
  OsiBerReader in{pieces};
  while (const auto piece = in.next()) {
    if ((piece->tag & kConstructed) != 0) {
      if (depth < kPiecesDepthMax) add(piece->contents, depth + 1);
      continue;
    }
    const Bytes octets = piece->contents.first(std::min(piece->contents.size(), octets_.size() - size_));
    std::ranges::copy(octets, octets_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += octets.size();
  }
}

std::optional<MmsName> MmsNames::next() noexcept {
  constexpr std::uint8_t kVariables = 0xA0;
  while (const auto entry = entries_.next()) {
    if (list_named_ && entry->tag == kVariables) {
      entries_ = OsiBerReader{entry->contents};
      argument_ = MmsArgument::variables;
      list_named_ = false;
      continue;
    }
    pieces_.clear();
    const auto name = name_in(*entry, argument_, pieces_);
    if (!name) continue;
    list_named_ = argument_ == MmsArgument::definition;
    return name;
  }
  return {};
}

std::optional<Bytes> MmsIdentifiers::next() noexcept {
  while (const auto entry = entries_.next()) {
    if (entry->tag == kIdentifier) return entry->contents;
    pieces_.clear();
    if (const auto file = file_name({0xA0, member_of(entry->contents, 0xA0), {}}, pieces_)) return file->item;
  }
  return {};
}

// IEC 61850-7-2's functional constraints stand behind the first '$'. The names of TASE.2 are IEC 60870-6-503's.
MmsApplication mms_application(Bytes item) noexcept {
  static constexpr auto kConstraints =
      std::to_array<std::string_view>({"BR", "CF", "CO", "DC", "EX", "GO", "GS", "LG", "MS", "MX", "OR", "RP", "SE",
                                       "SG", "SP", "SR", "ST", "SV", "US"});
  static constexpr auto kTase2 = std::to_array<std::string_view>(
      {"Bilateral_Table_ID", "DSConditions_Detected", "Event_Code_Detected", "Next_DSTransfer_Set",
       "Next_TSTransfer_Set", "Supported_Features", "TASE2_Version", "Transfer_Report_ACK", "Transfer_Report_NACK",
       "Transfer_Set_Name", "Transfer_Set_Time_Stamp"});
  const std::string_view text{reinterpret_cast<const char*>(item.data()), item.size()};
  if (std::ranges::find(kTase2, text) != kTase2.end()) return MmsApplication::tase2;
  const auto at = text.find('$');
  if (at == std::string_view::npos) return MmsApplication::unknown;
  const std::string_view constraint = text.substr(at + 1, text.find('$', at + 1) - at - 1);
  return std::ranges::find(kConstraints, constraint) == kConstraints.end() ? MmsApplication::unknown
                                                                           : MmsApplication::iec61850;
}

}  // namespace nw::network
