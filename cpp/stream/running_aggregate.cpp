#include "stream/running_aggregate.h"

#include <algorithm>

#include "core/error.h"

namespace cne::stream {

RunningAggregateOperator::RunningAggregateOperator(const AggregateSpec& spec, const Schema& input)
    : common_(spec, input), states_(common_.layout) {
  schema_ = common_.emissions.schema();
}

void RunningAggregateOperator::on_batch(const Batch& batch, Output& out) {
  common_.begin(batch);
  states_.grow(common_.keys.size());
  last_run_.resize(common_.keys.size(), 0);
  // Rows of different keys are added together; at a key that comes again the states are copied out.
  struct Emitted {
    uint32_t key;
    int64_t event_ms;
    int64_t clock;
  };
  std::vector<Emitted> rows;
  const auto finish_run = [&] {
    common_.pending.flush();
    for (const Emitted& row : rows) {
      common_.emissions.begin_rows(row.event_ms, row.event_ms, row.clock, 0);
      common_.emissions.add_copy(row.key, states_.at(row.key));
    }
    rows.clear();
    ++run_;
  };
  ++run_;
  for (const Step& step : batch.steps) {
    common_.clock = std::max(common_.clock, step.clock);
    if (step.row >= 0) {
      const uint32_t key = common_.key_of(step.row);
      const int64_t event_ms = batch.event_ms[static_cast<size_t>(step.row)];
      counts_.late += event_ms < common_.watermark;
      if (last_run_[key] == run_) finish_run();
      last_run_[key] = run_;
      common_.pending.push(states_.at(key));
      rows.push_back({key, event_ms, common_.clock});
    }
    common_.watermark = std::max(common_.watermark, step.watermark);
  }
  finish_run();
  common_.end(out, counts_);
}

void RunningAggregateOperator::on_watermark(int64_t clock, int64_t watermark, Output&) {
  common_.clock = std::max(common_.clock, clock);
  common_.watermark = std::max(common_.watermark, watermark);
}

void RunningAggregateOperator::snapshot(StateWriter& out) const {
  common_.snapshot(out);
  snapshot_counts(out);
  const std::vector<uint8_t> groups = common_.keys.groups();
  std::vector<std::vector<uint32_t>> sections(kKeyGroups);
  for (uint32_t key = 0; key < states_.size(); ++key) sections[groups[key]].push_back(key);
  for (const auto& section : sections) {
    out.put<uint64_t>(section.size());
    for (const uint32_t key : section) {
      out.put(key);
      common_.layout.serialize(states_.at(key), out.bytes());
    }
  }
}

void RunningAggregateOperator::restore(StateReader& in) {
  common_.restore(in);
  restore_counts(in);
  states_.grow(common_.keys.size());
  last_run_.assign(common_.keys.size(), 0);
  for (uint64_t group = 0; group < kKeyGroups; ++group)
    for (size_t n = in.get_count(4); n > 0; --n) {
      const uint32_t key = common_.get_key(in);
      in.move_to(common_.layout.deserialize(states_.at(key), in.here(), in.end()));
    }
}

}  // namespace cne::stream
