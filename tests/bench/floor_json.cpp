// The floor for JSON lines: simdjson parses each document of a file and walks over its top-level fields.
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <simdjson.h>
#include <string_view>

namespace {

constexpr std::size_t kBatchBytes = std::size_t{1} << 20;

// Documents seen; -1 when one is broken.
std::int64_t count(const simdjson::padded_string& text, std::uint64_t& touched) {
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document_stream stream;
  if (parser.iterate_many(text, kBatchBytes).get(stream) != simdjson::SUCCESS) return -1;
  std::int64_t documents = 0;
  for (auto document : stream) {
    simdjson::ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return -1;
    for (auto field : object) {
      std::string_view key;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS) return -1;
      touched += key.size();
    }
    ++documents;
  }
  return documents;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: floor_json FILE\n", stderr);
    return 64;
  }
  auto text = simdjson::padded_string::load(argv[1]);
  if (text.error() != simdjson::SUCCESS) {
    std::fprintf(stderr, "floor_json: cannot read %s\n", argv[1]);
    return 66;
  }
  std::uint64_t touched = 0;
  const std::int64_t documents = count(text.value_unsafe(), touched);
  std::printf("%" PRId64 " %" PRIu64 "\n", documents, touched);
  return documents < 0 ? 65 : 0;
}
