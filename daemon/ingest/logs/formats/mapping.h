// What a field mapping says: which names events carry for the fields that rules name, which Sigma log source an event
// is of, and which field a rule's field is on events of one kind. Read strictly from YAML (config/mappings/README.md).
// Spellings are resolved when a parser subscribes, aliases and answers when rules are compiled; no event meets a name.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "event/schema.h"

namespace nw::logs {

// Bounds of one mapping, each reached by a test.
constexpr std::size_t kMappingBytesMax = std::size_t{1} << 20;
constexpr std::size_t kMappingNamesMax = 4096;   // names that events carry, all fields together
constexpr std::size_t kMappingClassesMax = 512;  // and so event types
constexpr std::size_t kMappingPartsMax = 16;     // of one dotted name
constexpr std::size_t kMappingTextMax = 256;     // bytes of one name or value
constexpr std::string_view kAnyOther = "*";

// What holds for the events of one type, besides its own log source.
struct Claims {
  struct Alias {
    std::string named, carried;
  };
  std::vector<Alias> aliases;                 // rules name the first; such events carry the second
  std::vector<event::LogSourceName> answers;  // further log sources
};

struct Mapping {
  // Events of one value of the deciding field; of any other value, where it is "*". `kinds` divides them by the second
  // deciding field.
  struct Class {
    std::string name;
    std::vector<std::string> values;
    std::vector<std::string> services, categories;
    Claims claims;
    std::vector<Class> kinds;
  };
  struct Field {
    std::string name;
    std::vector<std::string> spellings;  // dotted; the event may nest them or not
  };
  // Lists of {name, value} in place of an object.
  struct Pairs {
    std::vector<std::string> lists, names, values;
  };
  // Types that are declared elsewhere: the daemon's own network events, syslog.
  struct Foreign {
    std::string product, path;
    Claims claims;
  };

  std::string name;
  std::vector<std::string> products, categories;  // of the sources that it is for
  std::vector<std::string> times;                 // where the event's time stands, best first
  std::vector<std::string> below;                 // objects whose members are fields; "*" stands for any one name
  bool drop_spaces = false;                       // "Threat Name" is ThreatName
  Pairs pairs;
  std::vector<Field> fields;
  std::vector<std::string> by;  // the deciding fields: none, one or two
  std::vector<Class> classes;
  Claims claims;  // of all its types
  std::vector<Foreign> types;
  std::string host;  // the field that names the host which the event is of; empty: only one that is called `host`
};

// Null after an error; every fault is in `diagnostics`. Codes: those of base/yaml.h, and bad-name, duplicate-name,
// duplicate-spelling, limit.
std::shared_ptr<const Mapping> read_mapping(std::string_view text, std::string_view file, Diagnostics& diagnostics);

// Adds the types of a source whose events have this product: `path` for what no class takes, `path.CLASS` and
// `path.CLASS.KIND`, with their claims. All are open and structured.
void declare_mapped(event::Schema& schema, const Mapping& mapping, std::string_view path, std::string_view product);
// The claims of the whole mapping, for a source whose configuration says the log source itself.
void claim_all(event::Schema& schema, const Mapping& mapping, event::TypeId type);
// The claims on types declared elsewhere, where the schema has them; also on its own types, which formats other than
// JSON declare without them (mapped_types.h).
void claim_foreign(event::Schema& schema, const Mapping& mapping);

}  // namespace nw::logs
