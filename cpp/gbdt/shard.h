#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "gbdt/communicator.h"
#include "gbdt/histogram.h"
#include "gbdt/loss.h"

namespace cne::gbdt {

/// The rows that one of several workers holds: [begin, begin + rows) of all `total`. Labels, scores
/// and gradients are those of all rows, on every worker; the features are only its own.
struct Shard {
  Communicator* group = nullptr;  // null: there is one worker
  int64_t begin = 0;
  int64_t rows = 0;
  int64_t total = 0;

  bool alone() const { return group == nullptr; }
};

/// The shard of a worker that holds all rows.
inline Shard whole_shard(int64_t rows) { return {nullptr, 0, rows, rows}; }
/// Finds the place of this worker's rows by the ranks. Throws ArgumentError for 2^31 rows or more.
Shard join_shards(Communicator* group, int64_t rows);

/// Adds the sums of all workers up; nothing to do when there is one.
void add_up(const Shard& shard, GradientSums* sums, size_t count);

/// Gives every worker the segments of `values` (`total` numbers) that the others hold.
void share_segments(const Shard& shard, double* values);
void share_segments(const Shard& shard, int32_t* values);

/// Throws ArgumentError on all workers when `text` differs between them; `what` says what it is.
void require_equal(const Shard& shard, const std::string& text, const char* what);

/// Labels of all rows, and the memory that they view.
struct SharedLabels {
  Labels view;
  std::vector<double> label;
  std::vector<double> weight;
  std::vector<double> upper;
  std::vector<double> base_margin;
};
/// Joins the labels of the workers; `outputs` is how many base margins a row has.
SharedLabels share_labels(const Labels& own, int outputs, const Shard& shard);

/// Lets `update(scores)` change the scores (output-major) of this worker's rows, and shares those
/// of outputs [first, first + count).
template <typename Update>
void update_scores(const Shard& shard, std::vector<double>& scores, int first, int count,
                   const Update& update) {
  if (shard.alone()) {
    update(scores.data());
    return;
  }
  const int64_t outputs = static_cast<int64_t>(scores.size()) / std::max<int64_t>(1, shard.total);
  std::vector<double> own;
  for (int64_t k = 0; k < outputs; ++k) {
    const double* from = scores.data() + k * shard.total + shard.begin;
    own.insert(own.end(), from, from + shard.rows);
  }
  update(own.data());
  for (int k = first; k < first + count; ++k) {
    double* to = scores.data() + k * shard.total;
    std::copy_n(own.data() + k * shard.rows, shard.rows, to + shard.begin);
    share_segments(shard, to);
  }
}

}  // namespace cne::gbdt
