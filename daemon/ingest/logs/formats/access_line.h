// Lines of web servers taken apart. Access: the common log format of NCSA and what Apache, nginx and others made of it.
// Errors: the error logs of Apache (mod_log_config, core, "ErrorLogFormat") and nginx (ngx_log.c's shape). Pure.
//
//   [VHOST[:PORT] ]CLIENT IDENT USER [26/Dec/2026:16:16:28 +0200] "REQUEST" STATUS BYTES ["REFERER" "AGENT"[ ...]]
//   [TIME] CLIENT PROTOCOL CIPHER "REQUEST" BYTES                                      Apache's ssl_request_log
//   [Mon Dec 26 16:15:55.103522 2026] [MODULE:LEVEL] [pid 7:tid 9] [client 192.0.2.1:4711] AH00128: TEXT, referer: URL
//   2026/10/25 14:49:34 [LEVEL] 7#9: *3 TEXT, client: A, server: S, request: "R", upstream: "U", host: "H", referrer:
//   "R"
#pragma once

#include <chrono>
#include <string_view>

#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/log_time.h"

namespace nw::logs {

// Views into the line, escapes as they came; empty or "-": not there.
struct AccessLine {
  LogTime time;
  std::string_view client, user, host, host_port, forwarded;
  std::string_view request, status, bytes, referer, agent;
  std::string_view tls_version, tls_cipher;
  std::string_view extra;  // behind the agent
};

// `bad_header`: no time in brackets, or not request, status and size behind it. `bad_time`: shaped like a time, but
// none.
LineFault parse_access(std::string_view text, std::chrono::minutes zone, AccessLine& out);
// Whether the text is one, as far as the request's quote.
bool looks_like_access(std::string_view text) noexcept;

// The string in quotes at the front of `text`, consumed with its quotes; a quote inside is escaped, or has no space or
// end behind it. False: there is none, or it does not end.
bool take_quoted(std::string_view& text, std::string_view& out) noexcept;

struct WebError {
  LogTime time;
  std::string_view module, level, pid, tid, client, code, connection;
  std::string_view text;
  std::string_view server, request, upstream, host, referer, user;
};

LineFault parse_apache_error(std::string_view text, Timestamp received, std::chrono::minutes zone, WebError& out);
LineFault parse_nginx_error(std::string_view text, std::chrono::minutes zone, WebError& out);
bool looks_like_apache_error(std::string_view text) noexcept;
bool looks_like_nginx_error(std::string_view text) noexcept;

}  // namespace nw::logs
