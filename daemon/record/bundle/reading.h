// A bundle's files as what they mean: shared by those who check it and those who show it.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/bundle/archive.h"

namespace nw::bundle {

// incident.json says of a bundle how many alerts and entries at most.
constexpr std::size_t kAlertsMax = 5'000, kEntriesMax = 20'000;

struct CaseAlertPlace {
  std::string id;
  std::uint64_t entry = 0;
};

// incident.json: one canonical JSON object,
//   {"alerts":[{"entry":7,"id":"..."}],"entries":[0,7],"format":"normwatch-bundle/1","incident":{"id":"...",...},
//    "made":{...},"missing":["..."]}
struct CaseIndex {
  std::string incident;                // its id
  std::vector<CaseAlertPlace> alerts;  // by entry
  std::vector<std::uint64_t> entries;  // all that are in the bundle, rising
  std::vector<std::string> missing;    // what could not be put in, and why
  boost::json::object row, made;       // as they stand there

  // `malformed` names the member.
  static Result<CaseIndex> parse(std::string_view text);
  // What parse() reads back; its error is canonical_json()'s.
  [[nodiscard]] Result<std::string> to_text() const;
};

// An entry that is laid out as one, in canonical form.
struct BundledEntry {
  std::string_view bytes;  // of the Files that it was read from
  std::string type;
  Timestamp time{};
  boost::json::object body;
};
Result<BundledEntry> read_entry(std::string_view bytes);
using Entries = std::map<std::uint64_t, BundledEntry>;

// A member that is a text; empty: it is not there, or something else.
std::string_view text_member(const boost::json::object& object, std::string_view name);

}  // namespace nw::bundle
