#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/derived_feature.h"
#include "gbdt/model.h"
#include "gbdt/predict_code.h"
#include "gbdt/predict_kernel.h"
#include "gbdt/predict_walk.h"

namespace cne::gbdt {

/// All trees of a model laid out for prediction, one engine for models of all kinds.
///
/// Trees of up to 255 leaves are not walked: rows become byte codes (CodeColumns), and kCodeRows of
/// them take every cut of a tree at once, 64 in a vector (predict_kernel). One row takes the cuts
/// of kLanes trees at once. Larger trees are walked (WalkTrees). All ways give the same leaves, and
/// leaves are added in the order of the trees, so all give the same bits.
///
/// Immutable after construction; safe to share between threads. The model and the lookups of its
/// derived features must outlive it.
class Forest {
 public:
  Forest() = default;
  Forest(const Model& model, const std::vector<DerivedLookup>& lookups);

  /// The scores of rows [first, first + rows), rows <= kCodeRows, by the first `trees` trees, into
  /// out, row-major (rows, outputs).
  void score_rows(const FeatureMatrix& x, int64_t first, int rows, int trees, double* out) const;

  /// The scores of one row of numbers by all trees. Allocates nothing.
  void score_row(const double* row, double* out) const;

  /// The leaf numbers of some rows, row-major (rows, trees).
  void find_leaves(const FeatureMatrix& x, int64_t first, int rows, int32_t* out) const;

 private:
  enum class Way : uint8_t { kRegions, kSymmetric, kWalk };
  struct Plan {
    const Tree* tree;
    Way way = Way::kWalk;
    bool linear = false;
    int output = 0;
    int width = 1;
    int walk = -1;         // number in walks_, if it is there
    int lane = -1;         // in its group, if it has one
    size_t first_cut = 0;  // in cuts_, and parts_ for the categorical ones
    size_t first_part = 0;
    int cuts = 0;
    int padded = 0;  // values of an output in values_: by region, in order
    size_t values = 0;
    size_t regions = 0;  // in regions_: the leaf of each region
  };
  struct LaneGroup {
    size_t first_tree;
    size_t last_tree;  // past the end; trees without a lane are walked
    size_t first_cut;
    int cuts;
    bool plain;  // each tree has a lane and one value a leaf
  };
  struct Block;

  bool may_be_levels(const Tree& tree) const;
  void add_regions(Plan& plan);
  void add_levels(Plan& plan);
  void add_cut(Plan& plan, const TreeNode& node, int region, int next);
  void add_values(Plan& plan, const std::vector<int>& leaf_of_region);
  void add_lanes();
  void find_regions(const Plan& plan, const Block& block, uint8_t* at) const;
  template <typename T>
  void add_tree(const Plan& plan, Block& block, T* scores) const;
  template <typename T>
  void score_block(Block& block, int trees, double* out) const;
  template <typename T>
  void score_one(const double* row, double* out) const;
  template <typename T, typename Value, typename Add>
  void add_trees(const uint8_t* at, const LaneGroup& group, const Value& value,
                 const Add& add) const;
  template <typename T>
  T sum_lanes(const size_t* first_values, const uint8_t* at, size_t trees, T sum) const;
  template <typename T>
  const T* values() const;

  const Model* model_ = nullptr;
  const std::vector<DerivedLookup>* lookups_ = nullptr;
  CodeColumns columns_;
  WalkTrees walks_;
  std::vector<Plan> plans_;
  std::vector<Cut> cuts_;
  std::vector<uint8_t> parts_;
  std::vector<uint8_t> regions_;
  std::vector<double> values_;
  std::vector<float> values32_;
  std::vector<LaneGroup> lanes_;
  std::vector<LaneCuts> lane_cuts_;
  std::vector<size_t> lane_values_;  // by tree: where its values begin
  bool symmetric_ = false;           // all trees are, and are laid out so
  bool wide_ = false;                // the processor has what namespace wide needs
  bool block_numbers_ = false;       // blocks need numbers beside codes: a tree is walked or linear
  bool row_numbers_ = false;         // single rows do
};

}  // namespace cne::gbdt
