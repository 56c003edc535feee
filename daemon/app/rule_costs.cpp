#include "app/rule_costs.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <tuple>

#include "detect/sigma/explain.h"

namespace nw::app {

namespace {

// Of the kind of event on which the rule costs most.
std::string_view cost_class(const sigma::RuleSet& rules, std::size_t rule, const event::Schema& schema) {
  sigma::CostClass worst = sigma::CostClass::hashed;
  for (const sigma::RulePlan& plan : sigma::plans(rules, rule, schema)) worst = std::max(worst, plan.cost);
  return sigma::to_string(worst);
}

}  // namespace

std::vector<std::size_t> dearest(const std::vector<sigma::RuleCost>& costs, std::size_t most) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < costs.size(); ++i)
    if (costs[i].evaluations != 0) out.push_back(i);
  std::ranges::stable_sort(out, [&](std::size_t a, std::size_t b) {
    return std::tie(costs[a].ticks, costs[a].evaluations) > std::tie(costs[b].ticks, costs[b].evaluations);
  });
  if (out.size() > most) out.resize(most);
  return out;
}

boost::json::object to_json(const RuleCosts& costs, const sigma::RuleSet& rules, const event::Schema& schema,
                            std::size_t most) {
  std::uint64_t ticks = 0, evaluated = 0;
  for (const sigma::RuleCost& cost : costs.costs) {
    ticks += cost.ticks;
    evaluated += cost.evaluations == 0 ? 0U : 1U;
  }
  boost::json::array rows;
  for (const std::size_t rule : dearest(costs.costs, most)) {
    const sigma::RuleCost& cost = costs.costs[rule];
    const sigma::RuleInfo& info = rules.info(rule);
    const double each = cost.sampled == 0 ? 0 : static_cast<double>(cost.ticks) / static_cast<double>(cost.sampled);
    rows.push_back(boost::json::object{{"id", info.id},
                                       {"title", info.title},
                                       {"cost", cost_class(rules, rule, schema)},
                                       {"evaluations", cost.evaluations},
                                       {"sampled", cost.sampled},
                                       {"seconds", estimated_seconds(cost.ticks)},
                                       {"nanoseconds_each", each},
                                       {"matches", rule < costs.matches.size() ? costs.matches[rule] : 0}});
  }
  return {{"events", costs.events},
          {"seconds", estimated_seconds(ticks)},
          {"look_up_seconds", estimated_seconds(costs.look_up_ticks)},
          {"evaluated", evaluated},
          {"rules", std::move(rows)}};
}

}  // namespace nw::app
