#include "gbdt/monotone_leaves.h"

#include <algorithm>

namespace cne::gbdt {

namespace {

bool overlap(const BinSet& a, const BinSet& b) {
  uint64_t both = 0;
  for (size_t word = 0; word < a.size(); ++word) both |= a[word] & b[word];
  return both != 0;
}

}  // namespace

void MonotoneLeaves::begin() {
  boxes_.assign(1, {});
  below_.assign(1, {});
  above_.assign(1, {});
}

BinSet MonotoneLeaves::part_of(int number, int feature) const {
  for (const auto& [known, part] : boxes_[number])
    if (known == feature) return part;
  BinSet all;
  all.fill(~uint64_t{0});
  return all;
}

bool MonotoneLeaves::has_numbers(int number, int feature) const {
  BinSet numbers{};
  for (int b = 0; b < bins_.bins(feature).count(); ++b) insert(numbers, b);
  return overlap(part_of(number, feature), numbers);
}

void MonotoneLeaves::restrict(int number, int feature, const BinSet& part) {
  for (auto& [known, have] : boxes_[number]) {
    if (known != feature) continue;
    for (size_t word = 0; word < have.size(); ++word) have[word] &= part[word];
    return;
  }
  boxes_[number].emplace_back(feature, part);
}

/// Leaves that bounded the one that was cut bound those of its children that they still meet.
void MonotoneLeaves::inherit(int number, int right, int feature,
                             const std::vector<Neighbour>& known,
                             std::vector<std::vector<Neighbour>>& mine,
                             std::vector<std::vector<Neighbour>>& theirs) {
  for (const Neighbour& other : known) {
    std::vector<Neighbour>& back = theirs[other.leaf];
    back.erase(std::find_if(back.begin(), back.end(),
                            [&](const Neighbour& n) { return n.leaf == number; }));
    for (const int child : {number, right}) {
      const bool meets = other.feature == feature
                             ? has_numbers(child, feature)
                             : overlap(part_of(child, feature), part_of(other.leaf, feature));
      if (!meets) continue;
      mine[child].push_back(other);
      back.push_back({child, other.feature});
    }
  }
}

void MonotoneLeaves::cut(int number, int feature, int direction, const SideOfBin& sides) {
  const auto right = static_cast<int>(boxes_.size());
  BinSet left_part{};
  BinSet right_part{};
  for (int b = 0; b <= bins_.bins(feature).count(); ++b)
    insert(sides[b] ? left_part : right_part, b);
  boxes_.push_back(boxes_[number]);
  restrict(number, feature, left_part);
  restrict(right, feature, right_part);
  const std::vector<Neighbour> below = std::move(below_[number]);
  const std::vector<Neighbour> above = std::move(above_[number]);
  below_[number].clear();
  above_[number].clear();
  below_.emplace_back();
  above_.emplace_back();
  inherit(number, right, feature, below, below_, above_);
  inherit(number, right, feature, above, above_, below_);
  if (direction == 0 || !has_numbers(number, feature) || !has_numbers(right, feature)) return;
  const int low = direction > 0 ? number : right;
  const int high = direction > 0 ? right : number;
  above_[low].push_back({high, feature});
  below_[high].push_back({low, feature});
}

}  // namespace cne::gbdt
