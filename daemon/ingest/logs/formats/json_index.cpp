// The only file that meets simdjson. Its first stage is reached through the interface that its own parsers use; Debian
// 12 has 3.0.1.
#include "ingest/logs/formats/json_index.h"

#include <simdjson.h>

#include "base/check.h"

namespace nw::logs {

namespace {

// simdjson unescapes in steps of 32 bytes and looks that far past the end of what it reads.
constexpr std::size_t kStep = 64;

const std::uint8_t* bytes(const char* text) { return reinterpret_cast<const std::uint8_t*>(text); }

}  // namespace

struct JsonIndex::Stage {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

JsonIndex::JsonIndex(std::size_t bytes_expected) : stage_{std::make_unique<Stage>()} {
  constexpr std::size_t kDepth = 1;  // of its second stage, which is not used
  NW_CHECK(simdjson::get_active_implementation()->create_dom_parser_implementation(
               bytes_expected, kDepth, stage_->parser) == simdjson::SUCCESS);
}

JsonIndex::~JsonIndex() = default;

JsonIndex::Fault JsonIndex::build(std::string_view text) {
  text_ = text;
  size_ = 0;
  // Only a line that had to be mended outgrows what was reserved.
  auto& parser = *stage_->parser;
  if (text.size() > parser.capacity() && parser.set_capacity(text.size()) != simdjson::SUCCESS) return Fault::shape;
  const auto error = parser.stage1(bytes(text.data()), text.size(), simdjson::stage1_mode::regular);
  if (error == simdjson::UTF8_ERROR) return Fault::encoding;
  if (error != simdjson::SUCCESS) return Fault::shape;
  starts_ = parser.structural_indexes.get();
  size_ = parser.n_structural_indexes;
  return Fault::none;
}

std::size_t JsonIndex::unescape(std::string_view body, char* out) const noexcept {
  const auto left = static_cast<std::size_t>(text_.data() + text_.size() - (body.data() + body.size()));
  if (left < kStep) return npos;
  auto* const to = reinterpret_cast<std::uint8_t*>(out);
  const std::uint8_t* const end = stage_->parser->parse_string(bytes(body.data()), to);
  return end == nullptr ? npos : static_cast<std::size_t>(end - to);
}

}  // namespace nw::logs
