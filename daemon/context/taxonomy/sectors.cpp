#include "context/taxonomy/sectors.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace nw::taxonomy {

namespace {

constexpr std::size_t kColumnsMax = 64, kSectorsMax = 4096, kTextBytesMax = 256;

std::string quoted(std::string_view text) { return '\'' + printable(text, 64) + '\''; }

// "water.supply": two parts of small letters and digits.
bool is_sector_id(std::string_view id) {
  const std::size_t dot = id.find('.');
  const auto part = [](std::string_view word) {
    return is_entry_id(word) && word.find('+') == std::string_view::npos && !ascii_digit(word.front());
  };
  return dot != std::string_view::npos && id.size() <= 64 && part(id.substr(0, dot)) && part(id.substr(dot + 1));
}

// "at.ski-lifts": the country's two letters first. config/registry.schema.json has this as a pattern.
bool is_country_sector(std::string_view id) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return id.find('.') == 2 && letter(id[0]) && letter(id[1]);
}

}  // namespace

class SectorsReader {
 public:
  explicit SectorsReader(Diagnostics& diagnostics) : diagnostics_{diagnostics} {}

  void read(const TaxonomyText& text, bool extra) {
    file_ = text.file;
    own_columns_.clear();
    const auto root = only_document(text.text, file_, diagnostics_);
    if (!root) return;
    YamlMap map{*root, "the taxonomy of sectors", file_, diagnostics_};
    if (!map.ok()) return;
    const std::string version = needed_text(map, "version");
    out_->version_ += (out_->version_.empty() ? "" : ", ") + version;
    if (const YamlNode* columns = map.take("columns"); is_map(columns, "columns"))
      for (const auto& [key, value] : columns->members) read_column(key, value);
    if (const YamlNode* sectors = extra ? map.take("sectors") : map.require("sectors"); is_map(sectors, "sectors"))
      for (const auto& [key, value] : sectors->members) extra ? read_extra(key, value) : read_sector(key, value);
    map.finish();
  }

  std::shared_ptr<const Sectors> finish() {
    for (const Sector& sector : out_->sectors_) {
      out_->ids_.push_back(sector.id);
      out_->by_id_.emplace(sector.id, &sector);
    }
    std::ranges::sort(out_->ids_);
    for (const auto& [sector, mark] : deprecated_) {
      const Sector& gone = out_->sectors_[sector];
      const Sector* now = out_->find(gone.use);
      if (now == nullptr)
        diagnostics_.error(gone.file, mark, "bad-deprecation",
                           quoted(gone.id) + " is to be " + quoted(gone.use) + ", which is no sector" +
                               did_you_mean(gone.use, out_->ids_));
      else if (!now->deprecated_since.empty())
        diagnostics_.error(gone.file, mark, "bad-deprecation",
                           quoted(gone.id) + " is to be " + quoted(gone.use) + ", which is deprecated too",
                           "name the last one");
    }
    return out_;
  }

 private:
  void error(Mark mark, std::string_view code, std::string text, std::string hint = {}) {
    diagnostics_.error(file_, mark, code, std::move(text), std::move(hint));
  }

  bool is_map(const YamlNode* node, std::string_view key) {
    if (node == nullptr) return false;
    if (node->kind == YamlNode::Kind::map) return true;
    error(node->mark, "wrong-type", quoted(key) + " must be a map");
    return false;
  }

  std::string short_text(YamlMap& map, std::string_view key) {
    std::string text = needed_text(map, key);
    if (text.size() > kTextBytesMax)
      error(map.mark(), "too-many", quoted(key) + " can have at most " + std::to_string(kTextBytesMax) + " bytes");
    return text;
  }

  void read_column(const YamlNode& key, const YamlNode& node) {
    if (!is_entry_id(key.scalar))
      error(key.mark, "bad-id", quoted(key.scalar) + " cannot name a column", "use a-z, 0-9, '-' and '_'");
    if (out_->column(key.scalar) != nullptr)
      return error(key.mark, "duplicate-column", "there is a column " + quoted(key.scalar) + " already",
                   "give this one another name");
    if (out_->columns_.size() >= kColumnsMax)
      return error(key.mark, "too-many", "there can be at most " + std::to_string(kColumnsMax) + " columns");
    YamlMap map{node, "a column", file_, diagnostics_};
    if (!map.ok()) return;
    SectorColumn column;
    column.id = key.scalar;
    column.title = short_text(map, "title");
    column.source = short_text(map, "source");
    if (const YamlNode* values = map.take("values")) {
      column.closed = true;
      read_values(*values, column);
    }
    map.finish();
    own_columns_.insert(column.id);
    out_->columns_.push_back(std::move(column));
  }

  // A list of words, or a map of words with their titles.
  void read_values(const YamlNode& node, SectorColumn& column) {
    const auto add = [&](const YamlNode& word, SectorColumn::Value value) {
      if (word.kind != YamlNode::Kind::scalar || word.scalar.empty())
        return error(word.mark, "wrong-type", "a word of a column must be text");
      value.id = word.scalar;
      if (std::ranges::find(column.values, value.id, &SectorColumn::Value::id) != column.values.end())
        return error(word.mark, "duplicate-entry", quoted(value.id) + " stands twice in this column");
      column.values.push_back(std::move(value));
    };
    if (node.kind == YamlNode::Kind::sequence) {
      for (const YamlNode& item : node.items) add(item, {{}, {}, {}});
    } else if (node.kind == YamlNode::Kind::map) {
      for (const auto& [key, value] : node.members) {
        if (value.kind == YamlNode::Kind::scalar) {
          add(key, {{}, value.scalar, {}});
          continue;
        }
        YamlMap map{value, "a word of a column", file_, diagnostics_};
        if (!map.ok()) continue;
        SectorColumn::Value read{{}, needed_text(map, "title"), map.texts("names")};
        map.finish();
        add(key, std::move(read));
      }
    } else {
      error(node.mark, "wrong-type", "'values' must be a list of words, or a map of words and their titles");
    }
  }

  void read_maps(const YamlNode* node, Sector& sector, bool any_column) {
    if (!is_map(node, "maps")) return;
    YamlMap map{*node, "'maps'", file_, diagnostics_};
    for (const auto& [key, value] : node->members) {
      const SectorColumn* column = out_->column(key.scalar);
      const std::vector<std::string> words = map.texts(key.scalar);
      if (column == nullptr) {
        std::vector<std::string_view> known;
        for (const SectorColumn& one : out_->columns_) known.push_back(one.id);
        error(key.mark, "unknown-column", "no column is called " + quoted(key.scalar) + did_you_mean(key.scalar, known),
              "declare it under 'columns' in this file, with its title and its source");
        continue;
      }
      if (!any_column && !own_columns_.contains(key.scalar)) {
        error(key.mark, "changes-existing",
              "column " + quoted(key.scalar) + " of sector " + quoted(sector.id) + " is another file's",
              "declare a column of your own in this file");
        continue;
      }
      if (column->closed) check_words(words, *column, value);
      sector.maps.insert_or_assign(key.scalar, words);
    }
  }

  void check_words(const std::vector<std::string>& words, const SectorColumn& column, const YamlNode& node) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (std::ranges::find(column.values, words[i], &SectorColumn::Value::id) != column.values.end()) continue;
      std::vector<std::string_view> known;
      for (const SectorColumn::Value& value : column.values) known.push_back(value.id);
      error(i < node.items.size() ? node.items[i].mark : node.mark, "unknown-word",
            "column " + quoted(column.id) + " does not have " + quoted(words[i]) + did_you_mean(words[i], known),
            "its words are under 'values' of the column");
    }
  }

  void read_sector(const YamlNode& key, const YamlNode& node) {
    if (!is_sector_id(key.scalar))
      error(key.mark, "bad-id", quoted(key.scalar) + " cannot be a sector", "write sector.subsector: water.supply");
    if (out_->sectors_.size() >= kSectorsMax)
      return error(key.mark, "too-many", "there can be at most " + std::to_string(kSectorsMax) + " sectors");
    YamlMap map{node, "a sector", file_, diagnostics_};
    if (!map.ok()) return;
    Sector sector;
    sector.id = key.scalar;
    sector.file = file_;
    sector.mark = key.mark;
    sector.scope = short_text(map, "scope");
    sector.note = map.text("note");
    if (const YamlNode* named = map.take("un")) {
      YamlMap un{*named, "'un'", file_, diagnostics_};
      sector.un_58_199 = un.boolean("58/199", false);
      sector.gge_2021 = un.boolean("gge2021", false);
      un.finish();
    }
    read_maps(map.take("maps"), sector, true);
    if (const YamlNode* gone = map.take("deprecated")) {
      YamlMap part{*gone, "'deprecated'", file_, diagnostics_};
      sector.deprecated_since = needed_text(part, "since");
      sector.use = needed_text(part, "use");
      part.finish();
      deprecated_.emplace_back(out_->sectors_.size(), gone->mark);
    }
    map.finish();
    out_->sectors_.push_back(std::move(sector));
  }

  // In a country's file: a sector of its own, or its column of one that is there.
  void read_extra(const YamlNode& key, const YamlNode& node) {
    const auto at = std::ranges::find(out_->sectors_, key.scalar, &Sector::id);
    if (at == out_->sectors_.end()) {
      if (!is_country_sector(key.scalar)) {
        std::vector<std::string_view> known;
        for (const Sector& sector : out_->sectors_) known.push_back(sector.id);
        return error(key.mark, "bad-id", quoted(key.scalar) + " is no sector" + did_you_mean(key.scalar, known),
                     "a country's own sector begins with its two letters: at.ski-lifts");
      }
      return read_sector(key, node);
    }
    YamlMap map{node, "a sector that is there already", file_, diagnostics_};
    if (!map.ok()) return;
    for (const std::string_view fixed : {"scope", "note", "un", "deprecated"})
      if (const YamlNode* value = map.take(fixed))
        error(value->mark, "changes-existing",
              quoted(fixed) + " of sector " + quoted(at->id) + " is said in " + at->file,
              "this file can add columns to it, under 'maps'");
    read_maps(map.take("maps"), *at, false);
    map.finish();
  }

  Diagnostics& diagnostics_;
  std::shared_ptr<Sectors> out_{new Sectors};
  std::string file_;
  std::set<std::string, std::less<>> own_columns_;  // declared in this file
  std::vector<std::pair<std::size_t, Mark>> deprecated_;
};

std::shared_ptr<const Sectors> Sectors::load(std::span<const TaxonomyText> texts, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  SectorsReader reader{diagnostics};
  for (const TaxonomyText& text : texts) reader.read(text, &text != texts.data());
  auto sectors = reader.finish();
  return diagnostics.errors() == before ? sectors : nullptr;
}

const Sector* Sectors::find(std::string_view id) const noexcept {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second;
}

std::span<const std::string> Sectors::map(std::string_view id, std::string_view column_id) const noexcept {
  const Sector* sector = find(id);
  if (sector == nullptr) return {};
  const auto at = sector->maps.find(column_id);
  return at == sector->maps.end() ? std::span<const std::string>{} : std::span{at->second};
}

const SectorColumn* Sectors::column(std::string_view id) const noexcept {
  const auto at = std::ranges::find(columns_, id, &SectorColumn::id);
  return at == columns_.end() ? nullptr : &*at;
}

}  // namespace nw::taxonomy
