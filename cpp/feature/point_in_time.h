#pragma once

#include <cstdint>
#include <vector>

#include "feature/key_table.h"
#include "feature/lookup.h"
#include "feature/materialize.h"

namespace cne::feature {

/// An index of all rows ever written to a view, which answers what the online store would have
/// answered at any time.
///
/// A row becomes visible at max(event, created) and stays so; among the visible ones the largest
/// (event, created, order of writing) wins. So the rows of an entity are sorted by when they become
/// visible, each with the winner among itself and those before it, and one binary search finds the
/// winner at a time. Built in O(n) when rows were written in order of time, else O(n log n).
/// Immutable: any thread may ask.
class HistoryIndex {
 public:
  HistoryIndex(const ViewSpec& spec, std::vector<RowBlock> blocks);

  int64_t rows() const { return starts_.back(); }
  /// The winning row for each key at its time, counted over all blocks; -1 where there is none or
  /// it is not live.
  std::vector<int64_t> find(const KeyBatch& keys, const int64_t* times_ns, int64_t ttl_ns) const;
  /// Values of a feature for such rows; null for -1.
  Column gather(size_t feature, const DataType& type, const std::vector<int64_t>& rows) const;

 private:
  void sort_entities();
  size_t block_of(int64_t row, size_t guess) const;
  template <typename T>
  Column gather_fixed(size_t feature, const DataType& type, const std::vector<int64_t>& rows) const;

  std::vector<RowBlock> blocks_;
  std::vector<int64_t> starts_;  // first row of each block, and the count of all
  KeyTable keys_;
  std::vector<int64_t> event_;  // by row
  std::vector<int64_t> created_;
  std::vector<int64_t> first_;    // by entity: where its part of the next two begins
  std::vector<int64_t> visible_;  // when a row becomes visible, rising within an entity
  std::vector<int64_t> winner_;   // the row that wins from then on
};

}  // namespace cne::feature
