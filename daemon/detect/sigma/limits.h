// What one rule, file or event may cost. A rule over a limit is refused by name; a subject over one is counted.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nw::sigma {

// Reading. SigmaHQ's largest rule has about 1,500 values, its longest regex 200 bytes.
constexpr std::size_t kDocumentsMax = 20'000;           // in one file
constexpr std::size_t kRulesMax = 50'000;               // in one set
constexpr std::size_t kCollectionNodesMax = 2'000'000;  // YAML nodes of one file, once its documents are joined
constexpr std::size_t kFiltersMax = 2'000;              // in one set
constexpr std::size_t kFilterTargetsMax = 10'000;       // rules that one filter names
constexpr std::size_t kIdentifiersMax = 256;            // in one rule
constexpr std::size_t kItemsMax = 4'000;                // field lines in one rule
constexpr std::size_t kValuesMax = 20'000;              // in one rule
constexpr std::size_t kDetectionDepthMax = 16;
constexpr std::size_t kFieldBytesMax = 256;
constexpr std::size_t kValueBytesMax = 8'192;
constexpr std::size_t kWildcardsMax = 64;      // in one value: bounds what a pattern can cost against a long text
constexpr std::size_t kDashVariantsMax = 625;  // of one value that is encoded after `windash`: four dashes
constexpr std::size_t kRegexBytesMax = 4'096;
constexpr std::size_t kConditionBytesMax = 16'384;
constexpr std::size_t kConditionDepthMax = 32;  // parentheses and `not`
constexpr std::size_t kConditionsMax = 64;      // in a list of conditions
// Over time.
constexpr std::size_t kCorrelationRulesMax = 64;        // that one correlation is over
constexpr std::size_t kCorrelationDepthMax = 16;        // correlations over correlations
constexpr std::size_t kCorrelationInputsMax = 200'000;  // of all correlations: a name may mean many rules
constexpr std::size_t kWindowEventsMax = 16'384;        // of one key, that a window holds
constexpr std::int64_t kPastSlicesMax = 1'000'000'000;  // of a rate
constexpr std::size_t kGroupFieldsMax = 16;             // to group by, or whose values count together
constexpr std::int64_t kBeaconEventsMax = 64;           // whose gaps are kept
// Variables: of one rule, of all that a site sets, and of one list that it gives.
constexpr std::size_t kVariablesMax = 64;
constexpr std::size_t kVariableNameBytesMax = 64;
constexpr std::size_t kVariablePathBytesMax = 512;
constexpr std::size_t kVariableSettingsMax = 10'000;
constexpr std::size_t kVariableItemsMax = 4'096;
// Compiling. The schema itself ends at 65,000; rules leave it room.
constexpr std::size_t kFieldsMax = 60'000;
constexpr std::size_t kNodesMax = 100'000;       // of one rule's program: selectors repeat identifiers
constexpr std::size_t kSetNodesMax = 2'000'000;  // of all programs; SigmaHQ's 3,141 rules need about 50,000

// What Hyperscan is asked to compile: longer, or with more counted repeats, a regular expression is a candidate
// always.
constexpr std::size_t kScannedRegexBytesMax = 512;
constexpr std::size_t kScannedRepeatsMax = 8;

// A shorter piece of a keyword stands in too many lines to tell them apart.
constexpr std::size_t kKeywordPieceBytesMin = 3;

// Matching. The steps of a regex: base/regex.h.
constexpr std::size_t kRegexSubjectBytesMax = 65'536;
constexpr std::size_t kTextBytesMax = std::size_t{8} << 20;  // folded and formatted text of one event
constexpr std::size_t kListDepthMax = 16;
constexpr std::size_t kElementsMax = 65'536;   // list elements of one event
constexpr std::size_t kValueShownBytes = 256;  // of a matched value

}  // namespace nw::sigma
