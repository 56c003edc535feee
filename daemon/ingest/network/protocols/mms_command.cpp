#include "ingest/network/protocols/mms_command.h"

#include "ingest/network/protocols/mms_data.h"

namespace nw::network {

namespace {

constexpr std::uint8_t kFailure = 0x80, kStructure = 0xA2, kVisible = 0x8A;

std::string_view text_of(Bytes octets) noexcept {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

// What stands behind a functional constraint; nothing when the item has another.
std::optional<std::string_view> behind(std::string_view item, std::string_view constraint) noexcept {
  const auto at = item.find(constraint);
  if (at == std::string_view::npos) return {};
  return item.substr(at + constraint.size());
}

// Service parameters of a control: IEC 61850-8-1, 20.
bool control_part(std::string_view part) noexcept {
  return part == "Oper" || part == "SBO" || part == "SBOw" || part == "Cancel";
}

bool is_control(std::string_view item) noexcept {
  auto rest = behind(item, "$CO$");
  while (rest) {
    const auto end = rest->find('$');
    if (control_part(rest->substr(0, end))) return true;
    if (end == std::string_view::npos) break;
    rest->remove_prefix(end + 1);
  }
  return false;
}

// The whole control is meant, and ctlVal is the first of it.
bool is_whole_control(std::string_view item) noexcept {
  return is_control(item) && control_part(item.substr(item.rfind('$') + 1));
}

bool is_report_control(std::string_view item) noexcept { return behind(item, "$BR$") || behind(item, "$RP$"); }

// A read of $SBO selects.
bool selects(std::string_view item) noexcept { return is_control(item) && item.ends_with("$SBO"); }

IcsOperation operation_of(const MmsPdu& pdu) {
  const bool read = pdu.is(MmsKind::confirmed_request, kMmsRead);
  if (!read && !pdu.is(MmsKind::confirmed_request, kMmsWrite)) return pdu.what.operation;
  IcsOperation operation = pdu.what.operation;
  MmsNames names{pdu};
  while (const auto name = names.next()) {
    const std::string_view item = text_of(name->item);
    if (read ? selects(item) : is_control(item)) return IcsOperation::control;
    if (!read && is_report_control(item)) operation = IcsOperation::subscribe;
  }
  return operation;
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
  }
}

void append_written(IcsText& out, const BerValue& value, const std::optional<MmsName>& name) {
  if (name && value.tag == kStructure && is_whole_control(text_of(name->item)))
    if (const auto first = OsiBerReader{value.contents}.next()) return append_mms_value(out, *first);
  append_mms_value(out, value);
}

void append_values(IcsText& out, const MmsPdu& pdu) {
  if (pdu.success) return;
  OsiBerReader values{pdu.values};
  MmsNames names{pdu};
  while (!out.full()) {
    const auto value = values.next();
    if (!value) break;
    out.next();
    const auto name = names.next();
    if (pdu.is(MmsKind::confirmed_request, kMmsWrite))
      append_written(out, *value, name);
    else
      append_mms_value(out, *value);
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

IcsCommand mms_command(const MmsPdu& pdu, bool texts) {
  IcsCommand command;
  command.operation = operation_of(pdu);
  if (!texts) return command;
  append_targets(command.target, pdu);
  append_values(command.value, pdu);
  return command;
}

MmsEnding mms_ending(const MmsPdu& answer) {
  if (answer.error || answer.error_class || answer.kind == MmsKind::reject)
    return {IcsOutcome::refused, error_name(answer)};
  const bool error = answer.kind == MmsKind::confirmed_error || answer.kind == MmsKind::cancel_error ||
                     answer.kind == MmsKind::initiate_error || answer.kind == MmsKind::conclude_error;
  if (error) return {IcsOutcome::refused, {}};
  OsiBerReader values{answer.values};
  while (const auto value = values.next())
    if (value->tag == kFailure)
      return {IcsOutcome::refused,
              mms_access_error_name(static_cast<unsigned>(ber_integer(value->contents).value_or(-1)))};
  return {};
}

void append_mms_result(IcsText& out, const BerValue& value, bool success) {
  if (success && value.tag != kFailure) return out.append("success");
  append_mms_value(out, value);
}

}  // namespace nw::network
