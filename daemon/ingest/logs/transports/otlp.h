// OTLP/HTTP logs in JSON: an ExportLogsServiceRequest to one flat JSON line for each log record.
//   {"resourceLogs":[{"resource":{"attributes":[..]},"scopeLogs":[{"scope":{..},"logRecords":[{..}]}]}]}
// Source: opentelemetry-proto 1.x, docs/specification.md ("JSON Protobuf Encoding"), logs.proto, common.proto. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/logs/transports/json_pieces.h"

namespace nw::logs {

constexpr std::size_t kOtlpRecordsMax = 100'000;          // in one request
constexpr std::size_t kOtlpResourceBytesMax = 64 * 1024;  // of a resource and its scope in a line
constexpr std::size_t kOtlpRecordBytesMax = 1U << 20;     // larger ones come as they were sent

struct OtlpCheck {
  std::size_t records = 0;
  bool good = true;       // it is such a request throughout, as far as its brackets go
  bool too_many = false;  // more than kOtlpRecordsMax
};
OtlpCheck check_otlp(std::string_view body);

// The records of a request, in their order. Borrows the body, of which only one record at a time is in memory twice.
class OtlpReader {
 public:
  explicit OtlpReader(std::string_view body);

  // The next record as it stands in the body; false at the end, and where the body is no such request.
  bool next(std::string_view& record);
  [[nodiscard]] bool good() const noexcept { return good_; }
  // `record`, which next() gave last, as a line. What is no JSON after all comes as it was sent. False when it cannot
  // be a line: why() says why not.
  bool format(std::string_view record, std::string& line);
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

 private:
  struct Field {
    std::string name, json;
  };

  bool next_scope();
  bool next_resource();
  bool read_context();

  bool good_ = true;  // before what says otherwise
  JsonPieces resources_, scopes_{""}, records_{""};
  std::string_view resource_, scope_;
  bool context_read_ = false, context_good_ = false, resource_read_ = false;
  std::vector<Field> resource_fields_, scope_fields_;
  std::string why_;
};

}  // namespace nw::logs
