#include "ingest/network/protocols/bacnet_contents.h"

#include "ingest/network/protocols/bacnet_service.h"

namespace nw::network {

std::optional<BacnetFailure> read_bacnet_failure(Bytes tags) {
  ByteReader in{tags};
  BacnetTag tag;
  if (!read_bacnet_tag(in, tag)) return {};
  // Some services say more behind it, and have it in a bracket.
  if (tag.opening && !read_bacnet_tag(in, tag)) return {};
  const auto error_class = bacnet_unsigned(tag.contents);
  if (!error_class || !read_bacnet_tag(in, tag)) return {};
  const auto code = bacnet_unsigned(tag.contents);
  if (!code) return {};
  return BacnetFailure{*error_class, *code};
}

IcsOperation bacnet_write_operation(const BacnetProperty& property) {
  using enum IcsOperation;
  constexpr std::uint64_t kProgramChange = 90;  // a property
  static constexpr std::array<IcsOperation, 6> kProgramChanges{write, program, start, stop, restart, program};
  if (property.property != kProgramChange || !property.value) return write;
  ByteReader in{*property.value};
  BacnetTag tag;
  if (!read_bacnet_tag(in, tag)) return write;
  const auto change = bacnet_unsigned(tag.contents);
  return change && *change < kProgramChanges.size() ? kProgramChanges[*change] : write;
}

void BacnetContents::clear() noexcept {
  seen_ = 0;
  objects_count_ = 0;
  properties_.clear();
  if (properties_.capacity() > kPropertiesKept) properties_ = std::vector<BacnetProperty>{};
  property_ = {};
  first_failure_.reset();
  write_operation_ = IcsOperation::write;
  some_fit_ = more_properties_ = broken_ = false;
}

void BacnetContents::read(const BacnetApdu& apdu) {
  clear();
  const BacnetLayout* layout = bacnet_layout(apdu);
  if (layout == nullptr || layout->empty()) return;
  broken_ = !walk(*layout, apdu.body);
  end_property();
}

// False when something of it cannot be read.
bool BacnetContents::walk(const BacnetLayout& layout, Bytes body) {
  struct Open {
    const BacnetLayout::Level* level;
    std::uint8_t tag, at;  // of the bracket; of the application's tags the next
  };
  std::array<Open, BacnetLayout::kLevelsMax> levels;  // no level is within itself
  std::size_t depth = 0;
  levels[0] = {&layout.level(0), 0, 0};
  ByteReader in{body};
  for (BacnetTag tag; !in.empty();) {
    if (!read_bacnet_tag(in, tag)) return false;
    Open& open = levels[depth];
    if (tag.closing) {
      if (depth == 0 || open.tag != tag.number) return false;
      --depth;
      continue;
    }
    const BacnetLayout::Item item =
        tag.context ? layout.numbered(*open.level, tag.number) : layout.plain(*open.level, open.at);
    const bool bracket = item.inside != 0 || item.role == kBacnetValueBracket || item.role == kBacnetErrorBracket;
    if (item.role != kBacnetNotRead && bracket != tag.opening) return false;
    if (item.inside != 0) {
      levels[++depth] = {&layout.level(item.inside), tag.number, 0};
      continue;
    }
    const bool whole = !tag.opening || read_bacnet_bracket(in, tag.contents);
    if (item.role != kBacnetNotRead) take(static_cast<BacnetRole>(item.role), tag.contents);
    if (!whole) return false;
  }
  return depth == 0;
}

void BacnetContents::take(BacnetRole role, Bytes contents) {
  if (!has(role)) first_[place(role)] = contents;
  seen_ |= bit(role);
  const bool object = (role == kBacnetObjectRole || role == kBacnetDevice) && contents.size() == 4;
  if (object && objects_count_ < kObjectsMax) objects_[objects_count_++] = ByteReader{contents}.u32be();
  switch (role) {
    case kBacnetObjectRole:
      end_property();
      property_.object.reset();
      if (object) property_.object = ByteReader{contents}.u32be();
      return;
    case kBacnetPropertyRole:
      end_property();
      property_.property = bacnet_unsigned(contents);
      return;
    case kBacnetIndex:
      if (!property_.value) property_.index = bacnet_unsigned(contents);
      return;
    case kBacnetPriority:
      if (property_.property && !property_.priority) property_.priority = bacnet_unsigned(contents);
      return;
    case kBacnetValueBracket:
      if (!property_.value) property_.value = contents;
      return;
    case kBacnetErrorBracket: property_.failure = read_bacnet_failure(contents).value_or(BacnetFailure{}); return;
    default: return;
  }
}

// Another one begins, of the same object for all that is known.
void BacnetContents::end_property() {
  if (property_.property) {
    if (!property_.failure)
      some_fit_ = true;
    else if (!first_failure_)
      first_failure_ = property_.failure;
    if (const auto does = bacnet_write_operation(property_);
        does != IcsOperation::write && write_operation_ != IcsOperation::stop)
      write_operation_ = does;
    if (properties_.size() < kPropertiesMax)
      properties_.push_back(property_);
    else
      more_properties_ = true;
  }
  property_.property.reset();
  property_.index.reset();
  property_.priority.reset();
  property_.value.reset();
  property_.failure.reset();
}

}  // namespace nw::network
