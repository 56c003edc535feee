#include "app/reveal_keeper.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/config.h"
#include "base/log.h"
#include "base/text.h"
#include "record/keys/secret_file.h"
#include "record/reveals/json_map.h"

namespace nw::app {

namespace json = boost::json;
using console::HttpResponse;
using reveals::Guard;
using reveals::Refusal;
using reveals::Request;
using reveals::RequestLife;
using reveals::RequestState;

namespace {

constexpr std::uint64_t kRefusalsPerHour = 100;  // entries; the others are only counted and logged
constexpr std::size_t kWaitingMax = 1000;

HttpResponse text_answer(int status, std::string text) {
  if (!text.ends_with('\n')) text += '\n';
  return {status, "text/plain; charset=utf-8", std::move(text)};
}

HttpResponse answer_of(const Error& error) {
  switch (error.code) {
    case Errc::malformed:
    case Errc::invalid_argument: return text_answer(400, error.what);
    case Errc::not_found: return text_answer(404, error.what);
    case Errc::no_permission: return text_answer(409, error.what);
    default: return text_answer(503, error.what);
  }
}

// Milliseconds: what the entry's times have.
Timestamp whole(Timestamp t) { return std::chrono::floor<std::chrono::milliseconds>(t); }

// What `privacy deny` and `privacy reveal` send.
struct Step {
  std::string id, why;
  reveals::Person person;
};
Result<Step> read_step(std::string_view body, bool with_why, std::int64_t uid) {
  const auto object = reveals::read_object(body, "what was sent");
  if (!object) return object.error();
  reveals::JsonMap map{*object, "what was sent"};
  Step out;
  out.id = map.text("id", reveals::kIdMax);
  out.person = {map.text("by", reveals::kNameMax), uid, map.text_if_there("host", reveals::kHostMax)};
  if (with_why) out.why = map.text("why", reveals::kWordsMax);
  if (auto good = map.finish_strict(); !good) return good.error();
  if (auto good = reveals::check_words(out.person.by, reveals::kNameMax, "the name"); !good) return good.error();
  if (auto good = reveals::check_host(out.person.host); !good) return good.error();
  if (auto good = reveals::check_id("RV", out.id); !good) return good.error();
  if (with_why)
    if (auto good = reveals::check_words(out.why, reveals::kWordsMax, "the reason"); !good) return good.error();
  return out;
}

json::object life_object(const RequestLife& life) {
  json::array approvals;
  for (const reveals::GivenApproval& given : life.approvals)
    approvals.push_back(json::object{{"custodian", given.custodian},
                                     {"by", given.person.by},
                                     {"host", given.person.host},
                                     {"offline", given.offline},
                                     {"at", to_rfc3339(given.at, 0)}});
  json::object out{{"request", json::parse(life.request.to_json())},
                   {"sha256", life.request.hash()},
                   {"state", reveals::to_string(life.state)},
                   {"changed", to_rfc3339(life.changed, 0)},
                   {"entry", life.entry}};
  out["approvals"] = std::move(approvals);
  if (!life.closed_by.empty()) out["closed_by"] = life.closed_by;
  if (!life.closed_why.empty()) out["closed_why"] = life.closed_why;
  if (life.state == RequestState::done) {
    out["revealed"] = life.revealed;
    out["not_revealed"] = life.not_revealed;
    out["commitment"] = life.commitment;
    out["fetched"] = life.fetched;
    out["result_deleted"] = life.result_deleted;
  }
  return out;
}

}  // namespace

std::string new_id(std::string_view kind, Timestamp now) {
  std::string day = to_rfc3339(now, 0).substr(0, 10);
  std::erase(day, '-');
  std::array<std::uint8_t, 4> random{};
  record::kernel_random(random);
  return std::string{kind} + '-' + day + '-' + privacy::to_hex(random);
}

RevealKeeper::RevealKeeper(Parts parts) : parts_{std::move(parts)} {}

std::filesystem::path RevealKeeper::result_file(std::string_view id) const {
  return parts_.directory / (std::string{id} + ".sealed");
}

void RevealKeeper::tell(std::string_view phase, const Request& request, const reveals::Person* approver,
                        Timestamp now) {
  OwnEvent event{"ledger.reveal", now, {}};
  event.fields.emplace_back("phase", std::string{phase});
  const auto add = [&event](std::string_view name, const std::string& value) {
    if (!value.empty()) event.fields.emplace_back(name, value);
  };
  add("request_id", request.id);
  add("case_id", request.case_id);
  add("purpose", request.purpose);
  add("basis", request.basis);
  add("requester", request.requester.by);
  add("requester_host", request.requester.host);
  if (approver != nullptr) {
    add("approver", approver->by);
    add("approver_host", approver->host);
  }
  event.fields.emplace_back("value_count", static_cast<std::int64_t>(request.values.size()));
  event.fields.emplace_back("break_glass", request.break_glass);
  event.fields.emplace_back("exercise", request.exercise());
  parts_.tell(std::move(event));
}

HttpResponse RevealKeeper::refuse(const Refused& what, const Refusal& refusal, Timestamp now) {
  count(RevealStep::refuse);
  log_warning("reveal_refused", "a step to make values readable was refused",
              {{"step", std::string{what.step}},
               {"guard", std::string{to_string(refusal.guard)}},
               {"request", printable(what.request, reveals::kIdMax)},
               {"by", printable(what.person.by, reveals::kNameMax)}});
  if (now - refusals_since_ >= std::chrono::hours{1} || now < refusals_since_) {
    refusals_since_ = now;
    refusals_ = 0;
  }
  if (refusals_++ < kRefusalsPerHour) {
    reveals::Denial denial{what.request, refusal.what, what.step, refusal.guard, what.person};
    parts_.clerk->note(record::kEntryRevealDeny, reveals::deny_body(denial));
  }
  return text_answer(refusal.guard == Guard::unknown_request ? 404 : 409,
                     refusal.what + " [" + std::string{to_string(refusal.guard)} + ']');
}

HttpResponse RevealKeeper::request(std::string_view body, std::int64_t uid, Timestamp now) {
  auto ask = reveals::Ask::from_json(body);
  if (!ask) return answer_of(ask.error());
  Request request;
  request.id = new_id("RV", now);
  request.case_id = std::move(ask->case_id);
  request.purpose = std::move(ask->purpose);
  request.basis = std::move(ask->basis);
  request.why = std::move(ask->why);
  request.values = std::move(ask->values);
  request.alerts = std::move(ask->alerts);
  request.break_glass = ask->break_glass;
  request.requester = {std::move(ask->by), uid, std::move(ask->host)};
  request.requester_key = ask->key;
  request.asked = whole(now);
  request.expires = request.asked + std::chrono::floor<std::chrono::milliseconds>(parts_.config.expires_after);
  const auto refused = [&](const Refusal& refusal) {
    tell("request", request, nullptr, now);  // an attempt is told to the rules, too
    return refuse({"request", {}, request.requester}, refusal, now);
  };
  const std::vector<privacy::Custodian> custodians = parts_.custodians();
  if (custodians.empty())
    return text_answer(409, "nothing can be revealed: no custodians are configured (privacy.custodians)");
  const reveals::Book::Limits limits{parts_.config.requests_per_day, parts_.config.values_max};
  if (auto may = parts_.clerk->book().may_ask(request, custodians, limits, now); !may) return refused(may.error());
  if (auto bodies = bodies_of(request); !bodies) return refused(bodies.error());
  auto keys = keys_of(request);
  if (!keys) return refused(keys.error());
  request.keys = std::move(*keys);
  if (waiting_.size() >= kWaitingMax) return text_answer(503, "too many requests wait; deny some, or let them expire");
  Waiting waiting{privacy::make_custodian_keys(record::kernel_random), {}};
  request.reveal_key = waiting.key.public_key;
  const std::string entry = request.to_json();
  if (entry.size() > record::kBodyBytesMax)
    return text_answer(400, "the request is longer than a ledger entry; ask for fewer values at a time");
  waiting_.emplace(request.id, std::move(waiting));
  if (auto done = parts_.clerk->commit(record::kEntryRevealRequest, entry); !done) return answer_of(done.error());
  count(RevealStep::request);
  tell("request", request, nullptr, now);
  log_info("reveal_requested", "values are asked to be made readable; two custodians decide",
           {{"request", request.id}, {"case", request.case_id}, {"values", std::to_string(request.values.size())}});
  return text_answer(200, "asked as " + request.id + "; it expires at " + to_rfc3339(request.expires, 0) +
                              "\nTwo custodians decide: normwatch privacy approve " + request.id +
                              " --key FILE --by NAME\nThen: normwatch privacy reveal " + request.id + " --key FILE");
}

HttpResponse RevealKeeper::document(std::string_view id) const {
  const RequestLife* life = parts_.clerk->book().find(id);
  if (life == nullptr)
    return text_answer(404,
                       "there is no request '" + printable(id, reveals::kIdMax) + "'; see: normwatch privacy list");
  const auto document = document_of(life->request);
  if (!document) return answer_of(document.error());
  return {200, "application/json", document->to_json() + '\n'};
}

HttpResponse RevealKeeper::approve(std::string_view body, std::int64_t uid, Timestamp now) {
  const auto label = reveals::read_approval_label(body);
  if (!label) return answer_of(label.error());
  const std::string id = label->request;
  if (auto good = reveals::check_id("RV", id); !good) return answer_of(good.error());
  const RequestLife* life = parts_.clerk->book().find(id);
  const auto waiting = waiting_.find(id);
  const reveals::Person sender{"", uid, ""};
  if (life == nullptr || waiting == waiting_.end()) {
    const auto may = parts_.clerk->book().may_deny(id, now);  // whether it is known, and open
    return refuse(
        {"approve", id, sender},
        may ? Refusal{Guard::closed, "the one-time key of request " + id + " is gone; ask anew"} : may.error(), now);
  }
  const Request request = life->request;
  auto approval = reveals::open_approval(body, waiting->second.key.secret_key);
  if (!approval && approval.error().code == Errc::malformed) return answer_of(approval.error());
  if (!approval) return refuse({"approve", id, sender}, {Guard::bad_approval, approval.error().what}, now);
  const auto given = parts_.clerk->book().may_approve(*approval, uid, parts_.custodians(), now);
  if (!given) {
    const Guard guard = given.error().guard;
    // The rules look at these attempts, whether they were let through or not.
    if (guard == Guard::own_request || guard == Guard::same_host) tell("approve", request, &approval->custodian, now);
    return refuse({"approve", id, approval->custodian}, given.error(), now);
  }
  const std::string entry = reveals::approve_body(*approval, *given, body);
  waiting->second.given.insert_or_assign(privacy::to_hex(given->key), std::move(*approval));
  if (auto done = parts_.clerk->commit(record::kEntryRevealApprove, entry); !done) return answer_of(done.error());
  count(RevealStep::approve);
  tell("approve", request, &given->person, now);
  log_info("reveal_approved", "a custodian approved that values are made readable",
           {{"request", id}, {"custodian", given->custodian}});
  life = parts_.clerk->book().find(id);
  if (life == nullptr || life->state != RequestState::approved)
    return text_answer(200, "approved by " + given->custodian + ", one of two; nothing is readable yet");
  return open(*life, now);
}

HttpResponse RevealKeeper::open(const RequestLife& life, Timestamp now) {
  const Request request = life.request;
  const auto waiting = waiting_.extract(request.id);  // the key goes with this, however it ends
  reveals::Done done;
  done.request = request.id;
  done.outcome = RequestState::failed;
  auto opened = waiting.empty() ? Result<reveals::Opened>{Error{Errc::unavailable, "its one-time key is gone"}}
                                : open_in_child(request, waiting.mapped());
  if (!opened) {
    done.why = opened.error().what;
    return finish(std::move(done), now);
  }
  done.sandbox = "seccomp";
  Result<> kept = record::make_secret_directory(record::system_files(), parts_.directory);
  if (kept) kept = record::write_secret(record::system_files(), result_file(request.id), opened->sealed);
  if (!kept) {
    done.why = "the sealed result cannot be kept: " + kept.error().what;
    return finish(std::move(done), now);
  }
  done.outcome = RequestState::done;
  done.revealed = opened->revealed;
  done.no_key = opened->no_key;
  done.not_found = opened->not_found;
  done.damaged = opened->damaged;
  done.commitment = opened->commitment;
  return finish(std::move(done), now);
}

HttpResponse RevealKeeper::finish(reveals::Done done, Timestamp now) {
  const std::string id = done.request;
  const RequestLife* life = parts_.clerk->book().find(id);
  const Request request = life == nullptr ? Request{} : life->request;
  const bool good = done.outcome == RequestState::done;
  if (auto told = parts_.clerk->commit(record::kEntryRevealDone, reveals::done_body(done)); !told)
    return answer_of(told.error());
  count(good ? RevealStep::done : RevealStep::failed);
  tell("done", request, nullptr, now);
  if (!good) {
    log_error("reveal_failed", "two custodians approved, and the values could not be opened",
              {{"request", id}, {"error", done.why}});
    return text_answer(503, "approved by two, and it failed: " + done.why + "\nRequest " + id + " is closed; ask anew");
  }
  log_info("reveal_done", "values were made readable for the one who asked",
           {{"request", id}, {"values", std::to_string(done.revealed)}});
  return text_answer(200, "approved by two: " + std::to_string(done.revealed) + " of " +
                              std::to_string(request.values.size()) + " values were opened for " +
                              request.requester.by + ", who fetches them with: normwatch privacy reveal " + id +
                              " --key FILE --by NAME\nIt is kept until " + to_rfc3339(request.expires, 0) +
                              "; whoever has not fetched it by then asks anew");
}

HttpResponse RevealKeeper::deny(std::string_view body, std::int64_t uid, Timestamp now) {
  const auto step = read_step(body, true, uid);
  if (!step) return answer_of(step.error());
  if (auto may = parts_.clerk->book().may_deny(step->id, now); !may)
    return refuse({"deny", step->id, step->person}, may.error(), now);
  const Request request = parts_.clerk->book().find(step->id)->request;
  const reveals::Denial denial{step->id, step->why, {}, std::nullopt, step->person};
  if (auto done = parts_.clerk->commit(record::kEntryRevealDeny, reveals::deny_body(denial)); !done)
    return answer_of(done.error());
  waiting_.erase(request.id);
  count(RevealStep::deny);
  tell("deny", request, &step->person, now);
  log_info("reveal_denied", "a request to make values readable was denied", {{"request", request.id}});
  return text_answer(200, "denied: " + request.id + "; nothing was opened");
}

HttpResponse RevealKeeper::fetch(std::string_view body, std::int64_t uid, Timestamp) {
  const auto step = read_step(body, false, uid);
  if (!step) return answer_of(step.error());
  const RequestLife* life = parts_.clerk->book().find(step->id);
  if (life == nullptr) return text_answer(404, "there is no request '" + printable(step->id, reveals::kIdMax) + '\'');
  if (life->state != RequestState::done)
    return text_answer(409, "request " + step->id + " has no result: it is " +
                                std::string{reveals::to_string(life->state)} +
                                (life->closed_why.empty() ? "" : " (" + life->closed_why + ')'));
  const auto sealed = read_text_file(result_file(step->id).string(), reveals::kResultBytesMax);
  if (!sealed)
    return text_answer(404, life->result_deleted
                                ? "the result of " + step->id + " is deleted: " +
                                      (life->fetched ? "it was too old" : "nobody fetched it in time; ask anew")
                                : "the result of " + step->id + ": " + sealed.error().what);
  const std::string commitment = life->commitment, id = life->request.id;
  // Who took it, before they have it.
  const std::string entry = reveals::canonical({{"what", reveals::kFetched},
                                                {"request", id},
                                                {"by", step->person.by},
                                                {"uid", uid},
                                                {"host", step->person.host}});
  if (auto done = parts_.clerk->commit(record::kEntryOperator, entry); !done) return answer_of(done.error());
  count(RevealStep::fetch);
  std::string base64;
  privacy::append_base64(privacy::bytes_of(*sealed), base64);
  return {200, "application/json",
          json::serialize(json::object{
              {"request", id}, {"commitment", commitment}, {"bytes", sealed->size()}, {"sealed", base64}}) +
              '\n'};
}

HttpResponse RevealKeeper::list() const {
  json::array all;
  for (const RequestLife* life : parts_.clerk->book().all()) all.push_back(life_object(*life));
  return {200, "application/json", json::serialize(all) + '\n'};
}

void RevealKeeper::close(const std::string& id, RequestState state, std::string why, Timestamp now) {
  waiting_.erase(id);
  const Request request = parts_.clerk->book().find(id)->request;
  reveals::Done done;
  done.request = id;
  done.outcome = state;
  done.why = std::move(why);
  if (!parts_.clerk->commit(record::kEntryRevealDone, reveals::done_body(done)))
    return;  // tried again at the next tick
  count(RevealStep::expire);
  tell("expire", request, nullptr, now);
  log_info("reveal_closed", "a request to make values readable was closed without a result",
           {{"request", id}, {"outcome", std::string{reveals::to_string(state)}}});
}

void RevealKeeper::close_lost(Timestamp now) {
  std::vector<std::string> lost;
  for (const RequestLife* life : parts_.clerk->book().all())
    if (life->state <= RequestState::approved && !waiting_.contains(life->request.id)) lost.push_back(life->request.id);
  for (const std::string& id : lost) {
    if (parts_.clerk->closing()) return;
    close(id, RequestState::key_lost, "the daemon was started anew, and its one-time key was in memory only", now);
  }
  std::error_code error;
  for (std::filesystem::directory_iterator at{parts_.directory, error}, end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!name.ends_with(".sealed")) continue;
    const RequestLife* life = parts_.clerk->book().find(std::string_view{name}.substr(0, name.size() - 7));
    if (life != nullptr ? life->state == RequestState::done : parts_.clerk->book().forgotten() != 0) continue;
    log_warning("reveal_result_removed", "a sealed result that the ledger does not know of is removed",
                {{"file", at->path().string()}});
    std::error_code ignored;
    std::filesystem::remove(at->path(), ignored);
  }
}

void RevealKeeper::tick(Timestamp now) {
  // Approved by two while the ledger's disk stood still: whoever sent the second one did not wait so long.
  std::vector<RequestLife> late;
  for (const RequestLife* life : parts_.clerk->book().all())
    if (life->state == RequestState::approved && now < life->request.expires && waiting_.contains(life->request.id))
      late.push_back(*life);
  for (const RequestLife& life : late) {
    if (parts_.clerk->owed() != 0 || parts_.clerk->closing()) return;
    (void)open(life, now);
  }
  for (const std::string& id : parts_.clerk->book().expired(now)) {
    if (parts_.clerk->owed() != 0 || parts_.clerk->closing()) return;
    close(id, RequestState::expired, "nobody answered in time", now);
  }
}

}  // namespace nw::app
