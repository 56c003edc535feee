// What the readers of the register's files share: read.cpp (a file, and all of them together), read_asset.cpp,
// read_host.cpp, read_behind.cpp (what an asset depends on, uses and rests on) and read_values.cpp. Only for them.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/ip.h"
#include "base/yaml.h"
#include "context/registry/read.h"

namespace nw::context {

class RegisterReader {
 public:
  // Both borrowed. `sectors` is sorted.
  RegisterReader(std::span<const std::string_view> sectors, Diagnostics& diagnostics)
      : sectors_{sectors}, diagnostics_{diagnostics} {}

  // `file` is borrowed until finish().
  void read(const YamlNode& root, std::string_view file);
  // After the last file: what only all of them together can say.
  RegistryFile finish();

 private:
  struct Seen {
    std::string asset;
    std::string_view file;
    Mark mark;
  };

  // read.cpp
  void error(Mark mark, std::string_view code, std::string text, std::string hint = {});
  // ", line 7", and of which file when it is another one.
  [[nodiscard]] std::string place(const Seen& seen) const;
  void read_location(YamlMap& map);
  void check_dependencies();

  // read_asset.cpp
  void read_asset(const YamlNode& node);
  void read_identity(YamlMap& map, Asset& asset);
  void read_class(YamlMap& map, Asset& asset);
  void read_domains(YamlMap& map, const Asset& asset);
  void read_zones(const YamlNode& node, Asset& asset);
  void read_maintenance(const YamlNode& node, Asset& asset);
  void claim_networks(const YamlNode& list, const Asset& asset);

  // read_host.cpp
  void read_host(const YamlNode& node, Asset& asset);
  void read_device(const YamlNode& node, Host& host);
  void read_point(const YamlNode& node, Host& host);
  void read_logs(const YamlNode& node, Host& host);
  void claim_address(const IpAddress& address, Mark mark, const Asset& asset);
  void claim_name(const std::string& name, Mark mark, const Asset& asset);

  // read_behind.cpp
  void read_dependency(const YamlNode& node, Asset& asset);
  std::vector<Product> read_products(YamlMap& map);
  Product read_product(const YamlNode& node);
  void read_contact(const YamlNode& node, Asset& asset);
  void read_basis(const YamlNode& node, Asset& asset);
  std::string read_day(YamlMap& map, std::string_view key);

  // read_values.cpp
  static std::string quoted(std::string_view text);
  static bool is_word(std::string_view text, std::string_view more);  // 1 to 64 of a-z, 0-9 and `more`
  static bool is_shown_text(std::string_view text);
  static bool is_location(std::string_view text);
  static bool is_domain(std::string_view lower);  // two labels or more of a-z, 0-9 and '-'
  std::optional<IpPrefix> parse_network(const YamlNode& node);
  std::vector<IpPrefix> networks(const YamlNode& list, std::string_view key);
  // A list that is searched one by one.
  std::vector<IpPrefix> few_networks(YamlMap& map, std::string_view key);
  const YamlNode* list_of(YamlMap& map, std::string_view key);
  // The same, of at most `most` items; `hint` says what to do about more.
  const YamlNode* list_of(YamlMap& map, std::string_view key, std::size_t most, std::string_view hint);
  // The list's scalars; one scalar stands for a list of one.
  std::vector<const YamlNode*> scalars(YamlMap& map, std::string_view key);
  std::vector<std::string> words(YamlMap& map, std::string_view key);
  std::vector<std::string> closed_list(YamlMap& map, std::string_view key, std::span<const std::string_view> known);
  void check_word(const std::string& word, std::span<const std::string_view> known, std::string_view key, Mark mark);
  std::optional<double> number(YamlMap& map, std::string_view key);
  std::string shown(YamlMap& map, std::string_view key);
  // One that must be there and say something; `what` is for the message.
  std::string require_shown(YamlMap& map, std::string_view key, std::string_view what);

  std::span<const std::string_view> sectors_;
  Diagnostics& diagnostics_;
  std::string_view file_;  // that is being read
  RegistryFile out_;
  std::string_view first_file_;
  Mark first_root_;
  std::optional<Seen> listed_;   // the first `assets`
  std::optional<Seen> located_;  // the register's `location`
  std::size_t designated_ = 0;   // items of all `assets`
  bool faulty_ = false;          // a file's frame is wrong: what is missing may have been meant there
  std::map<std::string, Seen> assets_;
  std::map<IpPrefix, Seen> networks_;
  std::map<IpAddress, Seen> addresses_;
  std::map<std::string, Seen> names_;
  std::map<std::string, Seen> domains_;
  std::size_t occurrences_ = 0;  // of maintenance windows
  std::size_t with_logs_ = 0;    // hosts
};

}  // namespace nw::context
