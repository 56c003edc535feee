// One event being written by who read it.
#pragma once

#include <span>

#include "event/event.h"

namespace nw::event {

// Setting a field that nobody wants costs a comparison.
class EventWriter {
 public:
  // `local` is the field's position in the TypeSpec's fields.
  [[nodiscard]] bool wants(std::size_t local) const noexcept { return ids_[local] != kNoField; }
  void set(std::size_t local, const Value& value) {
    if (ids_[local] != kNoField) event_->set(ids_[local], value);
  }
  // For values that do not outlive the call.
  Event& event() noexcept { return *event_; }

  EventWriter(Event& event, std::span<const FieldId> ids) noexcept : event_{&event}, ids_{ids} {}

 private:
  Event* event_;
  std::span<const FieldId> ids_;  // by local position; kNoField: unwanted
};

}  // namespace nw::event
