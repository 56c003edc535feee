#include "context/registry/inventory.h"

#include <gtest/gtest.h>

namespace nw::context {
namespace {

using event::Common;
using event::Value;

constexpr std::string_view kRegister = R"(version: 1
assets:
  - asset: plant
    sector: water.supply
    class: {a: C1, i: C2, c: C3}
    networks: [192.0.2.0/25]
    hosts:
      - addr: 192.0.2.10
        roles: [plc]
        protocols: [modbus]
        writers: [192.0.2.20/31]
        device: {vendor: Acme, firmware: V2.8}
      - {addr: 192.0.2.11, roles: [rtu]}
      - {addr: 192.0.2.20, roles: [hmi]}
)";

class InventoryTest : public testing::Test {
 protected:
  InventoryTest() {
    Diagnostics diagnostics;
    registry_ = Registry::load(kRegister, "r.yaml", diagnostics);
    EXPECT_TRUE(registry_) << diagnostics.to_string();
    static constexpr auto kFields = std::to_array<event::FieldSpec>({{"ics.operation", "text", ""},
                                                                     {"ics.outcome", "text", ""},
                                                                     {"device", "address", ""},
                                                                     {"device_protocol", "text", ""},
                                                                     {"vendor", "text", ""},
                                                                     {"firmware", "text", ""}});
    static constexpr std::array<std::string_view, 1> kIcs{"ics"}, kOther{"ics_part"};
    event::TypeSpec spec;
    spec.product = "normwatch";
    spec.fields = kFields;
    spec.categories = kIcs;
    for (const char* path : {"modbus", "s7comm"}) {
      spec.path = path;
      types_.push_back(schema_.add_type(spec));
    }
    spec.path = "dnp3_objects";
    spec.categories = kOther;
    types_.push_back(schema_.add_type(spec));
    spec.path = "known_device";
    spec.categories = {};
    types_.push_back(schema_.add_type(spec));
    inventory_.emplace(schema_);
  }

  enum Type : std::size_t { kModbus, kS7comm, kPart, kKnown };
  void begin(Type type) {
    event_.begin(types_[type], event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::capture);
  }
  void set(event::FieldId field, std::string_view address) {
    IpAddress parsed;
    ASSERT_TRUE(IpAddress::parse_into(address, parsed));
    event_.set(field, Value::address(parsed));
  }
  void set_text(std::string_view field, std::string_view text) {
    if (!text.empty()) event_.set(*schema_.find_field(field), Value::text(text));
  }
  void message(Type type, std::string_view from, std::string_view to, std::string_view operation,
               std::string_view outcome) {
    begin(type);
    set(common(Common::orig_h), from);
    set(common(Common::resp_h), to);
    set_text("ics.operation", operation);
    set_text("ics.outcome", outcome);
    inventory_->see(event_, schema_);
  }
  void answer(Type type, std::string_view from) { message(type, "192.0.2.20", from, "read", "ok"); }
  void says(std::string_view device, std::string_view vendor, std::string_view firmware) {
    begin(kKnown);
    set(*schema_.find_field("device"), device);
    set_text("device_protocol", "modbus");
    set_text("vendor", vendor);
    set_text("firmware", firmware);
    inventory_->see(event_, schema_);
  }
  // One line each, without what is silent.
  [[nodiscard]] std::string differences(bool silent = false) const {
    std::string out;
    for (const Difference& d : inventory_->compare(*registry_)) {
      if (d.kind == Difference::Kind::silent && !silent) continue;
      out.append(to_string(d.kind)).append(" ").append(d.address.to_string()).append(" ").append(d.asset);
      out.append(": ").append(d.detail).append("\n");
    }
    return out;
  }

  event::Schema schema_;
  std::vector<event::TypeId> types_;
  std::optional<Inventory> inventory_;
  std::shared_ptr<const Registry> registry_;
  event::Event event_;
};

TEST_F(InventoryTest, WhatIsAsDesignatedIsNoDifference) {
  answer(kModbus, "192.0.2.10");
  message(kModbus, "192.0.2.21", "192.0.2.10", "write", "");
  says("192.0.2.10", "Acme", "V2.8");
  answer(kS7comm, "192.0.2.11");
  EXPECT_EQ(differences(true), "");
  EXPECT_EQ(inventory_->devices(), 2U);
}

TEST_F(InventoryTest, Differences) {
  answer(kModbus, "192.0.2.30");
  answer(kS7comm, "192.0.2.30");
  says("192.0.2.30", "Other", "1");
  answer(kModbus, "203.0.113.4");
  answer(kModbus, "192.0.2.20");
  answer(kS7comm, "192.0.2.10");
  says("192.0.2.10", "Acme", "V3.1");
  message(kModbus, "192.0.2.99", "192.0.2.10", "write", "");
  message(kModbus, "192.0.2.99", "192.0.2.10", "stop", "");
  message(kModbus, "192.0.2.98", "192.0.2.10", "read", "");
  EXPECT_EQ(differences(true),
            "undesignated 192.0.2.30 plant: answers in modbus, s7comm; vendor: Other; firmware: 1\n"
            "foreign 203.0.113.4 : answers in modbus\n"
            "role 192.0.2.20 plant: answers in modbus; its roles: hmi\n"
            "protocol 192.0.2.10 plant: answers in s7comm\n"
            "device 192.0.2.10 plant: firmware: 'V2.8' in the register, says 'V3.1'\n"
            "writer 192.0.2.10 plant: 2 commands from 192.0.2.99\n"
            "silent 192.0.2.11 plant: its roles: rtu\n");
}

TEST_F(InventoryTest, OnlyWhoAnswersIsADevice) {
  static constexpr struct {
    const char *name, *operation, *outcome;
    Type type;
    const char* want;
  } kCases[] = {
      {"a read", "read", "", kModbus, ""},
      {"a command", "write", "", kModbus, ""},
      {"given up", "read", "no answer", kModbus, ""},
      {"a part of a message", "read", "ok", kPart, ""},
      {"refused", "read", "refused", kModbus, "undesignated 192.0.2.40 plant: answers in modbus\n"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    inventory_.emplace(schema_);
    message(c.type, "192.0.2.20", "192.0.2.40", c.operation, c.outcome);
    EXPECT_EQ(differences(), c.want);
  }
}

TEST_F(InventoryTest, WhatADeviceSaysIsMadePrintable) {
  says("192.0.2.50", "a\nb", "");
  EXPECT_EQ(differences(), "undesignated 192.0.2.50 plant: answers in modbus; vendor: a\\x0ab\n");
}

TEST_F(InventoryTest, OneThatSaysTwoThingsDiffers) {
  says("192.0.2.10", "Acme", "V2.8");
  says("192.0.2.10", "Acme", "V2.9");
  EXPECT_EQ(differences(), "device 192.0.2.10 plant: firmware: 'V2.8' in the register, says 'V2.8, V2.9'\n");
}

TEST_F(InventoryTest, IsBounded) {
  for (std::size_t i = 0; i < 2 * Inventory::kEachMax; ++i) says("192.0.2.10", "Acme", std::to_string(i));
  EXPECT_EQ(inventory_->left_out(), Inventory::kEachMax);
  for (unsigned i = 0; i < 2 * Inventory::kEachMax; ++i)
    message(kModbus, "10.0.0." + std::to_string(i), "192.0.2.10", "write", "");
  EXPECT_EQ(inventory_->left_out(), 2 * Inventory::kEachMax);
}

}  // namespace
}  // namespace nw::context
