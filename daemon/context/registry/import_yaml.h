// What importers have in common: assets as other systems tell of them, on their way into a file of the register.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip.h"

namespace nw::context {

// Something that a person must know of: what was not used, and why.
struct ImportNote {
  std::string where;  // "line 7"
  std::string text;
};

struct Imported {
  std::string yaml;  // a file of the register; read_registry() takes it
  std::size_t records = 0, assets = 0, networks = 0, hosts = 0;
  std::size_t left_out = 0;  // records of which nothing is in `yaml`
  std::vector<ImportNote> notes;
};

struct ImportHost {
  IpAddress address;
  std::string name;  // as a log line has it; may be empty
  std::vector<std::string> roles;
  std::string comment;
};

struct ImportAsset {
  std::vector<std::string> comments;  // above it
  std::string name, operator_id, sector;
  std::string sector_comment;
  std::vector<IpPrefix> networks;
  std::map<IpPrefix, std::string> zones;
  std::vector<ImportHost> hosts;
};

// Opaque ids from a seed: the same seed gives the same ids, and nobody learns from one what it stands for.
class OpaqueIds {
 public:
  explicit OpaqueIds(std::uint64_t seed) : seed_{seed} {}
  // 8 letters and digits, the first a letter, none of which look alike; no two are the same.
  std::string next();

 private:
  std::uint64_t seed_, count_ = 0;
  std::set<std::string> used_;
};

// The file's text. `head`: lines of comment. Each asset gets an id, and class C3 to be assessed.
std::string import_yaml(const std::vector<std::string>& head, const std::vector<ImportAsset>& assets, OpaqueIds& ids);

// `text` as a name that the register shows: one line of at most 128 bytes of UTF-8.
std::string shown_name(std::string_view text);

// The networks that hold exactly the addresses from `first` to `last`; at most 254. Empty: not a range.
std::vector<IpPrefix> prefixes_between(const IpAddress& first, const IpAddress& last);

// Why a network cannot be an asset's; empty: it can.
std::string unfit(const IpPrefix& network);

}  // namespace nw::context
