#include "app/witness_desk.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "record/entry.h"
#include "record/witness/request.h"

namespace nw::app {

namespace asio = boost::asio;

namespace {

// The same two heads may be sent as often as anybody likes.
constexpr std::chrono::hours kToldEvery{1};

}  // namespace

WitnessDesk::WitnessDesk(asio::any_io_executor executor, std::unique_ptr<witness::WitnessState> state, std::string name,
                         NoteEntry note, TellOwn tell)
    : executor_{std::move(executor)},
      state_{std::move(state)},
      name_{std::move(name)},
      note_{std::move(note)},
      tell_{std::move(tell)} {}

std::vector<console::Route> WitnessDesk::routes(asio::any_io_executor server) {
  std::vector<console::Route> out;
  out.push_back(
      {"POST", std::string{witness::kAddPath}, [this, server](const console::HttpRequest& request, const Done& done) {
         answer(
             server,
             [this, body = request.body] {
               witness::Answer made = state_->add(body, wall_now());
               if (made.other_history) tell_other_history(*made.other_history, body);
               return made;
             },
             done);
       }});
  for (const std::string& origin : state_->origins())
    out.push_back(
        {"GET", witness::shown_path(origin), [this, server, origin](const console::HttpRequest&, const Done& done) {
           answer(
               server, [this, origin] { return state_->shown(origin); }, done);
         }});
  return out;
}

void WitnessDesk::answer(const asio::any_io_executor& server, Make make, Done done) {
  if (closed_.load()) return done({503, "text/plain; charset=utf-8", "this witness is about to end\n"});
  // As many wait here at most as the server has connections.
  asio::post(executor_, [this, server, make = std::move(make), done = std::move(done)]() mutable {
    witness::Answer made = make();
    const auto at = std::find(witness::kStatuses.begin(), witness::kStatuses.end(), made.status);
    if (at != witness::kStatuses.end()) ++answers_.at(static_cast<std::size_t>(at - witness::kStatuses.begin()));
    asio::post(server, [done = std::move(done), made = std::move(made)]() mutable {
      done({made.status, std::move(made.content_type), std::move(made.body)});
    });
  });
}

// The log's own key has signed two heads of one size: whoever holds both can show it to anybody.
void WitnessDesk::tell_other_history(const merkle::Checkpoint& other, const std::string& request) {
  const auto now = std::chrono::steady_clock::now();
  const auto [at, first] = told_.try_emplace(other.origin, now);
  if (!first && now - at->second < kToldEvery) return;
  at->second = now;
  log_error("witnessed_log_forked",
            "a log that we witness has signed two heads of one size: it shows different histories to different people. "
            "Both are in our ledger; ask its owner, and tell its other witnesses",
            {{"origin", printable(other.origin)}, {"size", std::to_string(other.head.size)}});
  boost::json::object body{{"witness", name_},
                           {"role", "witness"},
                           {"outcome", "conflict"},
                           {"status", 409},
                           {"log", other.origin},
                           {"size", size_in_entry(other.head.size)},
                           {"signed", state_->shown(other.origin).body}};
  // Both notes fit: kCheckpointBytesMax.
  if (auto parsed = witness::AddRequest::parse(request)) body["refused"] = parsed->checkpoint.to_string();
  note_(std::string{record::kEntryWitnessReceipt}, boost::json::serialize(body));
  OwnEvent event;
  event.path = "ledger.witness";
  event.time = wall_now();
  event.fields = {{"witness", name_},
                  {"status", std::int64_t{409}},
                  {"outcome", std::string{"refused"}},
                  {"origin", other.origin},
                  {"size", size_in_event(other.head.size)},
                  {"witness_size", size_in_event(other.head.size)}};
  tell_(std::move(event));
}

}  // namespace nw::app
