// The signed head of a log: C2SP tlog-checkpoint v1.0.0, the text of a signed note.
//
//   <origin>            the log's name, as a rule also the name of its key
//   <size>              entries, decimal, no leading zeros
//   <root>              Base64
//   [<extension>]...    opaque; none is written by us, for nobody can audit them
//
// A log never signs two heads of which one does not continue the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/merkle/proofs.h"

namespace nw::merkle {

struct Checkpoint {
  std::string origin;
  TreeHead head;
  std::vector<std::string> extensions;
  bool operator==(const Checkpoint&) const = default;

  // From a note's text. `malformed`, with the line. A head of 0 entries has the root of the empty tree.
  static Result<Checkpoint> parse(std::string_view text);
  // `invalid_argument` when parse() would not read it back: an origin or an extension that is empty or no single line
  // of text, a size over 2^63-1.
  [[nodiscard]] Result<std::string> to_text() const;
};

// Decimal without leading zeros, up to kTreeSizeMax: sizes and indices. `malformed` says what is wrong.
Result<std::uint64_t> parse_decimal(std::string_view text);

}  // namespace nw::merkle
