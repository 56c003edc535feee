#include <bit>

#include "ingest/logs/formats/message.h"

namespace nw::logs {

void OpenFields::build(const event::Schema& schema, const event::Interest& interest, event::TypeId type) {
  if (!interest.wants_all(type)) return build_below({}, schema, interest, type);
  all_ = true;
  schema_ = &schema;
}

void OpenFields::build_below(std::string_view prefix, const event::Schema& schema, const event::Interest& interest,
                             event::TypeId type) {
  all_ = false;
  count_ = 0;
  std::vector<Cell> named;
  for (std::size_t i = 0; i < schema.field_count(); ++i) {
    const auto field = static_cast<event::FieldId>(i);
    if (interest.wants(type, field) && schema.field_name(field).starts_with(prefix))
      named.push_back({schema.field_name(field), field});
  }
  cells_.assign(std::bit_ceil(2 * named.size() + 1), {});
  for (const Cell& cell : named) {
    std::size_t at = hash64(cell.name) & (cells_.size() - 1);
    while (cells_[at].field != event::kNoField) at = (at + 1) & (cells_.size() - 1);
    cells_[at] = cell;
    ++count_;
  }
}

event::FieldId OpenFields::find(std::string_view name) const noexcept {
  if (all_) return schema_->find_field(name).value_or(event::kNoField);
  if (count_ == 0) return event::kNoField;
  for (std::size_t at = hash64(name) & (cells_.size() - 1);; at = (at + 1) & (cells_.size() - 1)) {
    const Cell& cell = cells_[at];
    if (cell.field == event::kNoField || cell.name == name) return cell.field;
  }
}

}  // namespace nw::logs
