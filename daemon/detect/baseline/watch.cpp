#include "detect/baseline/watch.h"

namespace nw::baseline {

namespace {

using event::Common;
using event::Value;

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"nw.baseline", "text",
     "how a conversation of a control protocol deviates from the designated ones: new_pair, new_function or "
     "new_direction; absent: it is one of them, or there is no baseline"},
});

bool read_address(const Value* value, IpAddress& out) noexcept {
  if (value == nullptr) return false;
  if (value->kind() == Value::Kind::address) {
    out = value->as_address();
    return true;
  }
  return value->kind() == Value::Kind::text && IpAddress::parse_into(value->as_text(), out);
}

}  // namespace

Watch::Watch(event::Schema& schema) : field_{schema.add_field(kFields[0].name)} {
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const ControlProtocol* protocol = find_protocol(schema.type(static_cast<event::TypeId>(i)).path);
    by_type_.push_back({protocol, protocol == nullptr ? event::kNoField : schema.add_field(protocol->function)});
  }
}

std::span<const event::FieldSpec> Watch::fields() { return kFields; }

void Watch::subscribe(event::Interest& interest, bool learn) const {
  for (std::size_t i = 0; i < by_type_.size(); ++i) {
    const auto type = static_cast<event::TypeId>(i);
    if (by_type_[i].protocol == nullptr || (!learn && !interest.wants(type, field_))) continue;
    interest.want(type);
    interest.want(type, by_type_[i].function);
    for (const Common end : {Common::orig_h, Common::resp_h}) interest.want(type, event::common(end));
  }
}

void Watch::see(event::Event& event, const Baseline& baseline, const context::Registry& registry,
                const event::Interest& interest, Learner* learner, Deviations& deviations) const {
  const std::size_t type = event::index(event.type());
  if (type >= by_type_.size() || by_type_[type].protocol == nullptr) return;
  const bool wanted = interest.wants(event.type(), field_);
  if (!wanted && learner == nullptr) return;
  const ControlProtocol& protocol = *by_type_[type].protocol;
  const Value* function = event.get(by_type_[type].function);
  ConversationView conversation;
  if (function == nullptr || function->kind() != Value::Kind::text || function->as_text().empty() ||
      !read_address(event.get(Common::orig_h), conversation.from) ||
      !read_address(event.get(Common::resp_h), conversation.to))
    return;
  conversation.protocol = protocol.path;
  conversation.function = function->as_text();
  if (conversation.function.ends_with(protocol.refused) && conversation.function.size() > protocol.refused.size())
    conversation.function.remove_suffix(protocol.refused.size());
  conversation.function = conversation.function.substr(0, kFunctionBytesMax);
  const Verdict verdict = baseline.judge(conversation);
  if (verdict == Verdict::known) return;
  ++deviations[static_cast<std::size_t>(verdict)];
  if (wanted) event.set(field_, Value::text(to_string(verdict)));
  if (learner == nullptr) return;
  const Timestamp time = event.event_time();
  learner->see(conversation, 1, time, time, [&] {
    const auto listed = [&registry](const IpAddress& address) { return registry.find(address).host != nullptr; };
    return static_cast<Listed>((listed(conversation.from) ? 1 : 0) + (listed(conversation.to) ? 1 : 0));
  });
}

}  // namespace nw::baseline
