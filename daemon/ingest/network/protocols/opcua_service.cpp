#include "ingest/network/protocols/opcua_service.h"

#include <bit>

#include "ingest/network/protocols/windows_text.h"

namespace nw::network {

namespace {

constexpr std::uint32_t kValueAttribute = 13;

// Where the array that begins at `from` ends; every layout is ours, so it does.
std::size_t closing(std::string_view layout, std::size_t from) { return layout.find(')', from); }

OpcuaApplication read_application(ByteReader& in) {
  OpcuaApplication out;
  out.uri = read_opcua_string(in);
  out.product_uri = read_opcua_string(in);
  out.name = read_opcua_localized_text(in);
  out.type = in.u32le();
  out.gateway_uri = read_opcua_string(in);
  out.profile_uri = read_opcua_string(in);
  const std::uint32_t urls = read_opcua_count(in);
  for (std::uint32_t i = 0; i < urls && in.ok(); ++i) read_opcua_string(in);
  return out;
}

OpcuaEndpoint read_endpoint(ByteReader& in) {
  OpcuaEndpoint out;
  out.url = read_opcua_string(in);
  out.application = read_application(in);
  out.certificate = read_opcua_string(in);
  out.mode = in.u32le();
  out.policy_uri = read_opcua_string(in);
  const std::uint32_t tokens = read_opcua_count(in);
  for (std::uint32_t i = 0; i < tokens && in.ok(); ++i) {
    read_opcua_string(in);  // its name, by which clients choose it
    const std::uint32_t kind = in.u32le();
    if (out.token_count < out.tokens.size()) out.tokens[out.token_count++] = kind;
    for (int text = 0; text < 3; ++text) read_opcua_string(in);  // who issues it, where, policy of its own
  }
  out.transport_uri = read_opcua_string(in);
  out.level = in.u8();
  return out;
}

template <class T, std::size_t N>
void keep(std::array<T, N>& into, std::size_t& count, T value) {
  if (count < N) into[count++] = value;
}

OpcuaBuild read_build(ByteReader in) {
  OpcuaBuild out;
  out.product_uri = read_opcua_string(in);
  out.vendor = read_opcua_string(in);
  out.product = read_opcua_string(in);
  out.version = read_opcua_string(in);
  out.build = read_opcua_string(in);
  return out;
}

// The values of a notification or of a history, divided by ','.
void append_values(IcsText& out, const OpcuaExtension& extension) {
  constexpr std::uint32_t kHistoryData = 658, kUpdateData = 682, kDataChange = 811;
  const std::uint32_t type = extension.type.standard();
  if (type != kHistoryData && type != kUpdateData && type != kDataChange) return;
  ByteReader in{extension.body};
  if (type == kUpdateData) {
    read_opcua_node(in);
    in.u32le();  // insert, replace or both
  }
  const std::uint32_t count = read_opcua_count(in);
  for (std::uint32_t i = 0; i < count && in.ok() && !out.full(); ++i) {
    if (type == kDataChange) in.u32le();  // the client's own number for the point
    out.next();
    read_opcua_data_value(in, &out);
  }
}

void append_subscription(IcsText& out, std::uint32_t subscription, const std::uint32_t* item) {
  out.append("subscription/");
  out.append_number(subscription);
  if (item == nullptr) return;
  out.append("/item/");
  out.append_number(*item);
}

}  // namespace

const OpcuaService* peek_opcua_service(Bytes body) {
  ByteReader in{body};
  const std::uint32_t id = read_opcua_node(in).standard();
  return in.ok() ? find_opcua_service(id) : nullptr;
}

bool read_opcua_head(ByteReader& body, OpcuaHead& out) {
  out.encoding = read_opcua_node(body);
  out.service = find_opcua_service(out.encoding.standard());
  if (out.service == nullptr) return body.ok();
  OpcuaHeader& header = out.header;
  const bool response = out.service->response();
  if (!response) read_opcua_node(body);  // the session's secret: it is not told
  header.time = read_opcua_time(body);
  header.handle = body.u32le();
  if (response) {
    header.result = body.u32le();
    skip_opcua_diagnostics(body);
    const std::uint32_t texts = read_opcua_count(body);
    for (std::uint32_t i = 0; i < texts && body.ok(); ++i) read_opcua_string(body);
  } else {
    header.diagnostics = body.u32le();
    header.audit = read_opcua_string(body);
    header.timeout = body.u32le();
  }
  read_opcua_extension(body);
  out.has_header = body.ok();
  return body.ok();
}

OpcuaBody::OpcuaBody(const OpcuaService& service, ByteReader behind_header, bool with_texts)
    : in_{behind_header}, with_texts_{with_texts} {
  const std::string_view layout = service.layout;
  const std::size_t from = layout.find('['), to = layout.find(']');
  read(layout.substr(0, from), head_);
  if (from == std::string_view::npos) return;
  items_ = layout.substr(from + 1, to - from - 1);
  tail_ = layout.substr(to + 1);
  count_ = left_ = read_opcua_count(in_);
  if (left_ == 0) read(tail_, head_);
}

bool OpcuaBody::next(OpcuaItem& out) {
  if (left_ == 0) return false;
  out = {};
  read(items_, out);
  --left_;
  if (!in_.ok()) {  // of the last one perhaps the node was there, but no value
    left_ = 0;
    out.value.clear();
    out.data = {};
    return out.has_node;
  }
  if (left_ == 0) read(tail_, head_);
  return true;
}

void OpcuaBody::read(std::string_view layout, OpcuaItem& out) {
  for (std::size_t at = 0; at < layout.size() && in_.ok(); ++at) {
    if (layout[at] != '(') {
      read_letter(layout[at], out);
      continue;
    }
    const std::size_t end = closing(layout, at);
    const std::uint32_t count = read_opcua_count(in_);
    for (std::uint32_t i = 0; i < count && in_.ok(); ++i)
      for (const char letter : layout.substr(at + 1, end - at - 1)) read_letter(letter, out);
    at = end;
  }
}

std::optional<std::uint32_t> OpcuaBody::number() {
  const std::uint32_t read = in_.u32le();
  return in_.ok() ? std::optional{read} : std::nullopt;
}

// Where the next value's text goes.
IcsText* OpcuaBody::text(OpcuaItem& out) const {
  if (!with_texts_) return nullptr;
  out.value.next();
  return &out.value;
}

void OpcuaBody::read_letter(char letter, OpcuaItem& out) {
  switch (letter) {
    case 'b': in_.u8(); break;
    case 'i': in_.u32le(); break;
    case 'd': u64le(in_); break;
    case 's': read_opcua_string(in_); break;
    case 'q': read_opcua_qualified_name(in_); break;
    case 'l': read_opcua_localized_text(in_); break;
    case 'n': read_opcua_node(in_); break;
    case 'e': read_opcua_extension(in_); break;
    case 'g': skip_opcua_diagnostics(in_); break;
    case '*': in_.bytes(in_.rest().size()); break;
    case 'N': out.node = read_opcua_node(in_), out.has_node = in_.ok(); break;
    case 'O': out.other = read_opcua_node(in_), out.has_other = in_.ok(); break;
    case 'A': out.attribute = number(); break;
    case 'B': out.direction = number(); break;
    case 'D': {
      const auto ms = std::bit_cast<double>(u64le(in_));
      if (in_.ok()) out.duration = ms;
      break;
    }
    case 'E':
      out.extension = read_opcua_extension(in_);
      if (IcsText* to = text(out)) append_values(*to, out.extension);
      break;
    case 'I': keep(out.numbers, out.number_count, in_.u32le()); break;
    case 'P': out.application = read_application(in_); break;
    case 'Q': out.name = read_opcua_qualified_name(in_); break;
    case 'R': out.range = read_opcua_string(in_); break;
    case 'T': keep(out.texts, out.text_count, read_opcua_string(in_)); break;
    case 'W': out.time = read_opcua_time(in_); break;
    case 'Z': out.endpoint = read_endpoint(in_); break;
    case 'M': read_opcua_variant(in_, text(out)); break;
    case 'L': {
      const OpcuaNodeId node = read_opcua_node(in_);
      ++out.many;
      if (IcsText* to = text(out)) append_opcua_node(*to, node);
      break;
    }
    case 'S': {  // of several the first that is bad
      const std::uint32_t status = in_.u32le();
      if (!is_bad_opcua_status(out.status.value_or(0))) out.status = status;
      break;
    }
    case 'V': {
      const Bytes before = in_.rest();
      out.data = read_opcua_data_value(in_, text(out));
      if (in_.ok()) out.raw = before.first(before.size() - in_.rest().size());
      out.status = out.data.status;
      break;
    }
    default: break;
  }
}

OpcuaUser read_opcua_user(const OpcuaExtension& token) {
  constexpr std::uint32_t kAnonymous = 321, kUserName = 324, kX509 = 327, kIssued = 940;
  OpcuaUser out;
  ByteReader in{token.body};
  out.policy = read_opcua_string(in);
  switch (token.type.standard()) {
    case kAnonymous: out.kind = "AnonymousIdentityToken"; break;
    case kX509: out.kind = "X509IdentityToken"; break;
    case kIssued: out.kind = "IssuedIdentityToken"; break;
    case kUserName:
      out.kind = "UserNameIdentityToken";
      out.name = read_opcua_string(in);
      out.has_password = !read_opcua_string(in).empty();
      break;
    default: out.policy = {}; break;
  }
  return out;
}

std::optional<OpcuaBuild> read_opcua_build(Bytes data_value) {
  constexpr std::uint8_t kHasValue = 1, kExtension = 22;
  constexpr std::uint32_t kBuildInfo = 340, kServerStatus = 864;
  ByteReader in{data_value};
  if ((in.u8() & kHasValue) == 0 || in.u8() != kExtension) return {};
  const OpcuaExtension extension = read_opcua_extension(in);
  ByteReader body{extension.body};
  switch (extension.type.standard()) {
    case kServerStatus: body.bytes(8 + 8 + 4); return read_build(body);  // behind start, now and state
    case kBuildInfo: return read_build(body);
    default: return {};
  }
}

void append_opcua_subscription(IcsText& out, const OpcuaService& service, const OpcuaItem& head) {
  const bool told = service.id == kOpcuaCreateSubscriptionResponse || service.id == kOpcuaPublishResponse;
  const bool asked = service.operation == IcsOperation::subscribe && !service.response();
  if ((told || asked) && head.number_count != 0) append_subscription(out, head.numbers[0], nullptr);
}

void append_opcua_target(IcsText& out, const OpcuaService& service, const OpcuaItem& head, const OpcuaItem& item) {
  OpcuaNodeId node = item.node;
  if (!item.extension.body.empty()) {  // what is done to a history begins with the node
    ByteReader in{item.extension.body};
    node = read_opcua_node(in);
    if (!in.ok()) return;
  } else if (!item.has_node) {
    if (service.operation != IcsOperation::subscribe && service.id != kOpcuaPublish) return;
    if (item.number_count == 0) return;
    out.next();
    if (head.number_count != 0) return append_subscription(out, head.numbers[0], item.numbers.data());
    return append_subscription(out, item.numbers[0], nullptr);
  }
  out.next();
  // A node that is to be added may leave its number to the server.
  const bool unnumbered = item.has_other && !item.name.empty() && node.null();
  append_opcua_node(out, unnumbered ? item.other : node);
  if (unnumbered) {
    out.append('/');
    out.append_escaped(item.name);
  } else if (service.part == OpcuaPart::call && item.has_other) {
    out.append('/');
    append_opcua_node(out, item.other);
  }
  if (!item.range.empty()) {
    out.append('[');
    out.append_escaped(item.range);
    out.append(']');
  }
  if (!item.attribute || *item.attribute == kValueAttribute) return;
  out.append('/');
  const std::string_view name = opcua_attribute_name(*item.attribute);
  if (name.empty())
    out.append_number(*item.attribute);
  else
    out.append(name);
}

}  // namespace nw::network
