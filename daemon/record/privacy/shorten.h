// What of a domain name, a URL or a sentence may be told: the parts that say how something works, without those that
// say who.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "base/ip.h"
#include "record/privacy/policy.h"

namespace nw::privacy {

// A name as DNS allows it (RFC 1035 section 2.3.4): labels of letters, digits, '-' and '_', at least two of them.
[[nodiscard]] bool is_domain_name(std::string_view name) noexcept;

// The part of a domain name below which anybody registers names. The longest of the policy's public suffixes that it
// ends with; else a label of its registry_labels before a top-level domain of two letters; else the last label. Views
// `name`, which is in lower case without a dot at the end.
[[nodiscard]] std::string_view public_suffix(std::string_view name, const Policy& policy) noexcept;
// The suffix and one label before it; the whole name where there is none.
[[nodiscard]] std::string_view registered_domain(std::string_view name, const Policy& policy) noexcept;

// Shannon entropy of the bytes of `text`, bits a byte; what tunnels in DNS show.
[[nodiscard]] double entropy(std::string_view text) noexcept;

// "/{word}/{n}/admin/{word}.php?{query}": words of the policy stay, numbers become {n}, hex digits and UUIDs {id},
// all else {word}; the query, the fragment and parameters are not told. At most 32 parts, then {more}.
[[nodiscard]] std::string path_template(std::string_view path, const Policy& policy);

// What to write instead of a thing that was found in a text.
struct Replacements {
  FunctionRef<std::string(const IpAddress&)> address;
  FunctionRef<std::string(std::string_view)> mail, mac, url, user;
  // A name and a value that belong together, "user=alice": whether the value must not stay, and what it becomes.
  FunctionRef<bool(std::string_view key)> wants_pair;
  FunctionRef<std::string(std::string_view key, std::string_view value)> pair;
  // A word: whether it is a name that other fields of the event told.
  FunctionRef<bool(std::string_view word, std::string& out)> name;
};

// `text` with addresses (also inside words), mail addresses, MACs with separators, URLs, key=value, the owner of a
// home directory and known names replaced. A person's name that stands nowhere else is not found.
[[nodiscard]] std::string scrub(std::string_view text, const Replacements& with);

}  // namespace nw::privacy
