#include "ingest/logs/formats/windows_event.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::string_view kRoot = "Event", kSystem = "Event.System.", kComputer = "Computer";
constexpr std::size_t kTimesMax = 16, kDigitsMax = 18;

// A path as evtx_dump's JSON has it, without what an element directly in Event has before its name.
std::string_view flat(std::string_view path) {
  const std::string_view name = path.substr(std::min(kRoot.size() + 1, path.size()));
  return name.find('.') == std::string_view::npos ? name : path;
}

bool whole_number(std::string_view text, std::int64_t& out) {
  if (text.empty() || text.size() > kDigitsMax || (text[0] == '0' && text.size() > 1)) return false;
  const char* const end = text.data() + text.size();
  return ascii_digit(text[0]) && std::from_chars(text.data(), end, out).ptr == end;
}

}  // namespace

WindowsEvent::WindowsEvent(std::shared_ptr<const Mapping> mapping) : mapping_{std::move(mapping)} {
  fields_.reserve(kFieldsMax);
  parts_.reserve(kFieldsMax);
  time_parts_.resize(kTimesMax);
  if (mapping_ == nullptr) return;
  for (const Mapping::Field& field : mapping_->fields) {
    std::uint8_t known = field.name == kComputer ? static_cast<std::uint8_t>(Known::computer) : kNone;
    for (std::size_t i = 0; i < mapping_->by.size(); ++i)
      if (mapping_->by[i] == field.name) known = static_cast<std::uint8_t>(i);
    const auto put = [&](const std::string& path, std::size_t rank) {
      spellings_[path] = {field.name, static_cast<std::uint8_t>(std::min<std::size_t>(rank, 100)), kNone, known};
    };
    put(field.name, 0);
    for (std::size_t i = 0; i < field.spellings.size(); ++i) put(field.spellings[i], i + 1);
  }
  for (std::size_t i = 0; i < std::min(mapping_->times.size(), kTimesMax); ++i) {
    Spelling& made = spellings_[mapping_->times[i]];
    if (made.name.empty()) made.name = mapping_->times[i];
    made.time = static_cast<std::uint8_t>(i);
  }
}

std::size_t WindowsEvent::find(std::string_view text) noexcept {
  constexpr std::string_view kOpen = "<Event";
  for (std::size_t at = text.find(kOpen); at != std::string_view::npos; at = text.find(kOpen, at + 1)) {
    const std::size_t behind = at + kOpen.size();
    if (behind == text.size() || text[behind] == '>' || text[behind] == '/' || ascii_space(text[behind])) return at;
  }
  return std::string_view::npos;
}

void WindowsEvent::clear() {
  slots_.fill(0);
  fields_.clear();
  parts_.clear();
  std::ranges::fill(time_parts_, Part{});
  known_.fill({});
  arena_.reset();
  path_ = kRoot;
  path_from_ = 0;
  depth_ = 0;
  leaf_ = {};
  pieces_ = over_ = false;
}

XmlReader::Token WindowsEvent::read(std::string_view& text) {
  clear();
  XmlReader xml{text};
  XmlReader::Token token = xml.next();
  if (token == XmlReader::Token::open) {
    levels_[depth_++].place = Place::event;
    while (depth_ != 0 && !over_) {
      token = xml.next();
      if (token == XmlReader::Token::open)
        open(xml);
      else if (token == XmlReader::Token::text)
        this->text(xml);
      else if (token == XmlReader::Token::close)
        close();
      else
        break;
    }
  }
  // Of a value that is cut there is its beginning.
  if (token == XmlReader::Token::cut && depth_ > 1) close();
  text = xml.rest();
  return over_ ? XmlReader::Token::too_deep : token;
}

void WindowsEvent::open(const XmlReader& xml) {
  Level& outer = levels_[depth_ - 1];
  outer.children = true;
  Level& level = levels_[depth_++];  // XmlReader goes no deeper
  level = {path_.size(), path_from_, {}, Place::other, false, false};
  path_ += '.';
  path_ += xml.name();
  switch (outer.place) {
    case Place::event:
      if (xml.name() == "EventData") {
        level.place = Place::event_data;
        path_from_ = path_.size() + 1;
      }
      if (xml.name() == "UserData") level.place = Place::user_data;
      break;
    case Place::event_data:
      level.place = Place::named;
      path_from_ = level.path + 1;
      break;
    case Place::user_data:
      level.place = Place::named;
      path_from_ = path_.size() + 1;
      break;
    case Place::named: level.place = Place::named; break;
    case Place::other: break;
  }
  leaf_ = {};
  pieces_ = false;
  attributes(xml, level);
}

void WindowsEvent::attributes(const XmlReader& xml, Level& level) {
  const bool data = level.place == Place::named && path_from_ == level.path + 1;  // directly in EventData
  for (const XmlReader::Attribute& attribute : xml.attributes()) {
    if (attribute.name == "xmlns" || attribute.name.starts_with("xmlns:")) continue;
    if (data && attribute.name == "Name") level.name = decoded({attribute.raw, 0, false, false});
    if (data) continue;
    level.attributes = true;
    const std::size_t size = path_.size();
    path_ += ".#attributes.";
    path_ += attribute.name;
    add_path(relative(), {attribute.raw, 0, false, path_.starts_with(kSystem)});
    path_.resize(size);
  }
}

// What is below path_from_; all of it where nothing is.
std::string_view WindowsEvent::relative() const {
  const std::string_view path = path_;
  return path_from_ < path.size() ? path.substr(path_from_) : path;
}

void WindowsEvent::text(const XmlReader& xml) {
  if (levels_[depth_ - 1].children) return;
  const Part part{xml.raw(), 0, xml.literal(), false};
  if (leaf_.raw.empty()) {
    leaf_ = part;
    return;
  }
  // In pieces: around a comment or a CDATA section.
  if (!pieces_) leaf_text_ = decoded(leaf_);
  pieces_ = true;
  leaf_text_ += decoded(part);
}

void WindowsEvent::close() {
  const Level& level = levels_[--depth_];
  if (depth_ == 0) return;
  if (pieces_) leaf_ = {arena_.copy(leaf_text_), 0, true, false};
  if (!level.children) leaf(level);
  leaf_ = {};
  pieces_ = false;
  path_.resize(level.path);
  path_from_ = level.from;
}

void WindowsEvent::leaf(const Level& level) {
  if (level.place == Place::named) {
    // An empty value is one; of two with a name of their own the last holds.
    const bool own = !level.name.empty();
    add(OpenName{own ? level.name : arena_.copy(relative())}, leaf_, own ? Repeat::replace : Repeat::list, 0);
    return;
  }
  leaf_.raw = trim(leaf_.raw);
  if (leaf_.raw.empty() || level.place != Place::other) return;
  leaf_.number = path_.starts_with(kSystem);
  if (level.attributes) path_ += ".#text";
  add_path(flat(path_), leaf_);
}

// A value with the name that the mapping has for the place.
void WindowsEvent::add_path(std::string_view path, Part part) {
  const auto found = spellings_.find(path);
  const Spelling said = found != spellings_.end() ? found->second : Spelling{arena_.copy(path)};
  if (said.time != kNone) time_parts_[said.time] = part;
  if (said.known != kNone)
    if (KnownPart& known = known_[said.known]; known.part.raw.empty() || said.rank < known.rank)
      known = {part, said.rank};
  add(OpenName{said.name}, part, Repeat::list, said.rank);
}

std::uint16_t& WindowsEvent::slot(const OpenName& name) {
  for (std::size_t at = name.hash % slots_.size();; at = (at + 1) % slots_.size())
    if (slots_[at] == 0 || fields_[slots_[at] - 1U].name.name == name.name) return slots_[at];
}

void WindowsEvent::add(const OpenName& name, Part part, Repeat repeat, std::uint8_t rank) {
  over_ = over_ || parts_.size() == kFieldsMax || arena_.used() > kNamesBytesMax;
  if (over_) return;
  const auto number = static_cast<std::uint32_t>(parts_.size());
  parts_.push_back(part);
  std::uint16_t& at = slot(name);
  if (at == 0) {
    fields_.push_back({name, number, 1, rank});
    at = static_cast<std::uint16_t>(fields_.size());
    return;
  }
  Field& field = fields_[at - 1U];
  if (rank > field.rank) return;
  if (rank < field.rank || repeat == Repeat::replace) {
    field = {field.name, number, 1, rank};
    return;
  }
  parts_[number].next = field.first;  // the last first: value() turns them round
  field.first = number;
  ++field.count;
}

std::string_view WindowsEvent::decoded(Part part) {
  if (part.decoded || part.raw.find('&') == std::string_view::npos) return part.raw;
  const std::span<char> room = arena_.make<char>(part.raw.size());
  return room.empty() ? part.raw : std::string_view{room.data(), xml_decode(part.raw, room.data())};
}

event::Value WindowsEvent::value(const Field& field) {
  const auto one = [this](const Part& part) {
    const std::string_view text = decoded(part);
    std::int64_t whole = 0;
    return part.number && whole_number(text, whole) ? event::Value::integer(whole) : event::Value::text(text);
  };
  if (field.count == 1) return one(parts_[field.first]);
  const std::span<event::Value> values = arena_.make<event::Value>(field.count);
  std::uint32_t at = field.first;
  for (std::size_t i = values.size(); i != 0; at = parts_[at].next) values[--i] = one(parts_[at]);
  return event::Value::list(values);
}

OpenName WindowsEvent::squeezed(const OpenName& name) {
  if (mapping_ == nullptr || !mapping_->drop_spaces || name.name.find(' ') == std::string_view::npos) return name;
  name_.assign(name.name);
  std::erase(name_, ' ');
  return OpenName{arena_.copy(name_)};
}

bool WindowsEvent::time(std::chrono::minutes zone, LogTime& out) {
  for (const Part& part : time_parts_) {
    if (part.raw.empty()) continue;
    std::string_view text = decoded(part);
    LogTime read;
    if (scan_iso_time(text, zone, read) != TimeScan::good || !text.empty()) continue;
    out = read;
    return true;
  }
  return false;
}

}  // namespace nw::logs
