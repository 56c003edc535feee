#include "ingest/network/protocols/cip_identity.h"

#include "ingest/network/protocols/cip_event.h"
#include "ingest/network/protocols/cip_names.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

// False for attributes whose width nobody can tell without knowing them.
bool read_attribute(std::uint32_t attribute, ByteReader& reader, CipIdentity& out) {
  switch (attribute) {
    case 1: out.vendor = reader.u16le(); break;
    case 2: out.type = reader.u16le(); break;
    case 3: out.product = reader.u16le(); break;
    case 4:
      out.major = reader.u8();
      out.minor = reader.u8();
      break;
    case 5: out.status = reader.u16le(); break;
    case 6: out.serial = reader.u32le(); break;
    case 7: out.name = reader.bytes(reader.u8()); break;
    case 8: out.state = reader.u8(); break;
    default: return false;
  }
  return true;
}

// The first seven, one behind the other. What is cut is not told.
bool read_first(ByteReader& reader, CipIdentity& out) {
  constexpr std::uint32_t kLast = 7;
  for (std::uint32_t attribute = 1; attribute <= kLast; ++attribute) {
    CipIdentity before = out;
    read_attribute(attribute, reader, out);
    if (!reader.ok()) return out = before, false;
  }
  return true;
}

// | count u16 |, and each | attribute u16 | status u16 | value, if the status is 0 |.
bool read_list(ByteReader& reader, CipIdentity& out) {
  for (std::uint16_t left = reader.u16le(); left > 0 && reader.ok(); --left) {
    const std::uint16_t attribute = reader.u16le(), status = reader.u16le();
    CipIdentity before = out;
    if (status == 0 && !read_attribute(attribute, reader, out)) return true;  // what follows begins nobody knows where
    if (!reader.ok()) out = before;
  }
  return reader.ok();
}

void append_number_or_name(IcsText& out, std::string_view name, std::uint16_t number) {
  if (name.empty())
    out.append_number(number);
  else
    out.append(name);
}

void append_revision(IcsText& out, const CipIdentity& identity) {
  if (!identity.major || !identity.minor) return;
  out.append_number(*identity.major);
  out.append('.');
  out.append_number(*identity.minor);
}

// The texts that `known_device` borrows.
struct Texts {
  IcsText vendor, product_code, serial, revision, name;
};
Texts texts_of(const CipIdentity& identity) {
  Texts texts;
  if (identity.vendor) append_number_or_name(texts.vendor, cip_vendor_name(*identity.vendor), *identity.vendor);
  if (identity.product) texts.product_code.append_number(*identity.product);
  if (identity.serial) {
    texts.serial.append("0x");
    texts.serial.append_hex(*identity.serial, 8);
  }
  append_revision(texts.revision, identity);
  texts.name.append_escaped(identity.name);
  return texts;
}

void tell_event(const CipIdentity& identity, const Texts& texts, std::string_view route, bool from_client,
                Context& context) {
  EventWriter out = context.begin(kCipIdentities, context.now());
  const auto set_number = [&](std::size_t field, std::optional<std::uint32_t> number) {
    if (number) out.set(field, Value::integer(*number));
  };
  const auto set_words = [&](std::size_t field, std::string_view text) {
    if (!text.empty()) out.set(field, Value::text(text));
  };
  out.set(kIdentityIsOrig, Value::boolean(from_client));
  set_number(kIdentityVersion, identity.version);
  if (identity.address) out.set(kIdentityAddress, Value::address(*identity.address));
  set_number(kIdentityPort, identity.port);
  set_number(kIdentityVendorId, identity.vendor);
  if (identity.vendor) out.set(kIdentityVendorName, named(out, cip_vendor_name(*identity.vendor), *identity.vendor));
  set_number(kIdentityTypeId, identity.type);
  if (identity.type) out.set(kIdentityTypeName, named(out, cip_device_type_name(*identity.type), *identity.type));
  set_number(kIdentityProductCode, identity.product);
  set_words(kIdentityRevision, texts.revision.view());
  set_cip_hex(out, kIdentityStatus, identity.status, 4);
  set_words(kIdentitySerial, texts.serial.view());
  set_words(kIdentityName, texts.name.view());
  set_cip_hex(out, kIdentityState, identity.state, 2);
  set_words(kIdentityRoute, route);
  write_ics(out, kIdentityIcs, IcsOperation::identify, {}, texts.name.view(), IcsOutcome::ok);
  context.emit();
}

}  // namespace

bool read_cip_list_identity(Bytes item, CipIdentity& out) {
  constexpr std::size_t kAddressBytes = 4, kZeros = 8;
  ByteReader reader{item};
  const std::uint16_t version = reader.u16le();
  reader.u16be();  // family
  const std::uint16_t port = reader.u16be();
  const Bytes address = reader.bytes(kAddressBytes);
  reader.bytes(kZeros);
  if (!reader.ok()) return false;
  out.version = version;
  out.port = port;
  out.address = IpAddress::from_bytes(address);
  if (!read_first(reader, out)) return false;
  if (!reader.empty()) out.state = reader.u8();
  return true;
}

bool read_cip_identity(std::uint8_t service, std::optional<std::uint32_t> attribute, Bytes data, CipIdentity& out) {
  ByteReader reader{data};
  if (service == kCipGetAttributesAll) return read_first(reader, out);
  if (service == kCipGetAttributeList) return read_list(reader, out);
  if (service != kCipGetAttribute || !attribute) return true;
  const CipIdentity before = out;
  read_attribute(*attribute, reader, out);
  if (!reader.ok()) out = before;
  return reader.ok();
}

void tell_cip_identity(const CipIdentity& identity, std::string_view route, bool from_client, Direction from,
                       KnownDevices& devices, Context& context) {
  if (!identity.told()) return;
  const Texts texts = texts_of(identity);
  if (context.wants(kCipIdentities)) tell_event(identity, texts, route, from_client, context);
  if (!context.wants(kEnipDevices)) return;
  KnownDevice device{.protocol = "enip", .unit = route};
  device.vendor = texts.vendor.view();
  device.product = texts.name.view();
  device.order_number = texts.product_code.view();
  device.serial_number = texts.serial.view();
  device.firmware = texts.revision.view();
  if (identity.type) device.description = cip_device_type_name(*identity.type);
  devices.tell(device, kEnipDevices, from, context);
}

}  // namespace nw::network
