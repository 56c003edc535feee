#include "ingest/logs/formats/evtx_xml.h"

#include <algorithm>

#include "base/text.h"

namespace nw::logs {

namespace {

// With kMore: more of the same follows.
enum Token : std::uint8_t {
  kEnd = 0x00,
  kOpen = 0x01,
  kCloseStart = 0x02,
  kCloseEmpty = 0x03,
  kCloseElement = 0x04,
  kText = 0x05,
  kAttribute = 0x06,
  kCdata = 0x07,
  kCharacter = 0x08,
  kEntity = 0x09,
  kInstructionTarget = 0x0a,
  kInstructionData = 0x0b,
  kTemplate = 0x0c,
  kValue = 0x0d,
  kOptionalValue = 0x0e,
  kFragment = 0x0f,
  kMore = 0x40,
};

constexpr std::uint8_t kind(std::uint8_t token) { return token & static_cast<std::uint8_t>(~kMore); }

// XML 1.0 (5th edition) section 2.3, of ASCII; what is beyond it is taken as it comes.
bool name_character(char c) {
  const char lower = ascii_lower(c);
  return static_cast<unsigned char>(c) >= 0x80 || ascii_digit(c) || (lower >= 'a' && lower <= 'z') ||
         std::string_view{"._-:"}.find(c) != std::string_view::npos;
}

}  // namespace

EvtxXml::Fault EvtxXml::read(Bytes chunk, Bytes data) {
  chunk_ = chunk;
  out_.clear();
  values_.clear();
  tokens_ = 0;
  fault_ = Fault::none;
  ByteReader in{data};
  (void)fragment(in, {}, 0);
  return fault_;
}

bool EvtxXml::fail(Fault fault) {
  if (fault_ == Fault::none) fault_ = fault;
  return false;
}

// Each token passes here, so that whatever the bytes say there is an end.
std::uint8_t EvtxXml::next(ByteReader& in) {
  const std::uint8_t token = in.u8();
  if (++tokens_ > kTokensMax) (void)fail(Fault::too_deep);
  if (out_.size() > kTextBytesMax) (void)fail(Fault::too_long);
  if (!in.ok()) (void)fail(Fault::malformed);
  return token;
}

std::size_t EvtxXml::position(const ByteReader& in) const noexcept {
  return in.ok() ? static_cast<std::size_t>(in.rest().data() - chunk_.data()) : chunk_.size();
}

bool EvtxXml::fragment(ByteReader& in, const Scope& scope, std::size_t depth) {
  if (depth > kDepthMax) return fail(Fault::too_deep);
  while (!in.empty()) {
    const std::uint8_t token = next(in);
    if (fault_ != Fault::none) return false;
    bool good = true;
    switch (kind(token)) {
      case kEnd: return true;
      case kFragment: (void)in.bytes(3); break;
      case kOpen: good = element(in, scope, token, depth + 1); break;
      case kTemplate: good = instance(in, depth + 1); break;
      case kInstructionTarget:
      case kInstructionData: good = skip_instruction(in, token); break;
      default: return fail(Fault::malformed);
    }
    if (!good) return false;
  }
  return in.ok() || fail(Fault::malformed);
}

bool EvtxXml::element(ByteReader& in, const Scope& scope, std::uint8_t token, std::size_t depth) {
  if (depth > kDepthMax) return fail(Fault::too_deep);
  if (!scope.in_value) (void)in.u16le();
  (void)in.u32le();  // its size
  std::string tag;
  if (!name(in, tag)) return false;
  if ((token & kMore) != 0) (void)in.u32le();  // the size of the attributes
  const std::size_t start = out_.size();
  out_ += '<';
  out_ += tag;
  std::uint8_t after = next(in);
  if (!attributes(in, scope, after)) return false;
  if (after == kCloseEmpty) {
    out_ += "/>";
    return true;
  }
  if (after != kCloseStart) return fail(Fault::malformed);
  out_ += '>';
  const std::size_t inside = out_.size();
  Repeat repeat;
  for (;;) {
    after = next(in);
    if (fault_ != Fault::none) return false;
    if (after == kCloseElement) break;
    if (!content(in, scope, after, repeat, depth)) return false;
  }
  if (repeat.omit && out_.size() == inside) {
    out_.resize(start);
    return true;
  }
  const std::string end = "</" + tag + '>';
  out_ += end;
  const std::string begin = repeat.rest.empty() ? std::string{} : out_.substr(start, inside - start);
  for (Bytes each; next_evtx_element(repeat.type, repeat.rest, each);) {
    out_ += begin;
    append_evtx_value(repeat.type, each, out_);
    out_ += end;
    if (++tokens_ > kTokensMax) return fail(Fault::too_deep);
    if (out_.size() > kTextBytesMax) return fail(Fault::too_long);
  }
  return true;
}

// `token`: the first behind the element's name; afterwards that behind the attributes.
bool EvtxXml::attributes(ByteReader& in, const Scope& scope, std::uint8_t& token) {
  std::string tag;
  while (fault_ == Fault::none && kind(token) == kAttribute) {
    if (!name(in, tag)) return false;
    const std::size_t start = out_.size();
    out_ += ' ';
    out_ += tag;
    out_ += "=\"";
    const std::size_t inside = out_.size();
    bool there = false;
    for (token = next(in); fault_ == Fault::none; token = next(in)) {
      const std::uint8_t what = kind(token);
      if (what == kValue || what == kOptionalValue) {
        if (!substitute(in, scope, token, nullptr, 0)) return false;
        there = there || what == kValue;
      } else if (what == kText || what == kCharacter || what == kEntity) {
        if (!character_data(in, token)) return false;
        there = true;
      } else {
        break;
      }
    }
    for (std::size_t at = out_.find('"', inside); at != std::string::npos; at = out_.find('"', at))
      out_.replace(at, 1, "&quot;");
    // An optional value that is not there takes its attribute with it.
    if (there || out_.size() != inside)
      out_ += '"';
    else
      out_.resize(start);
  }
  return fault_ == Fault::none;
}

bool EvtxXml::content(ByteReader& in, const Scope& scope, std::uint8_t token, Repeat& repeat, std::size_t depth) {
  switch (kind(token)) {
    case kOpen: return element(in, scope, token, depth + 1);
    case kText:
    case kCdata:
    case kCharacter:
    case kEntity: return character_data(in, token);
    case kInstructionTarget:
    case kInstructionData: return skip_instruction(in, token);
    case kTemplate: return instance(in, depth + 1);
    case kValue:
    case kOptionalValue: return substitute(in, scope, token, &repeat, depth);
    default: return fail(Fault::malformed);
  }
}

bool EvtxXml::character_data(ByteReader& in, std::uint8_t token) {
  switch (kind(token)) {
    case kText:
      if (in.u8() != static_cast<std::uint8_t>(EvtxType::string)) return fail(Fault::malformed);
      return text(in);
    case kCdata: return text(in);
    case kCharacter: {
      out_ += "&#" + std::to_string(in.u16le()) + ';';
      return in.ok() || fail(Fault::malformed);
    }
    default: {
      std::string tag;
      if (!name(in, tag)) return false;
      out_ += '&' + tag + ';';
      return true;
    }
  }
}

// `repeat`: null in an attribute.
bool EvtxXml::substitute(ByteReader& in, const Scope& scope, std::uint8_t token, Repeat* repeat, std::size_t depth) {
  const std::size_t number = in.u16le();
  (void)in.u8();  // the type that the definition expects; the value has its own
  if (!in.ok()) return fail(Fault::malformed);
  const Value value = number < scope.count ? values_[scope.first + number] : Value{};
  if (value.type == EvtxType::null && !value.array) {
    if (repeat != nullptr && token == kOptionalValue) repeat->omit = true;
    return true;
  }
  if (value.type == EvtxType::xml && !value.array) {
    if (repeat == nullptr) return fail(Fault::malformed);
    ByteReader inner{value.data};
    return fragment(inner, {0, 0, true}, depth + 1);
  }
  if (!value.array) {
    append_evtx_value(value.type, value.data, out_);
    return true;
  }
  Bytes rest = value.data, each;
  if (next_evtx_element(value.type, rest, each)) append_evtx_value(value.type, each, out_);
  if (repeat != nullptr) {
    repeat->type = value.type;
    repeat->rest = rest;
    return true;
  }
  while (next_evtx_element(value.type, rest, each)) {
    out_ += ' ';
    append_evtx_value(value.type, each, out_);
  }
  return true;
}

bool EvtxXml::instance(ByteReader& in, std::size_t depth) {
  if (depth > kDepthMax) return fail(Fault::too_deep);
  constexpr std::size_t kGuid = 16;
  (void)in.u8();
  (void)in.u32le();
  const std::size_t where = in.u32le();
  if (!in.ok() || where > chunk_.size()) return fail(Fault::malformed);
  const bool here = where == position(in);
  ByteReader definition{chunk_.subspan(where)};
  (void)definition.u32le();  // the next definition
  (void)definition.bytes(kGuid);
  const std::size_t size = definition.u32le();
  ByteReader body = definition.sub(size);
  if (!body.ok()) return fail(Fault::malformed);
  if (here) (void)in.bytes(4 + kGuid + 4 + size);
  const std::size_t held = values_.size();
  Scope scope{held, 0, false};
  const bool good = values(in, scope) && fragment(body, scope, depth);
  values_.resize(held);
  return good;
}

bool EvtxXml::values(ByteReader& in, Scope& scope) {
  scope.count = in.u32le();
  if (!in.ok()) return fail(Fault::malformed);
  if (scope.count > kValuesMax - values_.size()) return fail(Fault::too_deep);
  // The sizes and types of all, then their bytes.
  ByteReader sizes = in.sub(4 * scope.count);
  for (std::size_t i = 0; i < scope.count; ++i) {
    const std::size_t size = sizes.u16le();
    const std::uint8_t type = sizes.u8();
    (void)sizes.u8();
    values_.push_back({static_cast<EvtxType>(type & static_cast<std::uint8_t>(~kEvtxArray)), (type & kEvtxArray) != 0,
                       in.bytes(size)});
  }
  return (in.ok() && sizes.ok()) || fail(Fault::malformed);
}

// An offset into the chunk; where it is that of the byte behind it, the name stands here.
bool EvtxXml::name(ByteReader& in, std::string& to) {
  const std::size_t where = in.u32le();
  if (!in.ok() || where > chunk_.size()) return fail(Fault::malformed);
  if (where == position(in)) return name_at(in, to);
  ByteReader there{chunk_.subspan(where)};
  return name_at(there, to);
}

bool EvtxXml::name_at(ByteReader& in, std::string& to) {
  (void)in.u32le();  // the next name of the same hash
  (void)in.u16le();  // the hash
  const std::size_t count = in.u16le();
  const Bytes characters = in.bytes(2 * count);
  (void)in.u16le();  // 0
  to.clear();
  if (!in.ok() || count == 0 || count > kNameMax) return fail(Fault::malformed);
  append_evtx_utf16(characters, to);
  return (!to.empty() && std::ranges::all_of(to, name_character)) || fail(Fault::malformed);
}

bool EvtxXml::text(ByteReader& in) {
  const std::size_t count = in.u16le();
  append_evtx_utf16(in.bytes(2 * count), out_);
  return in.ok() || fail(Fault::malformed);
}

// Events have none that say something.
bool EvtxXml::skip_instruction(ByteReader& in, std::uint8_t token) {
  std::string ignored;
  if (kind(token) == kInstructionTarget) return name(in, ignored);
  (void)in.bytes(2 * std::size_t{in.u16le()});
  return in.ok() || fail(Fault::malformed);
}

}  // namespace nw::logs
