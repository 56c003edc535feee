#include "ingest/logs/transports/otlp.h"

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "base/text.h"
#include "base/time.h"

namespace nw::logs {

namespace json = boost::json;

namespace {

constexpr std::size_t kDepthMax = 64;  // of a record that is read; deeper ones come as they were sent

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// Escapes of surrogates without a partner become U+FFFD: Boost.JSON refuses the whole text for one of them, and a
// sender's sender could hide a record that way.
std::string mend_surrogates(std::string_view text) {
  const auto unit = [&](std::size_t at) -> unsigned {
    unsigned value = 0;
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return 0;
    const auto [end, error] = std::from_chars(text.data() + at + 2, text.data() + at + 6, value, 16);
    return error == std::errc{} && end == text.data() + at + 6 ? value : 0;
  };
  const auto high = [](unsigned u) { return u >= 0xd800 && u < 0xdc00; };
  const auto low = [](unsigned u) { return u >= 0xdc00 && u < 0xe000; };
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out += text[at++];
      continue;
    }
    const unsigned first = unit(at);
    const bool pair = high(first) && low(unit(at + 6));
    const std::size_t size = pair ? 12 : first != 0 ? 6 : 2;
    if (!pair && (high(first) || low(first)))
      out += "\\ufffd";
    else
      out += text.substr(at, size);
    at += size;
  }
  return out;
}

// An object, or nothing.
std::optional<json::value> parse_object(std::string_view text, json::storage_ptr storage) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  options.allow_invalid_utf8 = true;  // append_json_string() puts U+FFFD there
  boost::system::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error, storage, options);
  if (error) {
    const std::string mended = mend_surrogates(text);
    value = json::parse({mended.data(), mended.size()}, error, storage, options);
  }
  if (error || !value.is_object()) return std::nullopt;
  return value;
}

const json::value* member(const json::value& value, std::string_view name) {
  if (!value.is_object()) return nullptr;
  return value.get_object().if_contains({name.data(), name.size()});
}

std::string_view text_of(const json::value& value, std::string_view name) {
  const json::value* found = member(value, name);
  return found != nullptr && found->is_string() ? view(found->get_string()) : std::string_view{};
}

// 64-bit integers are strings in Protobuf's JSON mapping, and numbers are taken as well.
std::optional<std::int64_t> integer(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (!value->is_string()) return std::nullopt;
  const std::string_view text = view(value->get_string());
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

void append_scalar(const json::value& value, std::string& out) {
  if (value.is_string()) return append_json_string(view(value.get_string()), out);
  if (!value.is_double() || !std::isfinite(value.get_double())) return static_cast<void>(out += json::serialize(value));
  std::array<char, 32> text{};  // Boost.JSON would write 1.5E0
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value.get_double()).ptr;
  out.append(text.data(), end);
}

void append_any(const json::value& value, std::string& out);

void append_list(const json::value& list, std::string& out) {
  out += '[';
  if (const json::value* values = member(list, "values"); values != nullptr && values->is_array()) {
    bool first = true;
    for (const json::value& each : values->get_array()) {
      if (!std::exchange(first, false)) out += ',';
      append_any(each, out);
    }
  }
  out += ']';
}

void append_map(const json::value& object, std::string& out) {
  out += '{';
  if (const json::value* values = member(object, "values"); values != nullptr && values->is_array()) {
    bool first = true;
    for (const json::value& each : values->get_array()) {
      if (!each.is_object()) continue;
      if (!std::exchange(first, false)) out += ',';
      append_json_string(text_of(each, "key"), out);
      out += ':';
      const json::value* inner = member(each, "value");
      inner == nullptr ? static_cast<void>(out += "null") : append_any(*inner, out);
    }
  }
  out += '}';
}

// common.proto, AnyValue: one of the members, or none for an empty value. What is none of them stays as it is.
void append_any(const json::value& value, std::string& out) {
  if (const auto* text = member(value, "stringValue"); text != nullptr) return append_scalar(*text, out);
  if (const auto* flag = member(value, "boolValue"); flag != nullptr) return append_scalar(*flag, out);
  if (const auto* number = member(value, "doubleValue"); number != nullptr) return append_scalar(*number, out);
  if (const auto* bytes = member(value, "bytesValue"); bytes != nullptr) return append_scalar(*bytes, out);
  if (const auto* list = member(value, "arrayValue"); list != nullptr) return append_list(*list, out);
  if (const auto* map = member(value, "kvlistValue"); map != nullptr) return append_map(*map, out);
  if (const auto* number = member(value, "intValue"); number != nullptr) {
    const auto whole = integer(number);
    if (whole) return static_cast<void>(out += std::to_string(*whole));
    return append_scalar(*number, out);
  }
  if (value.is_object() && value.get_object().empty()) return static_cast<void>(out += "null");
  append_scalar(value, out);  // an object's or array's strings are then those of Boost.JSON
}

bool is_text(const json::value& body) {
  const json::value* text = member(body, "stringValue");
  return body.is_string() || (text != nullptr && text->is_string());
}

// A line that grows, and the names that it has.
class Line {
 public:
  explicit Line(std::string& out) : out_{out} { out_ = "{"; }
  [[nodiscard]] bool has(std::string_view name) const { return names_.contains(name); }
  // Where `name` is taken, it gets `prefix` before it, so that nothing is lost.
  void add(std::string_view name, std::string_view prefix, std::string_view value) {
    std::string free{name};
    if (has(free)) free.insert(0, prefix);
    if (has(free)) free.insert(0, std::string{prefix} + std::to_string(names_.size()) + '.');
    if (out_.size() > 1) out_ += ',';
    append_json_string(free, out_);
    out_ += ':';
    out_ += value;
    names_.insert(std::move(free));
  }
  void close() { out_ += '}'; }

 private:
  std::string& out_;
  std::set<std::string, std::less<>> names_;
};

void add_text(Line& line, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  std::string value;
  append_json_string(text, value);
  line.add(name, "", value);
}

// `name` in the record under the line's `as`; what is no time of ours stays as it was sent.
void add_time(Line& line, const json::value& record, std::string_view name, std::string_view as) {
  const json::value* found = member(record, name);
  const auto ns = integer(found);
  if (found == nullptr || found->is_null() || ns == 0) return;
  std::string value;
  if (ns && *ns > 0)
    append_json_string(to_rfc3339(from_unix_nanoseconds(*ns), 9), value);
  else
    append_scalar(*found, value);
  line.add(ns && *ns > 0 ? as : name, "", value);
}

void add_number(Line& line, const json::value& record, std::string_view name) {
  const auto number = integer(member(record, name));
  if (number && *number != 0) line.add(name, "", std::to_string(*number));
}

template <class Use>
void each_attribute(const json::value& owner, const Use& use) {
  const json::value* attributes = member(owner, "attributes");
  if (attributes == nullptr || !attributes->is_array()) return;
  for (const json::value& each : attributes->get_array()) {
    if (!each.is_object()) continue;
    std::string value;
    const json::value* inner = member(each, "value");
    inner == nullptr ? static_cast<void>(value = "null") : append_any(*inner, value);
    use(text_of(each, "key"), std::move(value));
  }
}

void add_record(Line& line, const json::value& record) {
  add_time(line, record, "timeUnixNano", "@timestamp");
  // The data model's advice for records without a time of their own.
  if (!line.has("@timestamp")) add_time(line, record, "observedTimeUnixNano", "@timestamp");
  if (const json::value* observed = member(record, "observedTimeUnixNano");
      observed != nullptr && !observed->is_null()) {
    std::string value;
    append_scalar(*observed, value);
    if (!line.has("observedTimeUnixNano")) line.add("observedTimeUnixNano", "", value);
  }
  add_text(line, "severityText", text_of(record, "severityText"));
  add_number(line, record, "severityNumber");
  if (const json::value* body = member(record, "body"); body != nullptr && !body->is_null()) {
    std::string value;
    append_any(*body, value);
    line.add(is_text(*body) ? "message" : "body", "", value);
  }
  add_text(line, "eventName", text_of(record, "eventName"));
  add_text(line, "traceId", text_of(record, "traceId"));
  add_text(line, "spanId", text_of(record, "spanId"));
  add_number(line, record, "droppedAttributesCount");
  each_attribute(record,
                 [&](std::string_view name, const std::string& value) { line.add(name, "attributes.", value); });
}

// Walks everything without a look into the records.
std::size_t count_records(OtlpReader& reader, std::size_t most) {
  std::size_t records = 0;
  std::string_view record;
  while (records <= most && reader.next(record)) ++records;
  return records;
}

}  // namespace

OtlpCheck check_otlp(std::string_view body) {
  OtlpReader reader{body};
  OtlpCheck out;
  out.records = count_records(reader, kOtlpRecordsMax);
  out.good = reader.good();
  out.too_many = out.records > kOtlpRecordsMax;
  return out;
}

OtlpReader::OtlpReader(std::string_view body) : resources_{""} {
  const std::string_view resources = json_member(body, "resourceLogs", good_);
  resources_ = JsonPieces{resources};
  if (!resources.empty() && resources_.kind() != JsonPieces::Kind::array) good_ = false;
}

bool OtlpReader::next(std::string_view& record) {
  while (good_) {
    if (records_.next()) {
      record = records_.value();
      return true;
    }
    if (records_.kind() == JsonPieces::Kind::array && !records_.good()) good_ = false;
    if (!good_ || (!next_scope() && !next_resource())) return false;
  }
  return false;
}

// An array that is not there is an empty one (Protobuf's JSON mapping).
bool OtlpReader::next_scope() {
  if (!scopes_.next()) {
    if (scopes_.kind() == JsonPieces::Kind::array && !scopes_.good()) good_ = false;
    return false;
  }
  const std::string_view records = json_member(scopes_.value(), "logRecords", good_);
  scope_ = json_member(scopes_.value(), "scope", good_);
  records_ = JsonPieces{records};
  if (!records.empty() && records_.kind() != JsonPieces::Kind::array) good_ = false;
  context_read_ = false;
  return good_;
}

bool OtlpReader::next_resource() {
  if (!good_) return false;
  if (!resources_.next()) {
    if (resources_.kind() == JsonPieces::Kind::array && !resources_.good()) good_ = false;
    return false;
  }
  const std::string_view scopes = json_member(resources_.value(), "scopeLogs", good_);
  resource_ = json_member(resources_.value(), "resource", good_);
  scopes_ = JsonPieces{scopes};
  if (!scopes.empty() && scopes_.kind() != JsonPieces::Kind::array) good_ = false;
  records_ = JsonPieces{""};
  resource_read_ = context_read_ = false;
  return good_;
}

// What all records of a scope have in common.
bool OtlpReader::read_context() {
  if (context_read_) return context_good_;
  context_read_ = true;
  context_good_ = false;
  scope_fields_.clear();
  std::array<unsigned char, 4096> memory;
  json::monotonic_resource storage{memory.data(), memory.size()};
  if (!resource_read_) {
    resource_fields_.clear();
    if (resource_.size() > kOtlpResourceBytesMax) {
      why_ =
          "a resource has more than " + std::to_string(kOtlpResourceBytesMax) + " bytes; send fewer attributes of it";
      return false;
    }
    if (!resource_.empty()) {
      const auto resource = parse_object(resource_, &storage);
      if (!resource) {
        why_ = "a resource is no JSON object";
        return false;
      }
      each_attribute(*resource, [&](std::string_view name, std::string&& value) {
        resource_fields_.push_back({std::string{name}, std::move(value)});
      });
    }
    resource_read_ = true;
  }
  if (scope_.size() > kOtlpResourceBytesMax) {
    why_ = "a scope has more than " + std::to_string(kOtlpResourceBytesMax) + " bytes; send fewer attributes of it";
    return false;
  }
  if (!scope_.empty()) {
    const auto scope = parse_object(scope_, &storage);
    if (!scope) {
      why_ = "a scope is no JSON object";
      return false;
    }
    for (const std::string_view part : {"name", "version"}) {
      const std::string_view text = text_of(*scope, part);
      if (text.empty()) continue;
      scope_fields_.push_back({"scope." + std::string{part}, {}});
      append_json_string(text, scope_fields_.back().json);
    }
    each_attribute(*scope, [&](std::string_view name, std::string&& value) {
      scope_fields_.push_back({"scope.attributes." + std::string{name}, std::move(value)});
    });
  }
  context_good_ = true;
  return true;
}

bool OtlpReader::format(std::string_view record, std::string& line) {
  if (!record.starts_with('{')) {
    why_ = "a log record is no JSON object";
    return false;
  }
  if (!read_context()) return false;
  line = record;
  if (record.size() > kOtlpRecordBytesMax) return true;
  std::array<unsigned char, 16 * 1024> memory;
  json::monotonic_resource storage{memory.data(), memory.size()};
  const auto parsed = parse_object(record, &storage);
  if (!parsed) return true;
  Line out{line};
  add_record(out, *parsed);
  for (const Field& field : scope_fields_) out.add(field.name, "scope.", field.json);
  for (const Field& field : resource_fields_) out.add(field.name, "resource.", field.json);
  out.close();
  return true;
}

}  // namespace nw::logs
