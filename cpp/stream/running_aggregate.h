#pragma once

#include <vector>

#include "stream/keyed_aggregate.h"

namespace cne::stream {

/// Aggregates of all of a key's records so far, emitted at each record with its event time. Records
/// behind the watermark count as late but are added as all others.
class RunningAggregateOperator : public Operator {
 public:
  RunningAggregateOperator(const AggregateSpec& spec, const Schema& input);

  void on_batch(const Batch& batch, Output& out) override;
  void on_watermark(int64_t clock, int64_t watermark, Output& out) override;
  void snapshot(StateWriter& out) const override;
  void restore(StateReader& in) override;

 private:
  KeyedAggregate common_;
  StateArena states_;              // by key
  std::vector<int64_t> last_run_;  // by key: the run of rows that added to it last
  int64_t run_ = 0;
};

}  // namespace cne::stream
