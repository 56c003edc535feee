// What texts of this project must not say (norms.md of the reference calls it the wording contract): a sensor sees that
// an event engages a norm. It does not see intent, authorship, or whether a State did anything unlawful.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nw::context {

// The forbidden words in `text`, as they stand there, in order: words of guilt and authorship whatever their case, and
// nationalities where they are written with a capital. kNotAttribution is allowed. Empty: the text is fine.
// English only; texts in other languages are reviewed by people.
std::vector<std::string> forbidden_words(std::string_view text);

}  // namespace nw::context
