// The requests of a PostgreSQL connection that wait for their outcome, in the order in which the server answers them
// (PostgreSQL documentation, "Pipelining"). A request is a statement with all that it takes (parse, bind, execute), or
// one message. What ends each is "ready for query", of which the server says one for each that the client asks for;
// behind an error it skips what comes up to that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "ingest/network/protocols/ring.h"

namespace nw::network {

struct PostgresqlRequest {
  Timestamp time{};
  std::string_view frontend;  // static; empty when only the answer was seen
  std::string argument;       // the statement, or a name
  std::string name;           // of the prepared statement that it is about
  std::string backend, backend_argument, tag;
  std::uint64_t rows = 0;
  // How many of the client's messages are not answered yet, and how many times it asked for "ready" behind them.
  std::uint32_t parses = 0, binds = 0, executes = 0, readies = 0;
  bool prepares = false;                // it goes on with bind and execute
  bool known = false, success = false;  // known: `success` is
  bool counts = false;                  // it may have rows
  bool secret = true;                   // a password may be in it, or what it is about is not known

  [[nodiscard]] bool answered() const noexcept { return prepares && parses + binds + executes == 0; }
  void set_name(std::string_view statement) { name.assign(statement.substr(0, kNameMax)); }
  [[nodiscard]] bool has_name(std::string_view statement) const { return name == statement.substr(0, kNameMax); }
  void recycle(bool alone);

 private:
  static constexpr std::size_t kNameMax = 63;  // PostgreSQL's own
};

class PostgresqlRequests {
 public:
  static constexpr std::size_t kRequestsMax = 64, kTextBytesMax = 64 * 1024;  // bytes of `argument` and `name`

  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
  [[nodiscard]] bool full() const noexcept { return size() == kRequestsMax || text_bytes_ >= kTextBytesMax; }
  PostgresqlRequest& front() noexcept { return waiting_.front(); }
  PostgresqlRequest& back() noexcept { return waiting_.back(); }
  // Whether the oldest waits for so long.
  [[nodiscard]] bool wait(Timestamp now, Nanoseconds longer_than) noexcept {
    return !empty() && now - front().time > longer_than;
  }
  // Whether the client asked for "ready" behind any.
  [[nodiscard]] bool any_ready() noexcept;
  // A new one at the end; not when full(). Its texts are set once, then settled().
  PostgresqlRequest& push(Timestamp time, std::string_view frontend);
  void settled() noexcept { text_bytes_ += text_size(back()); }
  void pop();

 private:
  static std::size_t text_size(const PostgresqlRequest& request) noexcept {
    return request.argument.size() + request.name.size();
  }

  Ring<PostgresqlRequest> waiting_;
  std::size_t text_bytes_ = 0;
};

}  // namespace nw::network
