#include "app/taxonomies.h"

#include "app/embedded.h"
#include "app/snapshot.h"

namespace nw::app {

namespace {

template <class T>
std::optional<T> load_embedded(std::string_view file, Diagnostics& diagnostics) {
  return T::load(embedded_file(file), file, diagnostics);
}

}  // namespace

std::shared_ptr<const taxonomy::Sectors> load_sectors(const Config& config, Diagnostics& diagnostics,
                                                      std::string* hash) {
  constexpr std::string_view kEmbedded = "config/taxonomy/sectors.yaml";
  const std::size_t before = diagnostics.errors();
  std::vector<taxonomy::TaxonomyText> texts;
  const auto add = [&](const std::string& file) {
    auto text = read_text_file(file);
    if (text) return texts.push_back({file, std::move(*text)});
    diagnostics.error(file, {}, "unreadable", "the taxonomy of sectors: " + text.error().what,
                      "correct 'taxonomy' in the configuration, or leave it out for the embedded one");
  };
  if (config.taxonomy.sectors.empty())
    texts.push_back({std::string{kEmbedded} + " (embedded)", std::string{embedded_file(kEmbedded)}});
  else
    add(config.taxonomy.sectors);
  for (const std::string& file : config.taxonomy.extra) add(file);
  if (diagnostics.errors() != before) return nullptr;
  if (hash != nullptr) *hash = hash_sectors(texts);
  return taxonomy::Sectors::load(texts, diagnostics);
}

std::string hash_sectors(std::span<const taxonomy::TaxonomyText> texts) {
  std::string lines;
  for (const taxonomy::TaxonomyText& text : texts) lines += sha256_hex(text.text) + '\n';
  return sha256_hex(lines);
}

std::optional<taxonomy::Rsit> load_rsit(Diagnostics& diagnostics) {
  return load_embedded<taxonomy::Rsit>("config/taxonomy/rsit.yaml", diagnostics);
}

std::optional<taxonomy::Tlp> load_tlp(Diagnostics& diagnostics) {
  return load_embedded<taxonomy::Tlp>("config/taxonomy/tlp.yaml", diagnostics);
}

std::optional<taxonomy::Pap> load_pap(Diagnostics& diagnostics) {
  return load_embedded<taxonomy::Pap>("config/taxonomy/pap.yaml", diagnostics);
}

}  // namespace nw::app
