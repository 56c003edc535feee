// Others' heads, signed here: POST /add-checkpoint and GET /<hex SHA-256 of the origin>/checkpoint on the HTTP address
// (C2SP tlog-witness). Keeping a head waits for the disk, so it is done on another thread than the HTTP server's.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/own_event.h"
#include "app/witnesses.h"
#include "console/http_server.h"
#include "record/witness/state.h"

namespace nw::app {

class WitnessDesk {
 public:
  // `executor`: where `state` is used, of one thread.
  WitnessDesk(boost::asio::any_io_executor executor, std::unique_ptr<witness::WitnessState> state, std::string name,
              NoteEntry note, TellOwn tell);

  // For a server whose routes run on `server`; answers come back there.
  [[nodiscard]] std::vector<console::Route> routes(boost::asio::any_io_executor server);
  // From now on requests are turned away at once. Any thread.
  void close() noexcept { closed_.store(true); }

  // Answers by status, in the order of witness::kStatuses. Any thread.
  [[nodiscard]] std::uint64_t answers(std::size_t status) const { return answers_.at(status).load(); }

 private:
  using Done = std::function<void(console::HttpResponse)>;
  using Make = std::function<witness::Answer()>;
  // `make` on the desk's thread, `done` on the server's.
  void answer(const boost::asio::any_io_executor& server, Make make, Done done);
  void tell_other_history(const merkle::Checkpoint& other, const std::string& request);

  boost::asio::any_io_executor executor_;
  std::unique_ptr<witness::WitnessState> state_;
  std::string name_;  // ours, as a witness
  NoteEntry note_;
  TellOwn tell_;
  std::map<std::string, std::chrono::steady_clock::time_point> told_;  // of another history, by origin
  std::array<std::atomic<std::uint64_t>, witness::kStatuses.size()> answers_{};
  std::atomic<bool> closed_{false};
};

}  // namespace nw::app
