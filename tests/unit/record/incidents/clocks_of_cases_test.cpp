// Which incidents reporting clocks may run for.
#include "cases_support.h"

namespace nw::record::test {
namespace {

using std::chrono::minutes;

TEST(ClocksOfCases, OnlyWhatPeopleStated) {
  Fed fed{minutes{1}};
  for (std::uint64_t i = 0; i < 4; ++i)
    fed.alert(alert_by(i, std::string(1, static_cast<char>(0x61 + i)), std::string(1, static_cast<char>(0x72 + i))));
  using Ids = std::vector<std::string>;
  EXPECT_EQ(*fed.store().with_clocks(9), Ids{});
  fed.act(act_on(id_of(1), ActKind::note, {{"text", "x"}}));
  EXPECT_EQ(*fed.store().with_clocks(9), Ids{}) << "a note starts no clock";
  const std::pair<std::string, std::string> aware{"moment", "aware_at"}, time{"time", "2026-01-15T08:00:00Z"};
  fed.act(act_on(id_of(1), ActKind::moment, {aware, time}));
  fed.act(act_on(id_of(3), ActKind::sent, {{"regime", "nis2"}, {"stage", "early_warning"}, time}));
  fed.act(act_on(id_of(3), ActKind::moment, {aware, time}));
  EXPECT_EQ(*fed.store().with_clocks(9), (Ids{id_of(3), id_of(1)})) << "the newest first, each once";
  EXPECT_EQ(*fed.store().with_clocks(1), Ids{id_of(3)});
  // What counts elsewhere takes its clocks with it.
  fed.act(act_on(id_of(3), ActKind::merge, {{"into", id_of(2)}}));
  EXPECT_EQ(*fed.store().with_clocks(9), (Ids{id_of(2), id_of(1)}));
  fed.act(act_on(id_of(2), ActKind::merge, {{"into", id_of(4)}}));
  EXPECT_EQ(*fed.store().with_clocks(9), (Ids{id_of(4), id_of(1)}));
}

}  // namespace
}  // namespace nw::record::test
