// Any bytes as the body of a request that pushes log lines: the first says where to and as what. Never a crash; each
// line lies within the body, one after another; the bulk API's answer has an item for each action. Packed bodies are
// unpacked within bounds before.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "ingest/logs/transports/bulk.h"
#include "ingest/logs/transports/content_coding.h"
#include "ingest/logs/transports/json_pieces.h"
#include "ingest/logs/transports/push.h"

namespace {

using namespace nw::logs;

constexpr std::size_t kUnpackedMax = 1U << 20;

std::string unpack(ContentCoding coding, std::string_view packed) {
  const auto decoder = make_decoder(coding);
  std::array<char, 4096> part{};
  std::string out;
  while (out.size() < kUnpackedMax) {
    const std::string_view before = packed;
    const std::ptrdiff_t got = decoder->decode(packed, part);
    NW_CHECK(packed.size() <= before.size() && got <= static_cast<std::ptrdiff_t>(part.size()));
    if (got <= 0 && (got < 0 || packed.empty() || !decoder->complete())) break;
    out.append(part.data(), static_cast<std::size_t>(got));
  }
  return out;
}

void check_answer(std::string_view body, const PushAnswer& answer) {
  const BulkCheck check = check_bulk(body);
  NW_CHECK(check.fault.empty() && !check.too_many);
  bool good = true;
  JsonPieces items{json_member(answer.body, "items", good)};
  std::size_t count = 0;
  while (items.next()) ++count;
  NW_CHECK(good && items.good() && count == check.actions);
}

void push(std::string_view target, std::string_view type, std::string_view body) {
  const Push pushed = read_push({"POST", target, type, body});
  if (!pushed.lines) {
    NW_CHECK(pushed.answer.status >= 400 && !pushed.answer.reason.empty() && !pushed.answer.body.empty());
    return;
  }
  const char* at = body.data();
  PushedLine line;
  while (pushed.lines->next(line)) {
    NW_CHECK(line.text.data() >= at && line.text.data() + line.text.size() <= body.data() + body.size());
    NW_CHECK(!line.text.empty());
    at = line.text.data() + line.text.size();
  }
  NW_CHECK(!pushed.lines->next(line));
  const PushAnswer answer = pushed.lines->answer({});
  NW_CHECK(answer.status == 200 && answer.reason.empty());
  if (target == "/_bulk") check_answer(body, answer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned first = data[0];
  std::string body{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (const unsigned coding = first >> 4U & 3U; coding != 0) body = unpack(static_cast<ContentCoding>(coding), body);
  static constexpr std::string_view kTypes[] = {"application/json", "application/x-ndjson"};
  push((first & 1U) != 0 ? "/_bulk" : "/ingest", kTypes[first >> 1U & 1U], body);
  return 0;
}
