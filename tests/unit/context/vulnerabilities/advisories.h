// Advisories for tests: one document with what varies.
#pragma once

#include <string>

namespace nw::vulnerabilities {

struct Sample {
  std::string version = "2.0", id = "ACME-1", status = "final", current = "2026-11-10T00:00:00Z";
  // "p1": RTU 500 before V2.3; "p2": RTU 500 V2.3; "p3": RTU 900, whichever.
  std::string tree =
      R"("branches":[{"category":"vendor","name":"Acme, Inc.","branches":[)"
      R"({"category":"product_name","name":"RTU 500 series","branches":[)"
      R"({"category":"product_version_range","name":"vers:generic/<2.3","product":{"product_id":"p1","name":"x"}},)"
      R"({"category":"product_version","name":"V2.3","product":{"product_id":"p2","name":"x"}}]},)"
      R"({"category":"product_name","name":"RTU 900","product":{"product_id":"p3","name":"Acme RTU 900",)"
      R"("product_identification_helper":{"model_numbers":["9AB-100"]}}}]}])";
  std::string vulnerabilities =
      R"({"cve":"CVE-2026-0001","product_status":{"known_affected":["p1","p3"],"fixed":["p2"]},)"
      R"("scores":[{"products":["p1"],"cvss_v3":{"baseScore":9.8,"baseSeverity":"CRITICAL"}},)"
      R"({"products":["p3"],"cvss_v3":{"baseScore":5.0}}],)"
      R"("remediations":[{"category":"workaround","details":"Close port 502.","product_ids":["p1"]},)"
      R"({"category":"vendor_fix","details":"Update to V2.3.","date":"2026-11-05T00:00:00Z","product_ids":["p1"]}],)"
      R"("release_date":"2026-11-01T00:00:00Z"})";
  std::string more;  // members of `document`

  [[nodiscard]] std::string text() const {
    return R"({"document":{"category":"csaf_security_advisory","csaf_version":")" + version +
           R"(","title":"A fault","publisher":{"category":"vendor","name":"Acme PSIRT","namespace":"https://acme.example"},)"
           R"("distribution":{"tlp":{"label":"WHITE"}},"aggregate_severity":{"text":"Important"},)" +
           more + R"("tracking":{"id":")" + id + R"(","status":")" + status +
           R"(","version":"1","current_release_date":")" + current +
           R"(","initial_release_date":"2026-11-02T00:00:00Z"}},"product_tree":{)" + tree + R"(},"vulnerabilities":[)" +
           vulnerabilities + "]}";
  }
};

}  // namespace nw::vulnerabilities
