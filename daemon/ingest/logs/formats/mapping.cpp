#include "ingest/logs/formats/mapping.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.h"
#include "base/yaml.h"
#include "ingest/logs/formats/mapped_types.h"

namespace nw::logs {

namespace {

class MappingReader {
 public:
  MappingReader(std::string_view file, Diagnostics& diagnostics) : file_{file}, diagnostics_{diagnostics} {}

  Mapping read(const YamlNode& document) {
    YamlMap map{document, "a mapping", file_, diagnostics_};
    Mapping out;
    out.name = plain(map, "name", map.require_text("name"));
    if (const YamlNode* node = map.take("for")) read_for(*node, out);
    out.times = names(map, "times");
    out.below = names(map, "below");
    out.drop_spaces = map.boolean("drop_spaces", false);
    if (const YamlNode* node = map.take("pairs")) read_pairs(*node, out);
    if (const YamlNode* node = map.take("fields")) read_fields(*node, out);
    out.host = map.text("host");
    if (out.host.size() > kMappingTextMax)
      map.error(map.mark(), "limit", "'host' is longer than " + std::to_string(kMappingTextMax) + " bytes");
    out.by = names(map, "by");
    if (out.by.size() > 2) map.error(map.mark(), "limit", "more than two fields decide", "name one or two under 'by'");
    if (const YamlNode* node = map.take("classes")) {
      if (out.by.empty())
        map.error(node->mark, "missing-key", "classes without a field that decides", "name it under 'by'");
      out.classes = read_classes(*node, Level::classes, out.by.size());
    }
    out.claims = read_claims(map);
    if (const YamlNode* node = map.take("types")) read_types(*node, out);
    map.finish();
    return out;
  }

 private:
  enum class Level : unsigned char { classes, kinds };

  // A name that becomes part of a type's path.
  std::string plain(YamlMap& map, std::string_view what, std::string name) {
    check_plain(map.mark(), what, name);
    return name;
  }
  void check_plain(Mark mark, std::string_view what, std::string_view name) {
    const auto good = [](char c) {
      return ascii_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
    };
    if (name.empty() || name.size() > 64 || !std::ranges::all_of(name, good))
      diagnostics_.error(file_, mark, "bad-name", "'" + printable(name, 64) + "' cannot be a " + std::string{what},
                         "use small letters, digits, '-', '_' and '.', at most 64");
  }

  void limit(Mark mark, std::string text) {
    if (!told_) diagnostics_.error(file_, mark, "limit", std::move(text));
    told_ = true;
  }

  // Texts that stand for names or values, bounded one by one and all together.
  std::vector<std::string> names(YamlMap& map, std::string_view key) {
    std::vector<std::string> out = map.texts(key);
    check_texts(map.mark(), out);
    return out;
  }
  void check_texts(Mark mark, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      if (text.empty() || text.size() > kMappingTextMax)
        diagnostics_.error(file_, mark, "bad-name", "a name is empty or longer than 256 bytes");
      if (static_cast<std::size_t>(std::ranges::count(text, '.')) >= kMappingPartsMax)
        limit(mark, "'" + printable(text, 64) + "' has more than " + std::to_string(kMappingPartsMax) + " parts");
    }
    names_ += texts.size();
    if (names_ > kMappingNamesMax)
      limit(mark, "more than " + std::to_string(kMappingNamesMax) + " names in one mapping");
  }
  // A text, or a list of them, that is no member of a map reader.
  std::vector<std::string> texts(const YamlNode& node) {
    std::vector<std::string> out;
    if (node.kind == YamlNode::Kind::scalar) out.push_back(node.scalar);
    bool good = node.kind == YamlNode::Kind::scalar || node.kind == YamlNode::Kind::sequence;
    for (const YamlNode& item : node.items) {
      good = good && item.kind == YamlNode::Kind::scalar;
      out.push_back(item.scalar);
    }
    if (!good) diagnostics_.error(file_, node.mark, "wrong-type", "this must be a text or a list of texts");
    check_texts(node.mark, out);
    return out;
  }
  static void lower(std::vector<std::string>& texts) {
    for (std::string& text : texts) text = to_ascii_lower(text);
  }

  void read_for(const YamlNode& node, Mapping& out) {
    YamlMap map{node, "'for'", file_, diagnostics_};
    out.products = names(map, "product");
    out.categories = names(map, "category");
    map.finish();
    lower(out.products);
    lower(out.categories);
  }

  void read_pairs(const YamlNode& node, Mapping& out) {
    YamlMap map{node, "'pairs'", file_, diagnostics_};
    map.require("lists");
    out.pairs.lists = names(map, "lists");
    map.require("name");
    out.pairs.names = names(map, "name");
    map.require("value");
    out.pairs.values = names(map, "value");
    map.finish();
  }

  void read_fields(const YamlNode& node, Mapping& out) {
    if (node.kind != YamlNode::Kind::map) {
      diagnostics_.error(file_, node.mark, "wrong-type", "'fields' must be a map: the field, then the names of it");
      return;
    }
    std::map<std::string, std::string, std::less<>> owners;
    for (const auto& [key, value] : node.members) {
      check_texts(key.mark, {key.scalar});
      Mapping::Field field{key.scalar, texts(value)};
      for (const std::string& spelling : field.spellings) {
        const auto [owner, fresh] = owners.emplace(spelling, field.name);
        if (!fresh)
          diagnostics_.error(
              file_, value.mark, "duplicate-spelling",
              "'" + printable(spelling, 64) + "' is already a name of '" + printable(owner->second, 64) + "'",
              "one name carries one field; where rules know it by two, write an alias");
      }
      out.fields.push_back(std::move(field));
    }
  }

  std::vector<Mapping::Class> read_classes(const YamlNode& node, Level level, std::size_t deciders) {
    std::vector<Mapping::Class> out;
    if (node.kind != YamlNode::Kind::map) {
      diagnostics_.error(file_, node.mark, "wrong-type", "classes must be a map: the name, then what is of it");
      return out;
    }
    std::map<std::string, std::string, std::less<>> owners;
    for (const auto& [key, value] : node.members) {
      check_plain(key.mark, "class", key.scalar);
      if (++classes_ > kMappingClassesMax)
        limit(key.mark, "more than " + std::to_string(kMappingClassesMax) + " classes in one mapping");
      out.push_back(read_class(key.scalar, value, level, deciders));
      Mapping::Class& made = out.back();
      if (level == Level::classes) lower(made.values);
      for (const std::string& each : made.values)
        if (const auto [owner, fresh] = owners.emplace(each, made.name); !fresh)
          diagnostics_.error(file_, value.mark, "duplicate-name",
                             "'" + printable(each, 64) + "' already decides for '" + owner->second + "'");
    }
    return out;
  }

  Mapping::Class read_class(const std::string& name, const YamlNode& node, Level level, std::size_t deciders) {
    Mapping::Class out;
    out.name = name;
    std::vector<std::string>& own = level == Level::classes ? out.services : out.categories;
    if (node.kind != YamlNode::Kind::map) {
      out.values = texts(node);
      own = {name};
      return out;
    }
    YamlMap map{node, level == Level::classes ? "a class" : "a kind", file_, diagnostics_};
    map.require("of");
    out.values = names(map, "of");
    if (level == Level::classes) {
      const bool said = node.find("services") != nullptr;
      out.services = names(map, "services");
      if (!said) own = {name};
      out.categories = names(map, "categories");
    } else {
      const bool said = node.find("categories") != nullptr;
      out.categories = names(map, "categories");
      if (!said) own = {name};
    }
    lower(out.services);
    lower(out.categories);
    out.claims = read_claims(map);
    if (const YamlNode* kinds = level == Level::classes ? map.take("kinds") : nullptr) {
      if (deciders < 2)
        map.error(kinds->mark, "missing-key", "kinds without a second field that decides", "name it under 'by'");
      out.kinds = read_classes(*kinds, Level::kinds, deciders);
    }
    map.finish();
    return out;
  }

  Claims read_claims(YamlMap& map) {
    Claims out;
    if (const YamlNode* node = map.take("aliases")) {
      if (node->kind != YamlNode::Kind::map)
        map.error(node->mark, "wrong-type", "'aliases' must be a map: the field that rules name, then the one carried");
      for (const auto& [key, value] : node->members) {
        const std::vector<std::string> carried = texts(value);
        check_texts(key.mark, {key.scalar});
        if (carried.size() != 1)
          map.error(value.mark, "wrong-type", "an alias stands for one field");
        else
          out.aliases.push_back({key.scalar, carried.front()});
      }
    }
    if (const YamlNode* node = map.take("answers")) {
      if (node->kind != YamlNode::Kind::sequence)
        map.error(node->mark, "wrong-type", "'answers' must be a list of log sources");
      for (const YamlNode& item : node->items) {
        YamlMap source{item, "a log source", file_, diagnostics_};
        event::LogSourceName name{to_ascii_lower(source.text("product")), to_ascii_lower(source.text("service")),
                                  to_ascii_lower(source.text("category"))};
        source.finish();
        if (source.ok() && name == event::LogSourceName{})
          source.error(item.mark, "missing-key", "a log source has a product, a service or a category");
        check_texts(item.mark, {name.product + name.service + name.category + '-'});
        out.answers.push_back(std::move(name));
      }
    }
    return out;
  }

  void read_types(const YamlNode& node, Mapping& out) {
    if (node.kind != YamlNode::Kind::sequence) {
      diagnostics_.error(file_, node.mark, "wrong-type", "'types' must be a list");
      return;
    }
    for (const YamlNode& item : node.items) {
      YamlMap map{item, "a type", file_, diagnostics_};
      Mapping::Foreign type;
      type.product = to_ascii_lower(map.text("product"));
      type.path = map.require_text("path");
      type.claims = read_claims(map);
      map.finish();
      out.types.push_back(std::move(type));
    }
  }

  std::string_view file_;
  Diagnostics& diagnostics_;
  std::size_t names_ = 0, classes_ = 0;
  bool told_ = false;  // one report of a bound is enough
};

void claim(event::Schema& schema, event::TypeId type, const Claims& claims) {
  for (const Claims::Alias& alias : claims.aliases)
    schema.add_alias(type, {schema.add_field(alias.named), schema.add_field(alias.carried)});
  for (const event::LogSourceName& answer : claims.answers) schema.add_answer(type, answer);
}

std::optional<event::TypeId> declared(const event::Schema& schema, std::string_view path, std::string_view product) {
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const auto id = static_cast<event::TypeId>(i);
    if (schema.type(id).path == path && schema.type(id).product == product) return id;
  }
  return std::nullopt;
}

event::TypeId add_type(event::Schema& schema, const std::string& path, std::string_view product,
                       const std::vector<std::string>& services, const std::vector<std::string>& categories) {
  const std::vector<std::string_view> service_views{services.begin(), services.end()};
  const std::vector<std::string_view> category_views{categories.begin(), categories.end()};
  return schema.add_type({path, product, service_views, category_views, {}, true, true});
}

}  // namespace

std::shared_ptr<const Mapping> read_mapping(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  YamlLimits limits;
  limits.bytes_max = kMappingBytesMax;
  limits.nodes_max = 100'000;
  limits.depth_max = 16;
  const std::vector<YamlNode> documents = parse_yaml(text, file, diagnostics, limits);
  if (diagnostics.errors() != before) return nullptr;
  if (documents.size() != 1) {
    diagnostics.error(file, documents.empty() ? Mark{} : documents[1].mark, "yaml-syntax", "a mapping is one document");
    return nullptr;
  }
  auto mapping = std::make_shared<const Mapping>(MappingReader{file, diagnostics}.read(documents[0]));
  return diagnostics.errors() == before ? mapping : nullptr;
}

void claim_all(event::Schema& schema, const Mapping& mapping, event::TypeId type) {
  claim(schema, type, mapping.claims);
}

void declare_mapped(event::Schema& schema, const Mapping& mapping, std::string_view path, std::string_view product) {
  for (const MappedType& each : mapped_types(mapping, path)) {
    const event::TypeId type = add_type(schema, each.path, product, each.services, each.categories);
    // Of two aliases of one field the first stays: the nearer word comes first.
    for (const Claims* claims : each.claims) claim(schema, type, *claims);
  }
}

void claim_foreign(event::Schema& schema, const Mapping& mapping) {
  for (const Mapping::Foreign& foreign : mapping.types)
    if (const auto type = declared(schema, foreign.path, foreign.product)) claim(schema, *type, foreign.claims);
  for (const std::string& product : mapping.products)
    for (const MappedType& each : mapped_types(mapping, mapping.name))
      if (const auto type = declared(schema, each.path, product))
        for (const Claims* claims : each.claims) claim(schema, *type, *claims);
}

}  // namespace nw::logs
