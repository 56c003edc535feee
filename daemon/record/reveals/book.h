// Every request and what became of it, as the ledger tells: a state machine that is rebuilt by reading its entries
// again. Nothing changes it but apply(); the guards only say what may be written next.
//
//   reveal-request -> open --reveal-approve x 2--> approved --reveal-done--> done | failed
//                      |--reveal-deny--> denied      |--reveal-done{expired, key_lost}--> closed without
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/entry.h"
#include "record/reveals/approval.h"
#include "record/reveals/request.h"

namespace nw::reveals {

enum class RequestState : std::uint8_t { open, approved, done, failed, denied, expired, key_lost };
inline constexpr std::array<std::string_view, 7> kRequestStates{"open",   "approved", "done",    "failed",
                                                                "denied", "expired",  "key_lost"};
constexpr std::string_view to_string(RequestState state) noexcept {
  return kRequestStates[static_cast<std::size_t>(state)];
}

// Why a step is refused. Stands in the ledger, so names stay.
enum class Guard : std::uint8_t {
  no_case,            // a request without a case
  unknown_case,       // there is no such incident
  custodian_asks,     // the requester is a custodian, or uses a custodian's key
  too_many_requests,  // in the last 24 hours, by this person or this account
  too_many_values,
  not_in_alert,     // a value that stands in none of the alerts, or an alert that is not there
  nothing_to_open,  // the sealed keys or values are deleted, or never were
  unknown_request,
  closed,           // denied, expired, done
  not_a_custodian,  // the key is none of the custodians' file
  own_request,      // the approver is the requester
  same_custodian,   // has approved already
  same_host,        // both approvals come from one station, or by one account of the control socket
  another_request,  // the approval is for another text of the request
  bad_approval,     // does not open
};
inline constexpr std::array<std::string_view, 15> kGuards{
    "no_case",         "unknown_case",    "custodian_asks", "too_many_requests", "too_many_values", "not_in_alert",
    "nothing_to_open", "unknown_request", "closed",         "not_a_custodian",   "own_request",     "same_custodian",
    "same_host",       "another_request", "bad_approval"};
constexpr std::string_view to_string(Guard guard) noexcept { return kGuards[static_cast<std::size_t>(guard)]; }

struct Refusal {
  Refusal(Guard guard_in, std::string what_in) : guard{guard_in}, what{std::move(what_in)} {}
  Guard guard;
  std::string what;  // for the one who asked
};

struct GivenApproval {
  std::string custodian;  // the name in the custodians' file
  privacy::Fingerprint key{};
  Person person;
  std::int64_t sent_by_uid = -1;  // of the user at the control socket
  bool offline = false;
  Timestamp at;
};

struct RequestLife {
  Request request;
  RequestState state = RequestState::open;
  std::vector<GivenApproval> approvals;
  Timestamp changed;
  std::string closed_by, closed_why;
  // Of reveal-done.
  std::uint64_t revealed = 0, not_revealed = 0;
  std::string commitment;
  bool fetched = false;         // by whom, the entry `operator` says
  bool result_deleted = false;  // by retention
  std::uint64_t entry = 0;      // of the request
};

class Book {
 public:
  // Closed requests beyond these are forgotten, the oldest first; the ledger has them.
  static constexpr std::size_t kRequestsKept = 10'000;

  // Takes in one entry; other types are passed over. `malformed`: it is none that we write, or does not fit what was
  // before; nothing has changed then.
  Result<> apply(std::string_view type, std::string_view body, Timestamp time, std::uint64_t index);

  struct Limits {
    std::size_t requests_per_day = 10, values_max = 100;
  };
  // Whether the request may be written. Its alerts and keys have been looked at by the caller.
  [[nodiscard]] Result<void, Refusal> may_ask(const Request& request, const std::vector<privacy::Custodian>& custodians,
                                              const Limits& limits, Timestamp now) const;
  // Whether the approval may be written; the custodian whose it is. `sent_by_uid`: who handed it in.
  [[nodiscard]] Result<GivenApproval, Refusal> may_approve(const Approval& approval, std::int64_t sent_by_uid,
                                                           const std::vector<privacy::Custodian>& custodians,
                                                           Timestamp now) const;
  [[nodiscard]] Result<void, Refusal> may_deny(std::string_view id, Timestamp now) const;

  [[nodiscard]] const RequestLife* find(std::string_view id) const;
  // Open or approved ones whose time is over.
  [[nodiscard]] std::vector<std::string> expired(Timestamp now) const;
  // In the order of the ledger.
  [[nodiscard]] std::vector<const RequestLife*> all() const;
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::uint64_t forgotten() const noexcept { return forgotten_; }

 private:
  Result<> apply_request(std::string_view body, std::uint64_t index);
  Result<> apply_approve(std::string_view body, Timestamp time);
  Result<> apply_deny(std::string_view body, Timestamp time);
  Result<> apply_done(std::string_view body, Timestamp time);
  Result<> apply_purge(std::string_view body);
  Result<> apply_operator(std::string_view body);
  Result<RequestLife*> life_of(std::string_view id, bool waiting);
  void forget();

  std::map<std::string, RequestLife, std::less<>> requests_;  // by id
  std::map<std::uint64_t, std::string> order_;                // by entry
  std::uint64_t forgotten_ = 0;
};

// `what` of an entry `operator`: the result of `request` was handed over.
inline constexpr std::string_view kFetched = "reveal-fetched";

// Bodies of entries.
[[nodiscard]] std::string approve_body(const Approval& approval, const GivenApproval& given, std::string_view file);
struct Denial {
  std::string request, why;    // request empty: none came to be
  std::string_view step;       // of a refusal: request, approve, deny, ...
  std::optional<Guard> guard;  // none: a person denied it
  Person person;
};
[[nodiscard]] std::string deny_body(const Denial& denial);
struct Done {
  std::string request;
  RequestState outcome = RequestState::done;  // done, failed, expired, key_lost
  std::uint64_t revealed = 0, no_key = 0, not_found = 0, damaged = 0;
  std::string commitment, sandbox, why;
};
[[nodiscard]] std::string done_body(const Done& done);

}  // namespace nw::reveals
