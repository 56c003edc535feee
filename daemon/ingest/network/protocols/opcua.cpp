// OPC UA's binary encoding over TCP: chunks in opcua_chunk.h, services in opcua_service.h.
//
// One `opcua_binary` event per message, and events of their own for what services read, write, call, browse and offer.
// A response is joined to its request by channel and request id. Who is the client is said by the messages, not by the
// connection: a server may call (RHE), and captures begin anywhere.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/opcua_event.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

constexpr std::array<std::uint16_t, 1> kPorts{4840};

// Of a message so many are told as devices: a server's endpoints are one application.
constexpr std::size_t kApplicationsMax = 16;

// Octets behind what is read: none, or a signature whose policy was not seen.
bool is_signature(std::size_t size) { return size == 0 || size == 20 || size == 32; }

struct Request {
  static constexpr std::size_t kBuildMax = 16;

  Timestamp time{};
  Direction direction = Direction::to_responder;
  OpcuaKind kind = OpcuaKind::message;
  std::uint32_t channel = 0, id = 0;
  const OpcuaService* service = nullptr;  // null of HEL
  IcsCommand command{};
  // Which of its first points are parts of the BuildInfo: the node less kOpcuaBuildFirst, else 0.
  std::array<std::uint8_t, kBuildMax> build{};
};

class OpcuaAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    return readers_[static_cast<std::size_t>(direction)].read(
        bytes, channel_, context, [&](const OpcuaMessage& message) { take(message, direction, context); });
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    readers_[static_cast<std::size_t>(direction)].gap(bytes, context);
    // Who answers in this direction may have answered.
    open_.forget_if([&](const Request& r) { return r.direction != direction; });
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  void take(const OpcuaMessage& message, Direction direction, Context& context) {
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    OpcuaTold told{.message = message, .body = ByteReader{message.body}};
    if (message.kind >= OpcuaKind::open && message.chunk != 'A' && !message.body.empty()) {
      const bool good = read_opcua_head(told.body, told.head);
      if (!good && message.whole) context.refused(DecodeError::bad_value);
      told.readable = good;
      // In mid-stream: what one message says in the clear, others do, too.
      if (good && told.head.service != nullptr && !channel_.secured) channel_.secured = false;
    }
    learn_client(told, direction);
    told.from_client = direction == client_;
    if (!wanted(context)) return;
    if (told.head.service == nullptr)
      bare(told, direction, context);
    else if (told.head.service->response())
      response(told, direction, context);
    else
      request(told, direction, context);
  }

  static bool wanted(const Context& context) {
    for (std::size_t type = 0; type < opcua_types().size(); ++type)
      if (context.wants(type)) return true;
    return false;
  }

  void learn_client(const OpcuaTold& told, Direction direction) {
    const OpcuaKind kind = told.message.kind;
    // Only a client has no channel yet.
    const bool opens = kind == OpcuaKind::open && told.message.channel == 0U;
    const bool client = kind == OpcuaKind::hello || kind == OpcuaKind::close || opens;
    const bool server = kind == OpcuaKind::acknowledge || kind == OpcuaKind::error || kind == OpcuaKind::reverse_hello;
    if (client || (told.head.service != nullptr && !told.head.service->response())) client_ = direction;
    if (server || (told.head.service != nullptr && told.head.service->response())) client_ = opposite(direction);
  }

  // Messages without a service that is known.
  void bare(OpcuaTold& told, Direction direction, Context& context) {
    const OpcuaMessage& message = told.message;
    ByteReader in{message.body};
    if (message.kind == OpcuaKind::acknowledge) told.outcome = IcsOutcome::ok;
    if (message.kind == OpcuaKind::error || (message.chunk == 'A' && !message.encrypted)) {
      const std::uint32_t status = in.u32le();
      read_opcua_string(in);
      if (!told.from_client) {  // else the client withdrew what it asks
        append_opcua_status(told.reason, status);
        told.outcome = IcsOutcome::refused;
      }
    } else if (message.kind == OpcuaKind::hello) {
      in.bytes(5 * 4);
      told.command.target.append_escaped(read_opcua_string(in));
    } else if (message.kind == OpcuaKind::reverse_hello) {
      read_opcua_string(in);
      read_opcua_string(in);
    }
    if (!in.ok()) context.refused(DecodeError::bad_value);
    Request* asked = told.outcome ? find(told, direction) : nullptr;
    if (asked != nullptr) told.command = asked->command;
    tell(told, asked, 0, context);
    if (asked != nullptr) open_.remove(asked);
    if (message.kind == OpcuaKind::hello)
      wait_for_answer(
          {.time = context.now(), .direction = direction, .kind = OpcuaKind::hello, .command = told.command}, context);
  }

  void request(OpcuaTold& told, Direction direction, Context& context) {
    const OpcuaMessage& message = told.message;
    Request request{.time = context.now(),
                    .direction = direction,
                    .kind = message.kind,
                    .channel = message.channel.value_or(0),
                    .id = message.request.value_or(0),
                    .service = told.head.service};
    const std::uint32_t count = gather_request(told, request, context);
    request.command = told.command;
    tell(told, nullptr, count, context);
    tell_opcua_parts(told, context);
    tell_devices(told, nullptr, direction, context);
    if (message.kind == OpcuaKind::close) return;  // the server hangs up
    if (Request* same = open_.find([&](const Request& r) {
          return r.direction == direction && r.kind != OpcuaKind::hello && r.id == request.id &&
                 r.channel == request.channel;
        })) {
      unanswered(*same, context);
      open_.remove(same);
    }
    wait_for_answer(std::move(request), context);
  }

  void response(OpcuaTold& told, Direction direction, Context& context) {
    Request* asked = find(told, direction);
    const std::uint32_t count = gather_response(told, asked, context);
    tell(told, asked, count, context);
    tell_opcua_parts(told, context);
    tell_devices(told, asked, direction, context);
    if (asked != nullptr) open_.remove(asked);
  }

  static bool with_texts(const Context& context) { return wants_ics_texts(context, kOpcuaMessages, kOpcuaIcs); }

  // That a message is longer than what was kept of it is counted already.
  static void check(const OpcuaTold& told, const OpcuaBody& parts, Context& context) {
    if (told.message.whole && (parts.broken() || !is_signature(parts.left()))) context.refused(DecodeError::bad_value);
  }

  // Target and value of a request; how many items it has.
  static std::uint32_t gather_request(OpcuaTold& told, Request& request, Context& context) {
    const OpcuaService& service = *told.head.service;
    IcsCommand& command = told.command;
    command.operation = service.operation;
    if (!told.readable) return 0;
    const bool texts = with_texts(context);
    keep_whole(command, context, kOpcuaMessages, kOpcuaIcs);
    OpcuaBody parts{service, told.body, texts, told.message.whole};
    OpcuaItem item;
    bool build_only = service.id == kOpcuaRead && parts.count() != 0;
    for (std::size_t index = 0; parts.next(item); ++index) {
      const std::uint32_t node = item.node.standard();
      const bool build = node >= kOpcuaBuildFirst && node <= kOpcuaBuildLast;
      build_only = build_only && build;
      if (build && index < request.build.size())
        request.build[index] = static_cast<std::uint8_t>(node - kOpcuaBuildFirst);
      if (!texts) continue;
      append_opcua_target(command.target, service, parts.head(), item);
      add_value(command.value, item);
    }
    if (build_only) command.operation = IcsOperation::identify;
    if (texts && command.target.empty()) target_of_head(command.target, service, parts.head());
    check(told, parts, context);
    return parts.count();
  }

  static void target_of_head(IcsText& out, const OpcuaService& service, const OpcuaItem& head) {
    append_opcua_subscription(out, service, head);
    // The endpoint: the only text, or behind the server's name.
    if (service.operation == IcsOperation::identify && head.text_count != 0) out.append_escaped(head.texts[0]);
    if (service.part == OpcuaPart::session && !service.response()) out.append_escaped(head.texts[1]);
  }

  static void add_value(IcsText& out, const OpcuaItem& item) {
    const bool missing = item.value.empty() && !item.raw.empty();
    if (!missing && item.value.empty()) return;
    out.next();
    out.append(missing ? "-" : item.value.view());
  }

  // What came of it; how many items it has.
  static std::uint32_t gather_response(OpcuaTold& told, const Request* asked, Context& context) {
    const OpcuaService& service = *told.head.service;
    IcsCommand& command = told.command;
    command.operation = service.operation;
    if (asked != nullptr) command = asked->command;
    // A request to publish names the subscriptions whose last news came, the response whose news it brings.
    if (service.id == kOpcuaPublishResponse) command.target.clear();
    const bool texts = with_texts(context), values = texts && command.value.empty();
    std::uint32_t bad = told.head.header.result;
    const auto judge = [&bad](const std::optional<std::uint32_t>& status) {
      if (!is_bad_opcua_status(bad) && is_bad_opcua_status(status.value_or(0))) bad = *status;
    };
    std::uint32_t count = 0;
    if (told.readable) {
      OpcuaBody parts{service, told.body, texts, told.message.whole};
      count = parts.count();
      for (OpcuaItem item; parts.next(item);) {
        judge(item.status);
        if (values) add_value(command.value, item);
      }
      judge(parts.head().status);
      if (texts && command.target.empty()) append_opcua_subscription(command.target, service, parts.head());
      check(told, parts, context);
    }
    if (told.head.has_header) told.outcome = is_bad_opcua_status(bad) ? IcsOutcome::refused : IcsOutcome::ok;
    if (is_bad_opcua_status(bad)) append_opcua_status(told.reason, bad);
    return count;
  }

  static void tell(const OpcuaTold& told, const Request* asked, std::uint32_t count, Context& context) {
    if (!context.wants(kOpcuaMessages)) return;
    EventWriter out = begin_opcua(told, context);
    if (count != 0) out.set(kOpcuaItems, Value::integer(count));
    if (asked != nullptr) {
      set_opcua_asked(out, asked->service);
      out.set(kOpcuaRtt, Value::interval(context.now() - asked->time));
    }
    write_ics(out, kOpcuaIcs, told.command, told.outcome, out.event().keep(told.reason.view()));
    context.emit();
  }

  // The request that a message in this direction answers. What has no number of a request answers the oldest.
  Request* find(const OpcuaTold& told, Direction direction) {
    const OpcuaMessage& message = told.message;
    const OpcuaService* answer = told.head.service;  // null of what was given up
    return open_.find([&](const Request& r) {
      if (r.direction == direction) return false;
      if (message.kind == OpcuaKind::error) return true;
      if (message.kind == OpcuaKind::acknowledge) return r.kind == OpcuaKind::hello;
      if (r.service == nullptr || (answer != nullptr && !answer->answers(*r.service))) return false;
      // A client that opens a channel does not know its number yet.
      return r.id == message.request && (r.channel == 0 || r.channel == message.channel);
    });
  }

  void wait_for_answer(Request&& request, Context& context) {
    open_.add(std::move(request), context, [&](const Request& old) { unanswered(old, context); });
  }

  // The request once more, as nobody answered it. Those to publish wait for something to happen.
  static void unanswered(const Request& request, Context& context) {
    const OpcuaService* service = request.service;
    if (!context.wants(kOpcuaMessages) || (service != nullptr && service->id == kOpcuaPublish)) return;
    EventWriter out = context.begin(kOpcuaMessages, request.time);
    out.set(kOpcuaIsOrig, Value::boolean(true));
    out.set(kOpcuaMsgType, Value::text(to_string(request.kind)));
    set_opcua_asked(out, service);
    if (service != nullptr) {
      out.set(kOpcuaChannelId, Value::integer(request.channel));
      out.set(kOpcuaRequestId, Value::integer(request.id));
      out.set(kOpcuaIdentifier, Value::integer(service->id));
      out.set(kOpcuaService, Value::text(service->name));
    }
    write_ics(out, kOpcuaIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  void tell_devices(const OpcuaTold& told, const Request* asked, Direction direction, Context& context) {
    const OpcuaService& service = *told.head.service;
    const bool offers = service.part == OpcuaPart::endpoint || service.part == OpcuaPart::session;
    if (!told.readable || !context.wants(kOpcuaDevices) || (!offers && service.id != kOpcuaReadResponse)) return;
    OpcuaBody parts{service, told.body, !offers, told.message.whole};
    Build build;
    OpcuaItem item;
    for (std::size_t index = 0; parts.next(item); ++index) {
      if (item.endpoint && index < kApplicationsMax) tell_application(item.endpoint->application, direction, context);
      if (asked != nullptr && index < asked->build.size()) build.add(asked->build[index], item.value);
      if (const auto whole = read_opcua_build(item.raw)) build = Build{*whole};
    }
    if (parts.head().application) tell_application(*parts.head().application, direction, context);
    tell_build(build, direction, context);
  }

  void tell_application(const OpcuaApplication& application, Direction direction, Context& context) {
    IcsText unit, name, product;
    unit.append_escaped(application.uri);
    name.append_escaped(application.name);
    product.append_escaped(application.product_uri);
    devices_.tell({.protocol = "opcua", .unit = unit.view(), .order_number = product.view(), .name = name.view()},
                  kOpcuaDevices, direction, context);
  }

  // Whose parts are read one by one, or all at once.
  struct Build {
    Build() = default;
    explicit Build(const OpcuaBuild& whole) {
      product.append_escaped(whole.product);
      uri.append_escaped(whole.product_uri);
      vendor.append_escaped(whole.vendor);
      version.append_escaped(whole.version);
      number.append_escaped(whole.build);
    }
    void add(std::uint8_t node, const IcsText& value) {
      switch (kOpcuaBuildFirst + node) {
        case kOpcuaBuildProduct: product = value; break;
        case kOpcuaBuildUri: uri = value; break;
        case kOpcuaBuildVendor: vendor = value; break;
        case kOpcuaBuildVersion: version = value; break;
        case kOpcuaBuildNumber: number = value; break;
        default: break;
      }
    }
    IcsText product, uri, vendor, version, number;
  };

  void tell_build(const Build& build, Direction direction, Context& context) {
    IcsText firmware = build.version;
    if (!build.number.empty()) {
      firmware.append(firmware.empty() ? "build " : " build ");
      firmware.append(build.number.view());
    }
    if (firmware.empty() && build.product.empty() && build.uri.empty() && build.vendor.empty()) return;
    devices_.tell({.protocol = "opcua",
                   .vendor = build.vendor.view(),
                   .product = build.product.view(),
                   .order_number = build.uri.view(),
                   .firmware = firmware.view()},
                  kOpcuaDevices, direction, context);
  }

  std::array<OpcuaReader, 2> readers_;  // by direction
  OpcuaChannel channel_;
  Direction client_ = Direction::to_responder;
  IcsRequests<Request> open_;
  KnownDevices devices_;
};

// A head with a size that fits its type is enough: in random bytes there is none.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  OpcuaChunkHead head;
  const auto fault = read_opcua_chunk_head(reader, head);
  if (!fault) return Verdict::yes;
  if (fault == DecodeError::truncated) return Verdict::unsure;
  // A capture may begin within a chunk.
  for (ByteReader rest{first}; on_port && !rest.empty(); rest.u8()) {
    ByteReader ahead = rest;
    if (!read_opcua_chunk_head(ahead, head)) return Verdict::yes;
  }
  return Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<OpcuaAnalyzer>(); }

}  // namespace

Protocol opcua_protocol() {
  Protocol p;
  p.name = "opcua";
  p.help = "OPC UA's binary encoding: channels, sessions, what is read, written, called and watched";
  p.types = opcua_types();
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
