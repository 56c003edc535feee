#include "detect/baseline/learner.h"

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"
#include "detect/baseline/protocols.h"

namespace nw::baseline {

namespace {

constexpr YamlLimits kLimits{std::size_t{256} << 20, 16'000'000, 16, 2};

Timestamp read_time(YamlMap& map, std::string_view key) {
  const YamlNode* node = map.require(key);
  if (node == nullptr) return {};
  const auto time = parse_rfc3339(node->scalar);
  if (time) return *time;
  map.error(node->mark, "bad-time", time.error().what);
  return {};
}

IpAddress read_address(YamlMap& map, std::string_view key) {
  const YamlNode* node = map.require(key);
  if (node == nullptr) return {};
  const auto address = IpAddress::parse(node->scalar);
  if (address) return *address;
  map.error(node->mark, "bad-address", address.error().what);
  return {};
}

}  // namespace

std::size_t Learner::room(Listed listed) const noexcept {
  if (listed == Listed::both) return candidates_max_;
  return listed == Listed::one ? candidates_max_ - candidates_max_ / 4 : candidates_max_ / 2;
}

void Learner::see(const ConversationView& conversation, std::uint64_t count, Timestamp first, Timestamp last,
                  FunctionRef<Listed()> listed) {
  auto found = candidates_.find(conversation);
  if (found == candidates_.end()) {
    if (candidates_.size() >= candidates_max_ || candidates_.size() >= room(listed())) {
      left_out_ += count;
      return;
    }
    found = candidates_.emplace(Conversation{conversation}, Seen{}).first;
  }
  Seen& seen = found->second;
  seen.first = seen.count == 0 ? first : std::min(seen.first, first);
  seen.last = seen.count == 0 ? last : std::max(seen.last, last);
  seen.count += count;
}

std::vector<Candidate> Learner::take() {
  std::vector<Candidate> out;
  for (auto& [conversation, seen] : candidates_) {
    if (seen.count == 0) continue;
    out.push_back({conversation, seen.count, seen.first, seen.last});
    seen = {};
  }
  return out;
}

void Learner::forget(FunctionRef<bool(const ConversationView&)> gone) {
  std::erase_if(candidates_, [&gone](const auto& candidate) { return gone(candidate.first.view()); });
}

std::vector<Candidate> Learner::candidates() const {
  std::vector<Candidate> out;
  for (const auto& [conversation, seen] : candidates_) out.push_back({conversation, seen.count, seen.first, seen.last});
  return out;
}

std::string to_yaml(const std::vector<Candidate>& candidates) {
  std::string out = "version: 1\ncandidates:";
  if (candidates.empty()) out += " []";
  out += '\n';
  for (const Candidate& candidate : candidates) {
    const Conversation& conversation = candidate.conversation;
    out += "  - {from: \"" + conversation.from.to_string() + "\", to: \"" + conversation.to.to_string() +
           "\", protocol: " + conversation.protocol + ", function: ";
    append_json_string(conversation.function, out);
    out += ", count: " + std::to_string(candidate.count) + ", first: " + to_rfc3339(candidate.first) +
           ", last: " + to_rfc3339(candidate.last) + "}\n";
  }
  return out;
}

std::vector<Candidate> read_candidates(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.errors();
  const auto documents = parse_yaml(text, file, diagnostics, kLimits);
  std::vector<Candidate> out;
  if (documents.empty()) return out;
  YamlMap map{documents[0], "the candidates", file, diagnostics};
  if (map.integer("version", 1, 0, 1'000) != 1) map.error(map.mark(), "bad-version", "this is not version 1");
  const YamlNode* list = map.require("candidates");
  map.finish();
  if (list == nullptr) return out;
  for (const YamlNode& item : list->items) {
    YamlMap one{item, "a candidate", file, diagnostics};
    if (!one.ok()) continue;
    Candidate candidate;
    candidate.conversation.from = read_address(one, "from");
    candidate.conversation.to = read_address(one, "to");
    candidate.conversation.protocol = one.require_text("protocol");
    candidate.conversation.function = one.require_text("function");
    candidate.count = static_cast<std::uint64_t>(one.integer("count", 1, 0, INT64_MAX));
    candidate.first = read_time(one, "first");
    candidate.last = read_time(one, "last");
    one.finish();
    if (find_protocol(candidate.conversation.protocol) == nullptr)
      one.error(one.mark(), "unknown-protocol", "no control protocol has this name");
    out.push_back(std::move(candidate));
  }
  if (diagnostics.errors() != errors) out.clear();
  return out;
}

}  // namespace nw::baseline
