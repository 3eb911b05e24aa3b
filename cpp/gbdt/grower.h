#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gbdt/partition.h"
#include "gbdt/tree.h"

namespace cne::gbdt {

/// Grows trees leaf by leaf, always cutting the leaf whose split gains most (Shi 2007), and keeps
/// the memory between trees: the rows of every leaf, histograms, scratch.
///
/// For one thread at a time; works on the pool inside. `bins` must outlive it.
class Grower {
 public:
  Grower(const BinMatrix& bins, const GrowOptions& options, Device device);
  ~Grower();

  /// A tree for `gradients` over `rows` (ascending; those that take part) using the features of the
  /// matrix where `use` is 1. Leaf values are multiplied by `learning_rate`.
  Tree grow(const std::vector<Gradient>& gradients, GradientUnits units,
            const std::vector<int32_t>& rows, const std::vector<uint8_t>& use,
            double learning_rate);

  /// Adds each leaf's value to the scores of its rows, for the tree grown last.
  void add_to_scores(const Tree& tree, double* scores) const;

  /// The training rows in a leaf of the tree grown last.
  RowSet rows_of_leaf(int number) const;

 private:
  struct Leaf;
  using Sums = std::vector<GradientSums>;

  std::unique_ptr<Sums> take_histogram();
  void give_back(std::unique_ptr<Sums> histogram);
  bool may_split(const Leaf& leaf) const;
  void find_splits(const std::vector<Leaf*>& leaves, const GradientSums* parent,
                   const LeafMath& math);
  void evaluate(Leaf& small, Leaf& large, std::unique_ptr<Sums> parent, const LeafMath& math);
  int add_node(Tree& tree, const Leaf& leaf, const LeafMath& math) const;
  void split_leaf(Tree& tree, int number, const LeafMath& math, bool last);

  const BinMatrix& bins_;
  GrowOptions options_;
  Device device_;
  HistogramSource source_;
  std::vector<int32_t> rows_;
  std::vector<Leaf> leaves_;
  std::vector<std::unique_ptr<Sums>> free_;
  std::vector<uint8_t> use_;
  double learning_rate_ = 1;
  PartitionScratch scratch_;
};

}  // namespace cne::gbdt
