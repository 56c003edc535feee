// `normwatch status` and `normwatch reload`: asked of a running daemon over its control socket.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdio>

#include "app/commands.h"
#include "base/text.h"
#include "console/http_server.h"

namespace nw::app {

namespace {

constexpr OptionSpec kStatusOptions[] = {
    {"control", "SOCKET", "the daemon's control socket (default: from --config, else <state>/control.sock)"},
    {"config", "FILE", "the daemon's configuration, to find the socket"},
    {"state", "DIR", "the daemon's state directory, to find the socket (default /var/lib/normwatch)"},
    {"json", "", "as JSON"},
};
constexpr CommandSpec kStatusSpec{"status",
                                  "",
                                  "what the running daemon sees, drops, records and delivers",
                                  "Exit status: 0, 69 no daemon answers.",
                                  kStatusOptions,
                                  0,
                                  0};

constexpr OptionSpec kReloadOptions[] = {
    {"wait", "", "wait for the answer (always so; for systemd's ExecReload=)"},
    {"control", "SOCKET", "the daemon's control socket (default: from --config, else <state>/control.sock)"},
    {"config", "FILE", "the daemon's configuration, to find the socket"},
    {"state", "DIR", "the daemon's state directory, to find the socket (default /var/lib/normwatch)"},
};
constexpr CommandSpec kReloadSpec{
    "reload",
    "--wait",
    "read rules, register and norms anew; a bad set leaves the old one running",
    "Exit status: 0 the new set is in force, 78 it has errors (printed) and the old one goes on, 69 no daemon answers.",
    kReloadOptions,
    0,
    0};

constexpr std::chrono::seconds kPatience{120};  // a large rule set compiles before the answer comes

std::string text_of(const boost::json::value& value) {
  if (value.is_string()) return printable(std::string_view{value.as_string()}, 4096);
  return boost::json::serialize(value);
}

void print_members(const boost::json::object& object, std::string_view skip) {
  for (const auto& [key, value] : object)
    if (std::string_view{key} != skip) std::printf("  %s %s", std::string{key}.c_str(), text_of(value).c_str());
  std::putchar('\n');
}

void print_status(const boost::json::object& status) {
  for (const auto& [key, value] : status) {
    const std::string name{key};
    if (value.is_array()) {
      for (const auto& item : value.as_array()) {
        if (!item.is_object()) continue;
        const boost::json::value* label = item.as_object().if_contains("name");
        std::printf("%s %s:", name.c_str(), label != nullptr ? text_of(*label).c_str() : "");
        print_members(item.as_object(), "name");
      }
    } else if (value.is_object()) {
      std::printf("%s:", name.c_str());
      print_members(value.as_object(), "");
    } else {
      std::printf("%s: %s\n", name.c_str(), text_of(value).c_str());
    }
  }
}

ExitCode status(const Options& options) {
  const auto answer = ask_daemon(options, "GET", "/status");
  if (!answer) {
    complain(answer.error().what);
    return answer.error().code == Errc::invalid_argument ? kExitConfig : kExitUnavailable;
  }
  boost::json::error_code error;
  const boost::json::value parsed = boost::json::parse(answer->body, error);
  if (error || !parsed.is_object()) {
    complain("the daemon's answer is not understood; are the two of the same version?");
    return kExitUnavailable;
  }
  if (options.has("json"))
    std::fputs(answer->body.c_str(), stdout);
  else
    print_status(parsed.as_object());
  return kExitOk;
}

ExitCode reload(const Options& options) {
  const auto answer = ask_daemon(options, "POST", "/reload");
  if (!answer) {
    complain(answer.error().what);
    return answer.error().code == Errc::invalid_argument ? kExitConfig : kExitUnavailable;
  }
  std::fputs(answer->body.c_str(), stderr);
  if (answer->status == 200) return kExitOk;
  complain("reload refused; the old configuration goes on");
  return kExitConfig;
}

}  // namespace

Result<console::HttpResponse> ask_daemon(const Options& options, std::string method, std::string path,
                                         std::string body) {
  console::HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.body = std::move(body);
  const auto where = locate(options);
  if (!where) return where.error();
  auto answer = console::http_request(where->control, request, kPatience);
  if (!answer)
    return Error{answer.error().code, "no daemon answers at " + where->control + ": " + answer.error().what +
                                          "; is it running? (systemctl status normwatch)"};
  return answer;
}

const Command kStatus{&kStatusSpec, status};
const Command kReload{&kReloadSpec, reload};

}  // namespace nw::app
