#include "context/vulnerabilities/exposure.h"

#include <algorithm>
#include <tuple>

namespace nw::vulnerabilities {

namespace {

constexpr std::size_t kVendor = 0, kProduct = 1, kOrderNumber = 2, kFirmware = 5;
static_assert(context::kDeviceFacts[kVendor] == "vendor" && context::kDeviceFacts[kProduct] == "product" &&
              context::kDeviceFacts[kOrderNumber] == "order_number" && context::kDeviceFacts[kFirmware] == "firmware");

std::string words_of(const Item& item) {
  std::string out;
  for (const std::string_view part :
       {item.vendor, item.product.empty() ? item.order_number : item.product, item.version})
    if (!part.empty()) out.append(out.empty() ? "" : " ").append(part);
  return out;
}

// What the asset says is remedied of the product that a host's device is.
std::vector<std::string> remedied_at(const context::Asset& asset, const Item& device) {
  std::vector<std::string> out;
  const std::string vendor = vendor_key(device.vendor);
  const ProductName name{device.product};
  for (const context::Product& product : asset.products)
    if (vendor_key(product.vendor) == vendor && ProductName{product.product}.compare(name) != Likeness::none)
      out.insert(out.end(), product.remedied.begin(), product.remedied.end());
  return out;
}

auto order_of(const Exposure& e) { return std::tuple{e.asset, e.host, e.cve, e.product}; }

// Of one CVE at one place, what is to be said first.
auto weight_of(const Exposure& e) { return std::tuple{e.certain, e.known_exploited, e.severity}; }

ExposureMap::Open open_of(std::vector<const Exposure*> found) {
  std::ranges::stable_sort(found, [](const Exposure* a, const Exposure* b) {
    return a->cve != b->cve ? a->cve < b->cve : weight_of(*a) > weight_of(*b);
  });
  const auto same = [](const Exposure* a, const Exposure* b) { return a->cve == b->cve; };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  ExposureMap::Open out;
  out.by_cve = std::move(found);
  for (const Exposure* exposure : out.by_cve) out.cves.push_back(event::Value::text(exposure->cve));
  return out;
}

}  // namespace

class ExposureMap::Builder {
 public:
  Builder(ExposureMap& map, std::size_t exposures_max) : map_{map}, max_{exposures_max} {}

  void asset(const context::Asset& asset) {
    const std::size_t items = items_;
    for (const context::Product& product : asset.products)
      item(asset, nullptr, {product.vendor, product.product, product.version, {}}, product.remedied);
    for (const context::Host& host : asset.hosts) {
      const Item device{host.device[kVendor], host.device[kProduct], host.device[kFirmware], host.device[kOrderNumber]};
      if (!device.vendor.empty()) item(asset, &host, device, remedied_at(asset, device));
      products(asset, host);
    }
    if (items_ != items)
      map_.assets_.push_back(
          {text(asset.id), map_.texts_.emplace_back(asset.highest_class()), asset.disclosure == "secret"});
  }

  void finish() {
    std::vector<Exposure>& all = map_.exposures_;
    std::ranges::sort(all, [](const Exposure& a, const Exposure& b) {
      return order_of(a) != order_of(b) ? order_of(a) < order_of(b) : weight_of(a) > weight_of(b);
    });
    const auto same = [](const Exposure& a, const Exposure& b) { return order_of(a) == order_of(b); };
    all.erase(std::unique(all.begin(), all.end(), same), all.end());
    for (std::size_t first = 0, end = 0; first < all.size(); first = end) {
      while (end < all.size() && all[end].asset == all[first].asset) ++end;
      place(first, end - first);
    }
    for (AssetExposure& asset : map_.assets_)
      if (const auto at = map_.places_.find(asset.asset); at != map_.places_.end())
        for (const Exposure* exposure : at->second.whole.by_cve) {
          asset.known_exploited += exposure->known_exploited ? 1U : 0U;
          if (!exposure->advisory.empty()) ++asset.advised[static_cast<std::size_t>(exposure->severity)];
        }
  }

 private:
  // Hosts may have products of their own, besides what they are.
  template <class AnyHost>
  void products(const context::Asset& asset, const AnyHost& host) {
    if constexpr (requires { host.products; })
      for (const auto& product : host.products)
        item(asset, &host, {product.vendor, product.product, product.version, {}}, product.remedied);
  }

  // Many assets have the same products: their names are looked up once.
  const Knowledge::Names& names(const Item& item) {
    const auto [at, is_new] = names_.try_emplace({item.vendor, item.product, item.order_number});
    if (is_new) at->second = map_.knowledge_->names_of(item);
    return at->second;
  }

  void item(const context::Asset& asset, const context::Host* host, const Item& item,
            std::span<const std::string> remedied) {
    ++items_;
    std::string_view product;
    for (const Finding& found : map_.knowledge_->assess(item, names(item), remedied)) {
      if (map_.exposures_.size() == max_) {
        ++map_.left_out_;
        continue;
      }
      if (product.empty()) product = map_.texts_.emplace_back(words_of(item));
      Exposure out;
      out.asset = text(asset.id);
      if (host != nullptr) out.host = host->address;
      out.product = product;
      out.cve = found.cve;
      if (found.advisory != nullptr) {
        out.advisory = found.advisory->id;
        out.tlp = found.advisory->tlp;
      }
      out.severity = found.severity;
      out.certain = found.certain;
      out.known_exploited = found.exploited;
      out.since = found.published;
      if (found.remedy != nullptr) out.remedy = found.remedy->text;
      if (found.kev != nullptr) {
        if (out.remedy.empty()) out.remedy = found.kev->action;
        out.added = found.kev->added;
        out.due = found.kev->due;
        if (out.added && (!out.since || *out.added < *out.since)) out.since = out.added;
      }
      map_.exposures_.push_back(out);
    }
  }

  // The register may go before the map.
  std::string_view text(const std::string& id) {
    if (map_.texts_.empty() || last_id_ != id) last_id_ = map_.texts_.emplace_back(id);
    return last_id_;
  }

  void place(std::size_t first, std::size_t count) {
    Place& place = map_.places_[map_.exposures_[first].asset];
    place.first = first;
    place.count = count;
    std::vector<const Exposure*> whole, somewhere;
    std::map<IpAddress, std::vector<const Exposure*>> hosts;
    for (std::size_t i = first; i < first + count; ++i) {
      const Exposure& exposure = map_.exposures_[i];
      whole.push_back(&exposure);
      if (exposure.host)
        hosts[*exposure.host].push_back(&exposure);
      else
        somewhere.push_back(&exposure);
    }
    for (auto& [address, found] : hosts) {
      found.insert(found.end(), somewhere.begin(), somewhere.end());
      place.hosts.emplace(address, open_of(std::move(found)));
    }
    place.whole = open_of(std::move(whole));
    place.somewhere = open_of(std::move(somewhere));
  }

  ExposureMap& map_;
  std::size_t max_, items_ = 0;
  std::string_view last_id_;
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, Knowledge::Names> names_;
};

const Exposure* ExposureMap::Open::find(std::string_view cve) const noexcept {
  const auto at = std::ranges::lower_bound(by_cve, cve, {}, [](const Exposure* e) { return e->cve; });
  return at != by_cve.end() && (*at)->cve == cve ? *at : nullptr;
}

std::shared_ptr<const ExposureMap> ExposureMap::build(std::span<const context::Asset> assets,
                                                      std::shared_ptr<const Knowledge> knowledge,
                                                      std::size_t exposures_max) {
  std::shared_ptr<ExposureMap> map{new ExposureMap};
  map->knowledge_ = std::move(knowledge);
  Builder builder{*map, exposures_max};
  for (const context::Asset& asset : assets) builder.asset(asset);
  builder.finish();
  return map;
}

std::shared_ptr<const ExposureMap> ExposureMap::empty() {
  static const auto kNothing = build({}, Knowledge::empty());
  return kNothing;
}

std::span<const Exposure> ExposureMap::of_asset(std::string_view asset) const noexcept {
  const auto at = places_.find(asset);
  if (at == places_.end()) return {};
  return all().subspan(at->second.first, at->second.count);
}

const ExposureMap::Open* ExposureMap::open_at(std::string_view asset, const IpAddress* host) const noexcept {
  const auto at = places_.find(asset);
  if (at == places_.end()) return nullptr;
  const Place& place = at->second;
  const Open* open = &place.whole;
  if (host != nullptr) {
    const auto known = place.hosts.find(*host);
    open = known == place.hosts.end() ? &place.somewhere : &known->second;
  }
  return open->by_cve.empty() ? nullptr : open;
}

const Exposure* ExposureMap::find(std::string_view asset, const IpAddress* host, std::string_view cve) const noexcept {
  const Open* open = open_at(asset, host);
  return open == nullptr ? nullptr : open->find(cve);
}

}  // namespace nw::vulnerabilities
