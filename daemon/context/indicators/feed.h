// The readers: a feed's text to indicators. Each format is one file and one row in feed.cpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "context/indicators/gate.h"
#include "context/indicators/refusal.h"
#include "context/indicators/set.h"

namespace nw::context {

// What the configuration says of a file.
struct FeedOptions {
  std::string file;    // for messages
  std::string source;  // whom alerts name
  Tlp tlp = Tlp::unset;
  Pap pap = Pap::unset;                      // where the feed says something else, the stricter holds
  std::optional<Nanoseconds> expires_after;  // of indicators that state no end: from when they were last seen
  Timestamp file_time{};                     // stands for "last seen" where the feed does not say
  Timestamp now{};                           // what has ended by now is left out
};

// Takes what the readers find.
class Feed {
 public:
  static constexpr std::size_t kLabelsMax = 16, kTextMax = 256;  // of a record, of an id or label in bytes

  Feed(const FeedOptions& options, const IndicatorGate& gate, IndicatorBuilder& builder, Refusals& refusals,
       Diagnostics& diagnostics);

  // One indicator; `value` is refanged. `record` says what the item says of it: the feed's own options are joined to it
  // here. `seen`: when it was last seen. False: there is no more room, and that is told.
  bool add(IndicatorKind kind, std::string_view value, IndicatorRecord record, std::optional<Timestamp> seen,
           Mark mark);
  // One that the reader leaves out itself.
  void refuse(Refusal why, std::string_view what, Mark mark, std::string hint = {});
  // The file cannot be read on from here.
  void error(Mark mark, std::string_view code, std::string text, std::string hint = {});

  [[nodiscard]] const FeedOptions& options() const noexcept { return options_; }
  [[nodiscard]] std::size_t added() const noexcept { return added_; }

 private:
  const FeedOptions& options_;
  const IndicatorGate& gate_;
  IndicatorBuilder& builder_;
  Refusals& refusals_;
  Diagnostics& diagnostics_;
  std::size_t added_ = 0;
  bool full_ = false;
};

struct FeedFormat {
  std::string_view name, help;
  void (*read)(std::string_view text, Feed& feed);
};
// csv, list, misp, stix.
std::span<const FeedFormat> feed_formats();
const FeedFormat* find_feed_format(std::string_view name);
// What a file's name says: .csv, .txt; of .json what its beginning says. Null: nothing.
const FeedFormat* guess_feed_format(std::string_view name, std::string_view text);

void read_csv_feed(std::string_view text, Feed& feed);
void read_list_feed(std::string_view text, Feed& feed);
void read_misp_feed(std::string_view text, Feed& feed);
void read_stix_feed(std::string_view text, Feed& feed);

// A warning list: MISP's JSON, or a value a line. What cannot be used of it is a warning, but no JSON is an error.
void read_warning_list(std::string_view text, std::string_view file, IndicatorGate& gate, Diagnostics& diagnostics);

// One line of a file of lines: without its comment and surrounding space. `#` begins a comment at the line's beginning
// or behind a space; URLs have fragments.
std::string_view without_comment(std::string_view line) noexcept;

}  // namespace nw::context
