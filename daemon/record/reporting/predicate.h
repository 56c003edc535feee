// Conditions over facts that people state. What nobody has stated is unknown, and stays so: yes, no, unknown (Kleene).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nw::reporting {

enum class Truth : unsigned char { no, yes, unknown };

// What a regime asks for. `unit` is for numbers: "minutes".
struct FactSpec {
  std::string id, title, unit;
  bool number = false;
};

struct Facts {
  std::map<std::string, std::variant<bool, double>, std::less<>> values;
  // What the entity is: "cloud". Known from the register: one that is not named does not hold.
  std::set<std::string, std::less<>> roles;
};

struct Predicate {
  enum class Kind : unsigned char { all, any, some, negated, role, is, more_than, at_least, less_than, at_most };
  Kind kind = Kind::all;
  std::string name;   // of the fact or role
  std::string title;  // the fact's, for reasons
  std::string unit;
  double number = 0;  // of `some`: how many of the parts must hold
  bool flag = true;
  std::vector<Predicate> parts;
};

struct Judged {
  Truth truth = Truth::unknown;
  std::vector<std::string> because;  // the facts that decide: "complete unavailability: 45 minutes (more than 30: yes)"
  std::vector<std::string> missing;  // titles of the facts that would have to be known
};

Judged judge(const Predicate& predicate, const Facts& facts);
// As words: "users: more than 1000000, or share of users: more than 5 %".
std::string to_text(const Predicate& predicate);

// "45", "0.5", "1000000": at most six decimals, without an exponent.
std::string number_text(double number);

}  // namespace nw::reporting
