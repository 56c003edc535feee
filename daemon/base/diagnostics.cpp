#include "base/diagnostics.h"

namespace nw {

std::string Diagnostic::to_string() const {
  std::string out = file;
  if (mark.line != 0) out += ':' + std::to_string(mark.line) + ':' + std::to_string(mark.column);
  out += ": " + code + ": ";
  if (severity == Severity::warning) out += "warning: ";
  out += text;
  if (!hint.empty()) out += ": " + hint;
  return out;
}

void Diagnostics::error(std::string_view file, Mark mark, std::string_view code, std::string text, std::string hint) {
  all_.push_back({std::string{file}, mark, Severity::error, std::string{code}, std::move(text), std::move(hint)});
  ++errors_;
}

void Diagnostics::warning(std::string_view file, Mark mark, std::string_view code, std::string text, std::string hint) {
  all_.push_back({std::string{file}, mark, Severity::warning, std::string{code}, std::move(text), std::move(hint)});
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) ++errors_;
  all_.push_back(std::move(diagnostic));
}

void Diagnostics::append(const Diagnostics& other) {
  all_.insert(all_.end(), other.all_.begin(), other.all_.end());
  errors_ += other.errors_;
}

std::string Diagnostics::to_string() const {
  std::string out;
  for (const Diagnostic& d : all_) out += d.to_string() + '\n';
  return out;
}

}  // namespace nw
