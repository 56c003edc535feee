// rules/README.md says what rules there are, and what those may read that nothing feeds yet: it must say what the
// program does.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "detect/liveness/scope.h"
#include "event/later_types.h"
#include "source_directory.h"

namespace nw {
namespace {

namespace fs = std::filesystem;

std::string readme() {
  std::ostringstream text;
  text << std::ifstream{std::string{source_directory()} + "/rules/README.md"}.rdbuf();
  return text.str();
}

TEST(RulesReadme, HasTheEventsOfLaterParts) {
  const std::string text = readme();
  for (const event::TypeSpec& type : event::later_types()) {
    SCOPED_TRACE(type.path);
    const std::string head = "| `" + std::string{type.services[0]} + "`, `" + std::string{type.categories[0]} + "` | ";
    const std::size_t at = text.find(head);
    ASSERT_NE(at, std::string::npos) << "a row that begins " << head;
    std::string fields;
    for (const event::FieldSpec& field : type.fields)
      fields += (fields.empty() ? "" : "; ") + ("`" + std::string{field.name}) + "` (" + std::string{field.type} +
                "): " + std::string{field.help};
    const std::string row = text.substr(at, text.find('\n', at) - at);
    EXPECT_TRUE(row.ends_with(" | " + fields + " |")) << row << "\nmust end with\n" << fields;
  }
}

TEST(RulesReadme, HasTheFieldsOfScope) {
  const std::string text = readme();
  for (const event::FieldSpec& field : liveness::scope_type().fields)
    EXPECT_NE(text.find('`' + std::string{field.name} + '`'), std::string::npos) << field.name;
}

TEST(RulesReadme, NamesEveryRule) {
  const std::string text = readme();
  const fs::path rules = fs::path{source_directory()} / "rules";
  for (const auto& entry : fs::recursive_directory_iterator{rules}) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".yml") || name.ends_with(".test.yml")) continue;
    const std::string rule = fs::relative(entry.path(), rules).replace_extension().string();
    EXPECT_NE(text.find('`' + rule + '`'), std::string::npos) << rule << " is not in the table";
  }
}

}  // namespace
}  // namespace nw
