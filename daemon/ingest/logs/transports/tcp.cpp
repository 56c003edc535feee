// Lines over plain TCP (line_listener.h).
#include "base/yaml.h"
#include "ingest/logs/transports/line_listener.h"
#include "ingest/logs/transports/table.h"

namespace nw::logs {

void read_tcp(YamlMap& map, TransportOptions& options) {
  options.address = map.require_text("listen");
  options.connections_max = static_cast<std::size_t>(map.integer("connections_max", 256, 1, 100'000));
  options.idle = map.duration("idle", std::chrono::minutes{10});
}

Result<std::unique_ptr<Transport>> open_tcp(boost::asio::io_context& io, const TransportOptions& options,
                                            LineSink& sink) {
  return open_line_listener(io, "tcp", options, sink, nullptr);
}

}  // namespace nw::logs
