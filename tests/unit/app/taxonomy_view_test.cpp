#include "app/taxonomy_view.h"

#include <gtest/gtest.h>

namespace nw::app {
namespace {

TaxonomyView view_of(const TaxonomyKind& kind) {
  Diagnostics diagnostics;
  TaxonomyView view;
  EXPECT_TRUE(kind.view({}, diagnostics, view)) << kind.name << diagnostics.to_string();
  EXPECT_EQ(diagnostics.to_string(), "");
  return view;
}

TEST(TaxonomyView, EveryOneIsEmbeddedAndShowsItsEntries) {
  ASSERT_EQ(taxonomies().size(), 5U);
  for (const TaxonomyKind& kind : taxonomies()) {
    SCOPED_TRACE(kind.name);
    EXPECT_EQ(*find_taxonomy(kind.name), &kind);
    const TaxonomyView view = view_of(kind);
    EXPECT_FALSE(view.version.empty());
    EXPECT_GE(view.entries.size(), 4U);
    for (const TaxonomyEntry& entry : view.entries) {
      const auto found = find_entry(kind, view, entry.id);
      ASSERT_TRUE(found) << entry.id;
      EXPECT_EQ(*found, &entry) << entry.id;
    }
  }
}

TEST(TaxonomyView, FindsEntriesByTheirOtherNames) {
  static constexpr struct {
    const char *taxonomy, *entry, *want;
  } kCases[] = {
      {"tlp", "TLP:WHITE", "clear"},
      {"tlp", "amber+strict", "amber+strict"},
      {"pap", "PAP:RED", "red"},
      {"rsit", "rsit.availability.dos", "availability.dos"},
      {"rsit", "rsit:availability=\"dos\"", "availability.dos"},
      {"rsit", "intelmq:tor", "intelmq:tor"},
      {"sectors", "Water.Supply", "water.supply"},
      {"attack", "T1562.001", "t1562.001"},
      {"attack", "attack.stealth", "stealth"},
  };
  for (const auto& c : kCases) {
    const auto kind = find_taxonomy(c.taxonomy);
    ASSERT_TRUE(kind);
    const TaxonomyView view = view_of(**kind);
    const auto entry = find_entry(**kind, view, c.entry);
    ASSERT_TRUE(entry) << c.entry;
    EXPECT_EQ((*entry)->id, c.want);
  }
}

TEST(TaxonomyView, NamesTheNearest) {
  EXPECT_EQ(find_taxonomy("sector").error().what,
            "no taxonomy is called 'sector' (did you mean 'sectors'?); 'normwatch taxonomy list' lists them");
  const TaxonomyKind& sectors = **find_taxonomy("sectors");
  EXPECT_EQ(find_entry(sectors, view_of(sectors), "water.suply").error().what,
            "'water.suply' is not in the taxonomy 'sectors' (did you mean 'water.supply'?)");
}

TEST(TaxonomyView, Texts) {
  const TaxonomyEntry entry{"a", "the \"A\"", {}, {{"also called", {"b", "c"}}}};
  EXPECT_EQ(entry_text(entry), "a  the \"A\"\n  also called: b, c\n");
  EXPECT_EQ(entry_json(entry), R"({"id":"a","title":"the \"A\"","also_called":["b","c"]})");
  EXPECT_EQ(entries_text({"1", {entry, {"long", "L", {}, {}}}}), "a     the \"A\"\nlong  L\n");
}

TEST(TaxonomyView, AFileThatIsNotThereIsAFault) {
  Config config;
  config.taxonomy.extra = {"/nonexistent/sectors-at.yaml"};
  Diagnostics diagnostics;
  TaxonomyView view;
  EXPECT_FALSE((*find_taxonomy("sectors"))->view(config, diagnostics, view));
  EXPECT_NE(diagnostics.to_string().find("sectors-at.yaml: unreadable"), std::string::npos) << diagnostics.to_string();
}

}  // namespace
}  // namespace nw::app
