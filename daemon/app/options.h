// A command's own options, read strictly: a mistake gets the nearest known option. The only file that meets
// Boost.Program_options and its exceptions.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nw::app {

struct OptionSpec {
  std::string_view name;   // without the dashes: "config"
  std::string_view value;  // what stands for the value in the help: "FILE"; empty: a switch
  std::string_view help;
};

struct CommandSpec {
  std::string_view name;      // "replay"
  std::string_view synopsis;  // "FILE..."
  std::string_view help;      // one line
  std::string_view details;   // more lines for --help; may be empty
  std::span<const OptionSpec> options;
  std::size_t words_least = 0, words_most = 0;  // how many words besides the options
};

class Options {
 public:
  // `invalid_argument` with a message for the user. --help is known to every command.
  static Result<Options> parse(const CommandSpec& spec, std::span<const std::string> arguments);

  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  // The last value given, or `fallback`.
  [[nodiscard]] std::string get(std::string_view name, std::string fallback = {}) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> words_;
};

// What --help prints.
std::string usage(const CommandSpec& spec);

// A whole number in an option; `invalid_argument` names the option.
Result<unsigned> parse_count(std::string_view option, const std::string& text, unsigned least, unsigned most);

}  // namespace nw::app
