// Access and error logs of web servers: NCSA, Apache, nginx and what writes as they do.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/logs/formats/access_line.h"
#include "ingest/logs/formats/line_scan.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/web_line.h"

namespace nw::logs {

namespace {

enum Field : std::uint8_t {
  f_first = kWebFields - 1,
  f_request,
  f_forwarded,
  f_request_time,
  f_upstream_time,
  f_tls_version,
  f_tls_cipher,
  f_s_port,
  f_extra,
  f_level,
  f_module,
  f_pid,
  f_tid,
  f_connection,
  f_error_code,
  f_error,
  f_server,
  f_upstream,
  f_rule_id,
  f_rule_msg,
  f_rule_severity,
  f_unique_id,
  kFieldCount
};

std::span<const event::FieldSpec> fields() {
  static const auto all = [] {
    std::array<event::FieldSpec, kFieldCount> out{};
    std::ranges::copy(kWebFieldSpecs, out.begin());
    out[f_request] = {"request", "text", "the request line where it is none: what was sent instead"};
    out[f_forwarded] = {"x-forwarded-for", "text", "for whom a proxy asked, as the header says"};
    out[f_request_time] = {"request_time", "real", "seconds: the first time behind the agent (nginx: $request_time)"};
    out[f_upstream_time] = {"upstream_response_time", "real", "seconds: the second one"};
    out[f_tls_version] = {"tls_version", "text", "TLSv1.3, ..."};
    out[f_tls_cipher] = {"tls_cipher", "text", ""};
    out[f_s_port] = {"s-port", "integer", "the server's port"};
    out[f_extra] = {"extra", "text", "what stands behind the agent, as it came"};
    out[f_level] = {"level", "text", "error log: error, warn, notice, ..."};
    out[f_module] = {"module", "text", "error log: Apache's module"};
    out[f_pid] = {"pid", "integer", "error log: the process"};
    out[f_tid] = {"tid", "integer", "error log: the thread"};
    out[f_connection] = {"connection", "integer", "error log: nginx's number of the connection"};
    out[f_error_code] = {"error_code", "text", "error log: AH00128, ..."};
    out[f_error] = {"error", "text", "error log: the message alone"};
    out[f_server] = {"s-computername", "text", "error log: the virtual server"};
    out[f_upstream] = {"upstream", "text", "error log: the server behind"};
    out[f_rule_id] = {"rule_id", "text", "ModSecurity: the rule"};
    out[f_rule_msg] = {"rule_msg", "text", "ModSecurity: what the rule says"};
    out[f_rule_severity] = {"rule_severity", "text", "ModSecurity: CRITICAL, 2, ..."};
    out[f_unique_id] = {"unique_id", "text", "ModSecurity: the request's number"};
    return out;
  }();
  return all;
}

enum Type : std::uint8_t { type_access, type_apache_error, type_modsecurity, type_nginx_error, kTypes };
constexpr int kExtrasMax = 64;

bool given(std::string_view text) noexcept { return !text.empty() && text != "-"; }

// "0.012" and the like as seconds.
bool decimal(std::string_view text, double& out) noexcept {
  const std::size_t dot = text.find('.');
  std::int64_t whole = 0, part = 0;
  if (dot == std::string_view::npos || text.size() - dot > 10) return false;
  if (!parse_digits(text.substr(0, dot), whole) || !parse_digits(text.substr(dot + 1), part)) return false;
  double scale = 1;
  for (std::size_t i = dot + 1; i < text.size(); ++i) scale *= 10;
  out = static_cast<double>(whole) + static_cast<double>(part) / scale;
  return true;
}

bool forwarders(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' || c == ':' || c == ',' ||
           c == ' ';
  });
}

class AccessReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    const std::string_view text = message.text;
    if (text.empty()) return LineFault::empty;
    if (text.size() > 5 && text[4] == '/' && ascii_digit(text.front())) {
      WebError error;
      const LineFault fault = parse_nginx_error(text, message.zone, error);
      return fault == LineFault::none ? tell_error(message, error, type_nginx_error, out) : fault;
    }
    if (text.front() == '[' && !looks_like_access(text)) {
      WebError error;
      error.time = message.time;
      const LineFault fault = parse_apache_error(text, message.origin.receive_time, message.zone, error);
      return fault == LineFault::none ? tell_error(message, error, type_apache_error, out) : fault;
    }
    AccessLine line;
    const LineFault fault = parse_access(text, message.zone, line);
    if (fault != LineFault::none) return fault;
    if (!count_extras(line.extra)) return LineFault::too_deep;
    if (out.wants(type_access)) tell_access(message, line, out);
    return LineFault::none;
  }

 private:
  static void set(MessageWriter& writer, std::size_t field, std::string_view text) {
    if (given(text)) writer.set(field, event::Value::text(text));
  }
  static void set_number(MessageWriter& writer, std::size_t field, std::string_view text) {
    if (given(text)) writer.set(field, number_or_text(text));
  }
  // Escapes undone, where somebody wants it.
  static void set_escaped(MessageWriter& writer, std::size_t field, std::string_view text) {
    if (given(text) && writer.wants(field)) set(writer, field, unescape(text, writer.event().arena()));
  }
  static bool count_extras(std::string_view extra) noexcept {
    return std::count(extra.begin(), extra.end(), '=') <= kExtrasMax;
  }

  static void tell_access(const Message& message, const AccessLine& line, MessageContext& out) {
    MessageWriter writer = out.begin(type_access, message, line.time);
    set_client(writer, line.client);
    set_escaped(writer, web_cs_username, line.user == "\"\"" ? std::string_view{} : line.user);
    set(writer, f_forwarded, line.forwarded);
    const std::string_view request = unescape(line.request, writer.event().arena());
    if (given(request) && !set_request(writer, request)) set(writer, f_request, request);
    set(writer, web_cs_host, line.host);
    set_number(writer, f_s_port, line.host_port);
    set_number(writer, web_sc_status, line.status);
    set_number(writer, web_sc_bytes, line.bytes);
    if (given(line.referer)) set_referer(writer, unescape(line.referer, writer.event().arena()));
    if (given(line.agent)) {
      const std::string_view agent = unescape(line.agent, writer.event().arena());
      set(writer, web_cs_user_agent, agent);
      set(writer, web_c_useragent, agent);
    }
    set(writer, f_tls_version, line.tls_version);
    set(writer, f_tls_cipher, line.tls_cipher);
    if (!line.extra.empty()) tell_extra(writer, line.extra);
    out.emit();
  }

  // Behind the agent: a quoted list of forwarders, times in seconds, key=value and key="value".
  static void tell_extra(MessageWriter& writer, std::string_view extra) {
    std::string_view rest = extra, quoted;
    bool other = false;
    int times = 0;
    while (!rest.empty()) {
      if (take_quoted(rest, quoted)) {
        skip_spaces(rest);
        if (given(quoted) && forwarders(quoted))
          set(writer, f_forwarded, quoted);
        else
          other = other || given(quoted);
        continue;
      }
      const std::size_t mark = rest.find_first_of("= \"");
      if (mark != std::string_view::npos && mark > 0 && rest[mark] == '=') {
        const std::string_view key = rest.substr(0, mark);
        rest.remove_prefix(mark + 1);
        std::string_view value;
        if (take_quoted(rest, value))
          skip_spaces(rest);
        else
          value = take_word(rest);
        if (given(value) && !writer.closed()) writer.set(key, number_or_text(value));
        continue;
      }
      const std::string_view word = take_word(rest);
      double seconds = 0;
      if (times < 2 && decimal(word, seconds))
        writer.set(times++ == 0 ? f_request_time : f_upstream_time, event::Value::real(seconds));
      else
        other = other || given(word);
    }
    if (other) set(writer, f_extra, extra);
  }

  static LineFault tell_error(const Message& message, const WebError& error, Type type, MessageContext& out) {
    const bool modsecurity = error.text.find("ModSecurity:") != std::string_view::npos;
    if (modsecurity) type = type_modsecurity;
    if (!out.wants(type)) return LineFault::none;
    MessageWriter writer = out.begin(type, message, error.time);
    set(writer, f_level, error.level);
    set(writer, f_module, error.module);
    set_number(writer, f_pid, error.pid);
    set_number(writer, f_tid, error.tid);
    set_number(writer, f_connection, error.connection);
    set(writer, f_error_code, error.code);
    set_escaped(writer, f_error, error.text);
    set_client(writer, error.client);
    set(writer, f_server, error.server);
    set(writer, f_upstream, error.upstream);
    set(writer, web_cs_username, error.user);
    if (given(error.request)) {
      const std::string_view request = unescape(error.request, writer.event().arena());
      if (!set_request(writer, request)) set(writer, f_request, request);
    }
    set(writer, web_cs_host, error.host);
    if (given(error.referer)) set_referer(writer, unescape(error.referer, writer.event().arena()));
    if (modsecurity) tell_modsecurity(writer, error.text);
    out.emit();
    return LineFault::none;
  }

  // [id "949110"] [msg "Inbound Anomaly Score Exceeded"] [uri "/"] ...
  static void tell_modsecurity(MessageWriter& writer, std::string_view text) {
    const auto part = [&](std::string_view mark, std::size_t field) {
      std::string_view rest = text, value;
      if (take_until(rest, mark, value) && take_until(rest, "\"]", value)) set_escaped(writer, field, value);
    };
    part("[id \"", f_rule_id);
    part("[msg \"", f_rule_msg);
    part("[severity \"", f_rule_severity);
    part("[hostname \"", web_cs_host);
    part("[uri \"", web_cs_uri_stem);
    part("[unique_id \"", f_unique_id);
  }
};

bool recognise(const Message& message) noexcept {
  const std::string_view text = message.text;
  if (text.size() < 24) return false;
  if (text.front() == '[' && looks_like_apache_error(text)) return true;
  if (text[4] == '/' && looks_like_nginx_error(text)) return true;
  return looks_like_access(text);
}

constexpr std::array<std::string_view, 3> kPrograms{"apache2", "httpd", "nginx"};
constexpr std::array<std::string_view, 1> kWebserver{"webserver"}, kApache{"apache"}, kNginx{"nginx"};
constexpr std::array<std::string_view, 2> kBoth{"apache", "nginx"};

}  // namespace

const MessageFormat& access_format() {
  static const std::array<event::TypeSpec, kTypes> types{{
      {"access", "", {}, kWebserver, fields(), true},
      {"apache.error", "", kApache, kWebserver, fields()},
      {"modsecurity", "modsecurity", kBoth, kWebserver, fields()},
      {"nginx.error", "", kNginx, kWebserver, fields()},
  }};
  static const MessageFormat format{
      "access",  "access logs (common, combined, vhost, nginx) and error logs of Apache and nginx", types, kPrograms,
      recognise, [] { return std::unique_ptr<MessageReader>{std::make_unique<AccessReader>()}; }};
  return format;
}

}  // namespace nw::logs
