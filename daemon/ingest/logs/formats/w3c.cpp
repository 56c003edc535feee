// W3C extended log files: IIS, HTTP.sys' error log, CloudFront, proxies, Exchange, Windows' firewall. What stands in a
// column is told by the "#Fields:" above it; a reader remembers the last ones, for files that are followed together.
#include <algorithm>
#include <array>
#include <cstring>
#include <deque>

#include "base/text.h"
#include "ingest/logs/formats/line_scan.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/w3c_layout.h"
#include "ingest/logs/formats/web_line.h"

namespace nw::logs {

namespace {

constexpr std::size_t kLayoutsMax = 8;

class W3cReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    std::string_view line = message.text;
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.empty()) return LineFault::empty;
    if (line.front() == '#') return head(line);
    const W3cLayout* layout = find(line);
    if (layout == nullptr) return LineFault::bad_header;
    LogTime time = message.time;
    if (!take_time(*layout, message, time)) return LineFault::bad_time;
    if (!out.wants(layout->type())) return LineFault::none;
    MessageWriter writer = out.begin(layout->type(), message, time);
    tell(writer, *layout);
    out.emit();
    return LineFault::none;
  }

 private:
  LineFault head(std::string_view line) {
    std::string_view text = line.substr(1), name;
    if (!take_until(text, ":", name)) return LineFault::bad_header;
    skip_spaces(text);
    if (name == "Date" || name == "Start-Date") {
      const std::string_view day = text.substr(0, date_.size());
      if (day.size() == date_.size()) std::memcpy(date_.data(), day.data(), day.size());
    } else if (name == "Time Format") {
      local_ = text.starts_with("Local");
    } else if (name == "Fields") {
      return fields(text);
    } else if (name != "Version" && name != "Software" && name != "End-Date" && name != "Remark" &&
               name != "Log-type" && name != "GMT-Offset" && name != "System-ID" && name != "SystemID") {
      return LineFault::bad_header;
    }
    return LineFault::none;
  }

  LineFault fields(std::string_view text) {
    text = trim(text);
    for (std::size_t i = 0; i < count_; ++i)
      if (layouts_[i].text() == text) {
        current_ = i;
        return LineFault::none;
      }
    // The oldest makes room.
    const std::size_t slot = count_ < kLayoutsMax ? count_ : next_++ % kLayoutsMax;
    if (!layouts_[slot].read(text)) return LineFault::too_deep;
    current_ = slot;
    count_ = std::max(count_, slot + 1);
    return LineFault::none;
  }

  // The layout that the line is written in, its values cut.
  const W3cLayout* find(std::string_view line) {
    if (count_ > 0 && cut(line, layouts_[current_].separator()) == layouts_[current_].columns().size())
      return &layouts_[current_];
    for (std::size_t i = 0; i < count_; ++i) {
      const W3cLayout& layout = layouts_[i];
      if (i == current_ || cut(line, layout.separator()) != layout.columns().size()) continue;
      if (layout.fits({values_.data(), values_count_})) return &layout;
    }
    if (count_ > 0) return nullptr;
    // The reading began below the head.
    if (known_.empty()) {
      for (const std::string_view text : known_w3c_layouts()) (void)known_.emplace_back().read(text);
    }
    cut(line, ' ');
    for (const W3cLayout& layout : known_)
      if (layout.fits({values_.data(), values_count_})) return &layout;
    return nullptr;
  }

  std::size_t cut(std::string_view line, char separator) noexcept {
    values_count_ = split_w3c(line, separator, values_);
    return values_count_;
  }

  // Date and time are UTC (section "Date and time"), but Windows' firewall says otherwise.
  bool take_time(const W3cLayout& layout, const Message& message, LogTime& out) const {
    std::string_view date{date_.front() == 0 ? std::string_view{} : std::string_view{date_.data(), date_.size()}};
    std::string_view clock;
    for (std::size_t i = 0; i < layout.columns().size(); ++i) {
      std::string_view value = values_[i];
      switch (layout.columns()[i].role) {
        case W3cRole::date: date = value; break;
        case W3cRole::time: clock = value; break;
        case W3cRole::date_time: {
          const TimeScan scan = scan_iso_time(value, message.zone, out);
          if (scan != TimeScan::none) return scan == TimeScan::good;
          break;
        }
        case W3cRole::epoch:
          if (parse_epoch(value, out.time)) {
            out.quality = event::TimeQuality::stated;
            return true;
          }
          break;
        default: break;
      }
    }
    if (clock.empty() || date.size() != 10 || clock.size() > 20) return true;
    std::array<char, 32> text{};
    std::memcpy(text.data(), date.data(), 10);
    text[10] = 'T';
    std::memcpy(text.data() + 11, clock.data(), clock.size());
    std::string_view iso{text.data(), 11 + clock.size()};
    if (scan_iso_time(iso, local_ ? message.zone : std::chrono::minutes{0}, out) != TimeScan::good) return false;
    if (!local_) out.quality = event::TimeQuality::stated;
    return true;
  }

  // The value, its doubled quotes undone.
  static std::string_view plain(MessageWriter& writer, std::string_view value) {
    if (value.find("\"\"") == std::string_view::npos) return value;
    const std::span<char> out = writer.event().arena().make<char>(value.size());
    if (out.size() < value.size()) return value;
    std::size_t size = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
      out[size++] = value[i];
      if (value.substr(i).starts_with("\"\"")) ++i;
    }
    return {out.data(), size};
  }

  static void set_text(MessageWriter& writer, std::size_t field, std::string_view text) {
    if (!text.empty()) writer.set(field, event::Value::text(text));
  }

  static void set_address(MessageWriter& writer, std::string_view text, std::size_t field, event::Common host) {
    const event::Value value = address_or_text(text);
    writer.set(field, value);
    if (value.kind() == event::Value::Kind::address) writer.event().set(event::common(host), value);
  }
  static void set_port(MessageWriter& writer, std::string_view text, std::size_t field, event::Common port) {
    const event::Value value = number_or_text(text);
    writer.set(field, value);
    if (value.kind() == event::Value::Kind::integer) writer.event().set(event::common(port), value);
  }

  // IIS writes '+' for spaces, and rules spell agents either way.
  static void set_agent(MessageWriter& writer, std::string_view agent) {
    event::Value value = event::Value::text(agent);
    const bool pluses = agent.find('+') != std::string_view::npos && agent.find(' ') == std::string_view::npos;
    if (pluses && (writer.wants(web_cs_user_agent) || writer.wants(web_c_useragent))) {
      const std::span<char> spaced = writer.event().arena().make<char>(agent.size());
      const std::span<event::Value> list = writer.event().arena().make<event::Value>(2);
      if (!spaced.empty() && !list.empty()) {
        std::ranges::replace_copy(agent, spaced.begin(), '+', ' ');
        list[0] = value;
        list[1] = event::Value::text({spaced.data(), spaced.size()});
        value = event::Value::list(list);
      }
    }
    writer.set(web_cs_user_agent, value);
    writer.set(web_c_useragent, value);
  }

  struct Uri {
    std::string_view scheme, host, stem, query;
    bool whole = false;
  };

  void tell(MessageWriter& writer, const W3cLayout& layout) const {
    Uri uri;
    for (std::size_t i = 0; i < layout.columns().size(); ++i) {
      const std::string_view value = values_[i];
      if (value.empty() || value == "-") continue;
      column(writer, layout, layout.columns()[i], plain(writer, value), uri);
    }
    if (!uri.whole && !uri.stem.empty()) set_uri(writer, uri.stem, uri.query);
    if (uri.scheme.empty() || uri.host.empty() || uri.whole) return;
    // A proxy's log has the URL in pieces.
    if (!writer.wants(web_cs_uri) && !writer.wants(web_c_uri)) return;
    const std::string_view mark = uri.query.empty() ? "" : "?";
    const std::size_t size = uri.scheme.size() + 3 + uri.host.size() + uri.stem.size() + mark.size() + uri.query.size();
    const std::span<char> url = writer.event().arena().make<char>(size);
    if (url.size() < size) return;
    std::size_t at = 0;
    for (const std::string_view part : {uri.scheme, std::string_view{"://"}, uri.host, uri.stem, mark, uri.query}) {
      if (!part.empty()) std::memcpy(url.data() + at, part.data(), part.size());
      at += part.size();
    }
    set_text(writer, web_cs_uri, {url.data(), size});
    set_text(writer, web_c_uri, {url.data(), size});
  }

  static void column(MessageWriter& writer, const W3cLayout& layout, const W3cColumn& column, std::string_view value,
                     Uri& uri) {
    switch (column.role) {
      case W3cRole::other:
        if (!writer.closed()) writer.set(column.name, number_or_text(value));
        break;
      case W3cRole::text: set_text(writer, column.field, value); break;
      case W3cRole::number: writer.set(column.field, number_or_text(value)); break;
      case W3cRole::date:
      case W3cRole::time:
      case W3cRole::date_time:
      case W3cRole::epoch: break;
      case W3cRole::client: set_client(writer, value); break;
      case W3cRole::client_port: set_port(writer, value, web_c_port, event::Common::orig_p); break;
      case W3cRole::server:
        // A proxy's s-ip is its own; what it reached is r-ip.
        if (layout.type() == w3c_proxy && column.name == "s-ip")
          writer.set(w3c_s_ip, address_or_text(value));
        else
          set_address(writer, value, column.name == "r-ip" ? w3c_dst_ip : w3c_s_ip, event::Common::resp_h);
        break;
      case W3cRole::server_port:
        if (layout.type() == w3c_proxy && column.name == "s-port")
          writer.set(w3c_s_port, number_or_text(value));
        else
          set_port(writer, value, column.name == "r-port" ? w3c_dst_port : w3c_s_port, event::Common::resp_p);
        break;
      case W3cRole::uri:
        set_uri(writer, value);
        uri.whole = true;
        break;
      case W3cRole::scheme: uri.scheme = value; break;
      case W3cRole::stem: uri.stem = value; break;
      case W3cRole::query:
        uri.query = value.substr(value.starts_with('?') ? 1 : 0);  // proxies write the mark too
        break;
      case W3cRole::host:
        uri.host = value;
        set_text(writer, web_cs_host, value);
        break;
      case W3cRole::referer: set_referer(writer, value); break;
      case W3cRole::agent: set_agent(writer, value); break;
      case W3cRole::source: set_address(writer, value, w3c_src_ip, event::Common::orig_h); break;
      case W3cRole::source_port: set_port(writer, value, w3c_src_port, event::Common::orig_p); break;
      case W3cRole::destination: set_address(writer, value, w3c_dst_ip, event::Common::resp_h); break;
      case W3cRole::destination_port: set_port(writer, value, w3c_dst_port, event::Common::resp_p); break;
      case W3cRole::transport: {
        set_text(writer, w3c_protocol, value);
        if (const std::string_view name = transport_name(value); !name.empty())
          writer.event().set(event::common(event::Common::proto), event::Value::text(name));
        break;
      }
      case W3cRole::action:
        set_text(writer, w3c_action, value);
        if (layout.type() == w3c_firewall && (value == "DROP" || value == "ALLOW"))
          writer.set(w3c_blocked, event::Value::boolean(value == "DROP"));
        break;
    }
  }

  std::array<W3cLayout, kLayoutsMax> layouts_;
  std::size_t count_ = 0, current_ = 0, next_ = 0;
  std::deque<W3cLayout> known_;  // made when a line comes before any head
  std::array<std::string_view, W3cLayout::kColumnsMax> values_{};
  std::size_t values_count_ = 0;
  std::array<char, 10> date_{};
  bool local_ = false;
};

// A head. Lines below it are its source's business: nothing in them says what they are.
bool recognise(const Message& message) noexcept {
  const std::string_view text = message.text;
  return text.starts_with("#Fields: ") || text.starts_with("#Software: ") || text.starts_with("#Version: 1.");
}

constexpr std::array<std::string_view, 1> kWebserver{"webserver"}, kProxy{"proxy"}, kFirewall{"firewall"}, kIis{"iis"};

}  // namespace

const MessageFormat& w3c_format() {
  // In the order of W3cType.
  static const std::array<event::TypeSpec, kW3cTypes> types{{
      {"w3c", "", kIis, kWebserver, w3c_fields(), true},
      {"w3c.proxy", "", {}, kProxy, w3c_fields(), true},
      {"w3c.firewall", "windows", {}, kFirewall, w3c_fields(), true},
      {"w3c.other", "", {}, {}, w3c_fields(), true},
  }};
  static const MessageFormat format{
      "w3c",     "W3C extended: IIS, HTTP.sys, CloudFront, proxies, Windows' firewall",        types,         {},
      recognise, [] { return std::unique_ptr<MessageReader>{std::make_unique<W3cReader>()}; }, Order::headed, "#"};
  return format;
}

}  // namespace nw::logs
