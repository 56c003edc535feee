// Lines over TLS: RFC 5425, its octet counting and, as for TCP, also lines that end in LF (line_listener.h).
#include "base/yaml.h"
#include "ingest/logs/transports/line_listener.h"
#include "ingest/logs/transports/listen.h"
#include "ingest/logs/transports/table.h"

namespace nw::logs {

void read_tls_listener(YamlMap& map, TransportOptions& options) {
  read_tcp(map, options);
  read_tls(map, options.tls, true);
}

Result<std::unique_ptr<Transport>> open_tls(boost::asio::io_context& io, const TransportOptions& options,
                                            LineSink& sink) {
  if (const auto good = check_listen_address(options.address); !good) return good.error();
  auto context = TlsContext::open(options.tls);
  if (!context) return Error{context.error().code, "tls " + options.address + ": " + context.error().what};
  return open_line_listener(io, "tls", options, sink, std::move(*context));
}

}  // namespace nw::logs
