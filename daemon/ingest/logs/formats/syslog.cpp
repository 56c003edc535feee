// syslog lines to events. The program decides the event's type, and so which Sigma log sources it answers to.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/logs/formats/shared.h"
#include "ingest/logs/formats/syslog_line.h"
#include "ingest/logs/formats/table.h"

namespace nw::logs {

namespace {

constexpr std::string_view kProductDefault = "linux";

// Names as in Zeek's syslog.log; numbers from RFC 5424 tables 1 and 2.
constexpr std::array<std::string_view, 24> kFacilities{"KERN",   "USER",   "MAIL",   "DAEMON", "AUTH",     "SYSLOG",
                                                       "LPR",    "NEWS",   "UUCP",   "CRON",   "AUTHPRIV", "FTP",
                                                       "NTP",    "AUDIT",  "ALERT",  "CLOCK",  "LOCAL0",   "LOCAL1",
                                                       "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6",   "LOCAL7"};
constexpr std::array<std::string_view, 8> kSeverities{"EMERG",   "ALERT",  "CRIT", "ERR",
                                                      "WARNING", "NOTICE", "INFO", "DEBUG"};

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"facility", "text", "KERN, AUTH, LOCAL0, ...: from the priority"},
    {"severity", "text", "EMERG, ALERT, CRIT, ERR, WARNING, NOTICE, INFO, DEBUG: from the priority"},
    {"priority", "integer", "facility * 8 + severity"},
    {"program", "text", "the tag (RFC 3164) or APP-NAME (RFC 5424)"},
    {"pid", "text", "the process, where it is named: a number, mostly"},
    {"msgid", "text", "MSGID (RFC 5424)"},
    {"structured_data", "text", "STRUCTURED-DATA (RFC 5424) as it came: [id name=\"value\"]"},
    {"message", "text", "the free text behind the header"},
    {"host", "text", "the host that the line names, else the address that sent it"},
});

// The kinds of program that Sigma has services for.
struct Kind {
  std::string_view path;
  std::array<std::string_view, 3> services;
  std::size_t services_count;
};
enum KindId : std::uint8_t { plain, audit, auth, cron, sshd, sudo, kKindCount };
constexpr std::array<Kind, kKindCount> kKinds{{{"", {"syslog"}, 1},
                                               {".auditd", {"auditd", "syslog"}, 2},
                                               {".auth", {"auth", "syslog"}, 2},
                                               {".cron", {"cron", "syslog"}, 2},
                                               {".sshd", {"sshd", "auth", "syslog"}, 3},
                                               {".sudo", {"sudo", "auth", "syslog"}, 3}}};

struct Program {
  std::string_view name;  // lower case, without directory, and without "(pam_unix)" and the like
  KindId kind;
};
constexpr auto kPrograms = std::to_array<Program>({
    {"anacron", cron}, {"atd", cron},      {"audisp-syslog", audit}, {"audispd", audit},    {"audit", audit},
    {"auditd", audit}, {"chage", auth},    {"chfn", auth},           {"chpasswd", auth},    {"chsh", auth},
    {"cron", cron},    {"crond", cron},    {"crontab", cron},        {"doas", auth},        {"gdm-password", auth},
    {"gpasswd", auth}, {"groupadd", auth}, {"groupdel", auth},       {"groupmod", auth},    {"lightdm", auth},
    {"login", auth},   {"newgrp", auth},   {"newusers", auth},       {"passwd", auth},      {"pkexec", auth},
    {"polkitd", auth}, {"runuser", auth},  {"sshd", sshd},           {"sshd-auth", sshd},   {"sshd-session", sshd},
    {"su", auth},      {"sudo", sudo},     {"systemd-logind", auth}, {"unix_chkpwd", auth}, {"useradd", auth},
    {"userdel", auth}, {"usermod", auth},  {"vipw", auth},
});
static_assert(std::ranges::is_sorted(kPrograms, {}, &Program::name));

KindId kind_of(std::string_view program) {
  if (const auto slash = program.rfind('/'); slash != std::string_view::npos) program.remove_prefix(slash + 1);
  program = program.substr(0, program.find('('));
  std::array<char, 16> lower{};
  if (program.empty() || program.size() > lower.size()) return plain;
  std::ranges::transform(program, lower.begin(), ascii_lower);
  const std::string_view name{lower.data(), program.size()};
  const auto* const found = std::ranges::lower_bound(kPrograms, name, {}, &Program::name);
  return found != kPrograms.end() && found->name == name ? found->kind : plain;
}

std::string_view product_of(const FormatOptions& options) {
  return options.product.empty() ? kProductDefault : std::string_view{options.product};
}

class SyslogParser final : public LineParser {
 public:
  SyslogParser(std::shared_ptr<const event::Schema> schema, std::shared_ptr<const event::Interest> interest,
               const FormatOptions& options)
      : options_{options} {
    subscribe(std::move(schema), std::move(interest));
  }

  LineFault line(std::string_view line, const LineOrigin& origin, event::EventSink& sink) override {
    SyslogLine parsed;
    const LineFault fault = parse_syslog(line, origin.receive_time, options_.zone, parsed);
    if (fault != LineFault::none) {
      unparsed_.emit(line, fault, origin, event_, sink);
      return fault;
    }
    const Wanted& wanted = wanted_[kind_of(parsed.program)];
    if (!wanted.type) return fault;
    event_.begin(wanted.id, origin.source, parsed.time.time, origin.receive_time, parsed.time.quality);
    event_.ordinal = origin.ordinal;
    event_.raw = line;
    fill(parsed, wanted, origin);
    sink.accept(event_);
    return fault;
  }

  void subscribe(std::shared_ptr<const event::Schema> schema,
                 std::shared_ptr<const event::Interest> interest) override {
    const std::string_view product = product_of(options_);
    const auto field = [&](std::string_view name) { return *schema->find_field(name); };
    facility_ = field("facility");
    severity_ = field("severity");
    priority_ = field("priority");
    program_ = field("program");
    pid_ = field("pid");
    msgid_ = field("msgid");
    structured_data_ = field("structured_data");
    const std::string base = type_path("syslog", options_);
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      Wanted& wanted = wanted_[i];
      wanted.id = find_type(*schema, base + std::string{kKinds[i].path}, product);
      const auto wants = [&](event::FieldId id) { return interest->wants(wanted.id, id); };
      wanted.type = interest->wants(wanted.id);
      wanted.priority = wants(facility_) || wants(severity_) || wants(priority_);
      wanted.program = wants(program_);
      wanted.pid = wants(pid_);
      wanted.msgid = wants(msgid_);
      wanted.structured_data = wants(structured_data_);
    }
    unparsed_.subscribe(*schema, *interest, product);
  }

 private:
  struct Wanted {
    event::TypeId id{};
    bool type = false, priority = false, program = false, pid = false, msgid = false, structured_data = false;
  };

  void fill(const SyslogLine& parsed, const Wanted& wanted, const LineOrigin& origin) {
    const auto set_text = [&](bool want, event::FieldId id, std::string_view text) {
      if (want && !text.empty()) event_.set(id, event::Value::text(text));
    };
    if (wanted.priority && parsed.priority >= 0) {
      const auto priority = static_cast<std::size_t>(parsed.priority);
      event_.set(facility_, event::Value::text(kFacilities[priority / 8]));
      event_.set(severity_, event::Value::text(kSeverities[priority % 8]));
      event_.set(priority_, event::Value::integer(parsed.priority));
    }
    const auto host = event::common(event::Common::host);
    set_text(true, host, parsed.host);
    if (parsed.host.empty() && origin.peer) {
      peer_text_.clear();
      origin.peer->append_to(peer_text_);
      set_text(true, host, peer_text_);
    }
    set_text(wanted.program, program_, parsed.program);
    set_text(wanted.pid, pid_, parsed.pid);
    set_text(wanted.msgid, msgid_, parsed.msgid);
    set_text(wanted.structured_data, structured_data_, parsed.structured_data);
    event_.set(event::common(event::Common::message), event::Value::text(parsed.message));
  }

  FormatOptions options_;
  std::array<Wanted, kKindCount> wanted_{};
  event::FieldId facility_{}, severity_{}, priority_{}, program_{}, pid_{}, msgid_{}, structured_data_{};
  UnparsedEmitter unparsed_;
  event::Event event_;
  std::string peer_text_;
};

}  // namespace

void declare_syslog(event::Schema& schema, const FormatOptions& options) {
  const std::string base = type_path("syslog", options);
  for (const Kind& kind : kKinds) {
    std::vector<std::string_view> services{kind.services.begin(), kind.services.begin() + kind.services_count};
    if (!options.service.empty()) services.push_back(options.service);
    std::vector<std::string_view> categories;
    if (!options.category.empty()) categories.push_back(options.category);
    const std::string path = base + std::string{kind.path};
    schema.add_type({path, product_of(options), services, categories, kFields, false});
  }
  declare_unparsed(schema, product_of(options));
}

std::unique_ptr<LineParser> make_syslog(std::shared_ptr<const event::Schema> schema,
                                        std::shared_ptr<const event::Interest> interest, const FormatOptions& options) {
  return std::make_unique<SyslogParser>(std::move(schema), std::move(interest), options);
}

}  // namespace nw::logs
