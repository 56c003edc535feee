#include "ingest/flows/template.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace nw::flows {

namespace {

constexpr std::uint64_t kMost = 0x7fff'ffff'ffff'ffff;
constexpr std::size_t kTextMax = 1024;

std::uint64_t whole(Bytes octets) noexcept {
  ByteReader in{octets};
  switch (octets.size()) {
    case 1: return in.u8();
    case 2: return in.u16be();
    case 4: return in.u32be();
    case 8: return in.u64be();
    default: break;
  }
  std::uint64_t out = 0;
  for (const std::uint8_t octet : octets) out = out << 8U | octet;
  return out;
}

// False: no time that a Timestamp can hold.
bool since_1970(std::uint64_t count, std::uint64_t unit, event::Value& out) noexcept {
  if (count > kMost / unit) return false;
  out = event::Value::time(from_unix_nanoseconds(static_cast<std::int64_t>(count * unit)));
  return true;
}

// Seconds before 1970 are of the era that begins in 2036.
event::Value ntp(std::uint64_t stamp) noexcept {
  constexpr std::int64_t kEpoch = 2'208'988'800;
  std::int64_t seconds = static_cast<std::int64_t>(stamp >> 32U);
  if (seconds < kEpoch) seconds += std::int64_t{1} << 32U;
  const auto fraction = static_cast<std::int64_t>((stamp & 0xffff'ffffU) * 1'000'000'000U >> 32U);
  return event::Value::time(from_unix_nanoseconds((seconds - kEpoch) * 1'000'000'000 + fraction));
}

bool real(Bytes octets, event::Value& out) noexcept {
  double value = 0;
  if (octets.size() == 8)
    value = std::bit_cast<double>(whole(octets));
  else if (octets.size() == 4)
    value = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(whole(octets))));
  else
    return false;
  out = event::Value::real(value);
  return std::isfinite(value);
}

bool is_nothing(const event::Value& value) noexcept {
  switch (value.kind()) {
    case event::Value::Kind::integer: return value.as_integer() == 0;
    case event::Value::Kind::address:
      return value.as_address() == IpAddress{} || value.as_address() == IpAddress::v4(0);
    default: return false;
  }
}

// "ipfix.ENTERPRISE.NUMBER".
std::string extra_name(const TemplateField& field) {
  return "ipfix." + std::to_string(field.enterprise) + '.' + std::to_string(field.id);
}

}  // namespace

bool read_value(Shape shape, Bytes octets, event::Value& out) noexcept {
  const bool number = !octets.empty() && octets.size() <= 8;
  switch (shape) {
    case Shape::integer: {
      if (!number) return false;
      const std::uint64_t value = whole(octets);
      out = event::Value::integer(static_cast<std::int64_t>(std::min(value, kMost)));
      return true;
    }
    case Shape::address:
      if (octets.size() != 4 && octets.size() != 16) return false;
      out = event::Value::address(IpAddress::from_bytes(octets));
      return true;
    case Shape::mac: out = event::Value::text(as_text(octets)); return octets.size() == 6;
    case Shape::text: {
      const std::string_view text = as_text(octets.first(std::min(octets.size(), kTextMax)));
      out = event::Value::text(text.substr(0, text.find('\0')));
      return true;
    }
    case Shape::octets:
      out = event::Value::text(as_text(octets.first(std::min<std::size_t>(octets.size(), 64))));
      return true;
    case Shape::seconds: return number && since_1970(whole(octets), 1'000'000'000, out);
    case Shape::millis: return number && since_1970(whole(octets), 1'000'000, out);
    case Shape::ntp:
      if (octets.size() != 8) return false;
      out = ntp(whole(octets));
      return true;
    case Shape::length_ms:
    case Shape::length_us: {
      const std::uint64_t unit = shape == Shape::length_ms ? 1'000'000 : 1000;
      if (!number || whole(octets) > kMost / unit) return false;
      out = event::Value::interval(Nanoseconds{static_cast<std::int64_t>(whole(octets) * unit)});
      return true;
    }
    case Shape::real: return real(octets, out);
    case Shape::list:
    case Shape::padding: break;
  }
  return false;
}

Plan::Plan(const Layout& layout, const Needs& needs) {
  std::uint32_t skip = 0;
  for (const TemplateField& field : layout.fields) {
    const bool variable = field.length == kVariableLength;
    octets_min_ += variable ? 1U : field.length;
    Step step{skip, field.length, kNoSlot, Shape::padding, false, 0};
    bool kept = variable;
    if (const Element* const element = find_element(field.enterprise, field.id); element != nullptr) {
      step.shape = element->shape;
      if (element->shape == Shape::list) kept = true;
      if (element->slot != kNoSlot && needs.slots.has(element->slot) && field.length != 0) {
        step.slot = element->slot;
        kept = true;
      }
    } else if (field.length != 0) {
      const std::string name = extra_name(field);
      event::FieldId id = event::kNoField;
      if (needs.schema != nullptr)
        if (const auto found = needs.schema->find_field(name); found && needs.interest->wants(needs.type, *found))
          id = *found;
      if (needs.all || id != event::kNoField) {
        step.extra = kept = true;
        step.name = static_cast<std::uint16_t>(names_.size());
        names_.push_back(name);
        fields_.push_back(id);
      }
    }
    if (!kept) {
      skip += field.length;
      continue;
    }
    steps_.push_back(step);
    skip = 0;
  }
  tail_ = skip;
}

bool Plan::read(ByteReader& in, Record& record) const {
  record.clear();
  for (const Step& step : steps_) {
    if (step.skip != 0) in.bytes(step.skip);
    std::size_t length = step.length;
    if (step.length == kVariableLength) {
      length = in.u8();
      if (length == 255) length = in.u16be();
    }
    const Bytes octets = in.bytes(length);
    if (!in.ok()) return false;
    store(step, octets, record);
  }
  if (tail_ != 0) in.bytes(tail_);
  return in.ok();
}

void Plan::store(const Step& step, Bytes octets, Record& record) const {
  if (step.shape == Shape::list) ++record.lists;
  if (step.extra) return record.add_extra({names_[step.name], fields_[step.name], octets});
  if (step.slot == kNoSlot) return;
  event::Value value;
  if (!read_value(step.shape, octets, value)) {
    if (!octets.empty()) ++record.unreadable;
    return;
  }
  // Some exporters send every record with all forms of an address or port, those that do not apply as zeros.
  if (record.has(step.slot) && is_nothing(value)) return;
  record.set(step.slot, value);
}

}  // namespace nw::flows
