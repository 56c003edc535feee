// The functions that the rows of table.cpp name; each is defined in its transport's file.
#pragma once

#include <memory>

#include "ingest/logs/transports/transport.h"

namespace nw::logs {

using OpenedTransport = Result<std::unique_ptr<Transport>>;

void read_file_tail(YamlMap& map, TransportOptions& options);
OpenedTransport open_file_tail(boost::asio::io_context& io, const TransportOptions& options, LineSink& sink);
void read_http(YamlMap& map, TransportOptions& options);
OpenedTransport open_http(boost::asio::io_context& io, const TransportOptions& options, LineSink& sink);
void read_journald(YamlMap& map, TransportOptions& options);
OpenedTransport open_journald(boost::asio::io_context& io, const TransportOptions& options, LineSink& sink);
void read_nats(YamlMap& map, TransportOptions& options);
OpenedTransport open_nats(boost::asio::io_context& io, const TransportOptions& options, LineSink& sink);
void read_relp(YamlMap& map, TransportOptions& options);
OpenedTransport open_relp(boost::asio::io_context& io, const TransportOptions& options, LineSink& sink);
void read_stdin(YamlMap& map, TransportOptions& options);
OpenedTransport open_stdin(boost::asio::io_context& io, const TransportOptions& options, LineSink& sink);
void read_tcp(YamlMap& map, TransportOptions& options);
OpenedTransport open_tcp(boost::asio::io_context& io, const TransportOptions& options, LineSink& sink);
void read_tls_listener(YamlMap& map, TransportOptions& options);
OpenedTransport open_tls(boost::asio::io_context& io, const TransportOptions& options, LineSink& sink);
void read_udp(YamlMap& map, TransportOptions& options);
OpenedTransport open_udp(boost::asio::io_context& io, const TransportOptions& options, LineSink& sink);
void read_unix(YamlMap& map, TransportOptions& options);
OpenedTransport open_unix(boost::asio::io_context& io, const TransportOptions& options, LineSink& sink);

}  // namespace nw::logs
