// Any bytes as an ExportLogsServiceRequest in JSON: never a crash; each record is a line or rejected with a reason, and
// a line is the record as it was sent or an object of ours.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "ingest/logs/transports/otlp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::logs;
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  const OtlpCheck check = check_otlp(body);
  OtlpReader reader{body};
  std::string_view record;
  std::string line;
  std::size_t records = 0;
  while (reader.next(record)) {
    ++records;
    NW_CHECK(record.data() >= body.data() && record.data() + record.size() <= body.data() + body.size());
    if (!reader.format(record, line)) {
      NW_CHECK(!reader.why().empty());
      continue;
    }
    if (line == record) continue;
    JsonPieces members{line};
    while (members.next()) {
    }
    NW_CHECK(members.kind() == JsonPieces::Kind::object && members.good());
  }
  NW_CHECK(reader.good() == check.good && records == check.records);
  return 0;
}
