// The values of binary XML as the text that Windows shows for them. Inner to evtx*.
#pragma once

#include <cstdint>
#include <string>

#include "base/byte_reader.h"

namespace nw::logs {

// [MS-EVEN6] 2.2.12, "BinXml"; the numbers are those of winevt.h's EVT_VARIANT_TYPE.
enum class EvtxType : std::uint8_t {
  null = 0x00,
  string = 0x01,
  ansi = 0x02,
  int8 = 0x03,
  uint8 = 0x04,
  int16 = 0x05,
  uint16 = 0x06,
  int32 = 0x07,
  uint32 = 0x08,
  int64 = 0x09,
  uint64 = 0x0a,
  real32 = 0x0b,
  real64 = 0x0c,
  boolean = 0x0d,
  binary = 0x0e,
  guid = 0x0f,
  size = 0x10,
  file_time = 0x11,
  system_time = 0x12,
  sid = 0x13,
  hex32 = 0x14,
  hex64 = 0x15,
  handle = 0x20,
  xml = 0x21,
  xml_text = 0x23,
};
constexpr std::uint8_t kEvtxArray = 0x80;  // ored to the type: several of it

// UTF-16LE as UTF-8, without the zeros at its end, with what XML reserves in text, and control characters, as
// references; what is no UTF-16 as U+FFFD.
void append_evtx_utf16(Bytes text, std::string& out);
// The value, escaped for XML. A type that is not known, or bytes that the type does not have: in hexadecimal.
void append_evtx_value(EvtxType type, Bytes value, std::string& out);
// Takes the next element of an array of `type` from `rest`. False: there is none.
bool next_evtx_element(EvtxType type, Bytes& rest, Bytes& element);

}  // namespace nw::logs
