#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "frame/expr.h"
#include "stream/collector.h"
#include "stream/keyed_aggregate.h"
#include "stream/operator.h"
#include "stream/source.h"

namespace cne::stream {

/// A step that looks at one record at a time.
struct Stage {
  enum class Kind : uint8_t { kFilter, kSelect, kWithColumns };
  Kind kind;
  std::vector<std::string> names;
  std::vector<frame::ExprPtr> exprs;
};

/// What is to be done with the records of a source, as a value: each function below gives a new
/// one, checked against the columns so far.
struct Pipeline {
  std::shared_ptr<Source> source;
  std::vector<Stage> stages;
  Schema schema;  // after the stages
  std::optional<AggregateSpec> aggregate;
};

Pipeline from(std::shared_ptr<Source> source);
/// Keeps the records for which a bool expression is true.
Pipeline filter(const Pipeline& pipeline, frame::ExprPtr condition);
/// Only these columns.
Pipeline select(const Pipeline& pipeline, std::vector<std::string> names,
                std::vector<frame::ExprPtr> exprs);
/// These columns added, or in the place of those of the same name.
Pipeline with_columns(const Pipeline& pipeline, std::vector<std::string> names,
                      std::vector<frame::ExprPtr> exprs);
Pipeline aggregate(const Pipeline& pipeline, AggregateSpec spec);
/// The columns of what a pipeline emits.
Schema output_schema(const Pipeline& pipeline);

/// Where emissions go: a function, or a collector, whose rows are part of a checkpoint. `flush` is
/// called before a checkpoint is written: what was written to the sink must be safe then.
struct Sink {
  std::function<void(const Table&)> write;
  std::function<void()> flush;
  std::shared_ptr<Collector> collector;
};

struct BranchSpec {
  Pipeline pipeline;
  std::vector<Sink> sinks;
  std::vector<Sink> late_sinks;  // records that were dropped, with the columns after the stages
};

/// A pipeline at work. Not thread safe.
class Branch {
 public:
  /// Claims the collectors among the sinks. Throws StateError while another job has one.
  explicit Branch(BranchSpec spec);

  const Source* source() const { return spec_.pipeline.source.get(); }
  const OperatorCounts& counts() const { return counts_; }
  void on_batch(const Batch& batch);
  void on_watermark(int64_t clock, int64_t watermark);
  void flush_sinks();
  /// Lets go of the collectors: nothing more comes.
  void close() { claims_.clear(); }

  std::string describe() const;
  void snapshot(StateWriter& out) const;
  void restore(StateReader& in);

 private:
  void hand_on(const Output& out, const Table& rows);

  BranchSpec spec_;
  std::vector<Collector::Claim> claims_;
  std::unique_ptr<Operator> operator_;  // null: records are emitted as they are
  OperatorCounts counts_;
};

}  // namespace cne::stream
