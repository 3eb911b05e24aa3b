#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gbdt/derived_feature.h"
#include "gbdt/model.h"

namespace cne::gbdt {

/// Rows that go through a forest together.
inline constexpr int kCodeRows = 512;

/// Turns rows into bytes, so that a split compares bytes and not numbers: the code of a number is
/// how many of the model's thresholds on its feature lie below it, and x <= thresholds[k] says the
/// same as code <= k.
///
/// A feature has a column of codes for each 255 of its thresholds (codes saturate) and each side
/// that missing values go to (code 0 or 255). A categorical one has two columns for each 511
/// categories, byte and bit of a set of 512 bits; what has another column is in bit 0, which no set
/// holds. Missing and unknown values count as categories.
///
/// Immutable; safe to share. The model must outlive it.
class CodeColumns {
 public:
  CodeColumns() = default;
  CodeColumns(const Model& model, const std::vector<DerivedLookup>& lookups);

  /// What a split on a number compares: codes of `column` up to `code` go left.
  struct Place {
    uint32_t column;
    uint8_t code;
  };
  Place place(const TreeNode& node) const;

  /// Categorical: the first of its pairs of columns, and how many there are.
  struct Pairs {
    uint32_t column;
    uint32_t count;
  };
  Pairs pairs(int feature) const;
  /// The part of a split's set that pair number `pair` tests.
  using Part = std::array<uint8_t, 64>;
  Part part(const TreeNode& node, const CategorySet& set, uint32_t pair) const;

  int columns() const { return columns_; }

  /// The codes of rows [first, first + rows), rows <= kCodeRows, by columns of kCodeRows bytes.
  void fill(const FeatureMatrix& x, int64_t first, int rows, uint8_t* out) const;

  /// The codes of one row, one byte a column. Allocates nothing.
  void fill_row(const double* row, uint8_t* out) const;

 private:
  struct Feature {
    int number = 0;               // of the model
    std::vector<double> bounds;   // thresholds, ascending
    std::vector<double> search;   // up to 255 of them: padded to 256 with infinity
    std::vector<float> search32;  // rounded down: says the same of every float32
    std::array<bool, 2> used{};   // missing values go right, left
    uint32_t column = 0;          // the first one
    uint32_t ranges = 0;          // of thresholds, or pairs of a categorical one
    bool categorical = false;
    std::vector<int32_t> numbers;  // categorical: by small whole value, if its categories are so

    uint32_t per_range() const { return used[0] && used[1] ? 2 : 1; }
  };

  void fill_tile(const FeatureMatrix& x, int64_t first, int rows, uint8_t* out) const;
  int32_t category_code(const Feature& feature, double value) const;
  void fill_numbers(const Feature& feature, const double* values, int rows, uint8_t* out) const;
  void fill_floats(const Feature& feature, const float* values, int rows, uint8_t* out) const;
  template <typename T>
  void spread(const Feature& feature, const T* values, const uint8_t* codes, int rows,
              uint8_t* out) const;

  const Model* model_ = nullptr;
  const std::vector<DerivedLookup>* lookups_ = nullptr;
  std::vector<Feature> features_;  // those that trees use
  std::vector<int32_t> where_;     // by feature number: in features_, or -1
  int columns_ = 0;
};

}  // namespace cne::gbdt
