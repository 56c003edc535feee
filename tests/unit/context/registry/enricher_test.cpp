#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "context/registry/registry.h"
#include "source_directory.h"

namespace nw::context {
namespace {

using event::Common;
using event::Value;

constexpr std::string_view kRegister = R"(version: 1
territory: [198.18.0.0/15]
assets:
  - asset: plant
    sector: water.supply
    class: {a: C1, i: C2, c: C3}
    flags: [indispensable, safety_system]
    networks: [192.0.2.0/25]
    zones: {192.0.2.0/26: ot}
    hosts:
      - {addr: 192.0.2.10, roles: [plc, gateway], writers: [192.0.2.20/31]}
      - {addr: 192.0.2.20, name: hmi1, roles: [hmi]}
      - {addr: 192.0.2.40}
  - asset: team
    sector: response.cert
    class: {a: C2, i: C1, c: C1}
    networks: [198.51.100.0/26]
)";

class EnricherTest : public testing::Test {
 protected:
  EnricherTest() {
    Diagnostics diagnostics;
    registry_ = Registry::load(kRegister, "r.yaml", diagnostics);
    EXPECT_TRUE(registry_) << diagnostics.to_string();
    event::TypeSpec spec;
    spec.path = "x";
    spec.product = "normwatch";
    type_ = schema_.add_type(spec);
    all_.want_all(type_);
  }

  void begin() { event_.begin(type_, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::capture); }
  void flow(std::string_view from, std::string_view to) {
    begin();
    set_address(Common::orig_h, from);
    set_address(Common::resp_h, to);
  }
  void set_address(Common field, std::string_view text) {
    IpAddress address;
    if (!text.empty() && IpAddress::parse_into(text, address)) event_.set(common(field), Value::address(address));
  }
  void set_text(Common field, std::string_view text) { event_.set(common(field), Value::text(text)); }

  // The nw.* fields as "name=value" with a space between, in the order set; without nw.maint (maintenance_test.cpp).
  std::string enriched(const event::Interest& interest) {
    Enrichment{enricher_, *registry_, interest}.enrich(event_);
    std::string out;
    for (const auto& entry : event_.entries()) {
      const std::string_view name = schema_.field_name(entry.field);
      if (!name.starts_with("nw.") || name == "nw.maint") continue;
      if (!out.empty()) out += ' ';
      out.append(name.substr(3)).append("=").append(entry.value.to_text());
    }
    return out;
  }

  event::Schema schema_;
  Enricher enricher_{schema_};
  event::TypeId type_{};
  event::Interest all_;
  std::shared_ptr<const Registry> registry_;
  event::Event event_;
};

TEST_F(EnricherTest, Flows) {
  static constexpr struct {
    const char *name, *from, *to, *want;
  } kCases[] = {
      {"from outside to a controller", "203.0.113.5", "192.0.2.10",
       "src.territory=foreign dst.territory=own dst.asset=plant dst.role=plc,gateway dst.sector=water.supply "
       "dst.class=C1 dst.flags=indispensable,safety_system dst.zone=ot dir=in writer_ok=false"},
      {"allowed writer", "192.0.2.21", "192.0.2.10",
       "src.territory=own src.asset=plant src.sector=water.supply src.class=C1 src.flags=indispensable,safety_system "
       "src.zone=ot dst.territory=own dst.asset=plant dst.role=plc,gateway dst.sector=water.supply dst.class=C1 "
       "dst.flags=indispensable,safety_system dst.zone=ot dir=internal writer_ok=true"},
      {"host that states no writers", "198.18.0.1", "192.0.2.40",
       "src.territory=own dst.territory=own dst.asset=plant dst.sector=water.supply dst.class=C1 "
       "dst.flags=indispensable,safety_system dst.zone=ot dir=in"},
      {"network without a zone, without flags on the other side", "192.0.2.100", "198.51.100.9",
       "src.territory=own src.asset=plant src.sector=water.supply src.class=C1 src.flags=indispensable,safety_system "
       "dst.territory=own dst.asset=team dst.sector=response.cert dst.class=C1 dir=lateral"},
      {"out", "198.51.100.9", "203.0.113.5",
       "src.territory=own src.asset=team src.sector=response.cert src.class=C1 dst.territory=foreign dir=out"},
      {"neither", "10.0.0.1", "203.0.113.5", "src.territory=unknown dst.territory=foreign"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    flow(c.from, c.to);
    EXPECT_EQ(enriched(all_), c.want);
  }
}

TEST_F(EnricherTest, LogLines) {
  static constexpr struct {
    const char *name, *from, *host, *want;
  } kCases[] = {
      {"host by its name", "", "HMI1",
       "dst.territory=own dst.asset=plant dst.role=hmi dst.sector=water.supply dst.class=C1 "
       "dst.flags=indispensable,safety_system dst.zone=ot"},
      {"host by its address, with an originator", "203.0.113.7", "198.51.100.3",
       "src.territory=foreign dst.territory=own dst.asset=team dst.sector=response.cert dst.class=C1 dir=in"},
      {"host that nobody knows", "203.0.113.7", "elsewhere", "src.territory=foreign"},
      {"nothing at all", "", "", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    begin();
    set_address(Common::orig_h, c.from);
    set_text(Common::host, c.host);
    EXPECT_EQ(enriched(all_), c.want);
  }
}

TEST_F(EnricherTest, TheResponderComesBeforeTheHost) {
  flow("203.0.113.5", "203.0.113.6");
  set_text(Common::host, "hmi1");  // the sensor that wrote the record, say
  EXPECT_EQ(enriched(all_), "src.territory=foreign dst.territory=foreign");
}

TEST_F(EnricherTest, AddressesAsText) {
  begin();
  set_text(Common::orig_h, "203.0.113.5");
  set_text(Common::resp_h, "198.51.100.3");
  EXPECT_EQ(enriched(all_),
            "src.territory=foreign dst.territory=own dst.asset=team dst.sector=response.cert dst.class=C1 dir=in");
  begin();
  set_text(Common::orig_h, "no address");
  event_.set(common(Common::resp_h), Value::integer(7));
  EXPECT_EQ(enriched(all_), "");
}

TEST_F(EnricherTest, SetsOnlyWhatIsWanted) {
  static constexpr struct {
    const char *field, *want;
  } kCases[] = {
      {"nw.src.territory", "src.territory=foreign"},
      {"nw.dst.asset", "dst.asset=plant"},
      {"nw.dst.role", "dst.role=plc,gateway"},
      {"nw.writer_ok", "writer_ok=false"},
      {"nw.dir", "dir=in"},
      {"nw.src.asset", ""},
      {"ts", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.field);
    event::Interest interest;
    interest.want(type_, *schema_.find_field(c.field));
    flow("203.0.113.5", "192.0.2.10");
    EXPECT_EQ(enriched(interest), c.want);
  }
  flow("203.0.113.5", "192.0.2.10");
  EXPECT_EQ(enriched(event::Interest{}), "");
}

TEST_F(EnricherTest, TextsBorrowFromTheRegister) {
  flow("203.0.113.5", "192.0.2.10");
  Enrichment{enricher_, *registry_, all_}.enrich(event_);
  const Asset* asset = registry_->find_asset("plant");
  EXPECT_EQ(event_.get(*schema_.find_field("nw.dst.sector"))->as_text().data(), asset->sector.data());
  EXPECT_EQ(event_.get(*schema_.find_field("nw.dst.role"))->as_list()[1].as_text().data(),
            asset->hosts[0].roles[1].data());
}

// Whoever spends the event's memory loses the lists, not the process.
TEST_F(EnricherTest, WithoutMemoryTheListsStayAway) {
  flow("203.0.113.5", "192.0.2.10");
  while (!event_.arena().make<Value>(1000).empty()) {
  }
  while (!event_.arena().make<Value>(1).empty()) {
  }
  EXPECT_EQ(enriched(all_),
            "src.territory=foreign dst.territory=own dst.asset=plant dst.sector=water.supply dst.class=C1 dst.zone=ot "
            "dir=in writer_ok=false");
}

TEST_F(EnricherTest, AssetOf) {
  static constexpr struct {
    const char *name, *from, *to, *host, *want;
  } kCases[] = {
      {"responder", "203.0.113.5", "192.0.2.10", "", "plant"},
      {"originator", "192.0.2.10", "203.0.113.5", "", "plant"},
      {"of two the responder", "192.0.2.10", "198.51.100.1", "", "team"},
      {"the host of a log line", "198.51.100.1", "", "hmi1", "plant"},
      {"its originator, when the host is unknown", "198.51.100.1", "", "other", "team"},
      {"neither", "203.0.113.5", "203.0.113.6", "", ""},
      {"nothing", "", "", "", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    flow(c.from, c.to);
    if (*c.host != '\0') set_text(Common::host, c.host);
    const Asset* asset = Enricher::asset_of(event_, *registry_);
    EXPECT_EQ(asset == nullptr ? "" : asset->id, c.want);
  }
}

TEST_F(EnricherTest, EveryFieldIsInTheSchemaOnce) {
  std::set<std::string_view> names;
  for (const event::FieldSpec& field : Enricher::fields()) {
    EXPECT_TRUE(schema_.find_field(field.name)) << field.name;
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    EXPECT_FALSE(field.help.empty());
  }
  EXPECT_EQ(names.size(), 19U);
}

// What rule writers read must be what there is.
TEST_F(EnricherTest, TheRulesReadmeListsEveryField) {
  std::ifstream in{std::string{source_directory()} + "/rules/README.md"};
  std::ostringstream text;
  text << in.rdbuf();
  for (const event::FieldSpec& field : Enricher::fields()) {
    const std::string source_end{field.name};
    EXPECT_NE(text.str().find('`' + source_end + '`'), std::string::npos) << field.name;
  }
}

}  // namespace
}  // namespace nw::context
