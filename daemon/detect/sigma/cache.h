// What reading and scanning were compiled to, as bytes that the caller keeps: handed back with the same rules, they
// save YAML and Hyperscan their work.
//
//   "normwatch rules 1\n" | checksum u64le of the rest | archive: key, rules, diagnostics, databases
//
// The checksum finds damage, not malice: the file must lie where only the daemon writes. Whatever does not fit is as
// good as no cache.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "detect/sigma/read.h"
#include "detect/sigma/scanner.h"

namespace nw::sigma {

// What the first two stages gave.
struct Reading {
  ReadResult result;
  std::vector<Diagnostic> diagnostics;
};
std::string to_bytes(const Reading& reading);
std::optional<Reading> to_reading(std::string_view bytes);

struct CacheContent {
  std::string_view reading;  // to_bytes()
  ScannerPool::Databases databases;
};

// Nothing when the bytes are damaged, of another version or of another key. The result borrows them.
std::optional<CacheContent> open_cache(std::string_view bytes, std::string_view key);
std::string make_cache(std::string_view key, const CacheContent& content);

}  // namespace nw::sigma
