// Connections that carry lines, plain or through TLS: tcp.cpp, tls.cpp. All share one read buffer: Asio waits, we read
// when there is something, and hold per connection only the line whose end has not come. A slow sink slows the reading,
// and TCP the senders.
#pragma once

#include <memory>
#include <string_view>

#include "ingest/logs/transports/tls_context.h"
#include "ingest/logs/transports/transport.h"

namespace nw::logs {

// Listens on options.address. `transport` names it in messages; without `tls` connections are plain.
Result<std::unique_ptr<Transport>> open_line_listener(boost::asio::io_context& io, std::string_view transport,
                                                      const TransportOptions& options, LineSink& sink,
                                                      std::unique_ptr<TlsContext> tls);

}  // namespace nw::logs
