// The transport `http` with other limits than its own, for its tests.
#pragma once

#include <memory>

#include "ingest/logs/transports/http_site.h"

namespace nw::logs {

Result<std::unique_ptr<Transport>> open_http_with(boost::asio::io_context& io, const TransportOptions& options,
                                                  const HttpLimits& limits, LineSink& sink);

}  // namespace nw::logs
