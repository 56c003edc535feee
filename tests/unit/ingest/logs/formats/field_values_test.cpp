#include "ingest/logs/formats/field_values.h"

#include <array>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "ingest/logs/formats/pair_fields.h"

namespace nw::logs {
namespace {

TEST(FieldValues, ByKindWhereTheTextIsOne) {
  struct Case {
    FieldKind kind;
    const char* text;
    event::Value::Kind want;
    const char* told;
  };
  using K = event::Value::Kind;
  static constexpr Case kCases[] = {
      {FieldKind::address, "192.0.2.7", K::address, "192.0.2.7"},
      {FieldKind::address, "2001:DB8::7", K::address, "2001:db8::7"},
      {FieldKind::address, "gw7", K::text, "gw7"},
      {FieldKind::integer, "502", K::integer, "502"},
      {FieldKind::integer, "-1", K::integer, "-1"},
      {FieldKind::integer, "0", K::integer, "0"},
      {FieldKind::integer, "0502", K::text, "0502"},
      {FieldKind::integer, "99999999999999999999", K::text, "99999999999999999999"},
      {FieldKind::integer, "5 m", K::text, "5 m"},
      {FieldKind::real, "0.5", K::real, "0.5"},
      {FieldKind::real, "inf", K::text, "inf"},
      {FieldKind::text, "502", K::text, "502"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.text);
    const event::Value value = value_of(c.kind, c.text);
    EXPECT_EQ(value.kind(), c.want);
    EXPECT_EQ(value.to_text(), c.told);
  }
  EXPECT_EQ(kind_of("address"), FieldKind::address);
  EXPECT_EQ(kind_of("list of text"), FieldKind::text);
}

TEST(FieldValues, ProtocolsAsZeekNamesThem) {
  for (const auto& [text, want] :
       std::to_array<std::array<std::string_view, 2>>({{"6", "tcp"},
                                                       {"TCP", "tcp"},
                                                       {"17", "udp"},
                                                       {"58", "icmp"},
                                                       {"ICMPv6", "icmp"},
                                                       {"132", "sctp"},
                                                       {"HOPOPT", "HOPOPT"},
                                                       {"255", "255"},
                                                       {"", ""},
                                                       {"a protocol with a long name", "a protocol with a long name"}}))
    EXPECT_EQ(protocol_named(text), want);
}

TEST(FieldValues, BlockedByTheAction) {
  for (const auto& [text, want] : std::to_array<std::array<std::string_view, 2>>({{"accept", "false"},
                                                                                  {"Deny", "true"},
                                                                                  {"reset-both", "true"},
                                                                                  {"client-rst", "false"},
                                                                                  {"drop ICMP", "true"},
                                                                                  {"perf-stats", ""},
                                                                                  {"", ""}}))
    EXPECT_EQ(blocked_by(text), want) << text;
}

constexpr auto kFields =
    std::to_array<event::FieldSpec>({{"src", "address", ""}, {"a long name of a field", "text", ""}});
constexpr auto kRoles =
    std::to_array<RoleName>({{"dvc", Role::host_second}, {"dvchost", Role::host}, {"src", Role::orig_h}});

TEST(PairFields, FieldsAndRoles) {
  const auto fields = std::make_unique<PairFields>(kFields, kRoles);
  ASSERT_NE(fields->find("src"), nullptr);
  EXPECT_EQ(fields->find("src")->local, 0);
  EXPECT_EQ(fields->find("src")->kind, FieldKind::address);
  EXPECT_EQ(fields->find("src")->role, Role::orig_h);
  ASSERT_NE(fields->find("dvc"), nullptr);
  EXPECT_EQ(fields->find("dvc")->local, PairFields::Field::kUndeclared);
  EXPECT_EQ(fields->find("a long name of a field")->local, 1);
  EXPECT_EQ(fields->find("a long name 0f a field"), nullptr);
  EXPECT_EQ(fields->find(""), nullptr);

  const std::array<KeyValue, 4> pairs{{{"src", "192.0.2.1"}, {"dvc", "192.0.2.9"}, {"src", ""}, {"other", "x"}}};
  fields->note(pairs);
  EXPECT_EQ(fields->said(Role::orig_h), "192.0.2.1");
  EXPECT_EQ(fields->said(Role::host), "");
  EXPECT_EQ(fields->said(Role::host, Role::host_second), "192.0.2.9");
  EXPECT_EQ(fields->ends().orig_h, "192.0.2.1");
  EXPECT_EQ(fields->field(3), nullptr);
  fields->note({});
  EXPECT_EQ(fields->said(Role::orig_h), "");
}

}  // namespace
}  // namespace nw::logs
