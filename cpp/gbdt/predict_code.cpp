#include "gbdt/predict_code.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "gbdt/feature_tile.h"
#include "gbdt/predict_search.h"

namespace cne::gbdt {

namespace {

constexpr int kTile = kSearchValues;  // rows whose values stay in the first-level cache
constexpr int kBounds = 255;          // a column tells so many thresholds apart
constexpr int kPairCodes = 511;       // a pair of columns so many categories
constexpr int kMissingCode = 0;       // as a category; the unknown one is 1
constexpr int kFirstCategory = 2;
constexpr int kMostNumbers = 65536;

/// The largest float32 that is not above `bound`: x <= bound says the same of every float32 x.
float round_down(double bound) {
  const auto near = static_cast<float>(bound);
  return static_cast<double>(near) <= bound
             ? near
             : std::nextafter(near, -std::numeric_limits<float>::infinity());
}

int64_t rank_of(const std::vector<double>& bounds, double value) {
  if (value != value) return 0;
  return std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
}

uint8_t saturate(int64_t rank, uint32_t range) {
  return static_cast<uint8_t>(std::clamp<int64_t>(rank - int64_t{kBounds} * range, 0, kBounds));
}

/// Byte and bit of a category code in the set of a pair of columns.
struct SetPlace {
  uint8_t byte;
  uint8_t bit;
};
SetPlace set_place(int64_t code, uint32_t pair) {
  const int64_t at = code - int64_t{kPairCodes} * pair;
  const auto inside = static_cast<uint32_t>(at >= 0 && at < kPairCodes ? at + 1 : 0);
  return {static_cast<uint8_t>(inside / 8), static_cast<uint8_t>(1u << (inside % 8))};
}

}  // namespace

CodeColumns::CodeColumns(const Model& model, const std::vector<DerivedLookup>& lookups)
    : model_(&model), lookups_(&lookups), where_(model.features.size() + model.derived.size(), -1) {
  for (const Tree& tree : model.trees)
    for (const TreeNode& node : tree.nodes) {
      if (where_[node.feature] < 0) {
        where_[node.feature] = static_cast<int32_t>(features_.size());
        features_.emplace_back().number = node.feature;
        features_.back().categorical = node.category_set >= 0;
      }
      Feature& feature = features_[where_[node.feature]];
      feature.used[node.missing_left] = true;
      if (!feature.categorical) feature.bounds.push_back(node.threshold);
    }
  for (Feature& feature : features_) {
    std::vector<double>& bounds = feature.bounds;
    std::sort(bounds.begin(), bounds.end());
    bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
    feature.column = static_cast<uint32_t>(columns_);
    if (feature.categorical) {
      const std::vector<double>& known = model.features[feature.number].categories;
      feature.ranges = static_cast<uint32_t>((known.size() + kFirstCategory) / kPairCodes + 1);
      columns_ += static_cast<int>(2 * feature.ranges);
      const bool small = std::all_of(known.begin(), known.end(), [](double v) {
        return v >= 0 && v < kMostNumbers && v == std::floor(v);
      });
      if (!small || known.empty()) continue;
      feature.numbers.assign(static_cast<size_t>(known.back()) + 1, -1);
      for (size_t c = 0; c < known.size(); ++c)
        if (int32_t& number = feature.numbers[static_cast<size_t>(known[c])]; number < 0)
          number = static_cast<int32_t>(c);
      continue;
    }
    feature.ranges = static_cast<uint32_t>((bounds.size() + kBounds - 1) / kBounds);
    columns_ += static_cast<int>(feature.ranges * feature.per_range());
    if (feature.ranges > 1) continue;
    feature.search = bounds;
    feature.search.resize(kBounds + 1, std::numeric_limits<double>::infinity());
    for (const double bound : feature.search) feature.search32.push_back(round_down(bound));
  }
}

CodeColumns::Place CodeColumns::place(const TreeNode& node) const {
  const Feature& feature = features_[where_[node.feature]];
  const auto rank = static_cast<uint32_t>(rank_of(feature.bounds, node.threshold));
  const uint32_t side = feature.per_range() == 2 && node.missing_left ? 1 : 0;
  return {feature.column + rank / kBounds * feature.per_range() + side,
          static_cast<uint8_t>(rank % kBounds)};
}

CodeColumns::Pairs CodeColumns::pairs(int feature) const {
  return {features_[where_[feature]].column, features_[where_[feature]].ranges};
}

CodeColumns::Part CodeColumns::part(const TreeNode& node, const CategorySet& set,
                                    uint32_t pair) const {
  Part out{};
  const auto known = static_cast<int64_t>(model_->features[node.feature].categories.size());
  const int64_t begin = int64_t{kPairCodes} * pair;
  for (int64_t code = begin; code < std::min(begin + kPairCodes, known + kFirstCategory); ++code) {
    const bool left = code == kMissingCode    ? node.missing_left
                      : code < kFirstCategory ? node.unknown_left
                                              : contains(set, code - kFirstCategory);
    const SetPlace at = set_place(code, pair);
    if (left) out[at.byte] |= at.bit;
  }
  return out;
}

int32_t CodeColumns::category_code(const Feature& feature, double value) const {
  const FeatureInfo& info = model_->features[feature.number];
  if (model_->float32_inputs) value = static_cast<double>(static_cast<float>(value));
  if (!feature.numbers.empty() && !info.zero_is_missing) {
    if (value != value) return kMissingCode;
    if (!(value >= 0 && value < static_cast<double>(feature.numbers.size()))) return 1;
    const auto whole = static_cast<int32_t>(value);
    const bool known = whole == value && feature.numbers[whole] >= 0;
    return known ? feature.numbers[whole] + kFirstCategory : 1;
  }
  const double number = info.encode(value);
  return number != number ? kMissingCode : static_cast<int32_t>(number) + kFirstCategory;
}

/// One range: the codes that a search found, where missing values have code 0.
template <typename T>
void CodeColumns::spread(const Feature& feature, const T* values, const uint8_t* codes, int rows,
                         uint8_t* out) const {
  out += size_t{feature.column} * kCodeRows;
  if (feature.used[0]) {
    for (int i = 0; i < rows; ++i) out[i] = values[i] == values[i] ? codes[i] : kBounds;
    out += kCodeRows;
  }
  if (feature.used[1]) std::copy(codes, codes + rows, out);
}

void CodeColumns::fill_floats(const Feature& feature, const float* values, int rows,
                              uint8_t* out) const {
  uint8_t codes[kTile];
  find_codes(feature.search32.data(), values, rows, codes);
  spread(feature, values, codes, rows, out);
}

void CodeColumns::fill_numbers(const Feature& feature, const double* values, int rows,
                               uint8_t* out) const {
  if (feature.ranges == 1) {
    uint8_t codes[kTile];
    find_codes(feature.search.data(), values, rows, codes);
    spread(feature, values, codes, rows, out);
    return;
  }
  int64_t ranks[kTile];
  for (int i = 0; i < rows; ++i) ranks[i] = rank_of(feature.bounds, values[i]);
  out += size_t{feature.column} * kCodeRows;
  for (uint32_t range = 0; range < feature.ranges; ++range)
    for (const bool left : {false, true}) {
      if (!feature.used[left]) continue;
      for (int i = 0; i < rows; ++i)
        out[i] = values[i] == values[i] ? saturate(ranks[i], range) : left ? 0 : kBounds;
      out += kCodeRows;
    }
}

void CodeColumns::fill(const FeatureMatrix& x, int64_t first, int rows, uint8_t* out) const {
  for (int begin = 0; begin < rows; begin += kTile)
    fill_tile(x, first + begin, std::min(kTile, rows - begin), out + begin);
}

void CodeColumns::fill_tile(const FeatureMatrix& x, int64_t first, int rows, uint8_t* out) const {
  double values[kTile];
  float floats[kTile];
  const int inputs = static_cast<int>(model_->features.size());
  for (const Feature& feature : features_) {
    const int f = feature.number;
    if (f >= inputs) {
      for (int i = 0; i < rows; ++i)
        values[i] = (*lookups_)[f - inputs].find(
            [&](int32_t input) { return model_->encode(input, x.columns[input][first + i]); });
      fill_numbers(feature, values, rows, out);
      continue;
    }
    const FeatureColumn& column = x.columns[f];
    if (feature.categorical) {
      read_column(column, first, rows, values);
      uint8_t* to = out + size_t{feature.column} * kCodeRows;
      for (int i = 0; i < rows; ++i) {
        const int32_t code = category_code(feature, values[i]);
        for (uint32_t pair = 0; pair < feature.ranges; ++pair) {
          const SetPlace at = set_place(code, pair);
          to[2 * pair * kCodeRows + i] = at.byte;
          to[(2 * pair + 1) * kCodeRows + i] = at.bit;
        }
      }
      continue;
    }
    if (feature.ranges == 1 && !model_->features[f].zero_is_missing &&
        (column.fits_float32() || model_->float32_inputs)) {
      read_column(column, first, rows, floats);
      fill_floats(feature, floats, rows, out);
      continue;
    }
    read_column(column, first, rows, values);
    if (model_->features[f].zero_is_missing || model_->float32_inputs)
      for (int i = 0; i < rows; ++i) values[i] = model_->encode(f, values[i]);
    fill_numbers(feature, values, rows, out);
  }
}

void CodeColumns::fill_row(const double* row, uint8_t* out) const {
  const int inputs = static_cast<int>(model_->features.size());
  for (const Feature& feature : features_) {
    const int f = feature.number;
    uint8_t* to = out + feature.column;
    if (feature.categorical) {
      const int32_t code = category_code(feature, row[f]);
      for (uint32_t pair = 0; pair < feature.ranges; ++pair) {
        const SetPlace at = set_place(code, pair);
        *to++ = at.byte;
        *to++ = at.bit;
      }
      continue;
    }
    const double value =
        f < inputs ? model_->encode(f, row[f]) : (*lookups_)[f - inputs].find([&](int32_t input) {
          return model_->encode(input, row[input]);
        });
    int64_t rank = 0;
    if (feature.ranges == 1) {
      const double* bounds = feature.search.data();
      for (int half = 128; half >= 1; half /= 2) rank += bounds[rank + half - 1] < value ? half : 0;
    } else {
      rank = rank_of(feature.bounds, value);
    }
    for (uint32_t range = 0; range < feature.ranges; ++range)
      for (const bool left : {false, true})
        if (feature.used[left]) *to++ = value == value ? saturate(rank, range) : left ? 0 : kBounds;
  }
}

}  // namespace cne::gbdt
