// What of libnats needs no thread: a source's keys and how the library is told of them, its errors in words, the place
// of a message.
#pragma once

#include <cstdint>
#include <memory>
#include <nats/nats.h>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/logs/transports/transport.h"

namespace nw::logs {

template <class T, void (*destroy)(T*)>
struct NatsDelete {
  void operator()(T* it) const noexcept { destroy(it); }
};
template <class T, void (*destroy)(T*)>
using NatsPointer = std::unique_ptr<T, NatsDelete<T, destroy>>;
using NatsOptions = NatsPointer<natsOptions, natsOptions_Destroy>;

// What no waiting would mend. Errors: invalid_argument, not_found, no_permission, malformed.
Result<> check_nats_options(const TransportOptions& options);

// Reads the files anew. Errors: as above, and what libnats says.
Result<NatsOptions> make_nats_options(const TransportOptions& options);

// For the log: without what may be a password.
std::string shown_server(std::string_view url);

// Why the library's last call on this thread, which gave `status`, failed.
std::string nats_error(natsStatus status);
// What the connection says of its end.
std::string nats_error(natsConnection& connection);

// Names a message of a stream; 0 when it is none.
std::uint64_t nats_place(natsMsg& message);

}  // namespace nw::logs
