// The services of OPC UA (IEC 62541-4) in their binary encoding (IEC 62541-6): a message's body is
// | NodeId of the encoding | request or response header | what the service says |
// request header  | token NodeId | time | handle u32 | diagnostics u32 | audit String | timeout u32 | extension |
// response header | time | handle u32 | result u32 | DiagnosticInfo | Strings | extension |
// What a service says is a row of letters in its layout (opcua_names.cpp).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/opcua_types.h"

namespace nw::network {

// Which event tells the parts of a message.
enum class OpcuaPart : std::uint8_t { none, read, write, browse, call, monitor, endpoint, session, user, channel };

// A layout's letters, in the order of the wire. Those in upper case are kept:
// b octet, i 4 octets, d 8 octets, s String, q QualifiedName, l LocalizedText, n NodeId, e ExtensionObject,
// g DiagnosticInfo, * what nobody reads
// N node, O another node, A attribute, B direction of browsing, D duration, E ExtensionObject, I number, L one of many
// nodes, M one of many Variants, P application, Q name, R range of indices, S status, T text, V DataValue, W time,
// Z endpoint
// ( ) around the elements of an array, [ ] around those of the array of the message's items
struct OpcuaService {
  std::uint32_t id;  // of its binary encoding
  std::string_view name;
  IcsOperation operation;
  OpcuaPart part;
  std::string_view layout;

  [[nodiscard]] bool response() const noexcept { return id == kFault || name.ends_with(kResponse); }
  // What is asked, in the same word of request and response: Read. Empty of a fault, which answers any service.
  [[nodiscard]] std::string_view asked() const noexcept {
    if (id == kFault) return {};
    return name.substr(0, name.size() - (response() ? kResponse : kRequest).size());
  }
  [[nodiscard]] bool answers(const OpcuaService& request) const noexcept {
    return id == kFault || (response() && asked() == request.asked());
  }

  static constexpr std::uint32_t kFault = 397;
  static constexpr std::string_view kRequest = "Request", kResponse = "Response";
};
// Null when nobody published it.
const OpcuaService* find_opcua_service(std::uint32_t id);

// Those that mean something to the conversation.
inline constexpr std::uint32_t kOpcuaRead = 631, kOpcuaReadResponse = 634, kOpcuaCreateSubscriptionResponse = 790,
                               kOpcuaPublish = 826, kOpcuaPublishResponse = 829;

struct OpcuaHeader {
  std::optional<Timestamp> time;
  std::uint32_t handle = 0;
  std::uint32_t diagnostics = 0, timeout = 0;  // of a request
  Bytes audit;                                 // of a request
  std::uint32_t result = 0;                    // of a response
};

// What a body begins with.
struct OpcuaHead {
  OpcuaNodeId encoding;
  const OpcuaService* service = nullptr;
  bool has_header = false;  // all of it
  OpcuaHeader header;
};
// False when it does not fit.
bool read_opcua_head(ByteReader& body, OpcuaHead& out);
// The service with which a body begins, null when it begins with none.
const OpcuaService* peek_opcua_service(Bytes body);

struct OpcuaApplication {
  Bytes uri, product_uri, name, gateway_uri, profile_uri;
  std::uint32_t type = 0;
};
struct OpcuaEndpoint {
  static constexpr std::size_t kTokensMax = 8;

  Bytes url;
  OpcuaApplication application;
  Bytes certificate, policy_uri, transport_uri;
  std::uint32_t mode = 0;
  std::uint8_t level = 0;
  std::array<std::uint32_t, kTokensMax> tokens{};  // kinds of users' proofs, set up to `token_count`
  std::size_t token_count = 0;
};

// Everything that letters in upper case can name.
struct OpcuaItem {
  OpcuaNodeId node, other;
  bool has_node = false, has_other = false;
  std::optional<std::uint32_t> attribute, status, direction;
  std::array<std::uint32_t, 4> numbers{};
  std::size_t number_count = 0;
  std::array<Bytes, 4> texts{};
  std::size_t text_count = 0;
  Bytes range, name;
  std::optional<double> duration;  // in ms
  std::optional<Timestamp> time;
  OpcuaDataValue data;
  Bytes raw;  // V as it is
  OpcuaExtension extension;
  std::optional<OpcuaApplication> application;
  std::optional<OpcuaEndpoint> endpoint;
  std::uint32_t many = 0;  // how many L there were
  IcsText value;           // of V, M, L and E, divided by ','; only when texts are wanted
};

// Reads the body of a message behind its header: head() first, then next() until it says no, then broken().
class OpcuaBody {
 public:
  OpcuaBody(const OpcuaService& service, ByteReader behind_header, bool with_texts);

  // What stands outside of the items: before them, and behind them once they were read.
  [[nodiscard]] const OpcuaItem& head() const noexcept { return head_; }
  // The last one may be cut: it has its node then, and no value.
  bool next(OpcuaItem& out);
  // How many there are, as said.
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  // It does not fit its layout. Meaningful once the items were read.
  [[nodiscard]] bool broken() const noexcept { return !in_.ok(); }
  // What was not read: a signature, or what does not belong there.
  [[nodiscard]] std::size_t left() const noexcept { return in_.rest().size(); }

 private:
  void read(std::string_view layout, OpcuaItem& out);
  void read_letter(char letter, OpcuaItem& out);
  std::optional<std::uint32_t> number();
  IcsText* text(OpcuaItem& out) const;

  ByteReader in_;
  bool with_texts_;
  std::string_view items_, tail_;  // layouts
  std::uint32_t count_ = 0, left_ = 0;
  OpcuaItem head_;
};

// Who a user is, in ActivateSession. IEC 62541-4, section 7.40.
struct OpcuaUser {
  std::string_view kind;  // AnonymousIdentityToken, ...; empty when nobody published it
  Bytes policy, name;
  bool has_password = false;
};
OpcuaUser read_opcua_user(const OpcuaExtension& token);

// What a server's BuildInfo says, IEC 62541-5 section 12.4; also as a part of its ServerStatus.
struct OpcuaBuild {
  Bytes product_uri, vendor, product, version, build;
};
std::optional<OpcuaBuild> read_opcua_build(Bytes data_value);
// Its nodes in the server's address space: itself, then its parts.
inline constexpr std::uint32_t kOpcuaBuildFirst = 2260, kOpcuaBuildProduct = 2261, kOpcuaBuildUri = 2262,
                               kOpcuaBuildVendor = 2263, kOpcuaBuildVersion = 2264, kOpcuaBuildNumber = 2265,
                               kOpcuaBuildLast = 2266;

// The subscription that a response without its request is about.
void append_opcua_subscription(IcsText& out, const OpcuaService& service, const OpcuaItem& head);
// What an item of a request is about: a node, with attribute and range where they are said; or a subscription.
void append_opcua_target(IcsText& out, const OpcuaService& service, const OpcuaItem& head, const OpcuaItem& item);

}  // namespace nw::network
