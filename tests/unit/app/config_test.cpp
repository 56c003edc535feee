#include "app/config.h"

#include <gtest/gtest.h>

namespace nw::app {
namespace {

std::optional<Config> read(std::string_view text, Diagnostics& diagnostics) {
  return parse_config(text, "/etc/nw/c.yaml", diagnostics);
}

TEST(Config, ReadsEveryKindOfSource) {
  Diagnostics diagnostics;
  const auto config = read(
      "site: s\nworkers: 3\nrecord_all: true\nregistry: reg.yaml\n"
      "rules: {paths: [rules.d, /abs], permissive: true, placeholders: {Admins: [root, 7], one: x}, "
      "placeholders_file: p.yaml, variables: {scan: {hosts: 50, ports: [1, 2]}}, variables_file: v.yaml}\n"
      "sources:\n"
      "  - {name: mirror, kind: capture, interface: eth9, filter: tcp, snaplen: 128, buffer: 4MiB, promiscuous: "
      "false}\n"
      "  - {name: u, kind: udp, listen: '127.0.0.1:0', format: syslog, product: Linux}\n"
      "  - {name: f, kind: file, path: x.jsonl, format: json, category: process_creation, time_field: when}\n"
      "  - {name: r, kind: replay, path: a.pcap, pace: 20x}\n"
      "outputs:\n  - {name: t, kind: text}\n"
      "http: {listen: ''}\nincidents: {quiet: 2h}\nfold: {interval: 1m, folds_max: 99}\nlimits: {flows_max: 100, "
      "tcp_idle: 10s, conn_interim: 1h}\n"
      "baseline: {file: b.yaml, learn: true, candidates_max: 16}\n"
      "vulnerabilities: {kev: kev.json, csaf: [/srv/csaf, more]}\n",
      diagnostics);
  ASSERT_TRUE(config) << diagnostics.to_string();
  ASSERT_EQ(config->sources.size(), 4U);
  EXPECT_EQ(config->sources[0].live.interface, "eth9");
  EXPECT_EQ(config->sources[0].live.buffer_bytes, 4U << 20);
  EXPECT_FALSE(config->sources[0].live.promiscuous);
  EXPECT_EQ(config->sources[1].transport, "udp");
  EXPECT_EQ(config->sources[1].format_options.product, "linux");
  EXPECT_EQ(config->sources[2].transport_options.address, "/etc/nw/x.jsonl");
  EXPECT_EQ(config->sources[3].pace.times_real, 20);
  EXPECT_TRUE(config->sources[3].format.empty());
  EXPECT_EQ(config->rule_paths[0].path, "/etc/nw/rules.d");
  EXPECT_EQ(config->rule_paths[1].path, "/abs");
  EXPECT_EQ(config->placeholders, (sigma::Placeholders{{"Admins", {"root", "7"}}, {"one", {"x"}}}));
  EXPECT_EQ(config->placeholders_file, "/etc/nw/p.yaml");
  ASSERT_EQ(config->variables.size(), 2U);
  EXPECT_EQ(config->variables[0].rule + '.' + config->variables[0].name, "scan.hosts");
  EXPECT_EQ(sigma::variable_text(config->variables[1].value), "[1, 2]");
  EXPECT_EQ(config->variables[1].mark.column, 151U);
  EXPECT_EQ(config->variables_file, "/etc/nw/v.yaml");
  EXPECT_EQ(config->registry_file, "/etc/nw/reg.yaml");
  EXPECT_EQ(config->baseline.file, "/etc/nw/b.yaml");
  EXPECT_TRUE(config->baseline.learn);
  EXPECT_EQ(config->vulnerabilities.kev, "/etc/nw/kev.json");
  EXPECT_EQ(config->vulnerabilities.csaf, (std::vector<std::string>{"/srv/csaf", "/etc/nw/more"}));
  EXPECT_EQ(config->baseline.candidates_max, 16U);
  EXPECT_EQ(config->http_listen, "");
  EXPECT_EQ(config->incident_quiet, std::chrono::hours{2});
  ASSERT_TRUE(config->fold);
  EXPECT_EQ(config->fold->interval, std::chrono::minutes{1});
  EXPECT_EQ(config->fold->quiet, std::chrono::minutes{15});
  EXPECT_EQ(config->fold->folds_max, 99U);
  EXPECT_EQ(config->network.flows_max, 100U);
  EXPECT_EQ(config->network.tcp_idle, std::chrono::seconds{10});
  EXPECT_EQ(config->network.conn_interim, std::chrono::hours{1});
}

TEST(Config, ALogSourceThatNamesNoFormatReadsEachLineAsItLooks) {
  Diagnostics diagnostics;
  const auto config = read(
      "sources:\n  - {name: u, kind: udp, listen: '127.0.0.1:0'}\n  - {name: f, kind: file, path: x.log}\n"
      "  - {name: r, kind: replay, path: a.pcap}\n",
      diagnostics);
  ASSERT_TRUE(config) << diagnostics.to_string();
  EXPECT_EQ(config->sources[0].format, "auto");
  EXPECT_EQ(config->sources[1].format, "auto");
  EXPECT_EQ(config->sources[2].format, "");  // a capture
}

TEST(Config, ASourceMayNameItsTimeZone) {
  static constexpr struct {
    const char *keys, *code;
  } kCases[] = {
      {"time_zone: Europe/Vienna", ""},
      {"zone_minutes: 60", ""},
      {"time_zone: Europe/Viena", "unknown-time-zone"},
      {"time_zone: Europe/Vienna, zone_minutes: 60", "out-of-range"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.keys);
    Diagnostics diagnostics;
    const auto config =
        read("sources:\n  - {name: f, kind: file, path: x.log, " + std::string{c.keys} + "}\n", diagnostics);
    ASSERT_EQ(config.has_value(), *c.code == '\0') << diagnostics.to_string();
    EXPECT_NE(diagnostics.to_string().find(c.code), std::string::npos) << diagnostics.to_string();
    EXPECT_EQ(config && config->sources[0].format_options.time_zone != nullptr,
              *c.code == '\0' && std::string_view{c.keys}.starts_with("time_zone"));
  }
}

TEST(Config, FoldsUnlessToldNotTo) {
  static const struct {
    const char* text;
    bool folds, good;
  } kCases[] = {
      {"{}", true, true},
      {"fold: {}", true, true},
      {"fold: {interval: 1s, quiet: 24h}", true, true},
      {"fold: {enabled: false}", false, true},
      {"fold: {interval: 999ms}", true, false},
      {"fold: {quiet: 2d}", true, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    Diagnostics diagnostics;
    const auto config = parse_config(c.text, "x.yaml", diagnostics);
    ASSERT_EQ(config.has_value(), c.good) << diagnostics.to_string();
    EXPECT_EQ(diagnostics.to_string().find("out-of-range") == std::string::npos, c.good);
    EXPECT_EQ(config && config->fold, c.good && c.folds);
  }
}

TEST(Config, RulePathsMayBeShadows) {
  static const struct {
    const char* paths;
    std::vector<std::pair<std::string, bool>> want;
  } kCases[] = {
      {"/a", {{"/a", false}}},
      {"[/a, {path: b, status: shadow}]", {{"/a", false}, {"/etc/nw/b", true}}},
      {"{path: /a, status: active}", {{"/a", false}}},
      {"", {}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.paths);
    Diagnostics diagnostics;
    const auto config = parse_config("rules: {placeholders_file: p.yaml, paths: " + std::string{c.paths} + "}\n",
                                     "/etc/nw/n.yaml", diagnostics);
    ASSERT_TRUE(config) << diagnostics.to_string();
    EXPECT_EQ(config->placeholders_file, "/etc/nw/p.yaml");
    ASSERT_EQ(config->rule_paths.size(), c.want.size());
    for (std::size_t i = 0; i < c.want.size(); ++i) {
      EXPECT_EQ(config->rule_paths[i].path, c.want[i].first);
      EXPECT_EQ(config->rule_paths[i].shadow, c.want[i].second);
    }
  }
  for (const char* bad : {"{path: /a, status: shadowy}", "{status: shadow}", "[{path: /a, stat: x}]", "[[a]]"}) {
    Diagnostics diagnostics;
    EXPECT_FALSE(parse_config("rules: {paths: " + std::string{bad} + "}\n", "n.yaml", diagnostics)) << bad;
  }
}

TEST(Config, NamesEveryFaultWithItsPlace) {
  static constexpr struct {
    const char* name;
    const char* text;
    const char* want;  // part of a diagnostic
  } kCases[] = {
      {"unknown key", "sorces: []\n",
       "c.yaml:1:1: unknown-key: unknown key 'sorces' in the configuration (did you mean 'sources'?)"},
      {"key of another kind", "sources:\n  - {name: a, kind: udp, listen: x, interface: y}\n",
       "c.yaml:2:37: unknown-key: unknown key 'interface'"},
      {"bad placeholder", "rules: {placeholders: {'%a%': b}}\n", "c.yaml:1:24: bad-name: '%a%' cannot name"},
      {"placeholder of another kind", "rules: {placeholders: {a: {b: c}}}\n", "'a' must be a list of texts"},
      {"variables of another kind", "rules: {variables: {a: 5}}\n",
       "c.yaml:1:24: wrong-type: the variables of 'a' must be a map"},
      {"no kind", "sources:\n  - {name: a}\n", "2:5: missing-key: a source needs the key 'kind'"},
      {"bad kind", "sources:\n  - {name: a, kind: captur, interface: x}\n", "did you mean 'capture'?"},
      {"bad name", "sources:\n  - {name: 'a b', kind: capture, interface: x}\n", "bad-name"},
      {"same name twice",
       "sources:\n  - {name: a, kind: capture, interface: x}\n  - {name: a, kind: capture, interface: y}\n",
       "c.yaml:3:5: duplicate-name"},
      {"bad format", "sources:\n  - {name: a, kind: udp, listen: x, format: syslgo}\n", "did you mean 'syslog'?"},
      {"a format of datagrams, not of lines", "sources:\n  - {name: a, kind: tcp, listen: x, format: flows}\n",
       "'flows' is a format of datagrams"},
      {"bad pace", "sources:\n  - {name: a, kind: replay, path: x, pace: quick}\n", "not a pace: 'quick'"},
      {"snaplen out of range", "sources:\n  - {name: a, kind: capture, interface: x, snaplen: 10}\n",
       "from 64 to 262144"},
      {"unknown output", "outputs:\n  - {name: a, kind: alertmanger, urls: []}\n", "did you mean 'alertmanager'?"},
      {"sources is no list", "sources: {a: b}\n", "'sources' must be a list"},
      {"two documents", "site: a\n---\nsite: b\n", "one document"},
      {"not a map", "- a\n", "must be a map"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    EXPECT_FALSE(read(c.text, diagnostics));
    EXPECT_NE(diagnostics.to_string().find(c.want), std::string::npos) << diagnostics.to_string();
  }
}

TEST(Config, TellsWhatAReloadMayChange) {
  const auto fixed = [](std::string_view text) {
    Diagnostics diagnostics;
    const auto config = read(text, diagnostics);
    return config ? config->fixed_part : std::string{"bad"};
  };
  const std::string base = fixed("site: a\nworkers: 2\n");
  EXPECT_EQ(base, fixed("workers: 2\nsite: a\n"));                             // order is no change
  EXPECT_EQ(base, fixed("site: a\nworkers: 2\nrules: {permissive: true}\n"));  // rules may change
  EXPECT_EQ(base, fixed("site: a\nworkers: 2\nlog: {level: debug}\n"));
  EXPECT_NE(base, fixed("site: b\nworkers: 2\n"));
  EXPECT_NE(base, fixed("site: a\nworkers: 2\nsources: [{name: a, kind: capture, interface: x}]\n"));
}

TEST(Config, DefaultsAreWhole) {
  Diagnostics diagnostics;
  const auto config = load_config("", diagnostics);
  ASSERT_TRUE(config) << diagnostics.to_string();
  EXPECT_EQ(config->http_listen, "127.0.0.1:9810");
  ASSERT_EQ(config->outputs.size(), 1U);
  EXPECT_EQ(config->outputs[0].kind, "text");
  EXPECT_FALSE(load_config("/nowhere/c.yaml", diagnostics));
  EXPECT_NE(diagnostics.to_string().find("/nowhere/c.yaml: unreadable: cannot read /nowhere/c.yaml: No such file"),
            std::string::npos);
}

TEST(Pace, Reads) {
  EXPECT_EQ(parse_pace("fast")->times_real, 0);
  EXPECT_EQ(parse_pace("realtime")->times_real, 1);
  EXPECT_EQ(parse_pace("0.5x")->times_real, 0.5);
  for (const char* bad : {"", "x", "20", "-1x", "0x", "20xx", "nanx", "1e9x"}) EXPECT_FALSE(parse_pace(bad)) << bad;
}

}  // namespace
}  // namespace nw::app
