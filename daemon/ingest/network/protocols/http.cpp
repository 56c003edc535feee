// HTTP over TCP: RFC 9110; HTTP/1.x by RFC 9112, HTTP/0.9 by RFC 1945, HTTP/2 in http2.h.
//
//   request:   method SP uri SP HTTP/1.1 CRLF          response:  HTTP/1.1 SP code SP reason CRLF
//              *(name: value CRLF) CRLF [body]                    *(name: value CRLF) CRLF [body]
//
// One `http` event per request with its response, or for either alone, as in Zeek's http.log. Responses answer requests
// in their order. An interim response (1xx) is part of its exchange. NTLM (RFC 4559) is an `ntlm` event, too. Behind
// CONNECT and Upgrade begins another protocol, which is recognised anew.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "ingest/network/protocols/base64.h"
#include "ingest/network/protocols/http2.h"
#include "ingest/network/protocols/http_event.h"
#include "ingest/network/protocols/http_message.h"
#include "ingest/network/protocols/ntlm.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

namespace {

constexpr std::array<std::string_view, 1> kService{"http"};
constexpr std::array<event::TypeSpec, 3> kTypes{
    {{"http", "normwatch", kService, kService, kHttpFields, false}, kFilesType, kNtlmType}};
constexpr auto kPorts = std::to_array<std::uint16_t>({80, 81, 631, 1080, 3128, 5985, 8000, 8008, 8080, 8888});

constexpr unsigned kSwitching = 101;  // Switching Protocols: the last response in HTTP, though a 1xx

// Whether `upgrade` lists HTTP/2 over clear text.
bool offers_http2(std::string_view upgrade) {
  return std::ranges::any_of(split(upgrade, ','), [](std::string_view name) { return trim(name) == "h2c"; });
}

class HttpAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    if (choose(bytes, direction) == Verdict::unsure) return 0;
    if (second_) return second_->stream(bytes, direction, context);
    HttpReader& reader = readers_[static_cast<std::size_t>(direction)];
    Taker taker{*this, direction, context};
    const std::size_t done = reader.read(bytes, taker);
    if (!reader.tunnelled() && !reader.hopeless()) return done;
    return leave(done, bytes.subspan(done), direction, context);
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    if (second_) return second_->gap(bytes, direction, context);
    chosen_[static_cast<std::size_t>(direction)] = true;
    Taker taker{*this, direction, context};
    readers_[static_cast<std::size_t>(direction)].gap(bytes, taker);
  }

  void finish(Context& context) override {
    for (const Direction direction : {Direction::to_responder, Direction::to_originator}) {
      Taker taker{*this, direction, context};
      readers_[static_cast<std::size_t>(direction)].finish(taker);
    }
    exchanges_.tell_all(context);
    if (ntlm_.open()) tell_ntlm({}, context);
  }

 private:
  class Taker final : public HttpTaker {
   public:
    Taker(HttpAnalyzer& analyzer, Direction direction, Context& context) noexcept
        : analyzer_{analyzer}, direction_{direction}, context_{context} {}

    void started(const HttpHead& head) override { analyzer_.started(head, direction_, context_); }
    Expect headed(HttpHead& head) override {
      analyzer_.authenticate(head, context_);
      return head.request ? analyzer_.request_headed(head) : analyzer_.response_headed(head);
    }
    void body(Bytes bytes) override {
      if (HttpMessage* message = analyzer_.open_message(direction_))
        analyzer_.exchanges_.body(*message, direction_, bytes, context_);
    }
    void body_lost(std::uint64_t bytes) override {
      if (HttpMessage* message = analyzer_.open_message(direction_))
        analyzer_.exchanges_.body_lost(*message, direction_, bytes, context_);
    }
    void ended() override { analyzer_.ended(direction_, context_); }
    Unknown unknown() override { return analyzer_.unknown(direction_); }
    void refused(DecodeError error) override { context_.refused(error); }

   private:
    HttpAnalyzer& analyzer_;
    Direction direction_;
    Context& context_;
  };

  // What begins decides: HTTP/2 in its preface, or HTTP/1.x.
  Verdict choose(Bytes bytes, Direction direction) {
    bool& chosen = chosen_[static_cast<std::size_t>(direction)];
    if (chosen || second_) return Verdict::no;
    const Verdict verdict = http2_probe(bytes);
    chosen = verdict != Verdict::unsure;
    if (verdict == Verdict::yes) second_ = std::make_unique<Http2Session>(exchanges_);
    return verdict;
  }

  // The last response in HTTP/1.x, or the end of hope.
  std::size_t leave(std::size_t done, Bytes behind, Direction direction, Context& context) {
    finish(context);
    if (readers_[static_cast<std::size_t>(direction)].hopeless()) return kGiveUp;
    if (!upgraded_) return anew_behind(done);
    second_ = std::make_unique<Http2Session>(exchanges_);
    second_->adopt(*upgraded_, context);
    upgraded_.reset();
    const std::size_t more = second_->stream(behind, direction, context);
    return more < kAnew ? done + more : more;
  }

  void started(const HttpHead& head, Direction direction, Context& context) {
    asks_[static_cast<std::size_t>(direction)] = head.request;
    if (!head.request) return response_started(context);
    // Clients wait for an answer before they ask again, but for the few that pipeline: responses that the capture lost
    // were for what was asked before, and must not be taken from what is asked now.
    if (readers_[static_cast<std::size_t>(opposite(direction))].lost()) exchanges_.tell_all(context);
    asking_ = exchanges_.open(context).depth;
  }

  void response_started(Context& context) {
    answering_ = 0;
    interim_ = false;
    if (exchanges_.take_forgotten()) return;
    HttpExchange* exchange = exchanges_.waiting();
    if (exchange == nullptr) {
      exchange = &exchanges_.open(context);
      exchange->request.ended = true;  // it was never seen
    }
    exchange->answering = true;
    answering_ = exchange->depth;
  }

  HttpTaker::Expect request_headed(HttpHead& head) {
    if (HttpExchange* exchange = exchanges_.find(asking_)) std::swap(exchange->request.head, head);
    return HttpTaker::Expect::any;
  }

  HttpTaker::Expect response_headed(HttpHead& head) {
    const unsigned code = head.code.value_or(0);
    interim_ = code / 100 == 1 && code != kSwitching;
    HttpExchange* exchange = exchanges_.find(answering_);
    if (exchange == nullptr) return HttpTaker::Expect::any;
    const HttpHead& request = exchange->request.head;
    const bool tunnel = code == kSwitching || (request.method == "CONNECT" && code / 100 == 2);
    if (code == kSwitching && offers_http2(request.upgrade)) upgraded_ = std::make_unique<HttpHead>(request);
    if (code / 100 == 1) {
      exchange->info_code = code;
      exchange->info_reason = head.reason;
    }
    if (!interim_) std::swap(exchange->response.head, head);
    if (tunnel) return HttpTaker::Expect::tunnel;
    return request.method == "HEAD" ? HttpTaker::Expect::no_body : HttpTaker::Expect::any;
  }

  // NTLM authenticates a connection: challenge and answer are of different exchanges.
  void authenticate(HttpHead& head, Context& context) {
    std::string token = take_token(head);
    if (!context.wants(kHttpNtlm)) return wipe(token);
    const unsigned code = head.code.value_or(0);
    if (!head.request) outcome(code, context);
    // An interim response demands nothing.
    if (token.empty() || (!head.request && code / 100 == 1 && code != kSwitching)) return wipe(token);
    if (ntlm_.authenticated()) tell_ntlm({}, context);
    const auto fault = ntlm_.take({reinterpret_cast<const std::uint8_t*>(token.data()), token.size()});
    if (fault) context.refused(*fault);
    wipe(token);
    if (!head.request && ntlm_.authenticated()) ntlm_ = {};  // a server proves nothing by a user's answer
    if (!head.request || !ntlm_.authenticated()) return;
    proving_ = asking_;
    to_proxy_ = head.proxy;
  }

  // What the response says of the user's answer in its request.
  void outcome(unsigned code, Context& context) {
    if ((code / 100 == 1 && code != kSwitching) || !ntlm_.authenticated() || answering_ != proving_) return;
    constexpr unsigned kErrorMin = 400, kUnauthorized = 401, kForbidden = 403, kNotFound = 404, kProxyWants = 407;
    const unsigned denied = to_proxy_ ? kProxyWants : kUnauthorized;
    // Other errors may come before anybody asked who it is.
    const bool let_in =
        code < kErrorMin || code == kForbidden || code == kNotFound || (to_proxy_ && code == kUnauthorized);
    tell_ntlm(code == denied ? std::optional{false} : let_in ? std::optional{true} : std::nullopt, context);
  }

  void tell_ntlm(std::optional<bool> success, Context& context) {
    if (!context.wants(kHttpNtlm)) return;
    EventWriter out = context.begin(kHttpNtlm, context.now());
    ntlm_.write(out, success);
    context.emit();
  }

  // The message that is being read in this direction; null when its exchange was told already.
  HttpMessage* open_message(Direction direction) {
    const bool request = asks_[static_cast<std::size_t>(direction)];
    HttpExchange* exchange = exchanges_.find(request ? asking_ : answering_);
    if (exchange == nullptr) return nullptr;
    return request ? &exchange->request : &exchange->response;
  }

  void ended(Direction direction, Context& context) {
    const bool interim = interim_ && !asks_[static_cast<std::size_t>(direction)];
    HttpMessage* message = open_message(direction);
    if (message == nullptr) return;
    exchanges_.body_ended(*message, context);
    message->ended = !interim;
    if (interim) exchanges_.find(answering_)->answering = false;
    exchanges_.tell_complete(context);
  }

  HttpTaker::Unknown unknown(Direction direction) {
    if (asks_[static_cast<std::size_t>(direction)]) {
      // A client speaks on through a proxy whose consent the capture lost.
      const HttpExchange* asked = exchanges_.find(asking_);
      const bool connects = asked != nullptr && asked->request.head.method == "CONNECT";
      return connects ? HttpTaker::Unknown::tunnel : HttpTaker::Unknown::broken;
    }
    const HttpExchange* exchange = exchanges_.waiting();
    const bool old = exchange != nullptr && exchange->request.head.version == "0.9";
    return old ? HttpTaker::Unknown::bare : HttpTaker::Unknown::broken;
  }

  std::array<HttpReader, 2> readers_;  // by direction
  HttpExchanges exchanges_;
  std::array<bool, 2> asks_{};                // by direction: its last message is a request
  std::array<bool, 2> chosen_{};              // by direction: its version is known
  std::uint64_t asking_ = 0, answering_ = 0;  // depths
  NtlmExchange ntlm_;
  std::uint64_t proving_ = 0;             // depth of the request that has the user's answer
  bool to_proxy_ = false;                 // and it is for a proxy
  bool interim_ = false;                  // the response being read is 1xx
  std::unique_ptr<HttpHead> upgraded_;    // the request whose response comes in HTTP/2
  std::unique_ptr<Http2Session> second_;  // HTTP/2 is spoken
};

Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  const HttpStart strict = http_start(first, true);
  const Verdict second = http2_probe(first);
  if (strict == HttpStart::unsure || second == Verdict::unsure) return Verdict::unsure;
  if (second == Verdict::yes) return Verdict::yes;
  if (strict != HttpStart::no) return Verdict::yes;
  // On the port a whole line may be HTTP/0.9's, or broken; half a line must begin as we know it.
  const HttpStart loose = on_port ? http_start(first, false) : HttpStart::no;
  return loose == HttpStart::request || loose == HttpStart::response ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<HttpAnalyzer>(); }

}  // namespace

Protocol http_protocol() {
  Protocol p;
  p.name = "http";
  p.help = "HTTP/1.x, HTTP/2 over clear text: requests and responses, and what their bodies are";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.stream_bytes_max = 2 * kHttpLineMax;
  return p;
}

}  // namespace nw::network
