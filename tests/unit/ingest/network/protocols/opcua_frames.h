// Messages of OPC UA for its tests.
#pragma once

#include "play.h"

namespace nw::network::opcua {

inline constexpr Golden kGolden{"opcua"};

inline Play play(const std::vector<std::string>& only = {}) { return {"opcua", Transport::tcp, only}; }

inline std::string le(std::uint64_t number, std::size_t octets = 4) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (; octets > 0; --octets, number >>= 8U) {
    out += kDigits[number >> 4U & 0xFU];
    out += kDigits[number & 0xFU];
  }
  return out;
}

// A String.
inline std::string text(const std::string& words) { return le(words.size()) + "'" + words + "'"; }
// An array.
inline std::string list(const std::vector<std::string>& elements) {
  std::string out = le(elements.size());
  for (const std::string& element : elements) out += element;
  return out;
}

// `letters`: type and kind of chunk.
inline std::string chunk(const std::string& letters, const std::string& contents) {
  return "'" + letters + "'" + le(from_hex(contents).size() + 8) + contents;
}

struct Numbers {
  std::uint32_t request = 1, channel = 7;
  std::string letters = "MSGF";
};
inline std::string message(const std::string& body, const Numbers& numbers = {}) {
  return chunk(numbers.letters, le(numbers.channel) + le(1) + le(numbers.request) + le(numbers.request) + body);
}

inline const std::string kTime = "00006dc64717da01", kNone = "ffffffff", kPump = "030200" + text("Pump");

// The body of a request, of a response.
inline std::string asks(std::uint32_t service, const std::string& body) {
  return "0100" + le(service, 2) + "0000" + kTime + le(1) + le(0) + kNone + le(0) + "000000" + body;
}
inline std::string answers(std::uint32_t service, const std::string& body, std::uint32_t result = 0) {
  return "0100" + le(service, 2) + kTime + le(1) + le(result) + "00" + kNone + "000000" + body;
}

inline std::string open(const std::string& policy, const std::string& behind) {
  return chunk("OPNF", le(0) + text("http://opcfoundation.org/UA/SecurityPolicy#" + policy) + kNone + kNone + behind);
}

// A node to read, one value of it, and a value to write.
inline std::string point(const std::string& node, std::uint32_t attribute = 13) {
  return node + le(attribute) + kNone + "0000" + kNone;
}
inline std::string reads(const std::vector<std::string>& points) { return asks(631, le(0, 8) + le(0) + list(points)); }
inline std::string writes(const std::string& variant) {
  return asks(673, list({kPump + le(13) + kNone + "01" + variant}));
}

// The first event of that kind, and so on.
inline std::size_t nth(const Play& play, std::string_view path, std::size_t index = 0) {
  for (std::size_t i = 0; i < play.context.paths.size(); ++i)
    if (play.context.paths[i] == path && index-- == 0) return i;
  return play.context.paths.size();
}

}  // namespace nw::network::opcua
