#include "ingest/network/protocols/mms_command.h"

#include "ingest/network/protocols/mms_data.h"

namespace nw::network {

namespace {

constexpr std::uint8_t kFailure = 0x80, kStructure = 0xA2, kVisible = 0x8A;

std::string_view text_of(Bytes octets) noexcept {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

// What is looked at of an object's name, with the components that are meant.
class Item {
 public:
  explicit Item(const MmsName& name) : alternate_{name.alternate.has_value()}, text_{text_of(name.item)} {
    if (!alternate_) return;
    room_.append_escaped(name.item);
    append_mms_access(room_, name);
    text_ = room_.view();
  }
  Item(const Item&) = delete;
  Item& operator=(const Item&) = delete;

  // The functional constraint (IEC 61850-7-2) is this one: behind the first '$', or among components.
  [[nodiscard]] bool is(std::string_view constraint) const noexcept {
    const std::string_view between = alternate_ ? "$+" : "$";
    std::string_view rest = text_;
    for (std::size_t at = 0; (at = rest.find_first_of(between)) != std::string_view::npos;) {
      rest.remove_prefix(at + 1);
      if (rest.substr(0, rest.find_first_of(between)) == constraint) return true;
      if (!alternate_) break;
    }
    return false;
  }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  bool alternate_;
  IcsText room_;
  std::string_view text_;
};

// The whole control is meant, and ctlVal is the first of it: IEC 61850-8-1, 20.
bool is_whole_control(const Item& item) noexcept {
  const std::string_view part = item.text().substr(item.text().rfind('$') + 1);
  return item.is("CO") && (part == "Oper" || part == "SBOw" || part == "Cancel");
}

// ctlVal, operTm or nothing, origin, ctlNum, T, Test: known by its form where its name is not told, as in a list.
bool is_control_value(const BerValue& value) noexcept {
  constexpr std::uint8_t kCategory = 0x85, kIdentity = 0x89, kNumber = 0x86, kBinaryTime = 0x8C, kUtcTime = 0x91;
  constexpr std::uint8_t kTest = 0x83;
  if (value.tag != kStructure) return false;
  OsiBerReader members{value.contents};
  members.next();
  members.next(kUtcTime);
  const auto origin = members.next(kStructure);
  OsiBerReader parts{origin ? origin->contents : Bytes{}};
  if (!parts.next(kCategory) || !parts.next(kIdentity) || !members.next(kNumber)) return false;
  return (members.next(kUtcTime) || members.next(kBinaryTime)) && members.next(kTest);
}

// TASE.2 (IEC 60870-6-503): what is tagged; or operated, which is the only number that is written.
bool is_device_control(std::string_view item, const std::optional<BerValue>& value) noexcept {
  const bool number = value && (value->tag == 0x85 || value->tag == 0x86 || value->tag == 0x87);
  return item.find('$') == std::string_view::npos && (number || item.ends_with("_TAG"));
}

bool is_written(const MmsPdu& pdu) noexcept { return pdu.is(MmsKind::confirmed_request, kMmsWrite); }
bool is_read(const MmsPdu& pdu) noexcept { return pdu.is(MmsKind::confirmed_request, kMmsRead); }

// What a request to read or write names, one after the other, each with the value that is for it.
class Points {
 public:
  explicit Points(const MmsPdu& pdu) : names_{pdu}, values_{pdu.values} {}
  // False behind the last.
  bool next() {
    name = names_.next();
    value = values_.next();
    return name || value;
  }
  std::optional<MmsName> name;
  std::optional<BerValue> value;

 private:
  MmsNames names_;
  OsiBerReader values_;
};

// Whether it is commanded: under the constraint CO stands nothing but controls, and a read of SBO selects.
bool is_commanded(const Points& point, bool read, MmsApplication application) {
  if (!read && point.value && is_control_value(*point.value)) return true;
  if (!point.name) return false;
  const Item item{*point.name};
  const bool tase2 = application == MmsApplication::tase2;
  if (read) return (item.is("CO") && item.text().ends_with("$SBO")) || (tase2 && item.text().ends_with("_SBO"));
  return item.is("CO") || (tase2 && is_device_control(item.text(), point.value));
}

bool is_report_block(const MmsName& name) {
  const Item item{name};
  return item.is("BR") || item.is("RP");
}

IcsOperation operation_of(const MmsPdu& pdu, MmsApplication application) {
  if (!is_read(pdu) && !is_written(pdu)) return pdu.what.operation;
  bool reports = false, others = false;
  for (Points points{pdu}; points.next();) {
    if (is_commanded(points, is_read(pdu), application)) return IcsOperation::control;
    const bool report = points.name && is_report_block(*points.name);
    reports = reports || report;
    others = others || (points.name && !report);
  }
  return is_written(pdu) && reports && !others ? IcsOperation::subscribe : pdu.what.operation;
}

// IEC 61850-8-1, 17.3: the list RPT, the report's id is its first value.
bool append_report(IcsText& out, const MmsPdu& pdu, const MmsName& name) {
  if (pdu.kind != MmsKind::unconfirmed || !name.domain.empty() || text_of(name.item) != "RPT") return false;
  const auto id = OsiBerReader{pdu.values}.next(kVisible);
  if (!id) return false;
  out.append("RPT/");
  out.append_escaped(id->contents);
  return true;
}

void append_targets(IcsText& out, const MmsPdu& pdu) {
  if (pdu.what.argument == MmsArgument::list) return out.append_escaped(pdu.domain);
  MmsNames names{pdu};
  while (!out.full()) {
    const auto name = names.next();
    if (!name) break;
    out.next();
    if (!append_report(out, pdu, *name)) append_mms_name(out, *name);
    append_mms_access(out, *name);
  }
}

void append_values(IcsText& out, const MmsPdu& pdu) {
  if (pdu.success) return;
  OsiBerReader values{pdu.values};
  while (!out.full()) {
    const auto value = values.next();
    if (!value) break;
    out.next();
    append_mms_value(out, *value);
  }
}

void append_written(IcsText& out, const BerValue& value, const std::optional<MmsName>& name) {
  if (value.tag == kStructure && (is_control_value(value) || (name && is_whole_control(Item{*name}))))
    if (const auto first = OsiBerReader{value.contents}.next()) return append_mms_value(out, *first);
  append_mms_value(out, value);
}

// Of a write those that are commanded, or the others.
void append_points(IcsCommand& out, const MmsPdu& pdu, MmsApplication application, bool commanded) {
  for (Points points{pdu}; points.next();) {
    if (out.target.full() && out.value.full()) break;
    if (is_commanded(points, false, application) != commanded) continue;
    if (points.name) {
      out.target.next();
      append_mms_name(out.target, *points.name);
      append_mms_access(out.target, *points.name);
    }
    if (!points.value) continue;
    out.value.next();
    append_written(out.value, *points.value, points.name);
  }
}

std::string_view error_name(const MmsPdu& pdu) {
  const auto error_class = static_cast<unsigned>(pdu.error_class.value_or(-1));
  const auto error = static_cast<unsigned>(pdu.error.value_or(-1));
  const bool reject = pdu.kind == MmsKind::reject;
  const std::string_view name = reject ? mms_reject_name(error_class, error) : mms_error_name(error_class, error);
  if (!name.empty()) return name;
  return reject ? mms_reject_class_name(error_class) : mms_error_class_name(error_class);
}

}  // namespace

void describe_mms(const MmsPdu& pdu, MmsApplication application, bool texts, IcsCommand& command) {
  command.operation = operation_of(pdu, application);
  if (!texts) return;
  // What is commanded stands first: nothing around it may push it out of the texts. What is read has to stand as its
  // values will come.
  if (is_written(pdu)) {
    append_points(command, pdu, application, true);
    append_points(command, pdu, application, false);
    return;
  }
  append_targets(command.target, pdu);
  append_values(command.value, pdu);
}

MmsEnding mms_ending(const MmsPdu& answer, bool commanded) {
  if (answer.error || answer.error_class || answer.kind == MmsKind::reject)
    return {IcsOutcome::refused, error_name(answer)};
  const bool error = answer.kind == MmsKind::confirmed_error || answer.kind == MmsKind::cancel_error ||
                     answer.kind == MmsKind::initiate_error || answer.kind == MmsKind::conclude_error;
  if (error) return {IcsOutcome::refused, {}};
  OsiBerReader values{answer.values};
  MmsEnding ending;
  bool written = false;
  while (const auto value = values.next()) {
    if (commanded && value->tag == kVisible && value->contents.empty()) {
      ending = {IcsOutcome::refused, "not selected"};
    } else if (value->tag != kFailure) {
      written = answer.success;
    } else if (ending.outcome == IcsOutcome::ok) {
      const auto number = static_cast<unsigned>(ber_integer(value->contents).value_or(-1));
      ending = {IcsOutcome::refused, mms_access_error_name(number)};
    }
  }
  if (written) ending.outcome = IcsOutcome::ok;
  return ending;
}

void append_mms_result(IcsText& out, const BerValue& value, bool success) {
  if (success && value.tag != kFailure) return out.append("success");
  append_mms_value(out, value);
}

}  // namespace nw::network
