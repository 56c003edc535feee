// SigmaHQ's rules and regression events as the tests read them. Nothing of the corpus is part of the project.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "detect/sigma/read.h"
#include "detect/sigma/rule_set.h"
#include "event/event.h"
#include "event/schema.h"
#include "source_directory.h"
#include "unit/detect/sigma/json.h"

namespace nw::sigma {

namespace fs = std::filesystem;

// Where the corpora lie: NW_CORPORA, or beside the project. It need not exist.
inline fs::path corpora() {
  const char* stated = std::getenv("NW_CORPORA");
  return stated != nullptr ? fs::path{stated} : fs::path{source_directory()} / "../shared/corpora";
}

inline std::string read_file(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline std::vector<fs::path> files(const fs::path& root, std::string_view extension) {
  std::vector<fs::path> out;
  if (!fs::exists(root)) return out;
  for (const auto& entry : fs::recursive_directory_iterator{root})
    if (entry.is_regular_file() && entry.path().extension() == extension) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

inline std::vector<RuleText> texts(const fs::path& root) {
  std::vector<RuleText> out;
  for (const fs::path& path : files(root, ".yml")) out.push_back({path.string(), read_file(path)});
  return out;
}

// One open type for every log source that some rule names.
inline void add_types(std::span<const RuleText> rules, event::Schema& schema,
                      std::map<std::string, event::TypeId>& types) {
  static std::deque<std::string> names;
  for (const RuleText& text : rules) {
    Diagnostics ignored;
    for (const Rule& rule : read_rules(text, {}, ignored).rules) {
      const LogSource& source = rule.info.log_source;
      const std::string key = source.to_string();
      if (types.contains(key)) continue;
      const auto keep = [](const std::string& name) { return std::string_view{names.emplace_back(name)}; };
      std::vector<std::string_view> services, categories;
      if (!source.service.empty()) services.push_back(keep(source.service));
      if (!source.category.empty()) categories.push_back(keep(source.category));
      types[key] = schema.add_type({keep(key), keep(source.product), services, categories, {}, true});
    }
  }
}

inline event::Value to_value(const Json& json, event::Event& event) {
  if (json.kind == Json::Kind::text) return event::Value::text(json.text);
  if (json.kind == Json::Kind::boolean) return event::Value::boolean(json.truth);
  if (json.kind == Json::Kind::array) {
    const auto items = event.arena().make<event::Value>(json.items.size());
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = to_value(json.items[i], event);
    return event::Value::list(items);
  }
  std::int64_t whole = 0;
  if (json.kind == Json::Kind::number &&
      std::from_chars(json.text.data(), json.text.data() + json.text.size(), whole).ec == std::errc{})
    return event::Value::integer(whole);
  return {};
}

// Windows' shape to Sigma's: EventData and UserData to the top, the System fields that rules name, no spaces in names.
inline void fill(const Json& record, event::Schema& schema, event::Event& event) {
  const auto set = [&](std::string name, const Json& value) {
    std::erase(name, ' ');
    if (value.kind != Json::Kind::object) event.set(schema.add_field(name), to_value(value, event));
  };
  const Json* root = record.find("Event");
  if (root == nullptr) return;
  if (const Json* system = root->find("System")) {
    for (const auto& [name, value] : system->members) set(name, value);
    if (const Json* provider = system->find("Provider"))
      if (const Json* attributes = provider->find("#attributes"))
        if (const Json* name = attributes->find("Name")) set("Provider_Name", *name);
  }
  if (const Json* data = root->find("EventData"))
    for (const auto& [name, value] : data->members) set(name, value);
  if (const Json* data = root->find("UserData"))
    for (const auto& [element, inner] : data->members)
      for (const auto& [name, value] : inner.members) set(name, value);
}

}  // namespace nw::sigma
