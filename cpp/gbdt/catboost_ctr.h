#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gbdt/foreign.h"

namespace cne::gbdt {

/// Hashes of categories, by CatBoost's number of their feature.
using HashSets = std::map<int64_t, std::set<int32_t>>;

/// One element of what CatBoost's target statistics look up: a category, a side of a border, or
/// whether a category is a certain one.
struct CtrSource {
  enum class Kind : uint8_t { kCategory, kBorder, kExact };
  Kind kind = Kind::kCategory;
  int64_t feature = 0;  // CatBoost's number among the numbers, or among the categories
  double border = 0;
  int32_t hash = 0;

  /// How a hash becomes part of a key.
  static uint64_t part_of(int32_t hash) { return static_cast<uint64_t>(int64_t{hash}); }
};

/// Counts by key.
struct CtrTable {
  std::vector<CtrSource> sources;
  std::vector<uint64_t> keys;  // ascending
  std::vector<double> counts;  // (keys, stride), row-major
  size_t stride = 0;
  double denominator = 0;  // of counters

  bool contains(uint64_t key) const;
};

/// The target statistics (CTR) of a CatBoost model: the features of `features_info.ctrs`, and the
/// tables `ctr_data` that they are computed from.
class CatboostCtrs {
 public:
  explicit CatboostCtrs(const DocumentPart& document);

  bool empty() const { return ctrs_.empty(); }

  /// Of each categorical feature that tables look up, the hashes among `known` that they can hold.
  /// Throws UnsupportedError when a table has keys that no known category leads to.
  HashSets find_hashes(const std::set<int32_t>& known) const;

  /// The statistic whose border is number `index` among those of all statistics; -1 for none.
  int find_border(int64_t index, double border) const;

  const CtrTable& table_of(int ctr) const { return tables_[ctrs_[ctr].table]; }
  /// The values of statistic `ctr` by key, computed in float32 as CatBoost does, and the value
  /// where there is no such key.
  void compute(int ctr, std::vector<double>* values, double* fallback) const;

 private:
  enum class Kind : uint8_t { kBorders, kBuckets, kMean, kCounter };
  struct Ctr {
    size_t table = 0;
    Kind kind = Kind::kBorders;
    float prior = 0, prior_weight = 1, shift = 0, scale = 1;
    int64_t target_border = 0;
    std::vector<double> borders;
    int64_t first_border = 0;

    double value(double good, double total) const;
  };

  void read_table(const DocumentPart& data, const std::string& identifier);
  Ctr read_ctr(const DocumentPart& part);
  /// Tries all combinations of what its sources can be (`own` hashes where a feature has some, else
  /// `known` ones); false when they are more than `budget`, which it takes from.
  bool find_combinations(const CtrTable& table, const HashSets& own, const std::set<int32_t>& known,
                         size_t& budget, HashSets& found) const;

  const ForeignSource& source_;
  std::map<std::string, size_t> by_identifier_;
  std::vector<CtrTable> tables_;
  std::vector<Ctr> ctrs_;
  int64_t borders_ = 0;
};

}  // namespace cne::gbdt
