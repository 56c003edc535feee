#include "app/options.h"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <charconv>

#include "base/text.h"

namespace nw::app {

namespace po = boost::program_options;

namespace {

constexpr OptionSpec kHelp{"help", "", "print this help"};

po::options_description describe(const CommandSpec& spec) {
  po::options_description description;
  const auto add = [&](const OptionSpec& option) {
    const std::string name{option.name};
    if (option.value.empty())
      description.add_options()(name.c_str(), std::string{option.help}.c_str());
    else
      description.add_options()(name.c_str(), po::value<std::vector<std::string>>(), std::string{option.help}.c_str());
  };
  for (const OptionSpec& option : spec.options) add(option);
  add(kHelp);
  description.add_options()("words", po::value<std::vector<std::string>>(), "");
  return description;
}

Error wrong(const CommandSpec& spec, const std::string& what) {
  return Error{Errc::invalid_argument, what + "\nTry 'normwatch " + std::string{spec.name} + " --help'."};
}

}  // namespace

Result<Options> Options::parse(const CommandSpec& spec, std::span<const std::string> arguments) {
  std::vector<std::string_view> known{kHelp.name};
  for (const OptionSpec& option : spec.options) known.push_back(option.name);
  const po::options_description description = describe(spec);
  po::positional_options_description positional;
  positional.add("words", -1);
  Options out;
  try {
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::command_line_parser parser{std::vector<std::string>{arguments.begin(), arguments.end()}};
    const auto parsed = parser.options(description).positional(positional).style(style).run();
    for (const auto& option : parsed.options) {
      auto& into = option.string_key == "words" ? out.words_ : out.values_[option.string_key];
      into.insert(into.end(), option.value.begin(), option.value.end());
    }
  } catch (const po::unknown_option& e) {
    std::string name = e.get_option_name();
    while (name.starts_with('-')) name.erase(0, 1);
    return wrong(spec, "normwatch " + std::string{spec.name} + ": unknown option '--" + printable(name, 64) + "'" +
                           did_you_mean(name, known));
  } catch (const po::error& e) {
    return wrong(spec, "normwatch " + std::string{spec.name} + ": " + e.what());
  }
  if (out.has("help")) return out;
  if (out.words_.size() < spec.words_least)
    return wrong(spec, "normwatch " + std::string{spec.name} + ": something is missing; usage: normwatch " +
                           std::string{spec.name} + ' ' + std::string{spec.synopsis});
  if (out.words_.size() > spec.words_most)
    return wrong(spec, "normwatch " + std::string{spec.name} + ": '" + printable(out.words_[spec.words_most], 64) +
                           "' is too much");
  return out;
}

std::string Options::get(std::string_view name, std::string fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? fallback : found->second.back();
}

std::vector<std::string> Options::all(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::string usage(const CommandSpec& spec) {
  std::string out = "Usage: normwatch " + std::string{spec.name} + (spec.synopsis.empty() ? "" : " ") +
                    std::string{spec.synopsis} + "\n\n" + std::string{spec.help} + "\n";
  if (!spec.details.empty()) out += "\n" + std::string{spec.details} + "\n";
  out += "\nOptions:\n";
  std::vector<OptionSpec> options{spec.options.begin(), spec.options.end()};
  options.push_back(kHelp);
  for (const OptionSpec& option : options) {
    std::string left =
        "  --" + std::string{option.name} + (option.value.empty() ? "" : " ") + std::string{option.value};
    left.resize(std::max<std::size_t>(26, left.size() + 2), ' ');
    out += left + std::string{option.help} + '\n';
  }
  return out;
}

Result<unsigned> parse_count(std::string_view option, const std::string& text, unsigned least, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && value >= least && value <= most) return value;
  return Error{Errc::invalid_argument, "--" + std::string{option} + " takes a whole number from " +
                                           std::to_string(least) + " to " + std::to_string(most) + ", not '" +
                                           printable(text, 32) + "'"};
}

}  // namespace nw::app
