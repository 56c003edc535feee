#include "ingest/network/protocols/opcua_types.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <limits>

#include "ingest/network/protocols/windows_text.h"

namespace nw::network {

namespace {

// Values within values: of what is deeper nobody knows the end. Servers read so many (IEC 62541-6, 5.2.2.16), and carry
// out what stands behind them.
constexpr unsigned kDepthMax = 100;
constexpr std::uint8_t kNull = 0;            // the type without a value
constexpr std::uint32_t kNone = 0x80000000;  // from here on: lengths of what is not there, -1 by the book

void fail(ByteReader& in) { in.bytes(std::numeric_limits<std::size_t>::max()); }

void append_guid(IcsText& out, Bytes octets) {
  ByteReader in{octets};
  out.append_hex(in.u32le(), 8);
  out.append('-');
  out.append_hex(in.u16le(), 4);
  out.append('-');
  out.append_hex(in.u16le(), 4);
  out.append('-');
  out.append_octets(in.bytes(2));
  out.append('-');
  out.append_octets(in.bytes(6));
}

// Seconds since 1970, as other protocols' clocks.
void append_time(IcsText& out, std::optional<Timestamp> time) {
  if (!time) return out.append("never");
  const std::int64_t ms = to_unix_nanoseconds(*time) / 1'000'000;
  if (ms < 0) out.append('-');
  const std::int64_t size = ms < 0 ? -ms : ms;
  out.append_number(size / 1000);
  out.append('.');
  for (std::int64_t digit = 100; digit > 0; digit /= 10) out.append_number(size / digit % 10);
}

// Reads values; they become text only where somebody wants it.
class ValueReader {
 public:
  ValueReader(ByteReader& in, IcsText* text) : in_{in}, text_{text} {}

  std::uint8_t variant(unsigned depth) {
    constexpr std::uint8_t kType = 0x3F, kDimensions = 0x40, kArray = 0x80;
    const std::uint8_t mask = in_.u8(), type = mask & kType;
    if (depth > kDepthMax) fail(in_);
    if ((mask & kArray) == 0) {
      scalar(type, depth);
      return type;
    }
    append("[");
    const std::uint32_t count = read_opcua_count(in_);
    // Elements without octets are not gone through: a few octets could say that there are many.
    for (std::uint32_t i = 0; type != kNull && i < count && in_.ok(); ++i) {
      if (i != 0) append(",");
      scalar(type, depth);
    }
    append("]");
    if ((mask & kDimensions) == 0) return type;
    const std::uint32_t dimensions = read_opcua_count(in_);
    for (std::uint32_t i = 0; i < dimensions && in_.ok(); ++i) in_.u32le();
    return type;
  }

  OpcuaDataValue data_value(unsigned depth) {
    OpcuaDataValue out;
    const std::uint8_t mask = in_.u8();
    out.has_value = (mask & 0x01U) != 0;
    if (out.has_value) out.type = variant(depth + 1);
    if ((mask & 0x02U) != 0) out.status = in_.u32le();
    if ((mask & 0x04U) != 0) out.source_time = read_opcua_time(in_);
    if ((mask & 0x10U) != 0) in_.u16le();
    if ((mask & 0x08U) != 0) out.server_time = read_opcua_time(in_);
    if ((mask & 0x20U) != 0) in_.u16le();
    return out;
  }

 private:
  void append(std::string_view text) {
    if (text_ != nullptr) text_->append(text);
  }
  void number(std::integral auto value) {
    if (text_ != nullptr) text_->append_number(value);
  }
  void real(std::floating_point auto value) {
    if (text_ != nullptr) text_->append_real(value);
  }
  void words(Bytes octets) {
    if (text_ != nullptr) text_->append_escaped(octets);
  }
  void node(const OpcuaNodeId& id) {
    if (text_ != nullptr) append_opcua_node(*text_, id);
  }

  void scalar(std::uint8_t type, unsigned depth) {
    switch (type) {
      case kNull: return append("null");
      case 1: return append(in_.u8() != 0 ? "true" : "false");
      case 2: return number(static_cast<std::int8_t>(in_.u8()));
      case 3: return number(in_.u8());
      case 4: return number(static_cast<std::int16_t>(in_.u16le()));
      case 5: return number(in_.u16le());
      case 6: return number(static_cast<std::int32_t>(in_.u32le()));
      case 7: return number(in_.u32le());
      case 8: return number(static_cast<std::int64_t>(u64le(in_)));
      case 9: return number(u64le(in_));
      case 10: return real(std::bit_cast<float>(in_.u32le()));
      case 11: return real(std::bit_cast<double>(u64le(in_)));
      case 12:
      case 16: return words(read_opcua_string(in_));
      case 20: return words(read_opcua_qualified_name(in_));
      case 21: return words(read_opcua_localized_text(in_));
      case 17:
      case 18: return node(read_opcua_node(in_));
      default: return composite(type, depth);
    }
  }

  void composite(std::uint8_t type, unsigned depth) {
    switch (type) {
      case 13: {
        const auto time = read_opcua_time(in_);
        if (text_ != nullptr) append_time(*text_, time);
        return;
      }
      case 14: {
        const Bytes octets = in_.bytes(16);
        if (text_ != nullptr) append_guid(*text_, octets);
        return;
      }
      case 19: {
        const std::uint32_t status = in_.u32le();
        if (text_ != nullptr) append_opcua_status(*text_, status);
        return;
      }
      case 22:  // a structure that only its type's description explains
        append("{");
        node(read_opcua_extension(in_).type);
        return append("}");
      case 23: data_value(depth); return;
      case 24: variant(depth + 1); return;
      case 25: return skip_opcua_diagnostics(in_);
      default: {  // a byte string, and so are types that are yet to come
        const Bytes octets = read_opcua_string(in_);
        if (text_ != nullptr) text_->append_octets(octets);
      }
    }
  }

  ByteReader& in_;
  IcsText* text_;
};

}  // namespace

Bytes read_opcua_string(ByteReader& in) {
  const std::uint32_t size = in.u32le();
  return size >= kNone ? Bytes{} : in.bytes(size);
}

std::uint32_t read_opcua_count(ByteReader& in) {
  const std::uint32_t count = in.u32le();
  if (count >= kNone) return 0;
  if (count > in.rest().size()) fail(in);
  return in.ok() ? count : 0;
}

std::optional<Timestamp> read_opcua_time(ByteReader& in) { return time_of_filetime(u64le(in)); }

OpcuaNodeId read_opcua_node(ByteReader& in) {
  constexpr std::uint8_t kForm = 0x3F, kServer = 0x40, kUri = 0x80;
  OpcuaNodeId out;
  out.mask = in.u8();
  const std::uint8_t form = out.mask & kForm;
  if (form == 1) out.space = in.u8();
  if (form >= 2) out.space = in.u16le();
  switch (form) {
    case 0: out.number = in.u8(); break;
    case 1: out.number = in.u16le(); break;
    case 2: out.number = in.u32le(); break;
    case 3: out.kind = OpcuaNodeId::Kind::string, out.octets = read_opcua_string(in); break;
    case 4: out.kind = OpcuaNodeId::Kind::guid, out.octets = in.bytes(16); break;
    case 5: out.kind = OpcuaNodeId::Kind::opaque, out.octets = read_opcua_string(in); break;
    default: fail(in);
  }
  if ((out.mask & kUri) != 0) read_opcua_string(in);
  if ((out.mask & kServer) != 0) in.u32le();
  return out;
}

Bytes read_opcua_qualified_name(ByteReader& in) {
  in.u16le();
  return read_opcua_string(in);
}

Bytes read_opcua_localized_text(ByteReader& in) {
  const std::uint8_t mask = in.u8();
  if ((mask & 0x01U) != 0) read_opcua_string(in);
  return (mask & 0x02U) != 0 ? read_opcua_string(in) : Bytes{};
}

OpcuaExtension read_opcua_extension(ByteReader& in) {
  constexpr std::uint8_t kOctets = 1, kXml = 2;
  OpcuaExtension out;
  out.type = read_opcua_node(in);
  const std::uint8_t encoding = in.u8();
  if (encoding > kXml) fail(in);
  const Bytes body = encoding == 0 ? Bytes{} : read_opcua_string(in);
  if (encoding == kOctets) out.body = body;
  return out;
}

void skip_opcua_diagnostics(ByteReader& in) {
  constexpr std::uint8_t kText = 0x10, kStatus = 0x20, kInner = 0x40;
  for (unsigned depth = 0; in.ok(); ++depth) {
    const std::uint8_t mask = in.u8();
    if (depth > kDepthMax) return fail(in);
    for (unsigned bit = 0; bit < 4; ++bit)
      if ((mask >> bit & 1U) != 0) in.u32le();
    if ((mask & kText) != 0) read_opcua_string(in);
    if ((mask & kStatus) != 0) in.u32le();
    if ((mask & kInner) == 0) return;
  }
}

std::uint8_t read_opcua_variant(ByteReader& in, IcsText* text) { return ValueReader{in, text}.variant(0); }

OpcuaDataValue read_opcua_data_value(ByteReader& in, IcsText* text) { return ValueReader{in, text}.data_value(0); }

void append_opcua_node(IcsText& out, const OpcuaNodeId& node) {
  if (node.space != 0) {
    out.append("ns=");
    out.append_number(node.space);
    out.append(';');
  }
  switch (node.kind) {
    case OpcuaNodeId::Kind::numeric: out.append("i="); return out.append_number(node.number);
    case OpcuaNodeId::Kind::string: out.append("s="); return out.append_escaped(node.octets);
    case OpcuaNodeId::Kind::guid: out.append("g="); return append_guid(out, node.octets);
    case OpcuaNodeId::Kind::opaque:
      out.append("b=");  // in hexadecimal, where the standard's notation has Base64
      return out.append_octets(node.octets);
  }
}

void append_opcua_status(IcsText& out, std::uint32_t status) {
  const std::string_view name = opcua_status_name(status);
  if (!name.empty()) return out.append(name);
  out.append("0x");
  out.append_hex(status, 8);
}

}  // namespace nw::network
