// The transports. One row here, one file beside this one.
#include "ingest/logs/transports/table.h"

#include <algorithm>
#include <array>

namespace nw::logs {

namespace {

constexpr auto kTransports = std::to_array<TransportKind>({
    {"file", "a file that grows; survives rotation, truncation and restarts", "offset", read_file_tail, open_file_tail},
    {"http", "a listener for requests: NDJSON, Elasticsearch's bulk API, OTLP in JSON", "", read_http, open_http, true},
    {"journald", "systemd's journal, this machine's or another's", "cursor", read_journald, open_journald},
    {"nats", "messages of a NATS subject, or of a stream (JetStream), acknowledged when they are safe", "", read_nats,
     open_nats},
    {"relp", "a listener for RELP; a message is acknowledged once it is safe", "", read_relp, open_relp, true},
    {"stdin", "standard input, line by line; at most one source", "", read_stdin, open_stdin},
    {"tcp", "a listener for lines or octet-counted messages (RFC 6587)", "", read_tcp, open_tcp, true},
    {"tls", "a listener for lines or octet-counted messages over TLS (RFC 5425)", "", read_tls_listener, open_tls,
     true},
    {"udp", "a listener; each datagram is a line", "", read_udp, open_udp, true, true},
    {"unix", "a Unix datagram socket, as /dev/log is; each datagram is a line", "", read_unix, open_unix},
});
static_assert(std::ranges::is_sorted(kTransports, {}, &TransportKind::name));

}  // namespace

std::span<const TransportKind> transports() { return kTransports; }

const TransportKind* find_transport(std::string_view name) {
  const auto* found = std::ranges::find(kTransports, name, &TransportKind::name);
  return found == kTransports.end() ? nullptr : &*found;
}

std::vector<std::string*> paths_in(std::string_view transport, TransportOptions& options) {
  std::vector<std::string*> paths{&options.tls.certificate, &options.tls.key,   &options.tls.client_ca,
                                  &options.token_file,      &options.directory, &options.credentials_file,
                                  &options.tls.server_ca};
  if (transport == "file" || transport == "unix") paths.push_back(&options.address);
  return paths;
}

void TransportCounters::add(const TransportCounters& other) {
  bytes += other.bytes;
  lines += other.lines;
  too_long += other.too_long;
  kernel_dropped += other.kernel_dropped;
  dropped_full += other.dropped_full;
  connections += other.connections;
  refused += other.refused;
  handshakes_failed += other.handshakes_failed;
  rejected += other.rejected;
  put_off += other.put_off;
  acknowledged += other.acknowledged;
  rotated += other.rotated;
  certificate_expires = std::max(certificate_expires, other.certificate_expires);
}

}  // namespace nw::logs
