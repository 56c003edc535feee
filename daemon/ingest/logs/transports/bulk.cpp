#include "ingest/logs/transports/bulk.h"

#include <utility>

#include "base/text.h"
#include "ingest/logs/transports/json_pieces.h"

namespace nw::logs {

namespace {

constexpr std::string_view kWanted =
    R"(expected {"index":{...}} or {"create":{...}}, and the document in the next line)";

struct Name {
  std::string_view text;
  BulkItem::Action action;
};
constexpr Name kNames[] = {
    {"create", BulkItem::Action::create},
    {"delete", BulkItem::Action::remove},
    {"index", BulkItem::Action::index},
    {"update", BulkItem::Action::update},
};

std::string_view name_of(BulkItem::Action action) {
  for (const Name& name : kNames)
    if (name.action == action) return name.text;
  return "index";
}

}  // namespace

bool BulkReader::line(std::string_view& out) {
  if (rest_.empty()) return false;
  ++line_;
  const std::size_t end = rest_.find('\n');
  out = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  if (out.ends_with('\r')) out.remove_suffix(1);
  return true;
}

BulkReader::Step BulkReader::malformed(std::string what) {
  fault_ = "line " + std::to_string(line_) + ' ' + std::move(what);
  rest_ = {};
  return Step::malformed;
}

BulkReader::Step BulkReader::next(BulkItem& out) {
  std::string_view text;
  do {
    if (!line(text)) return Step::end;
    skip_json_space(text);
  } while (text.empty());  // Elasticsearch overlooks them as well

  JsonPieces action{text};
  const bool one = action.kind() == JsonPieces::Kind::object && action.next();
  const std::string_view name = action.key(), meta = action.value();
  if (!one || action.next() || !action.good()) return malformed("is no action: " + std::string{kWanted});
  const Name* found = nullptr;
  for (const Name& each : kNames)
    if (each.text == name) found = &each;
  if (found == nullptr) return malformed("has the action '" + printable(name, 32) + "': " + std::string{kWanted});
  out = {};
  out.action = found->action;
  bool good = true;
  out.index = json_member(meta, "_index", good);
  out.id = json_member(meta, "_id", good);
  if (!good) return malformed("has an action without an object: " + std::string{kWanted});
  if (out.action == BulkItem::Action::remove) return Step::item;
  if (!line(out.source)) return malformed("has an action but no document: put it in the next line");
  std::string_view inner = out.source;
  skip_json_space(inner);
  if (inner.empty()) return malformed("is empty where a document belongs: put it in the line behind its action");
  return Step::item;
}

BulkCheck check_bulk(std::string_view body) {
  BulkReader reader{body};
  BulkCheck out;
  BulkItem item;
  for (;;) {
    const auto step = reader.next(item);
    if (step == BulkReader::Step::end) break;
    if (step == BulkReader::Step::malformed) {
      out.fault = reader.fault();
      break;
    }
    if (++out.actions > kBulkActionsMax) {
      out.too_many = true;
      break;
    }
    out.refused += item.taken() ? 0U : 1U;
  }
  return out;
}

std::string bulk_answer(std::string_view body, std::string_view default_index, std::chrono::milliseconds took) {
  std::string path_index;
  if (!default_index.empty()) append_json_string(default_index, path_index);
  std::string items;
  bool errors = false;
  BulkReader reader{body};
  BulkItem item;
  while (reader.next(item) == BulkReader::Step::item) {
    if (!items.empty()) items += ',';
    items += "{\"";
    items += name_of(item.action);
    items += "\":{";
    if (const std::string_view index = item.index.empty() ? std::string_view{path_index} : item.index; !index.empty()) {
      items += "\"_index\":";
      items += index;
      items += ',';
    }
    if (!item.id.empty()) {
      items += "\"_id\":";
      items += item.id;
      items += ',';
    }
    if (item.taken()) {
      items += R"("result":"created","status":201}})";
      continue;
    }
    errors = true;
    items += R"("status":400,"error":{"type":"illegal_argument_exception","reason":"normwatch keeps no documents: )"
             R"(only index and create are taken"}}})";
  }
  // Vector and Fluent Bit look for this spelling.
  return "{\"took\":" + std::to_string(took.count()) + ",\"errors\":" + (errors ? "true" : "false") + ",\"items\":[" +
         items + "]}";
}

}  // namespace nw::logs
