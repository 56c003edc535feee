// The floors for Sigma rules over JSON lines.
//   floor_sigma FILE            A: simdjson parses each line, every key is looked at
//   floor_sigma FILE RULES...   B: A, and Vectorscan searches the value of each field that a rule names for all
//   literals
//                               that any rule looks for in that field
// No engine that answers to the same rules can do less than B with the same tools: one database per field, one scan per
// value, nothing made of what is found. Prints one JSON object; the seconds are processor time.
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <hs/hs.h>
#include <map>
#include <memory>
#include <set>
#include <simdjson.h>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "detect/sigma/read.h"

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// ---- The rules' literals, by field.

using Literals = std::map<std::string, std::set<std::string>, std::less<>>;

void collect(const nw::sigma::Detection& detection, Literals& out) {
  for (const nw::sigma::Detection& child : detection.children) collect(child, out);
  const nw::sigma::Item& item = detection.item;
  const bool searches = item.op <= nw::sigma::Op::endswith && !item.field_reference;
  if (detection.kind != nw::sigma::Detection::Kind::item || item.field.empty() || !searches) return;
  for (const nw::sigma::RuleValue& value : item.values)
    for (const nw::sigma::Pattern& pattern : value.patterns)
      for (const nw::sigma::Pattern::Part& part : pattern.parts())
        if (part.kind == nw::sigma::Pattern::Kind::literal) out[item.field].insert(part.text);
}

std::size_t read(const fs::path& folder, Literals& out) {
  std::size_t rules = 0;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    if (!entry.is_regular_file() || entry.path().extension() != ".yml") continue;
    std::ifstream in{entry.path(), std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    nw::Diagnostics ignored;
    for (const nw::sigma::Rule& rule :
         nw::sigma::read_rules({entry.path().string(), text.str()}, {}, ignored).rules) {
      ++rules;
      for (const nw::sigma::Identifier& identifier : rule.identifiers) collect(identifier.detection, out);
    }
  }
  return rules;
}

// ---- Vectorscan, one database per field.

struct Free {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
using Database = std::unique_ptr<hs_database_t, Free>;

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

struct Search {
  std::unordered_map<std::string, Database, Hash, std::equal_to<>> by_field;
  hs_scratch_t* scratch = nullptr;
  std::size_t literals = 0;

  // False when Vectorscan refuses a field.
  bool compile(const Literals& fields) {
    for (const auto& [field, texts] : fields) {
      std::vector<const char*> starts;
      std::vector<std::size_t> sizes;
      for (const std::string& text : texts) {
        starts.push_back(text.data());
        sizes.push_back(text.size());
      }
      const std::vector<unsigned> flags(starts.size(), HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH);
      std::vector<unsigned> ids(starts.size());
      for (unsigned i = 0; i < ids.size(); ++i) ids[i] = i;
      hs_database_t* database = nullptr;
      hs_compile_error_t* error = nullptr;
      if (hs_compile_lit_multi(starts.data(), flags.data(), ids.data(), sizes.data(), static_cast<unsigned>(ids.size()),
                               HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
        std::fprintf(stderr, "floor_sigma: %s: %s\n", field.c_str(), error->message);
        hs_free_compile_error(error);
        return false;
      }
      by_field[field] = Database{database};
      if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) return false;
      literals += texts.size();
    }
    return true;
  }
};

struct Counts {
  std::uint64_t events = 0, keys = 0, key_bytes = 0, scans = 0, found = 0;
};

int count_match(unsigned, unsigned long long, unsigned long long, unsigned, void* context) {
  ++*static_cast<std::uint64_t*>(context);
  return 0;
}

// ---- The lines.

bool look(simdjson::ondemand::parser& parser, const char* line, std::size_t length, std::size_t room,
          const Search* search, Counts& counts) {
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(line, length, room).get(document) != simdjson::SUCCESS) return false;
  if (document.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto field : object) {
    std::string_view key, value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
    ++counts.keys;
    counts.key_bytes += key.size();
    if (search == nullptr) continue;
    const auto wanted = search->by_field.find(key);
    if (wanted == search->by_field.end()) continue;
    if (field.value().get_string().get(value) != simdjson::SUCCESS) value = field.value().raw_json_token();
    ++counts.scans;
    if (hs_scan(wanted->second.get(), value.data(), static_cast<unsigned>(value.size()), 0, search->scratch,
                count_match, &counts.found) != HS_SUCCESS)
      return false;
  }
  ++counts.events;
  return true;
}

// Reads blocks and hands over their whole lines; what is left of a line goes to the front of the next block.
bool walk(std::FILE* file, const Search* search, Counts& counts) {
  std::vector<char> block(2 * kBlockBytes + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::parser parser;
  std::size_t held = 0;
  while (true) {
    const std::size_t got = std::fread(block.data() + held, 1, kBlockBytes, file);
    const std::size_t end = held + got;
    std::size_t at = 0;
    while (at < end) {
      const void* line_end = std::memchr(block.data() + at, '\n', end - at);
      if (line_end == nullptr && got != 0) break;
      const std::size_t stop =
          line_end == nullptr ? end : static_cast<std::size_t>(static_cast<const char*>(line_end) - block.data());
      if (stop > at && !look(parser, block.data() + at, stop - at, block.size() - at, search, counts)) return false;
      at = stop + 1;
    }
    if (got == 0) return std::ferror(file) == 0;
    held = end - std::min(at, end);
    if (held > kBlockBytes) return false;  // a line that long is none of ours
    std::memmove(block.data(), block.data() + at, held);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: floor_sigma FILE [RULES...]\n", stderr);
    return 64;
  }
  std::FILE* const file = std::fopen(argv[1], "rbe");
  if (file == nullptr) {
    std::fprintf(stderr, "floor_sigma: cannot read %s\n", argv[1]);
    return 66;
  }
  Literals literals;
  std::size_t rules = 0;
  for (int i = 2; i < argc; ++i) rules += read(argv[i], literals);
  const double read_seconds = processor_seconds();
  Search search;
  if (!search.compile(literals)) return 70;
  const double compiled_seconds = processor_seconds();
  Counts counts;
  const bool good = walk(file, argc > 2 ? &search : nullptr, counts);
  std::fclose(file);
  std::printf("{\"events\":%" PRIu64 ",\"keys\":%" PRIu64 ",\"key_bytes\":%" PRIu64 ",\"scans\":%" PRIu64
              ",\"found\":%" PRIu64
              ",\"rules\":%zu,\"fields\":%zu,\"literals\":%zu,\"read_seconds\":%.3f,\"compile_seconds\":%.3f,\"run_"
              "seconds\":%.3f}\n",
              counts.events, counts.keys, counts.key_bytes, counts.scans, counts.found, rules, search.by_field.size(),
              search.literals, read_seconds, compiled_seconds - read_seconds, processor_seconds() - compiled_seconds);
  hs_free_scratch(search.scratch);
  return good ? 0 : 65;
}
