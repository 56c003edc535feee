#include "context/taxonomy/tlp.h"

#include "context/taxonomy/labels.h"

namespace nw::taxonomy {

namespace {

bool is_colour(std::string_view text) {
  return text.size() == 7 && text.front() == '#' &&
         text.substr(1).find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

// "marking-definition--" and a UUID.
bool is_marking(std::string_view text) {
  constexpr std::string_view kPrefix = "marking-definition--", kShape = "00000000-0000-0000-0000-000000000000";
  if (!text.starts_with(kPrefix) || text.size() != kPrefix.size() + kShape.size()) return false;
  text.remove_prefix(kPrefix.size());
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool hex = std::string_view{"0123456789abcdef"}.find(text[i]) != std::string_view::npos;
    if (kShape[i] == '-' ? text[i] != '-' : !hex) return false;
  }
  return true;
}

void read_label(YamlMap& map, TlpLabel& label) {
  label.audience = needed_text(map, "audience");
  label.colour = needed_text(map, "colour");
  if (!label.colour.empty() && !is_colour(label.colour))
    map.error(map.mark(), "wrong-type", "'" + printable(label.colour, 32) + "' is no colour", "write \"#FFC000\"");
  label.stix = needed_text(map, "stix");
  if (!label.stix.empty() && !is_marking(label.stix))
    map.error(map.mark(), "wrong-type", "'" + printable(label.stix, 64) + "' is no marking of STIX",
              "write marking-definition-- and its UUID in small letters");
  label.csaf20 = map.text("csaf20");
  label.csaf21 = map.text("csaf21");
  label.iodef = map.text("iodef");
  label.misp = needed_text(map, "misp");
}

}  // namespace

std::optional<Tlp> Tlp::load(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  const auto root = only_document(text, file, diagnostics);
  if (!root) return std::nullopt;
  Tlp out;
  YamlMap map{*root, "the Traffic Light Protocol", file, diagnostics};
  if (!map.ok()) return std::nullopt;
  out.version = needed_text(map, "version");
  read_labels(map, out.labels, read_label);
  map.finish();
  if (diagnostics.errors() != before) return std::nullopt;
  return out;
}

const TlpLabel* Tlp::find(std::string_view text) const { return find_label(labels, text, "tlp:"); }

const TlpLabel* Tlp::find_stix(std::string_view marking) const noexcept {
  const auto at = std::ranges::find(labels, marking, &TlpLabel::stix);
  return at == labels.end() ? nullptr : &*at;
}

}  // namespace nw::taxonomy
