#include "ingest/logs/formats/json_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <tuple>

#include "base/text.h"
#include "ingest/logs/formats/json_text.h"

namespace nw::logs {

namespace {

constexpr std::size_t kDepthMax = 32;                // nested objects and arrays that are entered
constexpr std::size_t kValuesMax = 8192;             // read from one line, list elements included
constexpr std::size_t kNameBytesMax = 256 * 1024;    // undeclared names of one line, after joining
constexpr std::size_t kTextMax = 3 * kLineBytesMax;  // mending a byte makes it three
constexpr std::size_t kUnescapedMax = 2 * kTextMax;  // a time or a deciding field is read once more than the rest
constexpr std::size_t kStep = 64;                    // room behind what JsonIndex::unescape() writes
constexpr std::size_t kFewExtras = 32;

constexpr JsonSlot kNothing{};

// A whole number that 64 bits hold, else a real, else (too large for either) its own text.
event::Value number(std::string_view token) {
  const char* const first = token.data();
  const char* const last = first + token.size();
  if (std::all_of(first, last, [](char c) { return ascii_digit(c) || c == '-'; })) {
    std::int64_t whole = 0;
    return std::from_chars(first, last, whole).ec == std::errc{} ? event::Value::integer(whole)
                                                                 : event::Value::text(token);
  }
  double real = 0;
  return std::from_chars(first, last, real).ec == std::errc{} ? event::Value::real(real) : event::Value::text(token);
}

}  // namespace

JsonReader::JsonReader() : index_{kLineBytesMax} {
  strings_.resize(kUnescapedMax + kStep);
  fields_.reserve(kValuesMax);
}

LineFault JsonReader::read(std::string_view line, const JsonNames& names, Scope scope) {
  names_ = &names;
  scope_ = scope;
  LineFault fault = LineFault::not_json;
  switch (index_.build(line)) {
    case JsonIndex::Fault::none: fault = walk(line); break;
    case JsonIndex::Fault::encoding:
      mended_.clear();
      append_mended_utf8(line, mended_);
      if (index_.build(mended_) == JsonIndex::Fault::none) fault = walk(mended_);
      break;
    case JsonIndex::Fault::shape: break;
  }
  if (fault == LineFault::none && extras_.size() > 1) drop_repeated_extras();
  return fault;
}

LineFault JsonReader::walk(std::string_view) {
  fields_.clear();
  extras_.clear();
  listed_.clear();
  lists_.clear();
  path_.clear();
  arena_.reset();
  times_.fill(0);
  deciders_.fill({});
  path_from_ = values_ = name_bytes_ = arrays_ = unescaped_ = 0;
  time_rank_ = 0;
  if (index_.kind(0) != '{') return LineFault::not_json;
  std::size_t at = 1;
  const LineFault fault = object(at, JsonNames::kRoot, 1);
  if (fault != LineFault::none) return fault;
  // Nothing may follow the object.
  return at == index_.size() ? LineFault::none : LineFault::not_json;
}

// `at` is behind the brace, and behind the closing one afterwards.
LineFault JsonReader::object(std::size_t& at, std::uint32_t table, std::size_t depth) {
  if (depth > kDepthMax) return LineFault::too_deep;
  if (index_.kind(at) == '}') {
    ++at;
    return LineFault::none;
  }
  for (;; ++at) {
    std::string_view key;
    if (!index_.name(at, key)) return LineFault::not_json;
    at += 2;
    if (const LineFault fault = member(at, table, key, depth); fault != LineFault::none) return fault;
    const char end = index_.kind(at);
    if (end == '}') break;
    if (end != ',') return LineFault::not_json;
  }
  ++at;
  return LineFault::none;
}

LineFault JsonReader::member(std::size_t& at, std::uint32_t table, std::string_view key, std::size_t depth) {
  const JsonSlot* slot = names_->backslashes() ? nullptr : names_->find(table, key);
  if (slot == nullptr && (JsonNames::unusual(key) || names_->backslashes())) {
    bool good = true;
    slot = find_slowly(table, key, good);
    if (!good) return LineFault::not_json;
  }
  if (slot != nullptr) return any(at, *slot, key, depth);
  if (const std::uint32_t below = names_->any(table); below != JsonSlot::kNoTable && index_.kind(at) == '{') {
    JsonSlot passing;
    passing.child = below;
    return any(at, passing, key, depth);
  }
  return scope_ == Scope::wanted ? skip(at) : any(at, kNothing, key, depth);
}

// The name may be spelled with escapes, with spaces, or joined where it is wanted nested. `key` becomes the name that
// the event really has.
const JsonSlot* JsonReader::find_slowly(std::uint32_t table, std::string_view& key, bool& good) {
  if (key.find('\\') != std::string_view::npos) {
    key_.clear();
    good = append_unescaped(key, key_);
    if (!good) return nullptr;
    key = arena_.copy(key_);  // key_ is needed again below this name
  }
  const bool spaced = names_->drop_spaces() && key.find(' ') != std::string_view::npos;
  if (spaced && names_->find_parts(table, key) == nullptr) {
    key_.assign(key);
    std::erase(key_, ' ');
    key = arena_.copy(key_);
  }
  return names_->find_parts(table, key);
}

LineFault JsonReader::any(std::size_t& at, const JsonSlot& slot, std::string_view key, std::size_t depth) {
  const char kind = index_.kind(at);
  if (slot.role == JsonSlot::Role::pair_value) {
    pair_value_ = static_cast<std::uint32_t>(at);
    return skip(at);
  }
  switch (kind) {
    case '{':
      if (slot.child == JsonSlot::kNoTable && scope_ == Scope::wanted) return skip(at);
      ++at;
      return enter(at, slot, key, depth + 1);
    case '[':
      if (!slot.scalar() && slot.child == JsonSlot::kNoTable && !slot.pairs && scope_ == Scope::wanted) return skip(at);
      ++at;
      return array(at, slot, key, depth + 1);
    case '}':
    case ']':
    case ',':
    case ':':
    case '\0': return LineFault::not_json;
    default: return note(at++, slot, key);
  }
}

LineFault JsonReader::enter(std::size_t& at, const JsonSlot& slot, std::string_view key, std::size_t depth) {
  if (scope_ == Scope::wanted) return object(at, slot.child, depth);
  const std::size_t outer = path_.size(), outer_from = path_from_;
  if (path_.size() != path_from_) path_ += '.';
  path_ += key;
  if (names_->begins_anew(slot.child)) path_from_ = path_.size();
  const LineFault fault = path_.size() > kTextMax ? LineFault::too_deep : object(at, slot.child, depth);
  path_.resize(outer);
  path_from_ = outer_from;
  return fault;
}

LineFault JsonReader::array(std::size_t& at, const JsonSlot& slot, std::string_view key, std::size_t depth) {
  if (depth > kDepthMax) return LineFault::too_deep;
  if (index_.kind(at) == ']') {
    ++at;
    if (arrays_ != 0) return LineFault::none;
    lists_.push_back(event::Value::list({}));
    const auto made = static_cast<std::uint32_t>(lists_.size() - 1);
    if (slot.field != event::kNoField) fields_.push_back({&slot, kList, made});
    std::string_view name;
    if (slot.field == event::kNoField && scope_ == Scope::all && key != "_path") {
      if (!name_extra(key, name)) return LineFault::too_deep;
      extras_.push_back({name, {&kNothing, kList, made}});
    }
    return ++values_ > kValuesMax ? LineFault::too_deep : LineFault::none;
  }
  ++arrays_;
  LineFault fault = LineFault::none;
  for (;; ++at) {
    fault = slot.pairs && index_.kind(at) == '{' ? pair(at, depth) : any(at, slot, key, depth);
    if (fault != LineFault::none) break;
    const char end = index_.kind(at);
    if (end == ']') break;
    if (end != ',') {
      fault = LineFault::not_json;
      break;
    }
  }
  ++at;
  --arrays_;
  return fault != LineFault::none || arrays_ != 0 ? fault : close_list();
}

// One element of a list of pairs: the value is read as if it stood under its name in an object.
LineFault JsonReader::pair(std::size_t& at, std::size_t depth) {
  const Scope scope = std::exchange(scope_, Scope::wanted);
  pair_name_ = pair_value_ = kList;
  ++at;
  const LineFault fault = object(at, JsonNames::kPair, depth + 1);
  scope_ = scope;
  if (fault != LineFault::none || pair_name_ == kList || pair_value_ == kList) return fault;
  std::string_view key;
  if (!index_.body(pair_name_, key)) return LineFault::none;
  std::size_t value = pair_value_;
  const std::size_t arrays = std::exchange(arrays_, 0), outer_from = std::exchange(path_from_, path_.size());
  const LineFault read = member(value, JsonNames::kFields, key, depth + 1);
  arrays_ = arrays;
  path_from_ = outer_from;
  return read;
}

// Notes the scalar token `at`.
LineFault JsonReader::note(std::size_t at, const JsonSlot& slot, std::string_view key) {
  const auto token = static_cast<std::uint32_t>(at);
  if (slot.role == JsonSlot::Role::pair_name) pair_name_ = token;
  if (arrays_ == 0) {
    if (slot.time_rank != 0) times_[slot.time_rank] = token + 1;
    if (slot.decider != 0)
      if (Chosen& chosen = deciders_[slot.decider - 1U]; slot.rank <= chosen.rank) chosen = {token, slot.rank};
  }
  const bool extra = slot.field == event::kNoField;
  if (extra && (scope_ == Scope::wanted || key == "_path")) return LineFault::none;  // _path: the daemon's own
  std::string_view name;
  if (extra && !name_extra(key, name)) return LineFault::too_deep;
  if (++values_ > kValuesMax) return LineFault::too_deep;
  if (arrays_ != 0) {
    event::Value value;
    if (!scalar(token, slot, value)) return LineFault::not_json;
    listed_.push_back({extra ? &kNothing : &slot, name, static_cast<std::uint32_t>(values_), value});
  } else if (extra) {
    extras_.push_back({name, {&kNothing, token, 0}});
  } else {
    fields_.push_back({&slot, token, 0});
  }
  return LineFault::none;
}

bool JsonReader::name_extra(std::string_view key, std::string_view& out) {
  const std::string_view outer = std::string_view{path_}.substr(path_from_);
  name_bytes_ += outer.size() + key.size();
  if (name_bytes_ > kNameBytesMax) return false;
  out = key;
  if (outer.empty()) return true;
  key_.assign(outer);
  key_ += '.';
  key_ += key;
  out = arena_.copy(key_);
  return true;
}

LineFault JsonReader::skip(std::size_t& at) const {
  const auto opens = [](char c) { return c == '{' || c == '['; };
  const auto closes = [](char c) { return c == '}' || c == ']'; };
  const char first = index_.kind(at++);
  if (closes(first) || first == ',' || first == ':' || first == '\0') return LineFault::not_json;
  if (!opens(first)) return LineFault::none;
  for (std::size_t open = 1; open != 0; ++at) {
    const char kind = index_.kind(at);
    if (kind == '\0') return LineFault::not_json;
    if (opens(kind)) ++open;
    if (closes(kind)) --open;
  }
  return LineFault::none;
}

// The values met in one outermost array, one list per name, each in the order of the line.
LineFault JsonReader::close_list() {
  // Two slots are two fields, or two names of one; their order is that of the line's first run only by accident, and
  // nothing depends on it.
  const auto group = [](const Listed& l) { return std::tuple{event::index(l.slot->field), l.name}; };
  std::ranges::sort(listed_, {}, [&](const Listed& l) { return std::tuple_cat(group(l), std::tuple{l.order}); });
  for (auto first = listed_.begin(); first != listed_.end();) {
    const auto last = std::find_if(first, listed_.end(), [&](const Listed& l) { return group(l) != group(*first); });
    const auto list = arena_.make<event::Value>(static_cast<std::size_t>(last - first));
    if (list.empty()) return LineFault::too_deep;
    std::transform(first, last, list.begin(), [](const Listed& l) { return l.value; });
    lists_.push_back(event::Value::list(list));
    const Found found{first->slot, kList, static_cast<std::uint32_t>(lists_.size() - 1)};
    if (first->slot->field != event::kNoField)
      fields_.push_back(found);
    else
      extras_.push_back({first->name, found});
    first = last;
  }
  listed_.clear();
  return LineFault::none;
}

bool JsonReader::value(const Found& found, event::Value& out) {
  if (found.token != kList) return scalar(found.token, *found.slot, out);
  out = lists_[found.list];
  return true;
}

bool JsonReader::scalar(std::uint32_t token, const JsonSlot& slot, event::Value& out) {
  const std::string_view whole = index_.token(token);
  switch (whole.front()) {
    case '"': {
      std::string_view body, read;
      if (!index_.body(token, body) || !text(body, read)) return false;
      out = event::Value::text(read);
      if (IpAddress address; slot.address && IpAddress::parse_into(read, address)) out = event::Value::address(address);
      return true;
    }
    case 't':
    case 'f': out = event::Value::boolean(whole.front() == 't'); return whole == "true" || whole == "false";
    case 'n': out = event::Value{}; return whole == "null";
    default:
      if (!is_json_number(whole)) return false;
      out = number(whole);
      return true;
  }
}

// Into `out`: the line itself where there is no escape, else strings_, by simdjson or (surrogates alone) by us.
bool JsonReader::text(std::string_view body, std::string_view& out) {
  out = body;
  if (std::memchr(body.data(), '\\', body.size()) == nullptr) return true;
  if (body.size() > kUnescapedMax - unescaped_) return false;
  char* const to = strings_.data() + unescaped_;
  std::size_t size = index_.unescape(body, to);
  if (size == JsonIndex::npos) {
    key_.clear();
    if (!append_unescaped(body, key_)) return false;  // never longer than what it was read from
    size = key_.copy(to, key_.size());
  }
  out = {to, size};
  unescaped_ += size;
  return true;
}

bool JsonReader::time(std::chrono::minutes zone, LogTime& out) {
  for (std::size_t rank = 1; rank < times_.size(); ++rank) {
    if (times_[rank] == 0) continue;
    std::string_view whole = index_.token(times_[rank] - 1), body;
    if (index_.body(times_[rank] - 1, body) && !text(body, whole)) continue;
    std::string_view rest = whole;
    LogTime read;
    if (parse_epoch(whole, read.time)) {
      read.quality = event::TimeQuality::stated;
    } else if (scan_iso_time(rest, zone, read) != TimeScan::good || !rest.empty()) {
      continue;
    }
    out = read;
    time_rank_ = static_cast<std::uint8_t>(rank);
    return true;
  }
  return false;
}

std::string_view JsonReader::decider(std::size_t which) {
  const std::uint32_t token = deciders_[which].token;
  if (token == kList) return {};
  std::string_view whole = index_.token(token), body;
  if (index_.body(token, body) && !text(body, whole)) return {};
  return whole;
}

// Event::set() keeps the last value of a field; extras need it done here.
void JsonReader::drop_repeated_extras() {
  const std::size_t count = extras_.size();
  if (count <= kFewExtras) {
    const auto repeated = [this](std::size_t i) {
      return std::any_of(extras_.begin() + static_cast<std::ptrdiff_t>(i) + 1, extras_.end(),
                         [&](const Extra& later) { return later.name == extras_[i].name; });
    };
    std::size_t first = 0;
    while (first < count && !repeated(first)) ++first;
    if (first == count) return;
  }
  std::vector<std::uint32_t> order(count);
  for (std::uint32_t i = 0; i < count; ++i) order[i] = i;
  std::ranges::sort(order, [this](std::uint32_t a, std::uint32_t b) {
    return std::tuple{extras_[a].name, a} < std::tuple{extras_[b].name, b};
  });
  std::vector<std::uint32_t> kept;
  for (std::size_t i = 0; i < count; ++i)
    if (i + 1 == count || extras_[order[i]].name != extras_[order[i + 1]].name) kept.push_back(order[i]);
  std::ranges::sort(kept);
  for (std::size_t i = 0; i < kept.size(); ++i) extras_[i] = extras_[kept[i]];
  extras_.resize(kept.size());
}

}  // namespace nw::logs
