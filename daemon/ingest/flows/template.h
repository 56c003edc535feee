// Templates: how the records of a data set are laid out (RFC 3954 section 5, RFC 7011 section 3.4), and the plan that
// is made of one for what is wanted at the time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "event/schema.h"
#include "ingest/flows/record.h"

namespace nw::flows {

constexpr std::size_t kFieldsMax = 1024;          // of a template
constexpr std::uint16_t kVariableLength = 65535;  // RFC 7011 section 3.2

struct TemplateField {
  std::uint32_t enterprise = 0;
  std::uint16_t id = 0;
  std::uint16_t length = 0;
  friend bool operator==(const TemplateField&, const TemplateField&) = default;
};

struct Layout {
  std::vector<TemplateField> fields;  // the scope's first
  std::uint16_t scope_fields = 0;
  bool options = false;
  friend bool operator==(const Layout&, const Layout&) = default;
};

// What of a record is worth reading.
struct Needs {
  SlotSet slots;
  bool all = false;  // also elements without a name of ours
  // For those that are named in a rule: both outlive the needs, or are null.
  const event::Schema* schema = nullptr;
  const event::Interest* interest = nullptr;
  event::TypeId type{};
};

// Reads records of one layout. What nobody needs is stepped over, several fields at once where their lengths are fixed.
class Plan {
 public:
  Plan() = default;
  Plan(const Layout& layout, const Needs& needs);

  // The least that a record has; 0: it has nothing.
  [[nodiscard]] std::size_t octets_min() const noexcept { return octets_min_; }
  // One record from the front of `in`; it is cleared first. False: it ends inside the record.
  bool read(ByteReader& in, Record& record) const;

 private:
  struct Step {
    std::uint32_t skip = 0;  // octets before the field
    std::uint16_t length = 0;
    std::uint8_t slot = kNoSlot;
    Shape shape = Shape::padding;
    bool extra = false;
    std::uint16_t name = 0;
  };
  void store(const Step& step, Bytes octets, Record& record) const;

  std::vector<Step> steps_;
  std::vector<std::string> names_;  // of the extras
  std::vector<event::FieldId> fields_;
  std::uint32_t tail_ = 0;  // octets behind the last step
  std::size_t octets_min_ = 0;
};

// One value of the shape; false: the octets do not hold one.
bool read_value(Shape shape, Bytes octets, event::Value& out) noexcept;

}  // namespace nw::flows
