// Binary XML ([MS-EVEN6] 2.2.12, and libevtx's description of the format) as text. Inner to evtx*.
//
//   fragment:  0f 01 01 00 | template instance or element | 00
//   template:  0c 01 | id u32 | where its definition is, in the chunk | [the definition] | values
//   element:   01 or 41 | dependency u16 | size u32 | name | [attributes] | 02 content 04, or 03
// Names and definitions stand in the chunk, each where it is first used.
#pragma once

#include <string>
#include <vector>

#include "ingest/logs/formats/evtx_value.h"

namespace nw::logs {

class EvtxXml {
 public:
  enum class Fault : std::uint8_t { none, malformed, too_deep, too_long };
  static constexpr std::size_t kDepthMax = 64;          // elements, templates and values inside one another
  static constexpr std::size_t kTokensMax = 64 * 1024;  // of one record: a template may use a value again and again
  static constexpr std::size_t kValuesMax = 8 * 1024;   // of the templates of one record
  static constexpr std::size_t kNameMax = 256;          // characters
  static constexpr std::size_t kTextBytesMax = 256 * 1024;

  // The fragment at `data`, which lies in `chunk`. After a fault out() holds what was read up to there.
  Fault read(Bytes chunk, Bytes data);
  [[nodiscard]] const std::string& out() const noexcept { return out_; }

 private:
  struct Value {
    EvtxType type = EvtxType::null;
    bool array = false;
    Bytes data;
  };
  // The values of the template around, as a part of values_. Outside of one: none.
  struct Scope {
    std::size_t first = 0, count = 0;
    bool in_value = false;  // elements have no dependency
  };
  // An element whose content is an array is written once for each of it.
  struct Repeat {
    EvtxType type = EvtxType::null;
    Bytes rest;
    bool omit = false;  // it is not written at all
  };

  bool fragment(ByteReader& in, const Scope& scope, std::size_t depth);
  bool element(ByteReader& in, const Scope& scope, std::uint8_t token, std::size_t depth);
  bool attributes(ByteReader& in, const Scope& scope, std::uint8_t& token);
  bool content(ByteReader& in, const Scope& scope, std::uint8_t token, Repeat& repeat, std::size_t depth);
  bool character_data(ByteReader& in, std::uint8_t token);
  bool substitute(ByteReader& in, const Scope& scope, std::uint8_t token, Repeat* repeat, std::size_t depth);
  bool instance(ByteReader& in, std::size_t depth);
  bool values(ByteReader& in, Scope& scope);
  bool name(ByteReader& in, std::string& to);
  bool name_at(ByteReader& in, std::string& to);
  bool text(ByteReader& in);
  bool skip_instruction(ByteReader& in, std::uint8_t token);
  std::uint8_t next(ByteReader& in);
  [[nodiscard]] std::size_t position(const ByteReader& in) const noexcept;
  bool fail(Fault fault);

  Bytes chunk_;
  std::string out_;
  std::vector<Value> values_;
  std::size_t tokens_ = 0;
  Fault fault_ = Fault::none;
};

}  // namespace nw::logs
