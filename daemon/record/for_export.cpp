#include "record/for_export.h"

#include <algorithm>

#include "context/registry/vocabulary.h"

namespace nw::record {

namespace {

using context::kSecret;
using context::kUndisclosed;

// "nw.dst.sector", or what a rule over time counted: "value_count nw.dst.asset".
bool of_the_register(std::string_view field) {
  return field.starts_with("nw.") || field.find(" nw.") != std::string_view::npos;
}

// A ticket leads to its asset; that there is one says why the alert is quiet.
template <class Told>
void hide_asset(Told& told) {
  told.asset = kUndisclosed;
  told.sector.clear();
  if (!told.maintenance.empty()) told.maintenance = kUndisclosed;
}

}  // namespace

Alert for_export(Alert alert) {
  const bool secret = alert.disclosure == kSecret;
  if (!secret && !alert.secret_end) return alert;
  if (secret) {
    hide_asset(alert);
    alert.asset_name.clear();
    alert.asset_class.clear();
    alert.impact.clear();  // what stands behind an asset leads to it
  }
  // That the other end is designated must not be told either; `nw.dir` and its like speak of both.
  alert.secret_end = false;
  std::erase_if(alert.atoms, [](const AlertAtom& atom) { return of_the_register(atom.field); });
  std::erase_if(alert.fields,
                [](const auto& field) { return of_the_register(field.first) || field.first == "correlation.what"; });
  return alert;
}

Fold for_export(Fold fold) {
  if (fold.disclosure == kSecret) hide_asset(fold);
  return fold;
}

}  // namespace nw::record
