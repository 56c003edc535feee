// XML 1.0 as event logs write it, token by token, without a copy. No DTD, no entity but the five and numbers; names are
// compared as they stand, with their prefixes. Bounded: nothing here grows with the text.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace nw::logs {

class XmlReader {
 public:
  enum class Token : std::uint8_t {
    open,       // name(), attributes(); an empty element is followed by its close
    close,      // name()
    text,       // raw(), literal()
    end,        // all elements are closed and the text is at its end
    cut,        // the text ends inside an element
    malformed,  // and so it stays
    too_deep,   // a bound below; and so it stays
  };
  static constexpr std::size_t kDepthMax = 32, kAttributesMax = 32, kNameBytesMax = 256;

  struct Attribute {
    std::string_view name, raw;  // as it stands between the quotes
  };

  explicit XmlReader(std::string_view text) noexcept : rest_{text} {}

  Token next() noexcept;
  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] std::span<const Attribute> attributes() const noexcept {
    return std::span{attributes_}.first(attribute_count_);
  }
  [[nodiscard]] std::string_view raw() const noexcept { return raw_; }
  [[nodiscard]] bool literal() const noexcept { return literal_; }  // CDATA: '&' is '&'
  [[nodiscard]] std::size_t depth() const noexcept { return depth_; }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

 private:
  Token markup() noexcept;
  Token open() noexcept;
  Token close() noexcept;
  Token cdata() noexcept;
  bool attribute() noexcept;
  std::string_view take_name() noexcept;
  bool skip_past(std::size_t from, std::string_view end) noexcept;
  Token fail(Token why) noexcept {
    failed_ = why;
    return why;
  }

  std::string_view rest_, name_, raw_;
  std::array<std::string_view, kDepthMax> open_{};
  std::array<Attribute, kAttributesMax> attributes_{};
  std::size_t depth_ = 0, attribute_count_ = 0;
  Token failed_ = Token::end;  // what next() says for good; `end`: nothing yet
  bool literal_ = false;
  bool empty_ = false;  // the element just opened closes at once
};

// `raw` without its references, to `to`, where there is room for raw.size() bytes; the size. A reference that is none
// of XML's own stays as it is, a number that is no character becomes U+FFFD.
std::size_t xml_decode(std::string_view raw, char* to) noexcept;

}  // namespace nw::logs
