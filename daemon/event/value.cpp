#include "event/value.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace nw::event {

namespace {

template <class Number>
void append_number(Number value, std::string& out) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc{}) out.append(digits.data(), end);
}

}  // namespace

void Value::append_text(std::string& out) const {
  switch (kind_) {
    case Kind::null: break;
    case Kind::boolean: out += integer_ != 0 ? "true" : "false"; break;
    case Kind::integer: append_number(integer_, out); break;
    case Kind::real: append_number(real_, out); break;
    case Kind::text: out += as_text(); break;
    case Kind::address: address_.append_to(out); break;
    case Kind::time:
    case Kind::interval: append_seconds(Nanoseconds{integer_}, out); break;
    case Kind::list: {
      bool first = true;
      for (const Value& item : as_list()) {
        if (!first) out += ',';
        first = false;
        item.append_text(out);
      }
    }
  }
}

std::string Value::to_text() const {
  std::string out;
  append_text(out);
  return out;
}

void Value::append_json(std::string& out) const {
  switch (kind_) {
    case Kind::null: out += "null"; break;
    case Kind::text: append_json_string(as_text(), out); break;
    case Kind::address:
      out += '"';
      address_.append_to(out);
      out += '"';
      break;
    case Kind::real:
      if (std::isfinite(real_))
        append_number(real_, out);
      else
        out += "null";  // JSON has no infinity
      break;
    case Kind::list: {
      out += '[';
      bool first = true;
      for (const Value& item : as_list()) {
        if (!first) out += ',';
        first = false;
        item.append_json(out);
      }
      out += ']';
      break;
    }
    default: append_text(out);
  }
}

bool operator==(const Value& a, const Value& b) noexcept {
  if (a.kind_ != b.kind_) return false;
  switch (a.kind_) {
    case Value::Kind::null: return true;
    case Value::Kind::real: return a.real_ == b.real_;
    case Value::Kind::text: return a.as_text() == b.as_text();
    case Value::Kind::address: return a.address_ == b.address_;
    case Value::Kind::list: {
      const auto x = a.as_list(), y = b.as_list();
      if (x.size() != y.size()) return false;
      for (std::size_t i = 0; i < x.size(); ++i)
        if (!(x[i] == y[i])) return false;
      return true;
    }
    default: return a.integer_ == b.integer_;
  }
}

}  // namespace nw::event
