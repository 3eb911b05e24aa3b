#pragma once

#include <cstdint>
#include <vector>

#include "core/table.h"
#include "stream/state_io.h"
#include "stream/watermark.h"

namespace cne::stream {

/// A moment of a source, in order: the clock moves to `clock`, then the record `row` is processed
/// against the watermark of the step before, then the watermark moves to `watermark`.
struct Step {
  int64_t clock;
  int64_t watermark;
  int32_t row;  // of the batch; -1: no record (filtered out, or only time has passed)
};

/// Records of one source in the order of arrival. How records are cut into batches changes no
/// result: operators decide by step.
struct Batch {
  Table table;
  std::vector<int64_t> event_ms;  // by row
  std::vector<Step> steps;        // every row once, ascending
};

/// What an operator hands on.
struct Output {
  std::vector<Table> emissions;  // in order, of the operator's schema
  std::vector<int64_t> dropped;  // rows of the batch that were too late for all their windows
};

struct OperatorCounts {
  int64_t late = 0;     // behind the watermark, whether dropped or not
  int64_t dropped = 0;  // of these, too late for all their windows
  int64_t emitted = 0;  // rows
};

/// A step of a pipeline that keeps state. Not thread safe. A snapshot holds all of it, so a
/// restored operator continues as the one that was snapshotted, to the bit.
class Operator {
 public:
  virtual ~Operator() = default;
  virtual void on_batch(const Batch& batch, Output& out) = 0;
  /// Time has passed without a record of this source; either may be unchanged.
  virtual void on_watermark(int64_t clock, int64_t watermark, Output& out) = 0;
  virtual void snapshot(StateWriter& out) const = 0;
  /// Into an operator that has seen nothing, made with the same options.
  virtual void restore(StateReader& in) = 0;

  const Schema& schema() const { return schema_; }
  const OperatorCounts& counts() const { return counts_; }

 protected:
  void snapshot_counts(StateWriter& out) const {
    for (const int64_t count : {counts_.late, counts_.dropped, counts_.emitted}) out.put(count);
  }
  void restore_counts(StateReader& in) {
    for (int64_t* count : {&counts_.late, &counts_.dropped, &counts_.emitted})
      *count = in.get_total();
  }

  Schema schema_;
  OperatorCounts counts_;
};

}  // namespace cne::stream
