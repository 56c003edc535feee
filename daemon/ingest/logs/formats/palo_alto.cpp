// PAN-OS's logs over syslog in the default format: columns with ',' between them, text with a ',' in it in double
// quotes (Palo Alto Networks, "Syslog Field Descriptions"). Which columns there are: palo_alto_logs.h.
//
//   1,2026/01/15 08:00:00,0123456789,TRAFFIC,end,2817,2026/01/15 07:59:58,192.0.2.1,198.51.100.7,...
#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/palo_alto_logs.h"
#include "ingest/logs/formats/stated_time.h"

namespace nw::logs {

namespace {

using namespace palo_alto;

constexpr std::size_t kColumnsMax = 192;  // the widest known has 128
constexpr std::size_t kTypeColumn = 3, kSubtypeColumn = 4, kFirstTypeColumn = 5;

enum KindId : std::uint8_t {
  other,
  authentication,
  config,
  correlation,
  decryption,
  globalprotect,
  gtp,
  hipmatch,
  iptag,
  sctp,
  system_log,
  threat,
  traffic,
  tunnel,
  url,
  userid,
  kKindCount
};

// Sigma's rules of the category `appliance` read mp-log and gpsvc.log, files on the appliance that are tailed as text:
// these logs do not hold what they look for, and so do not claim it.
constexpr std::string_view kProduct = "paloalto";
constexpr std::array<std::string_view, 1> kFirewall{"firewall"}, kProxy{"proxy"};
constexpr std::array<std::string_view, 1> kAuthentication{"authentication"}, kConfig{"config"},
    kCorrelation{"correlation"}, kDecryption{"decryption"}, kGlobalProtect{"globalprotect"}, kGtp{"gtp"},
    kHipMatch{"hipmatch"}, kIpTag{"iptag"}, kSctp{"sctp"}, kSystem{"system"}, kThreat{"threat"}, kTraffic{"traffic"},
    kTunnel{"tunnel"}, kUserId{"userid"};
constexpr std::array<std::string_view, 2> kUrl{"url", "threat"};

constexpr std::array<event::TypeSpec, kKindCount> kTypes{{
    {"palo_alto", kProduct, {}, {}, kFieldsOf<Other>},
    {"palo_alto.authentication", kProduct, kAuthentication, {}, kFieldsOf<Authentication>},
    {"palo_alto.config", kProduct, kConfig, {}, kFieldsOf<Config>},
    {"palo_alto.correlation", kProduct, kCorrelation, {}, kFieldsOf<Correlation>},
    {"palo_alto.decryption", kProduct, kDecryption, {}, kFieldsOf<Decryption>},
    {"palo_alto.globalprotect", kProduct, kGlobalProtect, {}, kFieldsOf<GlobalProtect>},
    {"palo_alto.gtp", kProduct, kGtp, {}, kFieldsOf<Gtp>},
    {"palo_alto.hipmatch", kProduct, kHipMatch, {}, kFieldsOf<HipMatch>},
    {"palo_alto.iptag", kProduct, kIpTag, {}, kFieldsOf<IpTag>},
    {"palo_alto.sctp", kProduct, kSctp, {}, kFieldsOf<Sctp>},
    {"palo_alto.system", kProduct, kSystem, {}, kFieldsOf<System>},
    {"palo_alto.threat", kProduct, kThreat, {}, kFieldsOf<Threat>},
    {"palo_alto.traffic", kProduct, kTraffic, kFirewall, kFieldsOf<Traffic>},
    {"palo_alto.tunnel", kProduct, kTunnel, {}, kFieldsOf<Tunnel>},
    {"palo_alto.url", kProduct, kUrl, kProxy, kFieldsOf<Url>},
    {"palo_alto.userid", kProduct, kUserId, {}, kFieldsOf<UserId>},
}};
constexpr std::array<Layout, kKindCount> kLayouts{
    layout<Other>(),      layout<Authentication>(), layout<Config>(), layout<Correlation>(),
    layout<Decryption>(), layout<GlobalProtect>(),  layout<Gtp>(),    layout<HipMatch>(),
    layout<IpTag>(),      layout<Sctp>(),           layout<System>(), layout<Threat>(),
    layout<Traffic>(),    layout<Tunnel>(),         layout<Url>(),    layout<UserId>(),
};
constexpr Layout kShortConfig = layout<Config, Config::kShortOrder>();
constexpr Layout kFirstGlobalProtect = layout<GlobalProtect, GlobalProtect::kFirstOrder>();

struct TypeName {
  std::string_view name;
  KindId kind;
};
constexpr auto kTypeNames = std::to_array<TypeName>({
    {"AUDIT", other},
    {"AUTH", authentication},
    {"AUTHENTICATION", authentication},
    {"CONFIG", config},
    {"CORRELATION", correlation},
    {"DECRYPTION", decryption},
    {"END", tunnel},
    {"GLOBALPROTECT", globalprotect},
    {"GTP", gtp},
    {"HIP-MATCH", hipmatch},
    {"HIPMATCH", hipmatch},
    {"IP-TAG", iptag},
    {"IPTAG", iptag},
    {"SCTP", sctp},
    {"START", tunnel},
    {"SYSTEM", system_log},
    {"THREAT", threat},
    {"TRAFFIC", traffic},
    {"TUNNEL", tunnel},
    {"USERID", userid},
});
static_assert(std::ranges::is_sorted(kTypeNames, {}, &TypeName::name));

const TypeName* find_type_name(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(kTypeNames, name, {}, &TypeName::name);
  return found != kTypeNames.end() && found->name == name ? found : nullptr;
}

// The column of that number in an unquoted front; empty: there is none.
std::string_view column_at(std::string_view text, std::size_t number) {
  for (; number > 0; --number) {
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 1);
  }
  return text.substr(0, text.find(','));
}

// One digit, a time, a serial number, and a type that is known.
bool recognise(const Message& message) noexcept {
  const std::string_view text = message.text.substr(0, 160);
  if (text.size() < 2 || !ascii_digit(text[0]) || text[1] != ',') return false;
  return find_type_name(column_at(text, kTypeColumn)) != nullptr ||
         column_at(text, kFirstTypeColumn) == "GLOBALPROTECT";
}

// The quote that ends the string which begins at `at`: a ',' or the end follows. Doubled ones are the text's; so are
// single ones within, which some forwarders do not double.
std::size_t closing_quote(std::string_view text, std::size_t at) {
  while (true) {
    at = text.find('"', at);
    if (at == std::string_view::npos || at + 1 == text.size() || text[at + 1] == ',') return at;
    at += text[at + 1] == '"' ? 2U : 1U;
  }
}

std::string_view undouble(Arena& arena, std::string_view text) {
  if (text.find("\"\"") == std::string_view::npos) return text;
  const std::span<char> room = arena.make<char>(text.size());
  if (room.empty()) return text;
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    room[size++] = text[i];
    if (text.substr(i).starts_with("\"\"")) ++i;
  }
  return {room.data(), size};
}

class PaloAltoReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    std::string_view text = message.text;
    while (!text.empty() && ascii_space(text.back())) text.remove_suffix(1);
    const TypeName* name = find_type_name(column_at(text, kTypeColumn));
    const bool first = name == nullptr && column_at(text, kFirstTypeColumn) == "GLOBALPROTECT";
    if (first) name = find_type_name("GLOBALPROTECT");
    if (name == nullptr) return LineFault::bad_header;
    KindId kind = name->kind;
    if (kind == threat && column_at(text, kSubtypeColumn) == "url") kind = url;
    if (!out.wants(kind)) return LineFault::none;
    if (!split(text)) return LineFault::too_deep;
    layout_ = &kLayouts[kind];
    if (first) layout_ = &kFirstGlobalProtect;
    if (kind == config && without_details()) layout_ = &kShortConfig;
    MessageWriter writer = out.begin(kind, message, better_time(time_of(message), message.time));
    fill(writer);
    if (kind == url) set_url_host(writer);
    out.emit();
    return LineFault::none;
  }

 private:
  struct Cell {
    std::string_view text;
    bool quoted = false;
  };

  bool split(std::string_view text) {
    count_ = 0;
    bool closes = true;  // a quote that did not end once does not end later
    for (std::size_t at = 0; at <= text.size();) {
      if (count_ == kColumnsMax) return false;
      Cell& cell = cells_[count_++];
      if (at < text.size() && text[at] == '"' && closes) {
        if (const std::size_t close = closing_quote(text, at + 1); close != std::string_view::npos) {
          cell = {text.substr(at + 1, close - at - 1), true};
          at = close + 2;
          continue;
        }
        closes = false;
      }
      const std::size_t comma = std::min(text.find(',', at), text.size());
      cell = {text.substr(at, comma - at), false};
      at = comma + 1;
    }
    return true;
  }

  [[nodiscard]] std::string_view cell(std::size_t column) const noexcept {
    return column < count_ ? cells_[column].text : std::string_view{};
  }

  // seqno and actionflags ("0x...") stand right behind the path.
  [[nodiscard]] bool without_details() const noexcept {
    constexpr std::size_t kFlags = 15, kFlagsBehindDetails = 17;
    return cell(kFlags).starts_with("0x") || !cell(kFlagsBehindDetails).starts_with("0x");
  }

  [[nodiscard]] LogTime time_of(const Message& message) const {
    LogTime time = message.time;
    for (const std::size_t column : {layout_->at.written, layout_->at.generated, layout_->at.received})
      if (parse_stated_time(cell(column), message.origin.receive_time, message.zone, time)) break;
    return time;
  }

  void fill(MessageWriter& out) {
    const Places& at = layout_->at;
    set_ends(out, {cell(at.orig_h), cell(at.orig_p), cell(at.resp_h), cell(at.resp_p), cell(at.proto)},
             FirewallNames::none);
    if (const std::string_view device = cell(at.device); !device.empty())
      out.event().set(event::common(event::Common::host), event::Value::text(device));
    for (std::size_t i = 0; i < layout_->aliases.size(); ++i)
      set(out, i, layout_->aliases[i].kind, layout_->aliases[i].column);
    const std::size_t own = layout_->aliases.size();
    if (const std::string_view blocked = blocked_by(cell(at.action)); !blocked.empty())
      out.set(own, event::Value::text(blocked));
    const std::size_t known = layout_->columns.size();
    if (count_ > known) set_more(out, own + 1, known);
    for (std::size_t i = 0; i < std::min(count_, known); ++i)
      if (layout_->columns[i].local != Column::kNone) set(out, layout_->columns[i].local, layout_->columns[i].kind, i);
  }

  void set(MessageWriter& out, std::size_t local, FieldKind kind, std::size_t column) {
    const std::string_view text = cell(column);
    if (text.empty() || !out.wants(local)) return;
    out.set(local, value_of(kind, cells_[column].quoted ? undouble(out.event().arena(), text) : text));
  }

  // What a newer version adds is kept in one piece, unless it is empty.
  void set_more(MessageWriter& out, std::size_t local, std::size_t from) {
    std::size_t first = from;
    while (first < count_ && cells_[first].text.empty()) ++first;
    if (first == count_) return;
    const char* const begin = cells_[from].text.data() - (cells_[from].quoted ? 1 : 0);
    const std::string_view last = cells_[count_ - 1].text;
    const char* const end = last.data() + last.size() + (cells_[count_ - 1].quoted ? 1 : 0);
    out.set(local, event::Value::text({begin, static_cast<std::size_t>(end - begin)}));
  }

  // Sigma's proxy rules ask for the host in `cs-host` and `r-dns`.
  void set_url_host(MessageWriter& out) const {
    constexpr std::size_t kMisc = find_word(Url::kOrder, "misc");
    std::string_view host = cell(kMisc);
    if (const std::size_t scheme = host.find("://"); scheme != std::string_view::npos) host.remove_prefix(scheme + 3);
    host = host.substr(0, host.find_first_of("/:?"));
    if (host.empty()) return;
    for (const std::size_t local : {kUrlHost, kUrlHost + 1}) out.set(local, event::Value::text(host));
  }

  std::array<Cell, kColumnsMax> cells_;
  std::size_t count_ = 0;
  const Layout* layout_ = nullptr;
};

std::unique_ptr<MessageReader> make() { return std::make_unique<PaloAltoReader>(); }

}  // namespace

const MessageFormat& palo_alto_format() {
  static constexpr MessageFormat kFormat{
      "palo_alto", "Palo Alto PAN-OS CSV logs", kTypes, {}, recognise, make, Order::alone, {}, "0123456789"};
  return kFormat;
}

}  // namespace nw::logs
