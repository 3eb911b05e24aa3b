#include "gbdt/predict.h"

#include <algorithm>
#include <cstring>

namespace cne::gbdt {

namespace {

constexpr int kStackNumbers = 512;  // a single row of more is not encoded at once

}  // namespace

/// Rows in work: their codes by columns, and their numbers by rows where trees need them.
struct Forest::Block {
  Block(const Forest& forest, const FeatureMatrix& x, int64_t first, int count) : rows(count) {
    memory.resize(static_cast<size_t>(forest.columns_.columns()) * kCodeRows + 64);
    const auto at = reinterpret_cast<uintptr_t>(memory.data());
    codes = memory.data() + (64 - at % 64) % 64;
    forest.columns_.fill(x, first, rows, codes);
    if (!forest.block_numbers_) return;
    width = static_cast<int>(forest.model_->features.size() + forest.lookups_->size());
    numbers.resize(static_cast<size_t>(rows) * width);
    encode_rows(*forest.model_, *forest.lookups_, x, first, rows, numbers.data());
  }

  int rows;
  int width = 0;
  std::vector<uint8_t> memory;
  uint8_t* codes;
  std::vector<double> numbers;
  alignas(64) uint8_t at[kCodeRows];
  uint32_t leaves[kCodeRows];
};

template <>
const double* Forest::values() const {
  return values_.data();
}
template <>
const float* Forest::values() const {
  return values32_.data();
}

void Forest::find_regions(const Plan& plan, const Block& block, uint8_t* at) const {
  (wide_ ? wide::find_regions : plain::find_regions)(cuts_.data() + plan.first_cut, plan.cuts,
                                                     symmetric_, parts_.data() + plan.first_part,
                                                     block.codes, block.rows, at);
}

template <typename T>
void Forest::add_tree(const Plan& plan, Block& block, T* scores) const {
  const Tree& tree = *plan.tree;
  scores += int64_t{tree.output} * kCodeRows;
  if (plan.way == Way::kWalk)
    walks_.find_leaves(plan.walk, block.numbers.data(), block.rows, block.width, block.leaves);
  else
    find_regions(plan, block, block.at);
  if (plan.way != Way::kWalk && !plan.linear) {
    for (int k = 0; k < plan.width; ++k)
      (wide_ ? wide::add_values<T> : plain::add_values<T>)(values<T>() + plan.values +
                                                               static_cast<size_t>(plan.padded) * k,
                                                           plan.padded, block.at, block.rows,
                                                           scores + int64_t{k} * kCodeRows);
    return;
  }
  for (int i = 0; i < block.rows; ++i) {
    const double* row = block.numbers.data() + int64_t{i} * block.width;
    const int leaf = plan.way == Way::kWalk ? static_cast<int>(block.leaves[i])
                                            : regions_[plan.regions + block.at[i]];
    for (int k = 0; k < tree.width; ++k)
      scores[int64_t{k} * kCodeRows + i] +=
          static_cast<T>(tree.leaf_value(leaf, k, [&](int32_t feature) { return row[feature]; }));
  }
}

template <typename T>
void Forest::score_block(Block& block, int trees, double* out) const {
  const int outputs = model_->outputs();
  std::vector<T> scores(static_cast<size_t>(outputs) * kCodeRows);
  for (int k = 0; k < outputs; ++k)
    std::fill_n(scores.begin() + int64_t{k} * kCodeRows, block.rows,
                static_cast<T>(model_->base_scores[k]));
  for (int t = 0; t < trees; ++t) add_tree(plans_[t], block, scores.data());
  for (int i = 0; i < block.rows; ++i)
    for (int k = 0; k < outputs; ++k)
      *out++ = static_cast<double>(scores[int64_t{k} * kCodeRows + i]);
}

void Forest::score_rows(const FeatureMatrix& x, int64_t first, int rows, int trees,
                        double* out) const {
  Block block(*this, x, first, rows);
  if (model_->float32_sums)
    score_block<float>(block, trees, out);
  else
    score_block<double>(block, trees, out);
}

/// The terms of a group's trees, in order; the regions are found.
template <typename T, typename Value, typename Add>
void Forest::add_trees(const uint8_t* at, const LaneGroup& group, const Value& value,
                       const Add& add) const {
  for (size_t t = group.first_tree; t < group.last_tree; ++t) {
    const Plan& plan = plans_[t];
    const Tree& tree = *plan.tree;
    if (plan.lane >= 0 && !plan.linear) {
      const T* found = values<T>() + plan.values + at[plan.lane];
      for (int k = 0; k < plan.width; ++k)
        add(plan.output + k, found[static_cast<size_t>(plan.padded) * k]);
      continue;
    }
    const int leaf = plan.lane >= 0 ? regions_[plan.regions + at[plan.lane]]
                                    : static_cast<int>(walks_.find_leaf(plan.walk, value));
    for (int k = 0; k < plan.width; ++k)
      add(plan.output + k, static_cast<T>(tree.leaf_value(leaf, k, value)));
  }
}

/// The values of some trees, one after the other.
template <typename T>
T Forest::sum_lanes(const size_t* first_values, const uint8_t* at, size_t trees, T sum) const {
  const T* all = values<T>();
  for (size_t t = 0; t < trees; ++t) sum += all[first_values[t] + at[t]];
  return sum;
}

template <typename T>
void Forest::score_one(const double* row, double* out) const {
  const auto inputs = static_cast<int>(model_->features.size());
  const auto input = [&](int32_t f) { return model_->encode(f, row[f]); };
  const auto number = [&](int32_t f) {
    return f < inputs ? input(f) : (*lookups_)[f - inputs].find(input);
  };
  const int width = inputs + static_cast<int>(model_->derived.size());
  const bool encoded = row_numbers_ && width <= kStackNumbers;
  double numbers[kStackNumbers];
  for (int f = 0; encoded && f < width; ++f) numbers[f] = number(f);
  const auto value = [&](int32_t f) { return encoded ? numbers[f] : number(f); };
  alignas(64) uint8_t codes[kLaneColumns];
  if (!lane_cuts_.empty()) columns_.fill_row(row, codes);
  alignas(64) uint8_t at[kLanes];
  const auto find = [&](const LaneGroup& group) {
    if (group.cuts > 0)
      wide::find_lanes(&lane_cuts_[group.first_cut], group.cuts, symmetric_, codes, at);
    else
      std::memset(at, 0, sizeof at);  // trees of one leaf
  };
  const std::vector<double>& base = model_->base_scores;
  if (base.size() == 1) {
    T sum = static_cast<T>(base[0]);  // in a register where it can
    for (const LaneGroup& group : lanes_) {
      find(group);
      if (group.plain)
        sum =
            sum_lanes(&lane_values_[group.first_tree], at, group.last_tree - group.first_tree, sum);
      else
        add_trees<T>(at, group, value, [&](int, T term) { sum += term; });
    }
    *out = static_cast<double>(sum);
    return;
  }
  for (size_t k = 0; k < base.size(); ++k) out[k] = static_cast<double>(static_cast<T>(base[k]));
  for (const LaneGroup& group : lanes_) {
    find(group);
    add_trees<T>(at, group, value, [&](int k, T term) {
      out[k] = static_cast<double>(static_cast<T>(out[k]) + term);
    });
  }
}

void Forest::score_row(const double* row, double* out) const {
  if (model_->float32_sums)
    score_one<float>(row, out);
  else
    score_one<double>(row, out);
}

void Forest::find_leaves(const FeatureMatrix& x, int64_t first, int rows, int32_t* out) const {
  Block block(*this, x, first, rows);
  const size_t trees = plans_.size();
  for (size_t t = 0; t < trees; ++t) {
    const Plan& plan = plans_[t];
    if (plan.way == Way::kWalk)
      walks_.find_leaves(plan.walk, block.numbers.data(), rows, block.width, block.leaves);
    else
      find_regions(plan, block, block.at);
    for (int i = 0; i < rows; ++i)
      out[i * trees + t] = plan.way == Way::kWalk ? static_cast<int32_t>(block.leaves[i])
                                                  : regions_[plan.regions + block.at[i]];
  }
}

}  // namespace cne::gbdt
