#include "record/reporting/predicate.h"

#include <gtest/gtest.h>

namespace nw::reporting {
namespace {

Predicate flag(const char* name, bool want = true) {
  return {Predicate::Kind::is, name, std::string{name} + " title", "", 0, want, {}};
}
Predicate number(Predicate::Kind kind, const char* name, double than) {
  return {kind, name, std::string{name} + " title", "minutes", than, true, {}};
}
Predicate group(Predicate::Kind kind, std::vector<Predicate> parts, double least = 0) {
  return {kind, "", "", "", least, true, std::move(parts)};
}

// Values of a, b and c: 'y', 'n', '?' (nobody has stated it).
Facts facts_of(const std::string& values) {
  Facts out;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] != '?') out.values[std::string(1, static_cast<char>('a' + i))] = values[i] == 'y';
  return out;
}

TEST(Predicate, WhatIsUnknownStaysUnknownUnlessItDoesNotMatter) {
  using enum Predicate::Kind;
  static constexpr struct {
    Predicate::Kind kind;
    double least;
    const char* values;
    Truth want;
  } kCases[] = {
      {all, 0, "yyy", Truth::yes},  {all, 0, "yy?", Truth::unknown},  {all, 0, "n??", Truth::no},
      {any, 0, "nnn", Truth::no},   {any, 0, "nn?", Truth::unknown},  {any, 0, "y??", Truth::yes},
      {some, 2, "yy?", Truth::yes}, {some, 2, "y?n", Truth::unknown}, {some, 2, "y??", Truth::unknown},
      {some, 2, "nn?", Truth::no},  {some, 2, "ynn", Truth::no},      {some, 3, "yyy", Truth::yes},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.values} + ' ' + std::to_string(static_cast<int>(c.kind)));
    const Predicate p = group(c.kind, {flag("a"), flag("b"), flag("c")}, c.least);
    EXPECT_EQ(judge(p, facts_of(c.values)).truth, c.want);
    const Truth opposite = c.want == Truth::unknown ? Truth::unknown : c.want == Truth::yes ? Truth::no : Truth::yes;
    EXPECT_EQ(judge(group(negated, {p}), facts_of(c.values)).truth, opposite);
  }
}

TEST(Predicate, ComparesNumbers) {
  using enum Predicate::Kind;
  static constexpr struct {
    Predicate::Kind kind;
    double value;
    Truth want;
  } kCases[] = {
      {more_than, 30, Truth::no},  {more_than, 30.000001, Truth::yes}, {at_least, 30, Truth::yes},
      {at_least, 29.9, Truth::no}, {less_than, 30, Truth::no},         {less_than, 29, Truth::yes},
      {at_most, 30, Truth::yes},   {at_most, 31, Truth::no},
  };
  for (const auto& c : kCases) {
    Facts facts;
    facts.values["t"] = c.value;
    EXPECT_EQ(judge(number(c.kind, "t", 30), facts).truth, c.want) << c.value;
  }
  // A fact of the wrong type says nothing.
  Facts wrong;
  wrong.values["t"] = true;
  EXPECT_EQ(judge(number(more_than, "t", 0), wrong).truth, Truth::unknown);
  wrong.values["a"] = 1.0;
  EXPECT_EQ(judge(flag("a"), wrong).truth, Truth::unknown);
}

TEST(Predicate, GivesItsReasons) {
  using enum Predicate::Kind;
  Facts facts = facts_of("y");
  facts.values["t"] = 45.5;
  facts.roles.insert("cloud");
  const Judged yes = judge(group(all, {number(more_than, "t", 30), flag("a")}), facts);
  EXPECT_EQ(yes.because,
            (std::vector<std::string>{"t title: 45.5 minutes (more than 30 minutes: yes)", "a title: yes"}));
  EXPECT_TRUE(yes.missing.empty());
  const Judged open = judge(group(all, {number(more_than, "t", 30), flag("b"), flag("c"), flag("b")}), facts);
  EXPECT_EQ(open.truth, Truth::unknown);
  EXPECT_EQ(open.missing, (std::vector<std::string>{"b title", "c title"}));
  Predicate cloud{Predicate::Kind::role, "cloud", "cloud provider", "", 0, true, {}};
  EXPECT_EQ(judge(cloud, facts).truth, Truth::yes);
  EXPECT_EQ(judge(cloud, Facts{}).truth, Truth::no);
  EXPECT_EQ(to_text(group(any, {group(all, {flag("a"), flag("b", false)}), group(negated, {cloud})})),
            "(a title: yes, and b title: no), or not (cloud provider)");
  EXPECT_EQ(to_text(group(some, {flag("a"), flag("b")}, 2)), "2 of: a title: yes, or b title: yes");
}

TEST(Predicate, WritesNumbersPlainly) {
  EXPECT_EQ(number_text(500000), "500000");
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(-2.5), "-2.5");
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(1e300).size(), 301U);
}

}  // namespace
}  // namespace nw::reporting
