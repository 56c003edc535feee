#include "ingest/logs/formats/syslog.h"

#include <algorithm>

#include "ingest/logs/formats/envelope.h"
#include "ingest/logs/formats/shared.h"

namespace nw::logs {

namespace {

struct Kind {
  std::string_view path;
  std::array<std::string_view, 3> services;
  std::size_t services_count;
};
// By SyslogKind.
constexpr std::array<Kind, kSyslogKinds> kKinds{{{"syslog", {"syslog"}, 1},
                                                 {"syslog.auditd", {"auditd", "syslog"}, 2},
                                                 {"syslog.auth", {"auth", "syslog"}, 2},
                                                 {"syslog.cron", {"cron", "syslog"}, 2},
                                                 {"syslog.sshd", {"sshd", "auth", "syslog"}, 3},
                                                 {"syslog.sudo", {"sudo", "auth", "syslog"}, 3}}};

using enum SyslogKind;
constexpr auto kPrograms = std::to_array<SyslogProgram>({
    {"anacron", cron},     {"atd", cron},       {"audisp-syslog", auditd},
    {"audispd", auditd},   {"audit", auditd},   {"auditd", auditd},
    {"chage", auth},       {"chfn", auth},      {"chpasswd", auth},
    {"chsh", auth},        {"cron", cron},      {"crond", cron},
    {"crontab", cron},     {"doas", auth},      {"gdm-password", auth},
    {"gpasswd", auth},     {"groupadd", auth},  {"groupdel", auth},
    {"groupmod", auth},    {"lightdm", auth},   {"login", auth},
    {"newgrp", auth},      {"newusers", auth},  {"passwd", auth},
    {"pkexec", auth},      {"polkitd", auth},   {"runuser", auth},
    {"sshd", sshd},        {"sshd-auth", sshd}, {"sshd-session", sshd},
    {"su", auth},          {"sudo", sudo},      {"systemd-logind", auth},
    {"unix_chkpwd", auth}, {"useradd", auth},   {"userdel", auth},
    {"usermod", auth},     {"vipw", auth},
});
static_assert(std::ranges::is_sorted(kPrograms, {}, &SyslogProgram::name));

}  // namespace

std::span<const SyslogProgram> syslog_programs() { return kPrograms; }

std::string_view syslog_product(const FormatOptions& options) {
  return options.product.empty() ? kSyslogProduct : std::string_view{options.product};
}

void declare_plain(event::Schema& schema, const FormatOptions& options) {
  for (const Kind& kind : kKinds) {
    std::vector<std::string_view> services{kind.services.begin(), kind.services.begin() + kind.services_count};
    if (!options.service.empty()) services.push_back(options.service);
    std::vector<std::string_view> categories;
    if (!options.category.empty()) categories.push_back(options.category);
    const std::string path = type_path(kind.path, options);
    schema.add_type(
        {path, syslog_product(options), services, categories, envelope_fields(), false, false, kParameterPrefix});
  }
}

std::array<event::TypeId, kSyslogKinds> plain_types(const event::Schema& schema, const FormatOptions& options) {
  std::array<event::TypeId, kSyslogKinds> types{};
  for (std::size_t i = 0; i < kSyslogKinds; ++i)
    types[i] = find_type(schema, type_path(kKinds[i].path, options), syslog_product(options));
  return types;
}

}  // namespace nw::logs
