#include "detect/baseline/baseline.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"

namespace nw::baseline {

namespace {

constexpr std::array<std::string_view, kVerdicts> kNames{"known", "new_pair", "new_function", "new_direction"};

}  // namespace

std::string_view to_string(Verdict verdict) noexcept { return kNames[static_cast<std::size_t>(verdict)]; }

std::shared_ptr<const Baseline> Baseline::empty() {
  static const auto kEmpty = std::make_shared<const Baseline>();
  return kEmpty;
}

void Baseline::add(Designation designation) {
  size_ += designation.functions.size();
  by_pair_[{designation.from, designation.to}].push_back(static_cast<std::uint32_t>(designations_.size()));
  designations_.push_back(std::move(designation));
}

Verdict Baseline::judge(const ConversationView& conversation) const noexcept {
  const auto found = by_pair_.find({conversation.from, conversation.to});
  if (found == by_pair_.end())
    return by_pair_.contains({conversation.to, conversation.from}) ? Verdict::new_direction : Verdict::new_pair;
  // A pair has few entries, and they are short.
  for (const std::uint32_t position : found->second) {
    const Designation& designation = designations_[position];
    if (designation.protocol == conversation.protocol &&
        std::ranges::find(designation.functions, conversation.function) != designation.functions.end())
      return Verdict::known;
  }
  return Verdict::new_function;
}

std::shared_ptr<const Baseline> Baseline::with(std::span<const Conversation> conversations,
                                               const Approval& approval) const {
  auto out = std::make_shared<Baseline>(*this);
  std::set<Conversation> added;  // sorted: the functions of one pair stand together
  for (const Conversation& conversation : conversations)
    if (judge(conversation.view()) != Verdict::known) added.insert(conversation);
  for (auto at = added.begin(); at != added.end();) {
    Designation designation{at->from, at->to, at->protocol, {}, approval};
    for (; at != added.end() && at->from == designation.from && at->to == designation.to &&
           at->protocol == designation.protocol;
         ++at)
      designation.functions.push_back(at->function);
    out->add(std::move(designation));
  }
  return out;
}

std::vector<Conversation> Baseline::conversations() const {
  std::vector<Conversation> out;
  for (const Designation& designation : designations_)
    for (const std::string& function : designation.functions)
      out.emplace_back(ConversationView{designation.from, designation.to, designation.protocol, function});
  return out;
}

std::string Baseline::to_yaml() const {
  std::string out = "version: 1\nconversations:";
  if (designations_.empty()) out += " []";
  out += '\n';
  for (const Designation& designation : designations_) {
    out += "  - from: \"" + designation.from.to_string() + "\"\n    to: \"" + designation.to.to_string() +
           "\"\n    protocol: " + designation.protocol + "\n    functions: [";
    for (const std::string& function : designation.functions) {
      if (&function != designation.functions.data()) out += ", ";
      append_json_string(function, out);  // which is YAML too
    }
    out += "]\n    approved_by: ";
    append_json_string(designation.approval.by, out);
    out += "\n    reason: ";
    append_json_string(designation.approval.reason, out);
    out += "\n    approved_at: " + to_rfc3339(designation.approval.at, 0) + '\n';
  }
  return out;
}

}  // namespace nw::baseline
