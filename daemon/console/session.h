// One HTTP/1.1 connection of the server: requests in turn, each answered by a route, until either side is done.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>
#include <vector>

#include "console/http_server.h"

namespace nw::console {

// What every session of a server shares.
struct Site {
  HttpOptions options;
  std::vector<Route> routes;
  HttpCounters counters;
};

using StreamSocket = boost::asio::generic::stream_protocol::socket;

// Serves until the peer goes, keeps silent too long or sends what is no HTTP. The socket is closed at the end.
boost::asio::awaitable<void> serve(std::shared_ptr<Site> site, StreamSocket socket);
// Answers 503 and closes.
boost::asio::awaitable<void> turn_away(std::shared_ptr<Site> site, StreamSocket socket);

}  // namespace nw::console
