#include <unordered_set>

#include "base/text.h"
#include "context/vulnerabilities/feeds.h"
#include "context/vulnerabilities/json_document.h"

// https://www.cisa.gov/known-exploited-vulnerabilities-catalog, its JSON file: catalogVersion, count,
// vulnerabilities[].
namespace nw::vulnerabilities {

namespace {

constexpr std::size_t kWarningsMax = 16;  // of single entries; the count says how many there were

std::string place(std::size_t at) { return "vulnerabilities[" + std::to_string(at) + "]"; }

}  // namespace

std::optional<KevCatalogue> read_kev(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  static constexpr std::string_view kHint =
      "fetch the catalogue's JSON file again, whole, or leave 'vulnerabilities.kev' out";
  JsonDocuments documents;
  const auto document = documents.parse(text);
  if (!document) {
    diagnostics.error(file, {}, "kev-syntax", "the KEV catalogue: " + document.error().what, std::string{kHint});
    return std::nullopt;
  }
  simdjson::dom::array list;
  if (member(*document, "vulnerabilities").get(list) != simdjson::SUCCESS) {
    diagnostics.error(file, {}, "kev-syntax", "this is no KEV catalogue: it has no list 'vulnerabilities'",
                      std::string{kHint});
    return std::nullopt;
  }
  KevCatalogue out;
  out.version = printable(text_at(*document, "catalogVersion"), 32);
  std::unordered_set<std::string> known;
  std::size_t at = 0;
  for (const JsonElement item : list) {
    const std::size_t here = at++;
    if (out.entries.size() == kKevEntriesMax) {
      diagnostics.error(file, {}, "kev-syntax", "more than " + std::to_string(kKevEntriesMax) + " entries",
                        "this is not CISA's catalogue");
      return std::nullopt;
    }
    KevEntry entry;
    const std::string_view cve = text_at(item, "cveID"), product = text_at(item, "product");
    entry.cve = cve_id(cve);
    entry.vendor = vendor_key(text_at(item, "vendorProject"));
    entry.product = ProductName{product};
    const std::string_view added = text_at(item, "dateAdded"), due = text_at(item, "dueDate");
    entry.added = parse_day(added);
    entry.due = parse_day(due);
    std::string why;
    if (entry.cve.empty())
      why = "'cveID' is no CVE id: '" + printable(cve, 40) + "'";
    else if (entry.vendor.empty())
      why = "no 'vendorProject'";
    else if (entry.product.empty() && !entry.product.several())
      why = "no 'product'";
    else if ((!added.empty() && !entry.added) || (!due.empty() && !entry.due))
      why = "'dateAdded' or 'dueDate' is no day: '" + printable(added, 24) + "', '" + printable(due, 24) + "'";
    if (!why.empty()) {
      if (++out.malformed <= kWarningsMax)
        diagnostics.warning(file, {}, "kev-entry", place(here) + ": " + why, "the entry is left out");
      continue;
    }
    if (!known.insert(entry.cve).second) {
      ++out.repeated;
      continue;
    }
    entry.name = printable(text_at(item, "vulnerabilityName"), kTextBytesMax);
    entry.action = printable(text_at(item, "requiredAction"), kTextBytesMax);
    out.entries.push_back(std::move(entry));
  }
  if (out.malformed > kWarningsMax)
    diagnostics.warning(file, {}, "kev-entry", std::to_string(out.malformed) + " entries are left out in all");
  std::int64_t count = 0;
  if (member(*document, "count").get(count) == simdjson::SUCCESS && count != static_cast<std::int64_t>(at))
    diagnostics.warning(
        file, {}, "kev-count",
        "the catalogue says that it has " + std::to_string(count) + " entries, and has " + std::to_string(at),
        "fetch it again: it may be cut short");
  return out;
}

}  // namespace nw::vulnerabilities
