// What the tests of record/ share: a directory of their own, an alert to vary, random numbers with a printed seed.
#pragma once

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <random>
#include <stdlib.h>
#include <string>
#include <unistd.h>

#include "record/alert.h"

namespace nw::record::test {

// A fresh directory that goes with the object. In memory where the machine has it: the tests open and sync thousands of
// files, and whether a sync was made in time is told by twins of the system calls, not by the disk.
class TempDir {
 public:
  TempDir() : TempDir{::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : std::filesystem::temp_directory_path()} {}
  explicit TempDir(const std::filesystem::path& parent) {
    std::string name = (parent / "nw-record-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::string read_whole(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline void write_whole(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out{file, std::ios::binary | std::ios::trunc};
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline Timestamp at(const char* rfc3339) { return *parse_rfc3339(rfc3339); }

// Every member filled.
inline Alert sample_alert() {
  Alert a;
  a.id = "00112233445566778899aabbccddeeff";
  a.event_time = at("2026-01-15T08:00:05.123456789Z");
  a.receive_time = at("2026-01-15T08:00:05.200000000Z");
  a.time_quality = "capture";
  a.source = "plc-tap";
  a.ordinal = 4711;
  a.path = "modbus";
  a.rule_id = "6e1a2c1e-0f4d-4a44-9b0a-000000000001";
  a.rule_title = "Write to a controller from outside its network";
  a.rule_file = "rules/13f/modbus_write.yml";
  a.level = "high";
  a.family = "NW-F-05";
  a.tags = {"attack.t0831", "norm.13f"};
  a.norm = "13f";
  a.norm_text = "engages norm 13f (A/70/174): Do not damage critical infrastructure";
  a.limits = {"A write may be ordinary maintenance.", "The operator's work orders were not seen."};
  a.asset = "water-07";
  a.asset_name = "Pumping station 7";
  a.sector = "water";
  a.asset_class = "plc";
  a.disclosure = "restricted";
  a.secret_end = true;
  a.impact = {"water supply-water water-07 now", "health.care hospital-care a7f3k2 in 30 min"};
  a.uid = "CAbCdEf0123456789";
  a.community_id = "1:LQU9qZlK+B5F3KDmev6m5PMibrg=";
  a.source_address = "192.0.2.7";
  a.destination_address = "2001:db8::5";
  a.protocol = "tcp";
  a.source_port = 49152;
  a.destination_port = 502;
  a.host = "gw-7";
  a.atoms = {{"func", "startswith", "WRITE", "WRITE_SINGLE_COIL"}, {"", "contains", "pump", "the pump stops"}};
  a.fields = {{"func", "WRITE_SINGLE_COIL"}, {"nw.dst.asset", "water-07"}, {"z", ""}};
  a.packets_seen = 100000;
  a.packets_lost = 3;
  a.stream_gap_bytes = 2920;
  a.flow_gap_bytes = 1460;
  return a;
}

}  // namespace nw::record::test
