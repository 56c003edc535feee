// What was seen and is not designated: candidates that people may approve. Bounded; nothing learned becomes allowed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/function_ref.h"
#include "base/time.h"
#include "detect/baseline/conversation.h"

namespace nw::baseline {

struct Candidate {
  Conversation conversation;
  std::uint64_t count = 0;  // messages, answers included
  Timestamp first{}, last{};
};

// How many of a conversation's two ends are hosts that the register lists.
enum class Listed : std::uint8_t { none, one, both };

class Learner {
 public:
  // At most `candidates_max` conversations of some 300 bytes. None is pushed out; when full, new ones are left out and
  // counted. Invented addresses fill at most half of it, those that talk to listed hosts a further quarter; the last
  // quarter is for listed hosts among themselves, who are too few to fill it.
  explicit Learner(std::size_t candidates_max) : candidates_max_{candidates_max} {}

  // No allocation when the conversation is there already. `listed` is asked only when it is not.
  void see(const ConversationView& conversation, std::uint64_t count, Timestamp first, Timestamp last,
           FunctionRef<Listed()> listed);
  // What was seen since the last take(); the conversations stay, with a count of 0.
  std::vector<Candidate> take();
  // Another bound; what is there stays.
  void bound(std::size_t candidates_max) noexcept { candidates_max_ = candidates_max; }
  // Forgets those for which `gone` holds.
  void forget(FunctionRef<bool(const ConversationView&)> gone);

  // Sorted by conversation.
  [[nodiscard]] std::vector<Candidate> candidates() const;
  [[nodiscard]] std::size_t size() const noexcept { return candidates_.size(); }
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }  // sightings, not conversations

 private:
  struct Seen {
    std::uint64_t count = 0;
    Timestamp first{}, last{};
  };
  [[nodiscard]] std::size_t room(Listed listed) const noexcept;

  std::size_t candidates_max_;
  std::map<Conversation, Seen, ConversationLess> candidates_;
  std::uint64_t left_out_ = 0;
};

// The file of candidates. read_candidates() is strict, as Baseline::load() is, and gives nothing after an error.
std::string to_yaml(const std::vector<Candidate>& candidates);
std::vector<Candidate> read_candidates(std::string_view text, std::string_view file, Diagnostics& diagnostics);

}  // namespace nw::baseline
