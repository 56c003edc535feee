// What is wrong with a rule, a configuration or a register: all of it, each with its place and the way out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nw {

// A place in a text: both count from 1; 0 means "the whole file".
struct Mark {
  std::size_t line = 0, column = 0;
};

enum class Severity : unsigned char { warning, error };

struct Diagnostic {
  std::string file;
  Mark mark;
  Severity severity = Severity::error;
  std::string code;  // stable, kebab-case: "unknown-key"
  std::string text;  // what is wrong
  std::string hint;  // what to do; may be empty

  // "file:line:column: code: text: hint"; warnings say "warning: " before the text.
  [[nodiscard]] std::string to_string() const;
};

// Collects; never throws, never stops at the first.
class Diagnostics {
 public:
  void error(std::string_view file, Mark mark, std::string_view code, std::string text, std::string hint = {});
  void warning(std::string_view file, Mark mark, std::string_view code, std::string text, std::string hint = {});
  void add(Diagnostic diagnostic);
  void append(const Diagnostics& other);

  [[nodiscard]] bool ok() const noexcept { return errors_ == 0; }
  [[nodiscard]] std::size_t errors() const noexcept { return errors_; }
  [[nodiscard]] const std::vector<Diagnostic>& all() const noexcept { return all_; }
  // One line each, in the order found.
  [[nodiscard]] std::string to_string() const;

 private:
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

}  // namespace nw
