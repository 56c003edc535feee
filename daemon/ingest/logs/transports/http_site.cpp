#include "ingest/logs/transports/http_site.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "ingest/logs/transports/http_session.h"

namespace nw::logs {

using boost::system::error_code;

void HttpSite::start() { sweep(); }

void HttpSite::stop() {
  if (std::exchange(stopped_, true)) return;
  look_.cancel();
  sweep_.cancel();
  room_.stop();
  for (auto& [number, session] : sessions_) session->close();
  sessions_.clear();
  for_room_.clear();
  for_safety_.clear();
}

void HttpSite::add(std::shared_ptr<HttpSession> session) {
  const std::uint64_t number = next_number_++;
  HttpSession& added = *session;
  sessions_.emplace(number, std::move(session));
  added.start(number);
}

void HttpSite::remove(std::uint64_t number) {
  if (!stopped_) sessions_.erase(number);  // stop() walks them
}

void HttpSite::wait_for_room(const std::shared_ptr<HttpSession>& session) {
  for_room_.push_back(session);
  if (!asked_) ask_for_room();
}

void HttpSite::wait_no_more(const HttpSession& session) {
  const auto is_it = [&](const std::shared_ptr<HttpSession>& each) { return each.get() == &session; };
  std::erase_if(for_room_, is_it);
  std::erase_if(for_safety_, is_it);
}

void HttpSite::ask_for_room() {
  asked_ = true;
  room_.wait([this] {
    asked_ = false;
    while (!for_room_.empty() && sink.ready()) {
      const auto session = std::move(for_room_.front());
      for_room_.pop_front();
      session->room_came();
    }
    if (!for_room_.empty() && !asked_) ask_for_room();
  });
}

void HttpSite::wait_until_safe(const std::shared_ptr<HttpSession>& session) {
  for_safety_.push_back(session);
  if (!looking_) look();
}

void HttpSite::look() {
  looking_ = true;
  look_.expires_after(limits.look);
  look_.async_wait([self = shared_from_this()](const error_code& error) {
    if (self->stopped_ || error) return;
    // Marks become safe in their order, and the sessions stand in it.
    while (!self->for_safety_.empty() && self->sink.safe(self->for_safety_.front()->mark())) {
      const auto session = std::move(self->for_safety_.front());
      self->for_safety_.pop_front();
      session->safe_came();
    }
    self->looking_ = false;
    if (!self->for_safety_.empty()) self->look();
  });
}

// One timer for all deadlines.
void HttpSite::sweep() {
  const auto& l = limits;
  const auto idle = std::chrono::duration_cast<std::chrono::milliseconds>(options.idle);
  const auto least = std::min({l.handshake, l.request, l.room, l.safe, l.write, idle});
  sweep_.expires_after(std::clamp(least / 8, std::chrono::milliseconds{5}, std::chrono::milliseconds{1000}));
  sweep_.async_wait([self = shared_from_this()](const error_code& error) {
    if (self->stopped_ || error) return;
    const auto now = Clock::now();
    std::deque<std::shared_ptr<HttpSession>> late;  // whoever is closed leaves the map
    for (const auto& [number, session] : self->sessions_)
      if (session->deadline() <= now) late.push_back(session);
    for (const auto& session : late) session->deadline_came();
    self->sweep();
  });
}

void HttpSite::rejected(const IpAddress& peer, unsigned status, std::string_view reason) {
  ++counters.rejected;
  log_warning("http_rejected", "a request that pushes log lines was turned away",
              {{"listen", options.address},
               {"peer", peer.to_string()},
               {"status", std::to_string(status)},
               {"reason", printable(reason)}});
}

void HttpSite::put_off(const IpAddress& peer, unsigned status, std::string_view reason) {
  ++counters.put_off;
  log_warning("http_put_off", "a request that pushes log lines shall be sent again",
              {{"listen", options.address},
               {"peer", peer.to_string()},
               {"status", std::to_string(status)},
               {"reason", printable(reason)}});
}

}  // namespace nw::logs
