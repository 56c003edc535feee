// Text as the reference interpreter sees it, and the modifiers that rewrite a value.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nw::sigma::reference {

// One unit for each code point, each byte that is none, and each wildcard of a rule.
using Text = std::u32string;
using TextView = std::u32string_view;
// What a value stands for: any of these.
using Texts = std::vector<Text>;
constexpr char32_t kMany = 0x110000, kOne = 0x110001, kByte = 0x110100;

Text units(std::string_view bytes);
std::string bytes_of(const Text& text);  // of a text without wildcards
Text without_case(Text text);

// Escapes and wildcards as a rule writes them.
Text read_wildcards(std::string_view written);
// The values of `%name%`, by name.
using Placeholders = std::map<std::string, std::vector<std::string>, std::less<>>;
// The same with each placeholder's values in its place: any of these. `\%` is a percent sign.
Texts read_placeholders(std::string_view written, const Placeholders& values);
// Adds `*` on a side, unless one is there.
void open(Text& text, bool front, bool back);
// Whether all of the text is a number.
bool read_number(std::string_view text, double& out);
// Whether the whole subject fits.
bool glob(TextView pattern, TextView subject);

// What the modifier makes of a value; the value itself when it rewrites none.
Texts rewritten(const Text& text, std::string_view modifier);

}  // namespace nw::sigma::reference
