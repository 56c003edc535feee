#include "context/registry/read.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "base/yaml.h"
#include "context/registry/reader.h"

namespace nw::context {

namespace {

// Each search for the nearest id looks at all of them.
constexpr std::size_t kSuggestionsMax = 32;

}  // namespace

void RegisterReader::error(Mark mark, std::string_view code, std::string text, std::string hint) {
  diagnostics_.error(file_, mark, code, std::move(text), std::move(hint));
}

std::string RegisterReader::place(const Seen& seen) const {
  return ", line " + std::to_string(seen.mark.line) +
         (seen.file == file_ ? std::string{} : " of " + printable(seen.file));
}

void RegisterReader::read(const YamlNode& root, std::string_view file) {
  file_ = file;
  if (first_file_.empty()) {
    first_file_ = file;
    first_root_ = root.mark;
  }
  YamlMap map{root, "the register", file_, diagnostics_};
  if (!map.ok()) {
    faulty_ = true;
    return;
  }
  if (const YamlNode* version = map.require("version"); version != nullptr && version->as_int() != 1)
    error(version->mark, "bad-version", "this daemon reads version 1 of the register's format");
  read_location(map);
  if (const YamlNode* list = map.take("territory"); list != nullptr)
    for (const IpPrefix& prefix : networks(*list, "territory")) out_.territory.push_back(prefix);
  const YamlNode* assets = map.take("assets");
  map.finish();
  if (assets == nullptr) return;
  if (!listed_) listed_ = Seen{{}, file_, assets->mark};
  if (assets->kind != YamlNode::Kind::sequence) {
    faulty_ = true;
    error(assets->mark, "wrong-type", "'assets' must be a list");
    return;
  }
  designated_ += assets->items.size();
  for (const YamlNode& item : assets->items) read_asset(item);
}

void RegisterReader::read_location(YamlMap& map) {
  const YamlNode* node = map.take("location");
  if (node == nullptr) return;
  const std::string location = map.text("location");
  if (!is_location(location))
    error(node->mark, "bad-location", quoted(location) + " is no code of ISO 3166",
          "write a country (AT) or a part of one (AT-9), in capitals");
  else if (located_)
    error(node->mark, "duplicate-location", "the register's location is already said" + place(*located_),
          "say it in one file; an asset elsewhere has a 'location' of its own");
  else
    out_.location = location;
  if (!located_) located_ = Seen{{}, file_, node->mark};
}

RegistryFile RegisterReader::finish() {
  if (!listed_ && !faulty_)
    diagnostics_.error(first_file_, first_root_, "missing-key", "the register needs 'assets', in one of its files");
  if (listed_ && designated_ == 0 && !faulty_)
    diagnostics_.warning(listed_->file, listed_->mark, "empty-register", "the register designates nobody");
  for (Asset& asset : out_.assets)
    if (asset.location.empty()) asset.location = out_.location;
  check_dependencies();
  return std::move(out_);
}

void RegisterReader::check_dependencies() {
  std::vector<std::string_view> ids;
  std::size_t suggested = 0;
  for (const Asset& asset : out_.assets)
    for (const Dependency& need : asset.dependencies) {
      if (assets_.contains(need.on)) continue;
      std::string meant;
      if (suggested++ < kSuggestionsMax) {
        if (ids.empty())
          for (const auto& [id, seen] : assets_) ids.push_back(id);
        meant = did_you_mean(need.on, ids);
      }
      diagnostics_.error(asset.file, need.mark, "unknown-asset",
                         "asset " + quoted(asset.id) + " depends on " + quoted(need.on) +
                             ", which no file of the register has" + meant,
                         "name an asset's id, or leave the dependency out");
    }
}

RegistryFile read_registry(std::span<const RegisterText> files, std::span<const std::string_view> known_sectors,
                           Diagnostics& diagnostics) {
  YamlLimits limits;
  limits.bytes_max = kRegisterBytesMax;
  limits.nodes_max = kRegisterNodesMax;
  std::size_t bytes = 0;
  for (const RegisterText& file : files) bytes += file.text.size();
  if (files.size() > kRegisterFilesMax || (files.size() > 1 && bytes > kRegisterBytesMax)) {
    diagnostics.error(files.front().file, {}, "too-large",
                      "the register is at most " + std::to_string(kRegisterFilesMax) + " files and " +
                          std::to_string(kRegisterBytesMax >> 20U) + " MiB together",
                      "leave out what is not designated");
    return {};
  }
  RegisterReader reader{known_sectors, diagnostics};
  const std::size_t errors_before = diagnostics.errors();
  bool broken = files.empty();
  for (const RegisterText& file : files) {
    const std::size_t before = diagnostics.errors();
    const auto documents = parse_yaml(file.text, file.file, diagnostics, limits);
    if (documents.size() == 1 && diagnostics.errors() == before) {
      reader.read(documents.front(), file.file);
      continue;
    }
    broken = true;
    if (diagnostics.errors() == before)
      diagnostics.error(file.file, {}, "bad-document", "a file of the register is exactly one YAML document");
  }
  if (files.empty()) diagnostics.error("", {}, "bad-document", "the register has no file");
  // What is missing may stand in the file that could not be read.
  if (broken && diagnostics.errors() != errors_before) return {};
  return reader.finish();
}

}  // namespace nw::context
