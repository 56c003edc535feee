#include "context/registry/registry.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "base/hash.h"
#include "base/text.h"
#include "context/registry/impact.h"
#include "context/registry/prefix_map.h"
#include "context/registry/read.h"
#include "context/registry/vocabulary.h"

namespace nw::context {

namespace {

// One prefix of the register, on its way into the map.
struct Claim {
  // In the order in which equal prefixes are applied: each knows more than the one before.
  enum class Kind : std::uint8_t { territory, network, zone, host };
  IpPrefix prefix;
  Kind kind;
  const Asset* asset = nullptr;
  const Host* host = nullptr;
  const Asset::Zone* zone = nullptr;

  friend bool operator<(const Claim& a, const Claim& b) {
    return std::tuple{a.prefix.address(), a.prefix.bits(), a.kind} <
           std::tuple{b.prefix.address(), b.prefix.bits(), b.kind};
  }
};

std::vector<Claim> claims_of(const std::vector<IpPrefix>& territory, const std::vector<Asset>& assets) {
  std::vector<Claim> claims;
  for (const IpPrefix& prefix : territory)
    claims.push_back({prefix, Claim::Kind::territory, nullptr, nullptr, nullptr});
  for (const Asset& asset : assets) {
    for (const IpPrefix& prefix : asset.networks)
      claims.push_back({prefix, Claim::Kind::network, &asset, nullptr, nullptr});
    for (const Asset::Zone& zone : asset.zones)
      claims.push_back({zone.network, Claim::Kind::zone, &asset, nullptr, &zone});
    for (const Host& host : asset.hosts)
      claims.push_back({IpPrefix{host.address, 128}, Claim::Kind::host, &asset, &host, nullptr});
  }
  std::sort(claims.begin(), claims.end());
  return claims;
}

// Case does not count: host names are compared as DNS compares them (RFC 4343).
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const noexcept {
    std::uint64_t h = name.size();
    for (const char c : name) h = mix64(h ^ static_cast<unsigned char>(ascii_lower(c)));
    return static_cast<std::size_t>(h);
  }
};
struct NameEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
  }
};

bool is_global(const IpAddress& address) noexcept {
  const WideKey key = wide_key(address);
  if (!address.is_v4()) {
    const std::uint64_t top = key.high >> 48U;
    if (key.high == 0 && key.low <= 1) return false;  // ::, ::1
    return (top & 0xfe00U) != 0xfc00 && (top & 0xffc0U) != 0xfe80 && (top & 0xff00U) != 0xff00;
  }
  // RFC 6890 and RFC 5771: this network, private, shared, loopback, link-local, multicast and above.
  const auto v4 = static_cast<std::uint32_t>(key.low);
  const std::uint32_t first = v4 >> 24U, two = v4 >> 16U;
  return first != 0 && first != 10 && first != 127 && first < 224 && two != 0xa9fe && two != 0xc0a8 &&
         (two & 0xfff0U) != 0xac10 && (two & 0xffc0U) != 0x6440;
}

// Cuts the address space into ranges and works out what each of them is.
class Flattener {
 public:
  // `claims` in their order; the answers' texts and pointers are those of the claims.
  Flattener(const std::vector<Claim>& claims, PrefixMap& map, std::vector<Registry::Found>& answers) {
    emit(WideKey{});
    for (const Claim& claim : claims) {
      const WideKey start = wide_key(claim.prefix.address());
      close_before(start);
      open_.push_back(&claim);
      emit(start);
    }
    close_before(std::nullopt);
    using Identity = std::tuple<const Asset*, const Host*, const char*, bool>;
    std::map<Identity, std::uint32_t> numbers;
    for (const auto& [start, found] : ranges_) {
      const Identity identity{found.asset, found.host, found.zone.data(), found.own};
      const auto [at, fresh] = numbers.try_emplace(identity, static_cast<std::uint32_t>(answers.size()));
      if (fresh) answers.push_back(found);
      map.add(start, at->second);
    }
    map.finish();
  }

 private:
  // Ends the prefixes that lie wholly before `start` (all of them without one): what held around them holds again.
  void close_before(std::optional<WideKey> start) {
    while (!open_.empty()) {
      WideKey next = last_key(open_.back()->prefix);
      if (start && next >= *start) return;
      open_.pop_back();
      if (++next.low == 0 && ++next.high == 0) continue;  // it reached the end of the address space
      emit(next);
    }
  }

  void emit(const WideKey& start) {
    if (!ranges_.empty() && ranges_.back().first == start)
      ranges_.back().second = resolve();
    else
      ranges_.emplace_back(start, resolve());
  }

  [[nodiscard]] Registry::Found resolve() const {
    Registry::Found found;
    found.own = !open_.empty();
    for (auto at = open_.rbegin(); at != open_.rend() && found.asset == nullptr; ++at) {
      if ((*at)->kind != Claim::Kind::host && (*at)->kind != Claim::Kind::network) continue;
      found.asset = (*at)->asset;
      found.host = (*at)->host;
    }
    for (auto at = open_.rbegin(); at != open_.rend() && found.zone.empty(); ++at)
      if ((*at)->zone != nullptr && (*at)->asset == found.asset) found.zone = (*at)->zone->name;
    return found;
  }

  std::vector<const Claim*> open_;  // from the widest to the narrowest
  std::vector<std::pair<WideKey, Registry::Found>> ranges_;
};

}  // namespace

std::string_view Asset::highest_class() const {
  return std::min({std::string_view{availability}, std::string_view{integrity}, std::string_view{confidentiality}});
}

bool Asset::secret() const { return disclosure == kSecret; }

bool basis_over(const Asset& asset, Timestamp t) {
  if (asset.basis.until.empty()) return false;
  const auto last_day = parse_rfc3339(asset.basis.until + "T00:00:00Z");
  return last_day && t >= *last_day + std::chrono::hours{24};
}

struct Registry::Index {
  PrefixMap map;
  std::vector<Found> answers;
  std::unordered_map<std::string, Found, NameHash, NameEqual> by_name;
  std::unordered_map<std::string_view, const Asset*> by_id;
  std::size_t prefixes = 0;
  bool secrets = false;
  ImpactMap impact;
};

Registry::Registry() : index_{std::make_unique<Index>()} {}
Registry::~Registry() = default;

std::shared_ptr<const Registry> Registry::load(std::span<const RegisterText> files,
                                               std::span<const std::string_view> known_sectors,
                                               Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  RegistryFile read = read_registry(files, known_sectors, diagnostics);
  if (diagnostics.errors() != before) return nullptr;
  return build(std::move(read));
}

std::shared_ptr<const Registry> Registry::load(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const std::array<RegisterText, 1> one{RegisterText{std::string{file}, std::string{text}}};
  return load(one, sectors(), diagnostics);
}

std::shared_ptr<const Registry> Registry::empty() { return build({}); }

std::shared_ptr<const Registry> Registry::build(RegistryFile read) {
  std::shared_ptr<Registry> registry{new Registry};
  registry->assets_ = std::move(read.assets);
  registry->territory_ = std::move(read.territory);
  for (auto& [name, asset] : read.domains) registry->domains_.push_back({std::move(name), &registry->assets_[asset]});
  for (Asset& asset : registry->assets_)
    for (Host& host : asset.hosts) {
      if (!host.logs) continue;
      host.logs_number = registry->hosts_with_logs_.size();
      registry->hosts_with_logs_.push_back(&host);
    }
  Index& index = *registry->index_;
  const auto claims = claims_of(registry->territory_, registry->assets_);
  index.prefixes = claims.size();
  index.impact = ImpactMap{registry->assets_};
  index.secrets = std::ranges::any_of(registry->assets_, &Asset::secret);
  Flattener{claims, index.map, index.answers};
  for (const Asset& asset : registry->assets_) {
    index.by_id.emplace(asset.id, &asset);
    for (const Host& host : asset.hosts) {
      if (host.name.empty()) continue;
      Found found = registry->find(host.address);
      index.by_name.emplace(host.name, found);
    }
  }
  return registry;
}

Registry::Found Registry::find(const IpAddress& address) const noexcept {
  return index_->answers[index_->map.find(address)];
}

Registry::Found Registry::find_host(std::string_view name) const noexcept {
  if (name.empty() || name.size() > kNameBytesMax) return {};
  const auto at = index_->by_name.find(name);
  return at == index_->by_name.end() ? Found{} : at->second;
}

const Asset* Registry::find_asset(std::string_view id) const noexcept {
  const auto at = index_->by_id.find(id);
  return at == index_->by_id.end() ? nullptr : at->second;
}

std::string_view Registry::territory(const IpAddress& address) const noexcept {
  return territory(find(address), address);
}

std::string_view Registry::territory(const Found& found, const IpAddress& address) noexcept {
  if (found.own) return "own";
  return is_global(address) ? "foreign" : "unknown";
}

bool Registry::has_secrets() const noexcept { return index_->secrets; }

bool Registry::has_points() const noexcept {
  return std::ranges::any_of(assets_, [](const Asset& asset) {
    return std::ranges::any_of(asset.hosts, [](const Host& host) { return !host.points.empty(); });
  });
}

std::size_t Registry::prefix_count() const noexcept { return index_->prefixes; }

std::size_t Registry::index_bytes() const noexcept {
  return index_->map.bytes() + index_->answers.capacity() * sizeof(Found);
}

std::vector<LostAsset> Registry::impact(const Asset& asset, const ImpactLimits& limits) const {
  return index_->impact.of(asset, limits);
}

}  // namespace nw::context
