// What the fuzz targets of indicator feeds share.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "context/indicators/feed.h"

namespace nw::context {

// Any bytes as a feed: they are refused as a whole, or each indicator that was taken is counted and the set answers.
inline void fuzz_feed(std::string_view format, const std::uint8_t* data, std::size_t size) {
  FeedOptions options;
  options.file = "fuzz";
  options.source = "fuzz";
  options.now = from_unix_nanoseconds(1'800'000'000'000'000'000);
  IndicatorGate gate;
  gate.close();
  IndicatorBuilder builder{1U << 20, 1};
  Refusals refusals;
  Diagnostics diagnostics;
  Feed feed{options, gate, builder, refusals, diagnostics};
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  find_feed_format(format)->read(text, feed);
  std::uint64_t left_out = 0;
  const auto set = builder.finish(left_out);
  NW_CHECK(set->size() <= feed.added());
  NW_CHECK((set->size() == 0) == (feed.added() == 0));
  Diagnostics told;
  refusals.report(told);
  NW_CHECK(told.ok() && told.all().size() <= Refusals::kNamed + 1);
  int found = 0;
  set->find_name(text.substr(0, 300), options.now, [&found](const IndicatorHit& hit) {
    NW_CHECK(hit.info.source == "fuzz");
    ++found;
  });
}

}  // namespace nw::context
