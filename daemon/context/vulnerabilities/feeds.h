// What is known of vulnerabilities, as it was read: CISA's catalogue of those that are exploited (KEV), and advisories
// of vendors and response teams (CSAF 2.0 and 2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/time.h"
#include "context/vulnerabilities/names.h"
#include "context/vulnerabilities/versions.h"

namespace nw::vulnerabilities {

enum class Severity : std::uint8_t { unknown, none, low, medium, high, critical };
std::string_view to_string(Severity severity);
// Of CVSS' words and those of vendors ("important"), whatever their case.
Severity severity_of(std::string_view word);
// By CVSS' qualitative scale.
Severity severity_of_score(double score);

// 2026-01-15 (its midnight, UTC), or RFC 3339.
std::optional<Timestamp> parse_day(std::string_view text);

struct KevEntry {
  std::string cve, vendor;
  ProductName product;
  std::string name, action;  // what it is called, what is to be done; cut to kTextBytesMax
  std::optional<Timestamp> added, due;
};

struct KevCatalogue {
  std::string version;
  std::vector<KevEntry> entries;
  std::size_t malformed = 0, repeated = 0;  // left out
};

inline constexpr std::size_t kTextBytesMax = 300;
inline constexpr std::size_t kKevEntriesMax = 200'000;

// Strict about what is used. Null after an error; an entry without a CVE, vendor or product is left out with a warning.
// Codes: kev-syntax, kev-entry, kev-count.
std::optional<KevCatalogue> read_kev(std::string_view text, std::string_view file, Diagnostics& diagnostics);

// A product of an advisory's tree, by its number.
struct AdvisoryProduct {
  std::string vendor;               // vendor_key(); empty: only the name says
  std::vector<ProductName> names;   // any of them: its name, its CPE's
  ProductName full;                 // of which the vendor is a part; only where `vendor` is empty
  std::vector<std::string> orders;  // model numbers and SKUs, in lower case
  VersionSet versions;
  bool versioned = false;   // the tree says which
  bool may_be_sure = true;  // false: a part that need not be there
};

struct Score {
  Severity severity{};
  std::vector<std::uint32_t> products;  // empty: all
};

struct Remedy {
  std::string category, text;
  std::optional<Timestamp> date;
  std::vector<std::uint32_t> products;  // empty: all
};

// One vulnerability of an advisory: positions in `products`, each list sorted.
struct Statement {
  std::string cve;
  std::vector<std::uint32_t> affected, maybe, cleared;  // maybe: under investigation; cleared: fixed, or not affected
  std::vector<Score> scores;
  std::vector<Remedy> remedies;
  std::optional<Timestamp> published;
  bool exploited = false;  // CSAF 2.1, first_known_exploitation_dates
};

struct Advisory {
  std::string id, publisher, version, title;
  std::string tlp;  // clear, green, amber, amber+strict, red; empty: not stated
  std::optional<Timestamp> published, current;
  Severity aggregate{};
  std::vector<AdvisoryProduct> products;
  std::vector<Statement> statements;
  std::size_t versions_unread = 0;  // products whose versions are not understood
};

// Why a document is not used.
enum class LeftOut : std::uint8_t { malformed, not_csaf, draft, superseded, too_many };
inline constexpr std::size_t kLeftOutReasons = 5;
std::string_view to_string(LeftOut reason);

inline constexpr std::size_t kAdvisoryProductsMax = 50'000, kAdvisoryStatementsMax = 10'000,
                             kAdvisoryReferencesMax = 2'000'000;

struct AdvisoryRead {
  std::optional<Advisory> advisory;
  LeftOut left_out{};  // without an advisory
  std::string why;     // of `malformed`: in words, with the place in the document
};

class JsonDocuments;
// Strict about what is used: a product id that is not in the tree, a CVE that is none, or a tree that is too large
// makes the document `malformed`, for half an advisory would say that others are not affected.
AdvisoryRead read_csaf(std::string_view text, JsonDocuments& documents);

}  // namespace nw::vulnerabilities
