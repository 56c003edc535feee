// Names made numbers: fields and kinds of events, known before the first event comes.
//
// A schema only grows. A reload copies the running one and adds to the copy, so a number means the same thing for the
// life of the process, and parsers that resolved their fields once stay right.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nw::event {

enum class FieldId : std::uint16_t {};
enum class TypeId : std::uint16_t {};
constexpr FieldId kNoField{0xffff};

constexpr std::size_t index(FieldId id) noexcept { return static_cast<std::size_t>(id); }
constexpr std::size_t index(TypeId id) noexcept { return static_cast<std::size_t>(id); }

// How a parser declares a field: the table that docs, schema and the dormant-rule check read.
struct FieldSpec {
  std::string_view name;  // Zeek's name where Zeek has one: "id.orig_h"
  std::string_view type;  // "text", "integer", "real", "boolean", "address", "time", "interval", "list of text", ...
  std::string_view help;
};

// A kind of event and its Sigma log source. An event answers to every service and category listed.
struct TypeSpec {
  std::string_view path;  // Zeek's log name and our `_path`: "dns", "modbus", "conn", "syslog"
  std::string_view product;
  std::span<const std::string_view> services;
  std::span<const std::string_view> categories;
  std::span<const FieldSpec> fields;  // besides the common ones
  bool open = false;                  // it may carry fields that nobody declared (JSON lines)
  bool structured = false;            // its raw line is no text that people wrote (JSON)
  std::string_view open_below = {};   // undeclared fields that it may carry begin so: "sd."; empty: see `open`
};

// A Sigma log source; a dimension that is empty is one that the events do not have.
struct LogSourceName {
  std::string product, service, category;
  friend bool operator==(const LogSourceName&, const LogSourceName&) = default;
};

// Rules that name one field read another on events of a type.
struct FieldAlias {
  FieldId named, carried;
  friend bool operator==(const FieldAlias&, const FieldAlias&) = default;
};

struct Type {
  // Whether its events may have a field that nobody declared, under this name.
  [[nodiscard]] bool open_to(std::string_view name) const noexcept {
    return open || (!open_below.empty() && name.starts_with(open_below));
  }

  std::string path, product;
  std::vector<std::string> services, categories;
  std::vector<FieldId> fields;
  bool open = false;
  bool structured = false;  // `Event::raw` holds names too: keywords search the values, not the line
  bool later = false;       // from add_later(): nobody who feeds it has declared it
  std::string open_below;   // as in TypeSpec
  // From the field mappings; not part of what the type itself is.
  std::vector<LogSourceName> answers;  // further log sources that its events are of
  std::vector<FieldAlias> aliases;     // sorted by `named`
};

// The fields that the daemon itself puts on events of any type; their numbers are the same in every schema.
enum class Common : std::uint16_t {
  ts,
  uid,
  orig_h,
  orig_p,
  resp_h,
  resp_p,
  proto,
  community_id,
  source,
  message,
  host,
  tunnel_parents,
};
constexpr FieldId common(Common c) noexcept { return static_cast<FieldId>(c); }
std::span<const FieldSpec> common_fields();

class Schema {
 public:
  Schema();  // holds the common fields

  FieldId add_field(std::string_view name);  // the known number, or a new one; at most 65,000
  TypeId add_type(const TypeSpec& spec);     // adds its fields too; same path and product: the known one, fields joined
  // A type that nothing feeds yet: rules may be written against it. Once add_type() has it, it is like any other.
  TypeId add_later(const TypeSpec& spec);
  // What the field mappings say of a type. Rules are compiled with it; events are as they are.
  void add_answer(TypeId type, LogSourceName source);
  void add_alias(TypeId type, FieldAlias alias);  // one per named field: the first stays
  void clear_mappings();                          // of all types; a reload begins with it
  [[nodiscard]] std::optional<FieldId> find_field(std::string_view name) const;
  [[nodiscard]] std::string_view field_name(FieldId id) const { return fields_[index(id)]; }
  [[nodiscard]] std::size_t field_count() const noexcept { return fields_.size(); }
  [[nodiscard]] const Type& type(TypeId id) const { return types_[index(id)]; }
  [[nodiscard]] std::size_t type_count() const noexcept { return types_.size(); }
  [[nodiscard]] std::vector<std::string_view> field_names() const;

  Schema(const Schema& other);
  Schema& operator=(const Schema&) = delete;

 private:
  TypeId join_type(const TypeSpec& spec, bool later);

  std::deque<std::string> fields_;  // a deque: the views in by_name_ stay valid
  std::unordered_map<std::string_view, FieldId> by_name_;
  std::vector<Type> types_;
};

// Tells cheaply, from a line as it came, whether every field of its event is wanted: rules that search whole events
// (keywords) want all of a line, but only of the few lines that hold what they look for. It may say yes too often,
// never too seldom. Immutable; shared by all workers.
class LineFilter {
 public:
  // One worker's memory for it.
  class Memory {
   public:
    virtual ~Memory() = default;
  };
  virtual ~LineFilter() = default;
  [[nodiscard]] virtual std::unique_ptr<Memory> make_memory() const = 0;
  [[nodiscard]] virtual bool wants_all(std::string_view line, Memory& memory) const = 0;
};

// Rules are the subscription (DESIGN 3.1): which types, and which of their fields, anyone wants. Ingest extracts only
// that. Built when rules are compiled, then read-only.
class Interest {
 public:
  void want(TypeId type);  // events of this type, with the common fields
  void want(TypeId type, FieldId field);
  void want_all(TypeId type);  // every field, declared or not (record_all, keyword rules)
  // Every field of the lines that the filter lets through. Only for structured types.
  void want_all_of(TypeId type, std::shared_ptr<const LineFilter> filter);

  [[nodiscard]] bool wants(TypeId type) const noexcept {
    return index(type) < types_.size() && types_[index(type)].wanted;
  }
  [[nodiscard]] bool wants_all(TypeId type) const noexcept {
    return index(type) < types_.size() && types_[index(type)].all;
  }
  [[nodiscard]] bool wants(TypeId type, FieldId field) const noexcept {
    if (index(type) >= types_.size()) return false;
    const PerType& t = types_[index(type)];
    return t.all || (index(field) < t.fields.size() && t.fields[index(field)]);
  }
  // Null: none, or everything is wanted anyway.
  [[nodiscard]] const LineFilter* line_filter(TypeId type) const noexcept {
    return index(type) < types_.size() && !types_[index(type)].all ? types_[index(type)].filter.get() : nullptr;
  }
  void merge(const Interest& other);

 private:
  struct PerType {
    bool wanted = false, all = false;
    std::vector<bool> fields;
    std::shared_ptr<const LineFilter> filter;
  };
  PerType& at(TypeId type);
  std::vector<PerType> types_;
};

}  // namespace nw::event
