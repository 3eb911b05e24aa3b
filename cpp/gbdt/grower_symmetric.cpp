// Trees with one split for all leaves of a level.

#include "core/parallel.h"
#include "gbdt/grower.h"

namespace cne::gbdt {

/// Histograms of the children of a level: leaf i and leaf pairs + i have parent i.
void Grower::build_level(size_t pairs, std::vector<std::unique_ptr<LeafHistogram>> parents) {
  for (size_t i = 0; i < pairs; ++i) {
    Leaf& one = leaves_[i];
    Leaf& two = leaves_[pairs + i];
    Leaf& small = one.rows() <= two.rows() ? one : two;
    Leaf& large = one.rows() <= two.rows() ? two : one;
    build(small);
    large.histogram = std::move(parents[i]);
    const GradientSums* less = small.histogram->data();
    GradientSums* sums = large.histogram->data();
    parallel_for(static_cast<int64_t>(large.histogram->size()), 4096,
                 [&](int64_t begin, int64_t end) {
                   for (int64_t s = begin; s < end; ++s) sums[s] = sums[s] - less[s];
                 });
  }
}

void Grower::grow_by_level(Tree& tree) {
  if (!finder_.may_split(leaves_[0]) || bins_.width() == 0) return;
  build(leaves_[0]);
  for (int depth = 0; depth < options_.max_depth; ++depth) {
    if (!finder_.find_for_level(leaves_, path_of(tree, leaves_[0]))) return;
    const size_t count = leaves_.size();
    std::vector<std::unique_ptr<LeafHistogram>> parents;
    for (size_t i = 0; i < count; ++i) parents.push_back(cut(tree, static_cast<int>(i)));
    if (depth + 1 < options_.max_depth)
      build_level(count, std::move(parents));
    else
      for (auto& parent : parents) give_back(std::move(parent));
  }
}

}  // namespace cne::gbdt
