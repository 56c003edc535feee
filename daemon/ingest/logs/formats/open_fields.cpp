#include <algorithm>
#include <bit>

#include "ingest/logs/formats/message.h"

namespace nw::logs {

event::FieldId common_field(std::string_view name) noexcept {
  const auto fields = event::common_fields();
  const auto found = std::ranges::find(fields, name, &event::FieldSpec::name);
  return found == fields.end() ? event::kNoField : static_cast<event::FieldId>(found - fields.begin());
}

void OpenFields::build(const event::Schema& schema, const event::Interest& interest, event::TypeId type) {
  schema_ = &schema;
  filter_ = interest.line_filter(type);
  memory_ = filter_ != nullptr ? filter_->make_memory() : nullptr;
  if (!interest.wants_all(type)) return build_below({}, schema, interest, type);
  all_ = true;  // the schema has the table already
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

event::FieldId OpenFields::find(const OpenName& name) const noexcept {
  if (all_) return known(name.name);
  if (count_ == 0) return event::kNoField;
  for (std::size_t at = name.hash & (cells_.size() - 1);; at = (at + 1) & (cells_.size() - 1)) {
    const Cell& cell = cells_[at];
    if (cell.field == event::kNoField || cell.name == name.name) return cell.field;
  }
}

// The filter knows how JSON escapes; of others' escapes that can write any character it is told by their mark.
bool OpenFields::all_of(std::string_view line) const {
  if (all_ || filter_ == nullptr) return all_;
  return filter_->wants_all(line, *memory_) || line.find("&#") != std::string_view::npos ||
         line.find("\\x") != std::string_view::npos;
}

}  // namespace nw::logs
