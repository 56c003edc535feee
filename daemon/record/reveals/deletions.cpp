#include "record/reveals/deletions.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "record/entry.h"
#include "record/reveals/json_map.h"

namespace nw::reveals {

namespace json = boost::json;

namespace {

json::array texts(const std::vector<std::string>& from) {
  json::array out;
  for (const std::string& text : from) out.emplace_back(text);
  return out;
}

}  // namespace

Result<> Deletions::apply(std::string_view type, std::string_view body) {
  if (type != record::kEntryErase && type != record::kEntryPurge) return {};
  const auto object = read_object(body, type);
  if (!object) return object.error();
  JsonMap map{*object, type};
  const std::string what = map.text_if_there("what", 16);
  if (type == record::kEntryPurge) {
    if (auto good = map.finish(); !good) return good;
    purge_unfinished_ = what == kBegun;
    return {};
  }
  if (what.empty()) return map.finish();
  Erasure out;
  out.id = map.text("id", kIdMax);
  if (what == kDone) {
    if (auto good = map.finish(); !good) return good;
    erasures_.erase(out.id);
    return {};
  }
  if (what != kBegun) map.fault("what", "is neither begun nor done");
  out.alerts = map.texts("alerts", kErasedAtOnce, kIdMax);
  out.objects = map.count_if_there("objects");
  out.held = map.count_if_there("held");
  const std::string kind = map.text("kind", 16);
  if (kind != "values" && kind != "all") map.fault("kind", "is neither values nor all");
  out.values_only = kind == "values";
  out.value = map.text_if_there("value", kValueBytesMax);
  out.why = map.text("why", kWordsMax);
  out.by = {map.text("by", kNameMax), map.number("uid", -1, std::int64_t{1} << 32),
            map.text_if_there("host", kHostMax)};
  if (auto good = map.finish(); !good) return good;
  const std::string id = out.id;
  erasures_.insert_or_assign(id, std::move(out));
  return {};
}

std::string erase_body(const Erasure& erasure) {
  json::object out{{"what", kBegun},
                   {"id", erasure.id},
                   {"objects", erasure.objects},
                   {"kind", erasure.values_only ? "values" : "all"},
                   {"why", erasure.why},
                   {"by", erasure.by.by},
                   {"uid", erasure.by.uid},
                   {"host", erasure.by.host}};
  out["alerts"] = texts(erasure.alerts);
  out["commitments"] = texts(erasure.commitments);
  if (erasure.not_named != 0) out["not_named"] = erasure.not_named;
  if (!erasure.value.empty()) out["value"] = erasure.value;
  if (erasure.held != 0) out["held"] = erasure.held;
  return canonical(out);
}

std::string erased_body(const Erasure& erasure, const Erased& erased) {
  json::object out{{"what", kDone}, {"id", erasure.id}, {"objects", erased.objects}};
  out["alerts"] = texts(erased.alerts);
  if (erased.held != 0) out["held"] = erased.held;
  return canonical(out);
}

}  // namespace nw::reveals
