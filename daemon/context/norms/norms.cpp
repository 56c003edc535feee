#include "context/norms/norms.h"

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"
#include "context/norms/data_file.h"

namespace nw::context {

namespace {

constexpr std::array<std::string_view, 4> kRoles{"harm", "protect", "duty", "safeguard"};
constexpr std::array<std::string_view, 1> kAddressees{"state"};

class Reader {
 public:
  Reader(std::string_view file, Diagnostics& diagnostics) : file_{file}, diagnostics_{diagnostics} {}

  std::vector<Norm> read(const YamlNode& root) {
    YamlMap map{root, "the catalogue", file_, diagnostics_};
    if (!map.ok()) return {};
    if (const YamlNode* version = map.require("version"); version != nullptr && version->as_int() != 1)
      diagnostics_.error(file_, version->mark, "bad-version", "this daemon reads version 1 of the catalogue's format");
    const YamlNode* norms = map.require("norms");
    map.finish();
    if (norms == nullptr) return {};
    if (norms->kind != YamlNode::Kind::sequence || norms->items.empty()) {
      diagnostics_.error(file_, norms->mark, "wrong-type", "'norms' must be a list of norms");
      return {};
    }
    for (const YamlNode& item : norms->items) read_norm(item);
    return std::move(out_);
  }

 private:
  void read_norm(const YamlNode& node) {
    YamlMap map{node, "a norm", file_, diagnostics_};
    if (!map.ok()) return;
    Norm norm;
    read_id(map, norm);
    if (const YamlNode* source = map.require("source"); source != nullptr) {
      YamlMap cited{*source, "a norm's source", file_, diagnostics_};
      norm.document = needed(cited, "doc");
      norm.paragraph = needed(cited, "para");
      cited.finish();
    }
    read_explanations(map, norm);
    if (map.require("role") != nullptr) norm.role = kRoles[map.choice("role", 0, kRoles)];
    read_titles(map, norm);
    norm.paraphrase = needed(map, "paraphrase");
    norm.asks = needed_list(map, "asks");
    norm.limits = needed_list(map, "limits");
    read_evidence(map, norm);
    if (map.require("addressee") != nullptr) norm.addressee = kAddressees[map.choice("addressee", 0, kAddressees)];
    read_companions(map, norm);
    read_sectors(map, norm);
    read_hooks(map, norm);
    map.finish();
    out_.push_back(std::move(norm));
  }

  // evidence: [text, {text: ..., kept_as: [forms]}]
  void read_evidence(YamlMap& map, Norm& norm) {
    const YamlNode* node = map.require("evidence");
    if (node == nullptr) return;
    const bool list = node->kind == YamlNode::Kind::sequence;
    if (list && node->items.empty()) map.error(node->mark, "empty-list", "'evidence' needs at least one text");
    for (const YamlNode& item : list ? node->items : std::vector<YamlNode>{*node}) {
      if (item.kind == YamlNode::Kind::scalar) {
        check_text(item, item.scalar, "evidence");
        norm.evidence.push_back(item.scalar);
        continue;
      }
      YamlMap one{item, "a piece of evidence", file_, diagnostics_};
      if (!one.ok()) continue;
      std::string text = needed(one, "text");
      const YamlNode* forms = one.require("kept_as");
      if (forms != nullptr && forms->kind == YamlNode::Kind::sequence && forms->items.empty())
        one.error(forms->mark, "empty-list", "'kept_as' needs at least one form", "exchange, packets, line");
      for (const std::size_t form : choices(one, "kept_as", kKeptForms)) norm.kept.emplace_back(kKeptForms[form], text);
      one.finish();
      norm.evidence.push_back(std::move(text));
    }
  }

  void read_companions(YamlMap& map, Norm& norm) {
    const YamlNode* list = map.take("see_also");
    if (list == nullptr) return;
    if (list->kind != YamlNode::Kind::sequence)
      map.error(list->mark, "wrong-type", "'see_also' must be a list of documents");
    for (const YamlNode& item : list->items) {
      YamlMap one{item, "a companion instrument", file_, diagnostics_};
      if (!one.ok()) continue;
      Norm::Companion companion;
      companion.document = needed(one, "doc");
      companion.maps = needed(one, "maps");
      companion.reviewed = !review_needed(one);
      one.finish();
      norm.see_also.push_back(std::move(companion));
    }
  }

  // "any" alone, or ids of the taxonomy; whether the taxonomy has them is for who knows both to say.
  void read_sectors(YamlMap& map, Norm& norm) {
    const YamlNode* node = map.require("sectors");
    if (node == nullptr) return;
    norm.sectors = map.texts("sectors");
    if (norm.sectors.empty()) map.error(node->mark, "empty-list", "'sectors' needs 'any', or at least one sector");
    for (const std::string& sector : norm.sectors)
      if (sector == "any" ? norm.sectors.size() != 1 : !is_data_word(sector, "._"))
        map.error(node->mark, "bad-sector", '\'' + printable(sector, 64) + "' cannot stand among the sectors",
                  "write 'any' alone, or sectors of the taxonomy: water.supply");
  }

  // hooks: {peacetime: [ids], armed_conflict: [ids]}
  void read_hooks(YamlMap& map, Norm& norm) {
    const YamlNode* node = map.require("hooks");
    if (node == nullptr) return;
    norm.hooks_mark = node->mark;
    YamlMap hooks{*node, "a norm's hooks", file_, diagnostics_};
    if (!hooks.ok()) return;
    if (hooks.require("peacetime") != nullptr) norm.peacetime_hooks = hooks.texts("peacetime");
    if (hooks.require("armed_conflict") != nullptr) norm.conflict_hooks = hooks.texts("armed_conflict");
    hooks.finish();
  }

  void read_id(YamlMap& map, Norm& norm) {
    const YamlNode* node = map.require("id");
    norm.id = map.text("id");
    if (node == nullptr) return;
    if (norm.id.size() != 3 || !norm.id.starts_with("13") || norm.id[2] < 'a' || norm.id[2] > 'k')
      map.error(node->mark, "bad-id", "'" + printable(norm.id, 64) + "' is no norm's id",
                "13 and the paragraph's letter: 13a to 13k");
    const auto same = [&norm](const Norm& other) { return other.id == norm.id; };
    if (std::any_of(out_.begin(), out_.end(), same))
      map.error(node->mark, "duplicate-norm", "norm " + printable(norm.id, 64) + " stands twice");
  }

  void read_explanations(YamlMap& map, Norm& norm) {
    const YamlNode* list = map.take("explained_by");
    if (list == nullptr) return;
    if (list->kind != YamlNode::Kind::sequence)
      map.error(list->mark, "wrong-type", "'explained_by' must be a list of documents");
    for (const YamlNode& item : list->items) {
      YamlMap one{item, "an explaining document", file_, diagnostics_};
      if (!one.ok()) continue;
      Norm::Explanation explanation;
      explanation.document = needed(one, "doc");
      explanation.paragraphs = needed(one, "paras");
      explanation.reviewed = !review_needed(one);
      one.finish();
      norm.explained_by.push_back(std::move(explanation));
    }
  }

  // title: {en: text, ru: {text: ..., review: needed}}
  void read_titles(YamlMap& map, Norm& norm) {
    const YamlNode* node = map.require("title");
    if (node == nullptr) return;
    YamlMap titles{*node, "a norm's title", file_, diagnostics_};
    if (!titles.ok()) return;
    for (const std::string_view language : kLanguages) {
      const YamlNode* title = titles.require(language);
      if (title == nullptr) continue;
      std::string text;
      if (title->kind == YamlNode::Kind::map) {
        YamlMap marked{*title, "a title", file_, diagnostics_};
        text = needed(marked, "text");
        if (review_needed(marked)) norm.titles_to_review.emplace_back(language);
        marked.finish();
      } else {
        text = needed(titles, language);
      }
      norm.titles.emplace_back(language, std::move(text));
    }
    titles.finish();
  }

  std::string needed(YamlMap& map, std::string_view key) {
    const YamlNode* node = map.require(key);
    if (node == nullptr) return {};
    std::string text = map.text(key);
    check_text(*node, text, key);
    return text;
  }

  std::vector<std::string> needed_list(YamlMap& map, std::string_view key) {
    const YamlNode* node = map.require(key);
    if (node == nullptr) return {};
    std::vector<std::string> texts = map.texts(key);
    if (texts.empty()) map.error(node->mark, "empty-list", "'" + std::string{key} + "' needs at least one text");
    for (const std::string& text : texts) check_text(*node, text, key);
    return texts;
  }

  void check_text(const YamlNode& node, const std::string& text, std::string_view key) {
    if (node.kind == YamlNode::Kind::map) return;  // reported as the wrong type
    if (text.empty() || text.size() > kDataTextBytesMax)
      diagnostics_.error(file_, node.mark, "bad-text",
                         "'" + std::string{key} + "' must have 1 to " + std::to_string(kDataTextBytesMax) + " bytes");
  }

  std::string_view file_;
  Diagnostics& diagnostics_;
  std::vector<Norm> out_;
};

}  // namespace

std::string_view Norm::title(std::string_view language) const {
  for (const auto& [name, text] : titles)
    if (name == language) return text;
  return titles.empty() ? std::string_view{} : std::string_view{titles.front().second};
}

std::string Norm::official_text(std::string_view language) const {
  return "https://docs.un.org/" + std::string{language} + '/' + document;
}

std::string Norm::engages() const { return "engages norm " + id + " (" + document + "): " + std::string{title()}; }

std::shared_ptr<const NormCatalogue> NormCatalogue::load(std::string_view text, std::string_view file,
                                                         Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  auto catalogue = std::make_shared<NormCatalogue>();
  if (const auto root = one_document(text, file, "the catalogue", diagnostics))
    catalogue->norms_ = Reader{file, diagnostics}.read(*root);
  return diagnostics.errors() == before ? catalogue : nullptr;
}

const Norm* NormCatalogue::find(std::string_view id) const noexcept {
  const auto at = std::find_if(norms_.begin(), norms_.end(), [id](const Norm& norm) { return norm.id == id; });
  return at == norms_.end() ? nullptr : &*at;
}

}  // namespace nw::context
