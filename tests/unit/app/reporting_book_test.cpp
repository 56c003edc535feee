// The regimes that a configuration names.
#include "reporting_support.h"

namespace nw::app {
namespace {

TEST(ReportingBook, OfTheConfiguration) {
  const auto book = book_of({"nis2", "dora"}, {"cloud"});
  ASSERT_TRUE(book);
  EXPECT_EQ(book->regimes.size(), 2U);
  EXPECT_EQ(book->find("dora"), book->regimes[1]);
  EXPECT_EQ(book->find("cra"), nullptr);
  EXPECT_EQ(book->roles, std::vector<std::string>{"cloud"});
  EXPECT_TRUE(book_of({})->regimes.empty());
}

TEST(ReportingBook, Refuses) {
  static const struct {
    const char* name;
    std::vector<std::string> regimes, roles;
    const char* want;
  } kCases[] = {
      {"unknown", {"nis"}, {}, "unknown-regime: no reporting regime is called so (did you mean 'nis2'?)"},
      {"no such file", {"./none.yaml"}, {}, "./none.yaml: unreadable"},
      {"twice", {"nis2", "nis2"}, {}, "duplicate-regime: 'reporting.regimes' names nis2 twice"},
      {"a role",
       {"nis2"},
       {"clod"},
       "unknown-role: 'reporting.roles': no regime of 'reporting.regimes' knows 'clod' "
       "(did you mean 'cloud'?)"},
      {"a role of another regime", {"dora"}, {"cloud"}, "unknown-role"},
      {"too many", std::vector<std::string>(kReportingRegimesMax + 1, "nis2"), {}, "out-of-range"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    EXPECT_EQ(load_reporting_book({c.regimes, c.roles}, "n.yaml", diagnostics), nullptr);
    EXPECT_NE(diagnostics.to_string().find(c.want), std::string::npos) << diagnostics.to_string();
  }
  // A regime that cannot be read is said once; its roles are no second fault.
  Diagnostics diagnostics;
  EXPECT_EQ(load_reporting_book({{"nis"}, {"cloud"}}, "n.yaml", diagnostics), nullptr);
  EXPECT_EQ(diagnostics.errors(), 1U);
}

TEST(ReportingBook, ThoseThatAreFiles) {
  EXPECT_EQ(reporting_files({{"nis2", "./a.yaml", "b/c", "dora", "own.yaml"}, {}}),
            (std::vector<std::string>{"./a.yaml", "b/c", "own.yaml"}));
}

}  // namespace
}  // namespace nw::app
