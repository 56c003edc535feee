// A server's certificate, its key, and whom it trusts, for the transports that speak TLS.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "ingest/logs/transports/transport.h"

namespace nw::logs {

// TLS 1.2 and 1.3. The files are read again when one of them has changed, so that a renewed certificate needs no
// restart; what cannot be read then is told once, and the old ones stay in use. Of one thread.
class TlsContext {
 public:
  static constexpr std::chrono::milliseconds kLook{1000};
  // Looks at the files at most once in `look`. Errors: not_found, no_permission, malformed, invalid_argument; each with
  // the file and the fix.
  static Result<std::unique_ptr<TlsContext>> open(const TlsOptions& options, std::chrono::milliseconds look = kLook);
  ~TlsContext();

  // For a new connection, which keeps it. Looks at the files, and at the clock: a certificate that ends soon is told.
  std::shared_ptr<boost::asio::ssl::context> current();
  // When the certificate in use ends, in Unix seconds.
  [[nodiscard]] std::int64_t expires() const noexcept;

 private:
  struct State;
  explicit TlsContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The keys `certificate`, `key` and `client_ca`. `required`: a source without a certificate is an error.
void read_tls(YamlMap& map, TlsOptions& options, bool required);

}  // namespace nw::logs
