#include "ingest/logs/transports/push.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "ingest/logs/transports/bulk.h"
#include "ingest/logs/transports/elastic.h"
#include "ingest/logs/transports/json_pieces.h"
#include "ingest/logs/transports/otlp.h"

namespace nw::logs {

namespace {

constexpr std::string_view kPaths = "log lines go to POST /ingest, POST /_bulk or POST /v1/logs";

std::string accepted(std::size_t lines) { return "{\"accepted\":" + std::to_string(lines) + '}'; }

class TextLines final : public PushedLines {
 public:
  explicit TextLines(std::string_view body) : rest_{body} {}
  bool next(PushedLine& out) override {
    while (!rest_.empty()) {
      const std::size_t end = rest_.find('\n');
      out.text = rest_.substr(0, end);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      if (out.text.ends_with('\r')) out.text.remove_suffix(1);
      if (out.text.empty()) continue;
      ++lines_;
      return true;
    }
    return false;
  }
  [[nodiscard]] PushAnswer answer(std::chrono::milliseconds) const override { return {200, accepted(lines_), {}, {}}; }

 private:
  std::string_view rest_;
  std::size_t lines_ = 0;
};

// Objects one after another, each over as many lines as it likes.
class JsonObjects final : public PushedLines {
 public:
  explicit JsonObjects(std::string_view body) : rest_{body} {}
  bool next(PushedLine& out) override {
    const auto value = take_json_value(rest_);
    if (!value) return false;
    out.text = *value;
    ++lines_;
    return true;
  }
  [[nodiscard]] PushAnswer answer(std::chrono::milliseconds) const override { return {200, accepted(lines_), {}, {}}; }

 private:
  std::string_view rest_;
  std::size_t lines_ = 0;
};

class JsonArray final : public PushedLines {
 public:
  explicit JsonArray(std::string_view body) : elements_{body} {}
  bool next(PushedLine& out) override {
    if (!elements_.next()) return false;
    out.text = elements_.value();
    ++lines_;
    return true;
  }
  [[nodiscard]] PushAnswer answer(std::chrono::milliseconds) const override { return {200, accepted(lines_), {}, {}}; }

 private:
  JsonPieces elements_;
  std::size_t lines_ = 0;
};

class BulkLines final : public PushedLines {
 public:
  BulkLines(std::string_view body, std::string_view index) : body_{body}, index_{index}, reader_{body} {}
  bool next(PushedLine& out) override {
    BulkItem item;
    while (reader_.next(item) == BulkReader::Step::item) {
      if (!item.taken()) continue;
      out = {item.source, item.id};
      return true;
    }
    return false;
  }
  [[nodiscard]] PushAnswer answer(std::chrono::milliseconds took) const override {
    return {200, bulk_answer(body_, index_, took), {}, {}};
  }

 private:
  std::string_view body_;
  std::string index_;
  BulkReader reader_;
};

class OtlpLines final : public PushedLines {
 public:
  explicit OtlpLines(std::string_view body) : reader_{body} {}
  bool next(PushedLine& out) override {
    std::string_view record;
    while (reader_.next(record)) {
      if (reader_.format(record, line_)) {
        out.text = line_;
        return true;
      }
      ++rejected_;
    }
    return false;
  }
  [[nodiscard]] PushAnswer answer(std::chrono::milliseconds) const override {
    if (rejected_ == 0) return {200, "{}", {}, {}};
    PushAnswer out;
    out.reason = std::to_string(rejected_) + " log records were not taken: " + reader_.why();
    out.body = "{\"partialSuccess\":{\"rejectedLogRecords\":\"" + std::to_string(rejected_) + "\",\"errorMessage\":";
    append_json_string(reader_.why(), out.body);
    out.body += "}}";
    return out;
  }

 private:
  OtlpReader reader_;
  std::string line_;
  std::size_t rejected_ = 0;
};

// "Application/JSON; charset=utf-8" is application/json.
std::string media_type(std::string_view content_type) {
  return to_ascii_lower(trim(content_type.substr(0, content_type.find(';'))));
}

Push refused(unsigned status, std::string reason) { return {nullptr, push_error(status, std::move(reason))}; }

Push read_array(std::string_view body) {
  JsonPieces elements{body};
  std::size_t count = 0;
  while (elements.next()) ++count;
  if (!elements.good())
    return refused(400, "the array of JSON is broken at or behind its element " + std::to_string(count + 1) +
                            "; send an array, or one object in a line");
  return {std::make_unique<JsonArray>(body), {}};
}

Push read_json(std::string_view body) {
  std::string_view begin = body;
  skip_json_space(begin);
  if (begin.starts_with('[')) return read_array(body);
  for (std::string_view rest = begin; !rest.empty(); skip_json_space(rest)) {
    // One bad line may not take the others with it: each is then a line of its own.
    if (!rest.starts_with('{') || !take_json_value(rest)) return {std::make_unique<TextLines>(body), {}};
  }
  return {std::make_unique<JsonObjects>(body), {}};
}

Push read_ingest(const PushRequest& request) {
  static constexpr std::string_view kLines[] = {"",
                                                "application/json-lines",
                                                "application/jsonl",
                                                "application/jsonlines",
                                                "application/ndjson",
                                                "application/x-jsonlines",
                                                "application/x-ndjson",
                                                "text/plain"};
  const std::string type = media_type(request.content_type);
  if (type == "application/json") return read_json(request.body);
  if (std::ranges::find(kLines, std::string_view{type}) != std::end(kLines))
    return {std::make_unique<TextLines>(request.body), {}};
  return refused(415, "Content-Type '" + printable(type, 64) +
                          "' is not taken here; set application/x-ndjson (one line each), application/json or "
                          "text/plain");
}

Push read_bulk(const PushRequest& request, std::string_view index) {
  static constexpr std::string_view kTypes[] = {"",
                                                "application/json",
                                                "application/vnd.elasticsearch+json",
                                                "application/vnd.elasticsearch+x-ndjson",
                                                "application/x-ndjson",
                                                "text/plain"};
  const std::string type = media_type(request.content_type);
  if (std::ranges::find(kTypes, std::string_view{type}) == std::end(kTypes))
    return refused(415, "Content-Type '" + printable(type, 64) + "' is not taken here; set application/x-ndjson");
  const BulkCheck check = check_bulk(request.body);
  if (check.too_many)
    return refused(413, "more than " + std::to_string(kBulkActionsMax) + " actions in one request; send fewer at once");
  if (!check.fault.empty()) return refused(400, "bulk: " + check.fault);
  if (check.actions == 0) return refused(400, "bulk: the request holds no action");
  return {std::make_unique<BulkLines>(request.body, index), {}};
}

Push read_otlp(const PushRequest& request) {
  if (media_type(request.content_type) != "application/json")
    return refused(415,
                   "only OTLP in JSON is taken here: set `encoding: json` (Collector, otlphttp exporter) or "
                   "OTEL_EXPORTER_OTLP_PROTOCOL=http/json (SDKs)");
  const OtlpCheck check = check_otlp(request.body);
  if (check.too_many)
    return refused(413,
                   "more than " + std::to_string(kOtlpRecordsMax) + " log records in one request; send fewer at once");
  if (!check.good) return refused(400, "the body is no ExportLogsServiceRequest in JSON");
  return {std::make_unique<OtlpLines>(request.body), {}};
}

Push not_allowed(std::string_view path, std::string allow) {
  Push out = refused(405, "use " + allow + " on " + printable(path, 64));
  out.answer.allow = std::move(allow);
  return out;
}

}  // namespace

PushAnswer push_error(unsigned status, std::string reason) {
  const std::string_view type = status == 401   ? "security_exception"
                                : status == 429 ? "es_rejected_execution_exception"
                                                : "illegal_argument_exception";
  std::string cause = "\"type\":\"" + std::string{type} + "\",\"reason\":", text;
  append_json_string(reason, text);
  cause += text;
  return {status,
          "{\"error\":{\"root_cause\":[{" + cause + "}]," + cause + "},\"status\":" + std::to_string(status) +
              ",\"message\":" + text + '}',
          std::move(reason),
          {}};
}

std::string_view push_path(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (target.starts_with(scheme)) target.remove_prefix(std::min(target.size(), target.find('/', scheme.size())));
  return target.substr(0, target.find('?'));
}

Push read_push(const PushRequest& request) {
  const std::string_view path = push_path(request.target);
  const bool post = request.method == "POST";
  if (post && (path == "/" || path == "/ingest")) return read_ingest(request);
  if (std::string_view index; is_bulk_path(path, index)) {
    if (post || request.method == "PUT") return read_bulk(request, index);
    return not_allowed(path, "POST");
  }
  if (path == "/v1/logs") return post ? read_otlp(request) : not_allowed(path, "POST");
  const bool get = request.method == "GET" || request.method == "HEAD";
  if (path == "/health" && get) return {nullptr, {200, R"({"status":"ok"})", {}, {}}};
  if (auto answer = elastic_answer(request.method, path))
    return {nullptr, {answer->status, std::move(answer->body), {}, {}}};
  if (path == "/ingest") return not_allowed(path, "POST");
  if (path == "/health") return not_allowed(path, "GET, HEAD");
  if (path == "/") return not_allowed(path, "GET, HEAD, POST");
  return refused(404, "nothing is at " + printable(path, 64) + ": " + std::string{kPaths});
}

}  // namespace nw::logs
