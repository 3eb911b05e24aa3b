#include "gbdt/derived_feature.h"

#include <algorithm>
#include <bit>

namespace cne::gbdt {

std::vector<int32_t> inputs_of(const DerivedFeature& feature) {
  std::vector<int32_t> out;
  for (const DerivedSource& source : feature.sources) out.push_back(source.feature);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

DerivedLookup::DerivedLookup(const DerivedFeature& feature) : feature_(&feature) {
  const std::vector<uint64_t>& keys = feature.keys;
  const int bits = std::clamp(static_cast<int>(std::bit_width(keys.size())), 1, 24);
  shift_ = 64 - bits;
  starts_.resize((size_t{1} << bits) + 1);
  for (const uint64_t key : keys) ++starts_[(key >> shift_) + 1];
  for (size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
}

/// Keys are hashes, so a bucket of the upper bits holds about one.
double DerivedLookup::find_key(uint64_t key) const {
  const uint64_t bucket = key >> shift_;
  const auto first = feature_->keys.begin();
  const auto found = std::lower_bound(first + starts_[bucket], first + starts_[bucket + 1], key);
  if (found == first + starts_[bucket + 1] || *found != key) return feature_->fallback;
  return feature_->values[static_cast<size_t>(found - first)];
}

}  // namespace cne::gbdt
