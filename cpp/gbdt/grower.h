#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gbdt/monotone_leaves.h"
#include "gbdt/partition.h"
#include "gbdt/shard.h"
#include "gbdt/split_finder.h"
#include "gbdt/tree.h"

namespace cne::gbdt {

/// What one tree is grown from, of the rows of all workers. Views.
struct TreeInput {
  const std::vector<Gradient>* gradients;  // one list for each output of the tree
  const GradientUnits* units;              // "
  int outputs;
  const std::vector<int32_t>& rows;  // those that take part, ascending
  const std::vector<uint8_t>& use;   // 1 for each feature of the matrix that it may use
  double learning_rate;              // what leaf values are multiplied by
  uint64_t number;                   // random choices depend on it and the seed
  int round;                         // boosting rounds before
  // Where `gradients` are quantised: the exact ones, which leaf values are taken from.
  GradientBits bits = GradientBits::k32;
  const std::vector<Gradient>* exact = nullptr;
  const GradientUnits* exact_units = nullptr;
};

/// Grows trees and keeps the memory between them: the rows of every leaf, histograms, scratch.
/// Leaf-wise (Shi 2007), level by level, or with one split for all leaves of a level. Histograms
/// are added up over the workers, so that all grow the same tree, each on its own rows.
///
/// For one thread at a time; works on the pool inside. `bins` must outlive it.
class Grower {
 public:
  Grower(const BinMatrix& bins, GrowOptions options, uint64_t seed, const Shard& shard);
  ~Grower();

  Tree grow(const TreeInput& input);

  /// Adds each leaf's values to the scores (output-major, all outputs) of its rows, for the tree
  /// grown last. Of this worker's rows, as everywhere below.
  void add_to_scores(const Tree& tree, double* scores) const;

  /// The training rows in a leaf of the tree grown last.
  RowSet rows_of_leaf(int number) const;

 private:
  std::unique_ptr<LeafHistogram> take_histogram();
  void give_back(std::unique_ptr<LeafHistogram> histogram);
  void begin(const TreeInput& input);
  void build(Leaf& leaf);
  std::vector<int> path_of(const Tree& tree, const Leaf& leaf) const;
  void evaluate(const Tree& tree, Leaf& small, Leaf& large, std::unique_ptr<LeafHistogram> parent);
  int add_node(Tree& tree, const Leaf& leaf, double gain);
  std::unique_ptr<LeafHistogram> cut(Tree& tree, int number);
  void set_values(const SplitContext& parent, bool counts, Leaf& left, Leaf& right) const;
  void grow_by_gain(Tree& tree);
  void grow_by_level(Tree& tree);
  void build_level(size_t pairs, std::vector<std::unique_ptr<LeafHistogram>> parents);
  void renew(const TreeInput& input);
  ValueBounds bounds_by_neighbours(int number) const;
  std::vector<int> update_bounds(int number, int right);
  void find_again(const Tree& tree, const std::vector<int>& numbers);
  void finish(Tree& tree);

  const BinMatrix& bins_;
  GrowOptions options_;
  Shard shard_;
  std::vector<HistogramSource> sources_;  // one for each output of the tree
  SplitFinder finder_;
  std::vector<int32_t> rows_;
  std::vector<Leaf> leaves_;
  std::vector<int> node_parents_;
  std::unique_ptr<MonotoneLeaves> order_;  // null: bounds come from the splits above alone
  std::vector<std::unique_ptr<LeafHistogram>> free_;
  double learning_rate_ = 1;
  PartitionScratch scratch_;
};

}  // namespace cne::gbdt
