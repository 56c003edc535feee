#include "app/baseline_keeper.h"

#include <filesystem>

#include "base/log.h"
#include "base/text.h"
#include "record/ledger/durable_file.h"

namespace nw::app {

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{256} << 20;
constexpr std::size_t kConversationsPerEntry = 100;  // of the longest names, with the longest reason: under 64 KiB

baseline::Listed listed(const baseline::ConversationView& conversation, const context::Registry& registry) {
  const auto is_host = [&registry](const IpAddress& address) { return registry.find(address).host != nullptr; };
  return static_cast<baseline::Listed>((is_host(conversation.from) ? 1 : 0) + (is_host(conversation.to) ? 1 : 0));
}

Result<> replace(const std::string& file, std::string_view bytes) {
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  if (auto made = record::make_directories(record::system_files(), folder); !made) return made;
  return record::replace_file(record::system_files(), file, bytes);
}

void append_member(std::string_view name, std::string_view text, std::string& out) {
  out += (out.back() == '{' ? "\"" : ",\"") + std::string{name} + "\":";
  append_json_string(text, out);
}

// Several entries when one cannot hold all.
void add_entries(const std::vector<baseline::Conversation>& conversations, const baseline::Approval& approval,
                 std::string_view hash, std::vector<std::string>& out) {
  const std::size_t parts = (conversations.size() + kConversationsPerEntry - 1) / kConversationsPerEntry;
  for (std::size_t part = 0; part < parts; ++part) {
    std::string body = "{";
    append_member("by", approval.by, body);
    append_member("reason", approval.reason, body);
    append_member("baseline_sha256", hash, body);
    body += ",\"part\":" + std::to_string(part + 1) + ",\"parts\":" + std::to_string(parts) + ",\"conversations\":[";
    for (std::size_t i = part * kConversationsPerEntry;
         i < conversations.size() && i < (part + 1) * kConversationsPerEntry; ++i) {
      if (body.back() == '}') body += ',';
      body += '{';
      append_member("from", conversations[i].from.to_string(), body);
      append_member("to", conversations[i].to.to_string(), body);
      append_member("protocol", conversations[i].protocol, body);
      append_member("function", conversations[i].function, body);
      body += '}';
    }
    out.push_back(body + "]}");
  }
}

// What is on disk must be what is in force: an approval must not take an edit along that nobody has reloaded.
Result<> check_disk(const std::string& file, const std::string& hash) {
  const auto text = read_text_file(file, kFileBytesMax);
  if (!text && text.error().code != Errc::not_found) return text.error();
  if ((text ? sha256_hex(*text) : std::string{}) == hash) return {};
  return Error{Errc::in_use,
               file + " differs from what is in force; load it first with: normwatch reload --wait, then approve"};
}

}  // namespace

std::string candidates_file(const std::string& state_directory) {
  return state_directory + "/baseline/candidates.yaml";
}

void BaselineKeeper::open(const Snapshot& snapshot) {
  if (opened_ || !snapshot.baseline) return;
  opened_ = true;
  const auto text = read_text_file(file_, kFileBytesMax);
  if (!text && text.error().code == Errc::not_found) return;
  Diagnostics diagnostics;
  if (text)
    merge(baseline::read_candidates(*text, file_, diagnostics), snapshot);
  else
    diagnostics.error(file_, {}, "unreadable", text.error().what);
  if (diagnostics.ok()) return;
  std::error_code ignored;
  std::filesystem::rename(file_, file_ + ".damaged", ignored);
  log_error("baseline_candidates_damaged", "the candidates of the run before cannot be read; they are put aside",
            {{"errors", diagnostics.to_string()}, {"aside", file_ + ".damaged"}});
}

void BaselineKeeper::merge(const std::vector<baseline::Candidate>& candidates, const Snapshot& snapshot) {
  if (!snapshot.baseline) return;
  learner_.bound(snapshot.candidates_max);
  for (const baseline::Candidate& candidate : candidates) {
    const baseline::ConversationView conversation = candidate.conversation.view();
    if (snapshot.baseline->judge(conversation) == baseline::Verdict::known) continue;
    learner_.see(conversation, candidate.count, candidate.first, candidate.last,
                 [&] { return listed(conversation, *snapshot.registry); });
    changed_ = true;
  }
}

void BaselineKeeper::save() {
  if (!changed_) return;
  const auto saved = replace(file_, to_yaml(learner_.candidates()));
  changed_ = !saved;
  if (!saved && !failing_)
    log_error("baseline_candidates_not_saved", "candidates wait in memory and are tried again",
              {{"error", saved.error().what}});
  failing_ = !saved;
}

void BaselineKeeper::forget_known(const Snapshot& snapshot) {
  const std::size_t before = learner_.size();
  learner_.forget([&snapshot](const baseline::ConversationView& conversation) {
    return snapshot.baseline && snapshot.baseline->judge(conversation) == baseline::Verdict::known;
  });
  changed_ = changed_ || learner_.size() != before;
}

Result<BaselineKeeper::Approved> BaselineKeeper::approve(std::string_view request, const BaselineConfig& config,
                                                         const Snapshot& snapshot) {
  if (!snapshot.baseline)
    return Error{Errc::invalid_argument, "no baseline is configured; set 'baseline.file' and reload"};
  Diagnostics diagnostics;
  const auto wanted = baseline::Baseline::load(request, "the request", diagnostics);
  if (!wanted) return Error{Errc::malformed, diagnostics.to_string()};
  if (auto same = check_disk(config.file, snapshot.baseline_hash); !same) return same.error();

  struct Group {
    baseline::Approval approval;
    std::vector<baseline::Conversation> added;
  };
  std::vector<Group> groups;  // neighbours with the same approval
  Approved out;
  for (const baseline::Designation& designation : wanted->designations()) {
    if (groups.empty() || groups.back().approval != designation.approval) groups.push_back({designation.approval, {}});
    for (const std::string& function : designation.functions) {
      const baseline::ConversationView view{designation.from, designation.to, designation.protocol, function};
      if (snapshot.baseline->judge(view) == baseline::Verdict::known) continue;
      groups.back().added.emplace_back(view);
      ++out.conversations;
    }
  }
  if (out.conversations == 0) return out;
  if (snapshot.baseline->size() + out.conversations > baseline::kConversationsMax)
    return Error{Errc::full,
                 "a baseline holds at most " + std::to_string(baseline::kConversationsMax) + " conversations"};
  auto next = std::make_shared<Snapshot>(snapshot);
  for (const Group& group : groups) next->baseline = next->baseline->with(group.added, group.approval);
  const std::string text = next->baseline->to_yaml();
  next->baseline_hash = sha256_hex(text);
  if (auto written = replace(config.file, text); !written) return written.error();
  for (const Group& group : groups) add_entries(group.added, group.approval, next->baseline_hash, out.entries);
  out.snapshot = std::move(next);
  return out;
}

}  // namespace nw::app
