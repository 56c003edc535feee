#include "record/merkle/canonical.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace nw::merkle {
namespace {

// `text` is valid UTF-8. Beyond the BMP a character is two surrogates, which stand below U+E000: there the order of
// code points is another one.
std::u16string utf16(std::string_view text) {
  std::u16string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto octet = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    std::uint32_t point = length == 1 ? octet(0) : octet(0) & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) point = point << 6U | (octet(i) & 0x3fU);
    if (point >= 0x10000) {
      out += static_cast<char16_t>(0xd800U + ((point - 0x10000) >> 10U));
      out += static_cast<char16_t>(0xdc00U + ((point - 0x10000) & 0x3ffU));
    } else {
      out += static_cast<char16_t>(point);
    }
    text.remove_prefix(length);
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// `text` is valid UTF-8. Section 3.2.2.2: five short escapes, then \u00xx, all else as it is.
void append_text(std::string_view text, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default: {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= 0x20) {
          out += c;
        } else {
          out += "\\u00";
          out += kDigits[octet >> 4U];
          out += kDigits[octet & 15U];
        }
      }
    }
  }
  out += '"';
}

// ECMA-262, Number::toString: `digits` are the shortest that read back as the number, 0.digits * 10^point.
std::string ecmascript(std::string_view digits, int point, bool negative) {
  const int count = static_cast<int>(digits.size());
  std::string out = negative ? "-" : "";
  const auto zeros = [](int n) { return std::string(static_cast<std::size_t>(n), '0'); };
  if (count <= point && point <= 21) return out.append(digits) + zeros(point - count);
  if (0 < point && point <= 21) {
    const auto whole = static_cast<std::size_t>(point);
    return out.append(digits.substr(0, whole)).append(".").append(digits.substr(whole));
  }
  if (-6 < point && point <= 0) return out.append("0.").append(zeros(-point)).append(digits);
  out += digits.front();
  if (count > 1) out.append(".").append(digits.substr(1));
  const int exponent = point - 1;
  return out + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
}

std::string number_text(double number) {
  if (number == 0) return "0";  // of either sign
  std::array<char, 32> buffer{};
  const auto done =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(number), std::chars_format::scientific);
  // d[.ddd]e[+-]dd
  const std::string_view text{buffer.data(), static_cast<std::size_t>(done.ptr - buffer.data())};
  const std::size_t e = text.find('e');
  std::string digits{text.substr(0, 1)};
  if (e > 1) digits += text.substr(2, e - 2);
  int exponent = 0;
  const std::size_t first = text[e + 1] == '+' ? e + 2 : e + 1;
  std::from_chars(text.data() + first, text.data() + text.size(), exponent);
  return ecmascript(digits, exponent + 1, std::signbit(number));
}

class Writer {
 public:
  Result<std::string> write(const boost::json::value& value) {
    if (!append(value, 0)) return Error{Errc::invalid_argument, "at '" + printable(pointer_) + "': " + fault_};
    return std::move(out_);
  }

 private:
  bool fail(std::string what) {
    fault_ = std::move(what);
    return false;
  }

  bool append(const boost::json::value& value, std::size_t depth) {
    switch (value.kind()) {
      case boost::json::kind::null: out_ += "null"; return true;
      case boost::json::kind::bool_: out_ += value.get_bool() ? "true" : "false"; return true;
      case boost::json::kind::int64: return append_integer(value.get_int64());
      case boost::json::kind::uint64:
        if (value.get_uint64() > static_cast<std::uint64_t>(kCanonicalIntegerMax)) return too_large();
        return append_integer(static_cast<std::int64_t>(value.get_uint64()));
      case boost::json::kind::double_:
        if (!std::isfinite(value.get_double())) return fail("the number is not finite; JSON has none such");
        out_ += number_text(value.get_double());
        return true;
      case boost::json::kind::string: return append_string({value.get_string().data(), value.get_string().size()});
      case boost::json::kind::array:
        return depth < kCanonicalDepthMax ? append_array(value.get_array(), depth) : deep();
      case boost::json::kind::object:
        return depth < kCanonicalDepthMax ? append_object(value.get_object(), depth) : deep();
    }
    return fail("is no JSON value");
  }

  bool deep() { return fail("over " + std::to_string(kCanonicalDepthMax) + " objects and arrays in each other"); }
  bool too_large() { return fail("the integer is beyond 2^53-1; write it as text"); }

  bool append_integer(std::int64_t number) {
    if (number > kCanonicalIntegerMax || number < -kCanonicalIntegerMax) return too_large();
    out_ += std::to_string(number);
    return true;
  }

  bool append_string(std::string_view text) {
    if (!is_utf8(text)) return fail("the text is no UTF-8");
    append_text(text, out_);
    return true;
  }

  bool append_array(const boost::json::array& array, std::size_t depth) {
    out_ += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (i > 0) out_ += ',';
      const std::size_t here = pointer_.size();
      pointer_ += "/" + std::to_string(i);
      if (!append(array[i], depth + 1)) return false;
      pointer_.resize(here);
    }
    out_ += ']';
    return true;
  }

  bool append_object(const boost::json::object& object, std::size_t depth) {
    struct Member {
      std::u16string order;
      const boost::json::key_value_pair* pair;
    };
    std::vector<Member> members;
    members.reserve(object.size());
    for (const auto& pair : object) {
      const std::string_view name{pair.key().data(), pair.key().size()};
      if (!is_utf8(name)) return fail("the name of a member is no UTF-8");
      members.push_back({utf16(name), &pair});
    }
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.order < b.order; });
    out_ += '{';
    for (const Member& member : members) {
      if (&member != members.data()) out_ += ',';
      const std::string_view name{member.pair->key().data(), member.pair->key().size()};
      append_text(name, out_);
      out_ += ':';
      const std::size_t here = pointer_.size();
      pointer_.append("/").append(name);
      if (!append(member.pair->value(), depth + 1)) return false;
      pointer_.resize(here);
    }
    out_ += '}';
    return true;
  }

  std::string out_, pointer_, fault_;
};

}  // namespace

Result<std::string> canonical_json(const boost::json::value& value) { return Writer{}.write(value); }

Result<std::string> canonical_number(double number) {
  if (!std::isfinite(number)) return Error{Errc::invalid_argument, "the number is not finite; JSON has none such"};
  return number_text(number);
}

}  // namespace nw::merkle
