// What a request that pushes log lines holds, and how it is answered: NDJSON and JSON, Elasticsearch's bulk API,
// OTLP/HTTP. Lines are taken out one after another, so that a request costs little more memory than its body. Pure.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace nw::logs {

// Borrowed; `body` for as long as its PushedLines lives.
struct PushRequest {
  std::string_view method, target, content_type, body;
};

struct PushAnswer {
  unsigned status = 200;
  std::string body;    // JSON
  std::string reason;  // why the request was no good, for the log; empty: it was
  std::string allow;   // 405: the methods that there are
};

// In one form for all: Elasticsearch's shippers read `error`, those of OTLP `message`.
PushAnswer push_error(unsigned status, std::string reason);

struct PushedLine {
  std::string_view text;  // until the next next()
  std::string_view id;    // the document's own, or empty
};

class PushedLines {
 public:
  virtual ~PushedLines() = default;
  virtual bool next(PushedLine& out) = 0;
  // Once next() has said false, and the lines are safe.
  [[nodiscard]] virtual PushAnswer answer(std::chrono::milliseconds took) const = 0;
};

struct Push {
  std::unique_ptr<PushedLines> lines;  // null: there are none; `answer` says it all
  PushAnswer answer;
};

// Checks as much of the body as must be good before the first line is taken.
Push read_push(const PushRequest& request);

// The path of a request's target: without the query, and without the scheme and host of the absolute form (RFC 9112
// section 3.2.2).
std::string_view push_path(std::string_view target);

}  // namespace nw::logs
