#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cne::gbdt {

/// One part of the key that a derived feature looks up.
struct DerivedSource {
  int32_t feature = 0;          // of the model's inputs
  double border = 0;            // numeric: the part is 1 for values above it, 0 otherwise
  std::vector<uint64_t> parts;  // categorical: the part of each category, by its number
  // What stands for a missing value and for an unknown category; none: the answer is the fallback.
  std::optional<uint64_t> missing;
  std::optional<uint64_t> unknown;
};

/// A feature that is looked up: a table from the categories (or sides of borders) of one or several
/// inputs to a number, which trees compare as any other. Target statistics, ours and CatBoost's.
/// Trees know derived feature d as feature number `inputs + d`. A value.
struct DerivedFeature {
  std::vector<DerivedSource> sources;
  std::vector<uint64_t> keys;  // ascending: add_to_key over the sources' parts, from 0
  std::vector<double> values;  // by key; NaN counts as missing
  double fallback = 0;         // where the table has no such key
};

/// The inputs that it is made of: ascending, each once.
std::vector<int32_t> inputs_of(const DerivedFeature& feature);

/// How parts are joined to a key: that of CatBoost's tables.
inline uint64_t add_to_key(uint64_t key, uint64_t part) {
  constexpr uint64_t kMultiplier = 0x4906ba494954cb65;
  return kMultiplier * (key + kMultiplier * part);
}

/// A derived feature with an index of its keys. Immutable; `feature` must outlive it.
class DerivedLookup {
 public:
  explicit DerivedLookup(const DerivedFeature& feature);

  /// The number for a row; `value(input)` gives the numbers of its inputs as FeatureInfo::encode
  /// does. Allocates nothing.
  template <typename Value>
  double find(const Value& value) const {
    uint64_t key = 0;
    for (const DerivedSource& source : feature_->sources) {
      const double x = value(source.feature);
      const std::optional<uint64_t> part =
          x != x                 ? source.missing
          : source.parts.empty() ? std::optional<uint64_t>(x > source.border)
          : x < 0                ? source.unknown
                                 : std::optional<uint64_t>(source.parts[static_cast<size_t>(x)]);
      if (!part) return feature_->fallback;
      key = add_to_key(key, *part);
    }
    return find_key(key);
  }

 private:
  double find_key(uint64_t key) const;

  const DerivedFeature* feature_;
  int shift_ = 63;                // key >> shift_ is a bucket
  std::vector<uint32_t> starts_;  // of the buckets' keys
};

}  // namespace cne::gbdt
