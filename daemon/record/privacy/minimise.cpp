#include "record/privacy/minimise.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "record/privacy/shorten.h"

namespace nw::privacy {

namespace {

constexpr std::size_t kTextBytesMax = 64U << 10;

struct Told {
  Form form;
  std::string text;
};

TokenKind token_kind(FieldClass kind) noexcept {
  switch (kind) {
    case FieldClass::address: return TokenKind::ip;
    case FieldClass::user: return TokenKind::user;
    case FieldClass::mail: return TokenKind::mail;
    case FieldClass::phone: return TokenKind::phone;
    case FieldClass::mac: return TokenKind::mac;
    case FieldClass::host_of_person: return TokenKind::host;
    case FieldClass::domain: return TokenKind::domain;
    case FieldClass::url: return TokenKind::url;
    default: return TokenKind::text;
  }
}

// What a log writes where there is nothing: no token of it.
bool says_nothing(std::string_view text) noexcept { return text.empty() || text == "-" || text == "(empty)"; }

// RFC 3986 section 3.1; what else stands before "://" may be anything, and is part of a path.
bool is_scheme(std::string_view text) noexcept {
  const auto letter = [](char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; };
  const auto allowed = [letter](char c) { return letter(c) || ascii_digit(c) || c == '+' || c == '-' || c == '.'; };
  return !text.empty() && text.size() <= 16 && letter(text.front()) && std::ranges::all_of(text, allowed);
}

class Teller {
 public:
  explicit Teller(Context& context) : context_{context} {}

  Told address(const IpAddress& address) {
    const Policy& policy = context_.policy;
    const Form form = policy.of(FieldClass::address);
    if (const std::string_view asset = context_.known.asset_of(address); !asset.empty())
      return policy.designated == Form::clear ? Told{Form::clear, address.to_string()}
                                              : Told{Form::asset_id, asset_text(asset)};
    const AddressClass kind = classify(address);
    if (form == Form::token) return token(TokenKind::ip, address.to_string());
    const bool global = kind == AddressClass::global4 || kind == AddressClass::global6;
    if (form == Form::clear || (global && context_.foreign_addresses_clear)) return {Form::clear, address.to_string()};
    if (form == Form::drop) return {Form::drop, {}};
    switch (policy.of(kind)) {
      case Form::clear: return {Form::clear, address.to_string()};
      case Form::class_only: return {Form::class_only, "class:" + std::string{privacy::to_string(kind)}};
      case Form::drop: return {Form::drop, {}};
      default:
        return {Form::pseudonym, Pseudonym{context_.tokens.epoch(), kind, context_.pfx.encrypt(address)}.to_string()};
    }
  }

  Told token(TokenKind kind, std::string_view value) const {
    return {Form::token, context_.tokens.of(kind, value).to_string()};
  }

  // Names under one class, in their usual form; remembers them for the sentences.
  Told name(FieldClass kind, std::string_view value) {
    if (kind == FieldClass::host_of_person) {
      if (const std::string_view asset = context_.known.asset_of_host(value); !asset.empty())
        return context_.policy.designated == Form::clear ? Told{Form::clear, std::string{value}}
                                                         : Told{Form::asset_id, asset_text(asset)};
    }
    Told told = token(token_kind(kind), value);
    remember(value, told.text);
    // DOMAIN\user, Given Family: their parts also stand alone in sentences.
    if (kind == FieldClass::user && value.find_first_of("\\ ") != std::string_view::npos)
      for (std::size_t at = 0; at < value.size();) {
        const std::size_t stop = std::min(value.find_first_of("\\ ", at), value.size());
        remember(value.substr(at, stop - at), told.text);
        at = stop + 1;
      }
    return told;
  }

  Told domain(std::string_view value, bool features) {
    const std::string name = normalised(TokenKind::domain, value);
    if (!is_domain_name(name)) {
      Told told = name.find('.') == std::string::npos ? this->name(FieldClass::host_of_person, value)
                                                      : token(TokenKind::domain, value);
      if (features && told.form == Form::token) told.text += " length=" + std::to_string(value.size());
      return told;
    }
    const std::string_view registered = registered_domain(name, context_.policy);
    if (context_.known.is_open_domain(registered)) return {Form::clear, std::string{registered}};
    Told told = token(TokenKind::domain, name);
    if (!features) return told;
    std::array<char, 16> number{};
    std::string below = name.substr(0, name.size() - registered.size());
    std::erase(below, '.');
    std::snprintf(number.data(), number.size(), "%.2f", entropy(below));
    told.text += " suffix=" + std::string{public_suffix(name, context_.policy)} +
                 " length=" + std::to_string(name.size()) +
                 " labels=" + std::to_string(1 + std::ranges::count(name, '.')) + " entropy=" + number.data();
    return told;
  }

  // Scheme and port stay, who logs in goes, the host is what it is in other fields.
  std::string url(std::string_view value) {
    const std::size_t scheme = value.find("://");
    if (scheme == std::string_view::npos || !is_scheme(value.substr(0, scheme)))
      return path_template(value, context_.policy);
    std::string out = to_ascii_lower(value.substr(0, scheme)) + "://";
    value.remove_prefix(scheme + 3);
    const std::size_t path = std::min(value.find_first_of("/?#"), value.size());
    std::string_view host = value.substr(0, path);
    if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
    std::string_view port;
    const std::size_t colon = host.rfind(':'), bracket = host.rfind(']');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
      port = host.substr(colon + 1);
      host = host.substr(0, colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    IpAddress address;
    if (!host.empty())
      out += IpAddress::parse_into(host, address) ? this->address(address).text : domain(host, false).text;
    if (!port.empty() && port.size() <= 5 && std::ranges::all_of(port, ascii_digit)) out += ":" + std::string{port};
    return out + path_template(value.substr(path), context_.policy);
  }

  std::string sentence(std::string_view text) {
    const auto address = [this](const IpAddress& found) { return shown(FieldClass::address, this->address(found)); };
    const auto mail = [this](std::string_view found) { return inside(FieldClass::mail, found); };
    const auto mac = [this](std::string_view found) { return inside(FieldClass::mac, found); };
    const auto url = [this](std::string_view found) { return this->url(found); };
    const auto user = [this](std::string_view found) { return inside(FieldClass::user, found); };
    const auto wants_pair = [this](std::string_view key) {
      // A pair within a pair is read with its sentence, so that nobody makes us go deeper than one.
      if (within_pair_) return false;
      const FieldClass kind = context_.policy.class_of(key);
      return !comes_last(kind) && kind != FieldClass::plain && kind != FieldClass::time;
    };
    const auto pair = [this](std::string_view key, std::string_view value) {
      within_pair_ = true;
      std::string out = inside(context_.policy.class_of(key), value);
      within_pair_ = false;
      return out;
    };
    const auto name = [this](std::string_view word, std::string& out) {
      const auto same = [word](const auto& known) {
        return std::ranges::equal(known.first, word, {}, ascii_lower, ascii_lower);
      };
      const auto found = std::ranges::find_if(context_.names, same);
      if (found == context_.names.end()) return false;
      out = found->second;
      return true;
    };
    return scrub(text, Replacements{address, mail, mac, url, user, wants_pair, pair, name});
  }

  // `nonce`: where a commitment's goes; null: none is made, and what would be one is dropped.
  Told one(FieldClass kind, std::string_view text, std::optional<Nonce>* nonce) {
    const Form form = context_.policy.of(kind);
    if (form == Form::drop) return {Form::drop, {}};
    if (says_nothing(text)) return {Form::clear, std::string{text}};
    if (form == Form::commitment) {
      if (nonce == nullptr) return {Form::drop, {}};
      *nonce = make_nonce(context_.nonces);
      return {Form::commitment, commitment_text(commitment(**nonce, bytes_of(text)))};
    }
    IpAddress found;
    if (form != Form::clear && kind != FieldClass::time && kind != FieldClass::plain &&
        IpAddress::parse_into(text, found))
      return address(found);
    if (form == Form::clear && kind != FieldClass::address) return {Form::clear, std::string{text}};
    switch (kind) {
      case FieldClass::address:
        // A list, an address with its port, a host's name where an address was due.
        if (form == Form::clear) return {Form::clear, std::string{text}};
        if (is_domain_name(text)) return domain(text, false);
        if (text.find_first_of(".:[, ") != std::string_view::npos) return {Form::template_, sentence(text)};
        return name(FieldClass::host_of_person, text);
      case FieldClass::domain: return domain(text, true);
      case FieldClass::url: return form == Form::token ? token(TokenKind::url, text) : Told{Form::template_, url(text)};
      case FieldClass::text:
      case FieldClass::unknown:
        return form == Form::token ? token(TokenKind::text, text) : Told{Form::template_, sentence(text)};
      case FieldClass::plain: return token(TokenKind::text, text);
      default: return name(kind, text);
    }
  }

 private:
  // What stands in a sentence where something was: "{payload}" for what is not told.
  static std::string shown(FieldClass kind, Told told) {
    return told.form == Form::drop ? "{" + std::string{privacy::to_string(kind)} + "}" : std::move(told.text);
  }
  std::string inside(FieldClass kind, std::string_view value) { return shown(kind, one(kind, value, nullptr)); }

  void remember(std::string_view value, const std::string& told) {
    if (value.size() < Context::kNameBytesMin) return;
    const auto same = [value](const auto& known) { return known.first == value; };
    if (std::ranges::any_of(context_.names, same)) return;
    if (context_.names.size() == Context::kNamesMax)
      ++context_.names_not_kept;
    else
      context_.names.emplace_back(value, told);
  }

  Context& context_;
  bool within_pair_ = false;
};

bool never_kept(FieldClass kind) noexcept { return kind == FieldClass::patient || kind == FieldClass::secret; }

Told tell(FieldClass& kind, const event::Value& value, Context& context, std::optional<Nonce>* nonce) {
  using Kind = event::Value::Kind;
  Teller teller{context};
  if (!never_kept(kind) && kind != FieldClass::payload) {
    if (value.kind() == Kind::address) {
      kind = FieldClass::address;
      return teller.address(value.as_address());
    }
    if (value.kind() == Kind::time) {
      kind = FieldClass::time;
      if (context.policy.of(kind) == Form::drop) return {Form::drop, {}};
      return {Form::clear, to_rfc3339(value.as_time(), 3)};
    }
    const bool number = value.kind() != Kind::text && value.kind() != Kind::list;
    if (number && (kind == FieldClass::unknown || value.kind() == Kind::boolean || value.kind() == Kind::null))
      return {Form::clear, value.to_text()};
  }
  if (value.kind() == Kind::text) return teller.one(kind, value.as_text().substr(0, kTextBytesMax), nonce);
  return teller.one(kind, value.to_text(), nonce);
}

}  // namespace

std::string asset_text(std::string_view asset) { return "asset:" + std::string{asset}; }

Stored minimise(std::string_view field, const event::Value& value, Context& context) {
  Stored out;
  out.kind = context.policy.class_of(field);
  const auto count = [&context](FieldClass kind, Form form) {
    ++context.counts[static_cast<std::size_t>(kind)][static_cast<std::size_t>(form)];
  };
  // One commitment for a whole list: its bytes are what the evidence store keeps.
  if (value.kind() != event::Value::Kind::list || context.policy.of(out.kind) == Form::commitment) {
    Told told = tell(out.kind, value, context, &out.nonce);
    count(out.kind, told.form);
    out.form = told.form;
    out.text = std::move(told.text);
    return out;
  }
  const FieldClass named = out.kind;
  for (const event::Value& element : value.as_list()) {
    FieldClass kind = named;
    const Told told = tell(kind, element, context, nullptr);
    count(kind, told.form);
    out.kind = kind;
    out.form = std::min(out.form, told.form);
    if (told.form == Form::drop) continue;
    if (!out.text.empty()) out.text += ',';
    out.text += told.text;
  }
  return out;
}

}  // namespace nw::privacy
