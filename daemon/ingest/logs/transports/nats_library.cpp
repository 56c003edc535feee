#include "ingest/logs/transports/nats_library.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <functional>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::int64_t kConnectMilliseconds = 5000;  // a satellite link needs more than the library's 2 s
constexpr std::int64_t kWriteMilliseconds = 1000;
constexpr std::int64_t kPingMilliseconds = 20'000;  // two without an answer, and the connection counts as dead
constexpr std::size_t kTokenFileMax = 64 * 1024;

// The library's default prints to standard error; what matters is found by asking.
void ignore_error(natsConnection*, natsSubscription*, natsStatus, void*) {}

Result<std::string> read_token(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::string text(kTokenFileMax, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  const std::string_view token = trim(std::string_view{text}.substr(0, text.find('\n')));
  if (token.empty()) return Error{Errc::malformed, path + ": its first line is empty; put the NATS token there"};
  return std::string{token};
}

Result<> check_readable(const std::string& path, std::string_view what) {
  if (path.empty() || ::access(path.c_str(), R_OK) == 0) return {};
  const bool absent = errno == ENOENT || errno == ENOTDIR;
  return Error{absent ? Errc::not_found : Errc::no_permission,
               path + ": cannot read " + std::string{what} + ": " + std::generic_category().message(errno) +
                   (absent ? "; create it or mend the path" : "; let the daemon's user read it")};
}

Result<> check_files(const TransportOptions& options) {
  const std::array<std::pair<const std::string*, std::string_view>, 5> files{{
      {&options.tls.server_ca, "the server's certificate authority"},
      {&options.tls.certificate, "the certificate"},
      {&options.tls.key, "the key"},
      {&options.credentials_file, "the credentials"},
      {&options.token_file, "the token"},
  }};
  for (const auto& [path, what] : files)
    if (auto readable = check_readable(*path, what); !readable) return readable;
  if (options.token_file.empty()) return {};
  if (auto token = read_token(options.token_file); !token) return token.error();
  return {};
}

bool good_server(std::string_view url) {
  for (const std::string_view scheme : {"nats://", "tls://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    const std::string_view host = rest.substr(rest.rfind('@') + 1);
    return !host.empty() && host.front() != ':' &&
           std::ranges::none_of(rest, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '/'; });
  }
  return false;
}

bool good_subject(std::string_view subject) {
  if (std::ranges::any_of(subject, [](char c) { return static_cast<unsigned char>(c) <= ' '; })) return false;
  return std::ranges::none_of(split(subject, '.'), [](std::string_view token) { return token.empty(); });
}

bool good_name(std::string_view name) {
  return std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || std::string_view{".*>/\\"}.find(c) != std::string_view::npos;
  });
}

bool wants_tls(const TransportOptions& options) {
  return !options.tls.server_ca.empty() || !options.tls.certificate.empty() ||
         std::ranges::any_of(options.servers, [](const std::string& url) { return url.starts_with("tls://"); });
}

}  // namespace

Result<> check_nats_options(const TransportOptions& options) {
  const auto bad = [](const std::string& text) { return Error{Errc::invalid_argument, "nats: " + text}; };
  if (options.servers.empty()) return bad("'servers' is empty; write for example [\"nats://nats.example:4222\"]");
  for (const std::string& server : options.servers)
    if (!good_server(server))
      return bad("not a server: '" + shown_server(printable(server)) + "'; write nats://host:4222 or tls://host:4222");
  if (options.subject.empty() || !good_subject(options.subject))
    return bad("not a subject: '" + printable(options.subject) + "'; write for example logs.> or logs.*.syslog");
  if (!good_name(options.queue)) return bad("not a queue group: '" + printable(options.queue) + "'");
  if (!good_name(options.stream)) return bad("not a stream's name: '" + printable(options.stream) + "'");
  if (options.durable.empty() || !good_name(options.durable))
    return bad("not a consumer's name: '" + printable(options.durable) + "'; it may not hold . * > / \\ or spaces");
  if (!options.stream.empty() && !options.queue.empty())
    return bad("'queue' and 'stream' exclude each other; sources with one 'durable' share a stream's messages");
  if (!options.credentials_file.empty() && !options.token_file.empty())
    return bad("'credentials_file' and 'token_file' exclude each other");
  if (options.tls.certificate.empty() != options.tls.key.empty())
    return bad("'certificate' and 'key' belong together; one of them is missing");
  return check_files(options);
}

Result<NatsOptions> make_nats_options(const TransportOptions& options) {
  natsOptions* made = nullptr;
  if (const natsStatus status = natsOptions_Create(&made); status != NATS_OK)
    return Error{Errc::unavailable, nats_error(status)};
  NatsOptions out{made};
  std::vector<const char*> servers;
  for (const std::string& server : options.servers) servers.push_back(server.c_str());
  std::string token;
  if (!options.token_file.empty()) {
    auto read = read_token(options.token_file);
    if (!read) return read.error();
    token = std::move(*read);
  }
  const TlsOptions& tls = options.tls;
  // The order matters: what fails first is told, and with it the file.
  const std::array<std::pair<std::string, std::function<natsStatus()>>, 12> steps{{
      {"servers", [&] { return natsOptions_SetServers(made, servers.data(), static_cast<int>(servers.size())); }},
      {"name", [&] { return natsOptions_SetName(made, "normwatch"); }},
      {"timeout", [&] { return natsOptions_SetTimeout(made, kConnectMilliseconds); }},
      {"write deadline", [&] { return natsOptions_SetWriteDeadline(made, kWriteMilliseconds); }},
      {"ping interval", [&] { return natsOptions_SetPingInterval(made, kPingMilliseconds); }},
      {"reconnects", [&] { return natsOptions_SetMaxReconnect(made, -1); }},
      {"error handler", [&] { return natsOptions_SetErrorHandler(made, ignore_error, nullptr); }},
      {"tls", [&] { return wants_tls(options) ? natsOptions_SetSecure(made, true) : NATS_OK; }},
      {tls.server_ca,
       [&] {
         return tls.server_ca.empty() ? NATS_OK : natsOptions_LoadCATrustedCertificates(made, tls.server_ca.c_str());
       }},
      {tls.certificate,
       [&] {
         return tls.certificate.empty()
                    ? NATS_OK
                    : natsOptions_LoadCertificatesChain(made, tls.certificate.c_str(), tls.key.c_str());
       }},
      {options.credentials_file,
       [&] {
         return options.credentials_file.empty()
                    ? NATS_OK
                    : natsOptions_SetUserCredentialsFromFiles(made, options.credentials_file.c_str(), nullptr);
       }},
      {options.token_file, [&] { return token.empty() ? NATS_OK : natsOptions_SetToken(made, token.c_str()); }},
  }};
  for (const auto& [what, set] : steps)
    if (const natsStatus status = set(); status != NATS_OK)
      return Error{Errc::malformed, what + ": " + nats_error(status)};
  return out;
}

std::string shown_server(std::string_view url) {
  const auto at = url.rfind('@'), host = url.find("://");
  if (at == std::string_view::npos || host == std::string_view::npos) return std::string{url};
  return std::string{url.substr(0, host + 3)} + std::string{url.substr(at + 1)};
}

std::string nats_error(natsStatus status) {
  natsStatus of_call = NATS_OK;
  const char* const last = nats_GetLastError(&of_call);
  std::string_view text = of_call == status && last != nullptr ? last : "";
  // "(conn.c:123): " in front of it means nothing to an operator.
  if (text.starts_with('(') && text.find("): ") != std::string_view::npos) text.remove_prefix(text.find("): ") + 3);
  return printable(text.empty() ? natsStatus_GetText(status) : text, 256);
}

std::string nats_error(natsConnection& connection) {
  const char* text = nullptr;
  const natsStatus status = natsConnection_GetLastError(&connection, &text);
  if (text != nullptr && *text != '\0') return printable(text, 256);
  return status == NATS_OK ? "the server went away" : natsStatus_GetText(status);
}

// The time at which the stream took the message is in it, as a stream that was deleted and made again counts from 1
// again.
std::uint64_t nats_place(natsMsg& message) {
  jsMsgMetaData* data = nullptr;
  if (natsMsg_GetMetaData(&data, &message) != NATS_OK) return 0;
  const NatsPointer<jsMsgMetaData, jsMsgMetaData_Destroy> owned{data};
  const std::uint64_t when = mix64(static_cast<std::uint64_t>(data->Timestamp));
  return std::max<std::uint64_t>(hash64(data->Stream, mix64(data->Sequence.Stream ^ when)), 1);
}

}  // namespace nw::logs
