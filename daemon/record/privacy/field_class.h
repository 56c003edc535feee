// Which kind of personal data a field holds, by its name: Zeek's, Sigma's, ECS's and the vendors' names, whatever their
// case. What is not in the table is judged by how its name ends, and is `unknown` otherwise.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nw::privacy {

enum class FieldClass : std::uint8_t {
  plain,  // names nobody: protocol words, counters, asset ids
  address,
  user,
  mail,
  phone,
  mac,
  host_of_person,
  domain,
  url,
  payload,
  patient,  // DICOM group 0010, HL7 PID: never kept
  secret,   // passwords, community strings, cookies: never kept
  text,     // sentences and command lines that may hold any of these
  time,
  unknown,
};
inline constexpr std::array<std::string_view, 15> kFieldClasses{
    "plain", "address", "user",    "mail",   "phone", "mac",  "host_of_person", "domain",
    "url",   "payload", "patient", "secret", "text",  "time", "unknown",
};
constexpr std::string_view to_string(FieldClass c) noexcept { return kFieldClasses[static_cast<std::size_t>(c)]; }
[[nodiscard]] std::optional<FieldClass> field_class(std::string_view name) noexcept;

// Names longer than 128 bytes are `unknown`.
[[nodiscard]] FieldClass class_of_field(std::string_view field) noexcept;

}  // namespace nw::privacy
