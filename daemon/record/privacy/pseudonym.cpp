#include "record/privacy/pseudonym.h"

#include "base/text.h"

namespace nw::privacy {

namespace {

constexpr std::string_view kScheme = "pfx:e";

Error malformed(std::string_view text, std::string_view what) {
  return Error{Errc::malformed, "'" + printable(text, 80) + "' is no pseudonym: " + std::string{what}};
}

}  // namespace

std::string Pseudonym::to_string() const {
  std::string out{kScheme};
  out += epoch.to_string();
  out += ':';
  out += privacy::to_string(kind);
  out += ':';
  value.append_to(out);
  return out;
}

Result<Pseudonym> Pseudonym::parse(std::string_view text) {
  constexpr std::size_t kEpochBytes = 7;
  if (text.size() > kPseudonymBytesMax) return malformed(text, "it is too long");
  if (!text.starts_with(kScheme)) return malformed(text, "it begins with pfx:e and the epoch");
  std::string_view rest = text.substr(kScheme.size());
  const auto epoch = Epoch::parse(rest.substr(0, kEpochBytes));
  if (!epoch || rest.size() <= kEpochBytes || rest[kEpochBytes] != ':')
    return malformed(text, "behind pfx:e stands the epoch, as in pfx:e2026-01:global4:...");
  rest.remove_prefix(kEpochBytes + 1);
  const std::size_t colon = rest.find(':');
  const auto kind = address_class(rest.substr(0, colon));
  if (!kind || colon == std::string_view::npos)
    return malformed(text, "behind the epoch stands the class of the address, as in global4, global6 or private");
  Pseudonym out{*epoch, *kind, {}};
  const std::string_view value = rest.substr(colon + 1);
  // One address, one text: ::ffff:10.0.0.1 and 010.0.0.1 are not what was written.
  if (!IpAddress::parse_into(value, out.value) || out.value.to_string() != value)
    return malformed(text, "its value is not an address in its shortest form");
  if (!fits_family(out.kind, out.value.is_v4())) return malformed(text, "no address of this class is of this family");
  return out;
}

bool carries_pseudonym(std::string_view text) noexcept {
  for (const std::string_view mark : {std::string_view{"pfx:e"}, std::string_view{"tok:e"}})
    for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
      const std::string_view epoch = text.substr(at + mark.size(), 8);
      if (epoch.size() == 8 && epoch[7] == ':' && ascii_digit(epoch[0]) && epoch[4] == '-') return true;
    }
  return false;
}

}  // namespace nw::privacy
