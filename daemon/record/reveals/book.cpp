#include "record/reveals/book.h"

#include <algorithm>
#include <boost/json/object.hpp>

#include "base/text.h"
#include "record/reveals/deletions.h"
#include "record/reveals/json_map.h"

namespace nw::reveals {

namespace json = boost::json;

namespace {

constexpr std::size_t kWhyMax = 2000;
constexpr std::size_t kReadMax = 6 * kWhyMax;  // what printable() makes of it

bool is_waiting(RequestState state) { return state == RequestState::open || state == RequestState::approved; }

Refusal closed_refusal(const RequestLife& life) {
  std::string why = "request " + life.request.id + " is closed: " + std::string{to_string(life.state)};
  if (!life.closed_by.empty()) why += " by " + life.closed_by;
  if (!life.closed_why.empty()) why += " (" + life.closed_why + ')';
  return Refusal{Guard::closed, why + "; ask anew"};
}

Refusal unknown_refusal(std::string_view id) {
  return Refusal{Guard::unknown_request,
                 "there is no request '" + printable(id, kIdMax) + "'; list them with: normwatch privacy list"};
}

}  // namespace

Result<> Book::apply(std::string_view type, std::string_view body, Timestamp time, std::uint64_t index) {
  if (type == record::kEntryRevealRequest) return apply_request(body, index);
  if (type == record::kEntryRevealApprove) return apply_approve(body, time);
  if (type == record::kEntryRevealDeny) return apply_deny(body, time);
  if (type == record::kEntryRevealDone) return apply_done(body, time);
  if (type == record::kEntryPurge) return apply_purge(body);
  if (type == record::kEntryOperator) return apply_operator(body);
  return {};
}

Result<RequestLife*> Book::life_of(std::string_view id, bool waiting) {
  const auto at = requests_.find(id);
  if (at == requests_.end())
    return Error{Errc::malformed, "there is no request '" + printable(id, kIdMax) + "' before it"};
  if (waiting && !is_waiting(at->second.state))
    return Error{Errc::malformed, "request " + at->second.request.id + " was closed before it"};
  return &at->second;
}

Result<> Book::apply_request(std::string_view body, std::uint64_t index) {
  auto request = Request::from_json(body);
  if (!request) return request.error();
  const std::string id = request->id;
  if (requests_.contains(id)) return Error{Errc::malformed, "there is a request " + id + " before it"};
  RequestLife life;
  life.changed = request->asked;
  life.request = std::move(*request);
  life.entry = index;
  requests_.emplace(id, std::move(life));
  order_.emplace(index, id);
  forget();
  return {};
}

Result<> Book::apply_approve(std::string_view body, Timestamp time) {
  const auto object = read_object(body, "reveal-approve");
  if (!object) return object.error();
  JsonMap map{*object, "reveal-approve"};
  const std::string id = map.text("request", kIdMax), hash = map.text("request_sha256", 64);
  GivenApproval given;
  given.custodian = map.text("custodian", kNameMax);
  map.hex("custodian_key", given.key);
  given.person = {map.text("by", kNameMax), map.number("uid", -1, std::int64_t{1} << 32), map.text("host", kHostMax)};
  given.sent_by_uid = map.number("sent_by_uid", -1, std::int64_t{1} << 32);
  given.offline = map.flag_if_there("offline");
  given.at = time;
  if (auto good = map.finish(); !good) return good;
  const auto life = life_of(id, true);
  if (!life) return life.error();
  RequestLife& in = **life;
  if (hash != in.request.hash()) return Error{Errc::malformed, "it approves another text of request " + id};
  const auto same = [&given](const GivenApproval& other) { return other.key == given.key; };
  if (in.approvals.size() >= 2 || std::ranges::any_of(in.approvals, same))
    return Error{Errc::malformed, "request " + id + " has this approval, or two others, before it"};
  in.approvals.push_back(std::move(given));
  in.changed = time;
  if (in.approvals.size() == 2) in.state = RequestState::approved;
  return {};
}

Result<> Book::apply_deny(std::string_view body, Timestamp time) {
  const auto object = read_object(body, "reveal-deny");
  if (!object) return object.error();
  JsonMap map{*object, "reveal-deny"};
  const std::string what = map.text("what", 16), id = map.text_if_there("request", kIdMax);
  const std::string by = map.text_if_there("by", kReadMax), why = map.text_if_there("why", kReadMax);
  if (auto good = map.finish(); !good) return good;
  if (what != "denied") return {};  // a step that a guard refused changes nothing
  const auto life = life_of(id, true);
  if (!life) return life.error();
  (*life)->state = RequestState::denied;
  (*life)->closed_by = by;
  (*life)->closed_why = why;
  (*life)->changed = time;
  return {};
}

Result<> Book::apply_done(std::string_view body, Timestamp time) {
  const auto object = read_object(body, "reveal-done");
  if (!object) return object.error();
  JsonMap map{*object, "reveal-done"};
  const std::string id = map.text("request", kIdMax), outcome = map.text("outcome", 16);
  const std::uint64_t revealed = map.count_if_there("revealed");
  const std::uint64_t not_revealed =
      map.count_if_there("no_key") + map.count_if_there("not_found") + map.count_if_there("damaged");
  const std::string commitment = map.text_if_there("commitment", 80), why = map.text_if_there("why", kReadMax);
  const auto state = std::ranges::find(kRequestStates, outcome);
  if (state == kRequestStates.end() || outcome == "open" || outcome == "approved" || outcome == "denied")
    map.fault("outcome", "is not known");
  if (auto good = map.finish(); !good) return good;
  const auto life = life_of(id, true);
  if (!life) return life.error();
  const auto now = static_cast<RequestState>(state - kRequestStates.begin());
  if (now == RequestState::done && (*life)->state != RequestState::approved)
    return Error{Errc::malformed, "request " + id + " was not approved by two before it"};
  (*life)->state = now;
  (*life)->revealed = revealed;
  (*life)->not_revealed = not_revealed;
  (*life)->commitment = commitment;
  (*life)->closed_why = why;
  (*life)->changed = time;
  return {};
}

Result<> Book::apply_purge(std::string_view body) {
  const auto object = read_object(body, "purge");
  if (!object) return object.error();
  JsonMap map{*object, "purge"};
  const auto ids = map.texts_if_there("requests", kRequestsKept, kIdMax);
  const bool begun = map.text_if_there("what", 16) == kBegun;
  if (auto good = map.finish(); !good) return good;
  if (begun) return {};  // they are still there, or the run was cut off: the next one deletes and names them again
  for (const std::string& id : ids)
    if (const auto at = requests_.find(id); at != requests_.end()) at->second.result_deleted = true;
  return {};
}

Result<> Book::apply_operator(std::string_view body) {
  if (body.find(kFetched) == std::string_view::npos) return {};  // what else people read, or took
  const auto object = read_object(body, "operator");
  if (!object) return object.error();
  JsonMap map{*object, "operator"};
  if (map.text_if_there("what", 64) != kFetched) return {};
  const std::string id = map.text("request", kIdMax);
  if (auto good = map.finish(); !good) return good;
  if (const auto at = requests_.find(id); at != requests_.end()) at->second.fetched = true;
  return {};
}

void Book::forget() {
  for (auto at = order_.begin(); requests_.size() > kRequestsKept && at != order_.end();) {
    const auto life = requests_.find(at->second);
    if (life == requests_.end() || is_waiting(life->second.state)) {
      ++at;
      continue;
    }
    requests_.erase(life);
    at = order_.erase(at);
    ++forgotten_;
  }
}

Result<void, Refusal> Book::may_ask(const Request& request, const std::vector<privacy::Custodian>& custodians,
                                    const Limits& limits, Timestamp now) const {
  if (trim(request.case_id).empty())
    return Refusal{Guard::no_case, "a reveal is for a case: name the incident with --case"};
  for (const privacy::Custodian& custodian : custodians) {
    if (custodian.key == request.requester_key)
      return Refusal{Guard::custodian_asks,
                     "this is the key of custodian " + custodian.name + "; the requester has one of their own"};
    if (same_name(custodian.name, request.requester.by))
      return Refusal{Guard::custodian_asks,
                     custodian.name + " is a custodian, who approves and does not ask; somebody else has to"};
  }
  if (request.values.size() > limits.values_max)
    return Refusal{Guard::too_many_values, std::to_string(request.values.size()) +
                                               " values; one request names at most " +
                                               std::to_string(limits.values_max) + " (privacy.values_max)"};
  std::size_t today = 0;
  for (const auto& [id, life] : requests_)
    if (life.request.asked > now - std::chrono::hours{24} &&
        (same_name(life.request.requester.by, request.requester.by) ||
         same_account(life.request.requester, request.requester)))
      ++today;
  if (today >= limits.requests_per_day)
    return Refusal{Guard::too_many_requests, std::to_string(today) +
                                                 " requests of this person or account in the last " +
                                                 "24 hours; the limit is " + std::to_string(limits.requests_per_day) +
                                                 " (privacy.requests_per_day)"};
  return {};
}

Result<GivenApproval, Refusal> Book::may_approve(const Approval& approval, std::int64_t sent_by_uid,
                                                 const std::vector<privacy::Custodian>& custodians,
                                                 Timestamp now) const {
  const RequestLife* life = find(approval.request);
  if (life == nullptr) return unknown_refusal(approval.request);
  const Request& request = life->request;
  if (!is_waiting(life->state)) return closed_refusal(*life);
  if (now >= request.expires)
    return Refusal{Guard::closed, "request " + request.id + " has expired at " + to_rfc3339(request.expires, 0)};
  if (approval.request_sha256 != request.hash())
    return Refusal{Guard::another_request, "the approval is for another text of request " + request.id +
                                               ": its hash is not the one in the ledger"};
  const auto custodian = std::ranges::find(custodians, approval.custodian_key, &privacy::Custodian::key);
  if (custodian == custodians.end())
    return Refusal{Guard::not_a_custodian, "the key " +
                                               privacy::to_hex(privacy::fingerprint_of(approval.custodian_key)) +
                                               " is none of the custodians' (privacy.custodians)"};
  if (same_name(approval.custodian.by, request.requester.by) || same_account(approval.custodian, request.requester))
    return Refusal{Guard::own_request, "nobody approves a request of their own"};
  GivenApproval given{custodian->name,    privacy::fingerprint_of(approval.custodian_key),
                      approval.custodian, sent_by_uid,
                      approval.offline,   now};
  for (const GivenApproval& other : life->approvals) {
    if (other.key == given.key || same_name(other.person.by, given.person.by))
      return Refusal{Guard::same_custodian, other.custodian + " has approved it already; another custodian has to"};
    // Who brings two files is a courier; who sends two approvals of their own from one account is not two people.
    const bool one_account =
        !other.offline && !given.offline && other.sent_by_uid >= 0 && other.sent_by_uid == given.sent_by_uid;
    if (other.person.host == given.person.host || one_account)
      return Refusal{Guard::same_host, "both approvals would come from one station or account (" +
                                           printable(given.person.host, kHostMax) +
                                           "); the second custodian works at a station of their own, with --out FILE"};
  }
  if (life->approvals.size() >= 2)
    return Refusal{Guard::closed, "request " + request.id + " has two approvals already"};
  return given;
}

Result<void, Refusal> Book::may_deny(std::string_view id, Timestamp) const {
  const RequestLife* life = find(id);
  if (life == nullptr) return unknown_refusal(id);
  if (!is_waiting(life->state)) return closed_refusal(*life);
  return {};
}

const RequestLife* Book::find(std::string_view id) const {
  const auto at = requests_.find(id);
  return at == requests_.end() ? nullptr : &at->second;
}

std::vector<std::string> Book::expired(Timestamp now) const {
  std::vector<std::string> out;
  for (const auto& [id, life] : requests_)
    if (is_waiting(life.state) && now >= life.request.expires) out.push_back(id);
  return out;
}

std::vector<const RequestLife*> Book::all() const {
  std::vector<const RequestLife*> out;
  for (const auto& [entry, id] : order_) out.push_back(find(id));
  return out;
}

std::size_t Book::waiting() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(requests_, [](const auto& each) { return is_waiting(each.second.state); }));
}

std::string approve_body(const Approval& approval, const GivenApproval& given, std::string_view file) {
  json::object out{{"request", approval.request},
                   {"request_sha256", approval.request_sha256},
                   {"custodian", given.custodian},
                   {"custodian_key", privacy::to_hex(given.key)},
                   {"by", given.person.by},
                   {"uid", given.person.uid},
                   {"host", given.person.host},
                   {"sent_by_uid", given.sent_by_uid},
                   {"approval_sha256", privacy::to_hex(privacy::sha256({privacy::bytes_of(file)}))}};
  if (given.offline) out["offline"] = true;
  return canonical(out);
}

std::string deny_body(const Denial& denial) {
  json::object out{{"what", denial.guard ? "refused" : "denied"},
                   {"why", printable(denial.why, kWhyMax)},
                   {"by", printable(denial.person.by, kNameMax)},
                   {"uid", denial.person.uid},
                   {"host", printable(denial.person.host, kHostMax)}};
  if (!denial.request.empty()) out["request"] = printable(denial.request, kIdMax);
  if (denial.guard) {
    out["guard"] = to_string(*denial.guard);
    out["step"] = denial.step;
  }
  return canonical(out);
}

std::string done_body(const Done& done) {
  json::object out{{"request", done.request}, {"outcome", to_string(done.outcome)}};
  for (const auto& [name, count] : {std::pair{"revealed", done.revealed},
                                    {"no_key", done.no_key},
                                    {"not_found", done.not_found},
                                    {"damaged", done.damaged}})
    if (count != 0) out[name] = count;
  for (const auto& [name, text] :
       {std::pair{"commitment", &done.commitment}, {"sandbox", &done.sandbox}, {"why", &done.why}})
    if (!text->empty()) out[name] = printable(*text, kWhyMax);
  return canonical(out);
}

}  // namespace nw::reveals
