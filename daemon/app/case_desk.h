// Where people's acts upon incidents come in: checked against the store, written into the ledger, answered when the
// store has applied them. One act at a time, so that each is checked against what the one before left. Used on the
// daemon's own thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/own_event.h"
#include "console/http_server.h"
#include "context/taxonomy/rsit.h"
#include "record/act.h"
#include "record/incidents/store.h"
#include "record/ledger/ledger.h"

namespace nw::app {

// An event of type case.incident.
OwnEvent own_event_of(const record::CaseEvent& event);

// Act::id of one that is asked for now.
std::string new_act_id();

class CaseDesk {
 public:
  struct Parts {
    const record::IncidentStore* store = nullptr;  // borrowed, as is the ledger
    const record::Ledger* ledger = nullptr;
    std::function<void(std::string type, std::string body)> note;  // into the ledger
    TellOwn tell;                                                  // to the rules; empty: nobody hears
    // Free text of people before it is written: what a privacy guard makes of it. Empty: it stays.
    std::function<std::string(std::string_view)> guard;
    Nanoseconds patience = std::chrono::seconds{10};  // for the store to apply it
    std::optional<taxonomy::Rsit> rsit = {};          // what `classify` may say; nothing: any word
  };
  using Done = std::function<void(console::HttpResponse)>;
  static constexpr std::size_t kWaitingMax = 64;

  CaseDesk(boost::asio::any_io_executor executor, Parts parts);

  // `body`: Act::to_json(); its `uid` is replaced by that of the socket's peer, and it gets an id when it has none. An
  // act whose id is known is not written again: it hears what became of the first. `done` gets a sentence: 200 it is
  // applied; 202 it is written or waits for the disk, and will be applied; 400 the act is not whole; 404 no such
  // incident; 409 the incident's state does not allow it; 503 the store fails, or too many wait.
  void act(std::string_view body, std::int64_t peer_uid, Done done);
  // Answers those who wait. No act comes any more.
  void stop();

  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

 private:
  struct Waiting {
    record::Act act;
    Done done;
  };
  [[nodiscard]] Result<> check_class(record::Act& act) const;
  void begin();
  void look();
  void tell_fate(const record::IncidentStore::Outcome& outcome);
  void end(int status, std::string text);
  void refuse(const Error& error);

  Parts parts_;
  boost::asio::steady_timer timer_;
  std::deque<Waiting> waiting_;  // the first is under way
  std::chrono::steady_clock::time_point until_{};
  std::uint64_t refused_ = 0;
  bool stopped_ = false;
};

}  // namespace nw::app
