#include "stream/pipeline.h"

#include <utility>

#include "core/error.h"
#include "frame/gather.h"
#include "stream/description.h"

namespace cne::stream {

namespace {

void check_new_stage(const Pipeline& pipeline, const char* function) {
  if (pipeline.aggregate) throw StateError(message(function, ": the stream is aggregated already"));
}

void put_field(Schema& schema, Field field) {
  for (Field& known : schema)
    if (known.name == field.name) {
      known = std::move(field);
      return;
    }
  schema.push_back(std::move(field));
}

Pipeline with_stage(const Pipeline& pipeline, Stage stage, const char* function) {
  check_new_stage(pipeline, function);
  Pipeline out = pipeline;
  if (stage.kind == Stage::Kind::kSelect) out.schema.clear();
  for (size_t i = 0; i < stage.exprs.size(); ++i) {
    Field field{stage.names[i], frame::infer_type(*stage.exprs[i], pipeline.schema, function)};
    if (stage.kind == Stage::Kind::kSelect)
      for (const Field& known : out.schema)
        if (known.name == field.name)
          throw ArgumentError(message(function, ": two columns are named \"", field.name, "\""));
    put_field(out.schema, std::move(field));
  }
  out.stages.push_back(std::move(stage));
  return out;
}

Table with_replaced(const Table& table, const Stage& stage) {
  std::vector<std::string> names;
  std::vector<Column> columns;
  if (stage.kind == Stage::Kind::kWithColumns) {
    names = table.names();
    columns = table.columns();
  }
  for (size_t i = 0; i < stage.exprs.size(); ++i) {
    Column value = frame::evaluate(*stage.exprs[i], table,
                                   stage.kind == Stage::Kind::kSelect ? "select" : "with_columns");
    size_t at = 0;
    while (at < names.size() && names[at] != stage.names[i]) ++at;
    if (at < names.size()) {
      columns[at] = std::move(value);
    } else {
      names.push_back(stage.names[i]);
      columns.push_back(std::move(value));
    }
  }
  return Table(std::move(names), std::move(columns));
}

/// Leaves only the rows that the condition is true for; the steps of the others remain, as time.
void keep_rows(Batch& batch, const Column& condition) {
  std::vector<int64_t> rows;
  std::vector<Step> steps = batch.steps;
  std::vector<int64_t> event_ms;
  for (Step& step : steps) {
    if (step.row < 0) continue;
    const int32_t row = step.row;
    if (!condition.is_valid(row) || !condition.bit(row)) {
      step.row = -1;
      continue;
    }
    step.row = static_cast<int32_t>(rows.size());
    rows.push_back(row);
    event_ms.push_back(batch.event_ms[static_cast<size_t>(row)]);
  }
  if (static_cast<int64_t>(rows.size()) != batch.table.rows())
    batch.table = frame::gather(batch.table, rows.data(), static_cast<int64_t>(rows.size()));
  batch.steps = std::move(steps);
  batch.event_ms = std::move(event_ms);
}

void write_all(const std::vector<Sink>& sinks, const Table& table) {
  for (const Sink& sink : sinks) {
    if (sink.collector) sink.collector->add(table);
    if (sink.write) sink.write(table);
  }
}

}  // namespace

Pipeline from(std::shared_ptr<Source> source) {
  Pipeline out;
  out.schema = source->schema();
  out.source = std::move(source);
  return out;
}

Pipeline filter(const Pipeline& pipeline, frame::ExprPtr condition) {
  check_new_stage(pipeline, "filter");
  const DataType type = frame::infer_type(*condition, pipeline.schema, "filter");
  if (type.id != DType::kBool)
    throw TypeError(message("filter: expected a condition of type bool, got ", to_string(type)));
  Pipeline out = pipeline;
  out.stages.push_back({Stage::Kind::kFilter, {}, {std::move(condition)}});
  return out;
}

Pipeline select(const Pipeline& pipeline, std::vector<std::string> names,
                std::vector<frame::ExprPtr> exprs) {
  return with_stage(pipeline, {Stage::Kind::kSelect, std::move(names), std::move(exprs)}, "select");
}

Pipeline with_columns(const Pipeline& pipeline, std::vector<std::string> names,
                      std::vector<frame::ExprPtr> exprs) {
  return with_stage(pipeline, {Stage::Kind::kWithColumns, std::move(names), std::move(exprs)},
                    "with_columns");
}

Pipeline aggregate(const Pipeline& pipeline, AggregateSpec spec) {
  check_new_stage(pipeline, "agg");
  make_operator(spec, pipeline.schema);  // throws what is wrong with it
  Pipeline out = pipeline;
  out.aggregate = std::move(spec);
  return out;
}

Schema output_schema(const Pipeline& pipeline) {
  if (!pipeline.aggregate) return pipeline.schema;
  return make_operator(*pipeline.aggregate, pipeline.schema)->schema();
}

Branch::Branch(BranchSpec spec) : spec_(std::move(spec)) {
  const Pipeline& pipeline = spec_.pipeline;
  for (const auto* sinks : {&spec_.sinks, &spec_.late_sinks})
    for (const Sink& sink : *sinks)
      if (sink.collector) claims_.emplace_back(sink.collector);
  if (pipeline.aggregate) operator_ = make_operator(*pipeline.aggregate, pipeline.schema);
}

void Branch::on_batch(const Batch& batch) {
  const Batch* at = &batch;
  Batch changed;
  for (const Stage& stage : spec_.pipeline.stages) {
    if (at != &changed) {
      changed = batch;
      at = &changed;
    }
    if (stage.kind == Stage::Kind::kFilter)
      keep_rows(changed, frame::evaluate(*stage.exprs[0], changed.table, "filter"));
    else
      changed.table = with_replaced(changed.table, stage);
  }
  Output out;
  if (operator_) {
    operator_->on_batch(*at, out);
    counts_ = operator_->counts();
  } else if (at->table.rows() > 0) {
    counts_.emitted += at->table.rows();
    out.emissions.push_back(at->table);
  }
  hand_on(out, at->table);
}

void Branch::on_watermark(int64_t clock, int64_t watermark) {
  if (!operator_) return;
  Output out;
  operator_->on_watermark(clock, watermark, out);
  counts_ = operator_->counts();
  hand_on(out, Table());
}

void Branch::hand_on(const Output& out, const Table& rows) {
  for (const Table& table : out.emissions) write_all(spec_.sinks, table);
  if (!out.dropped.empty() && !spec_.late_sinks.empty())
    write_all(spec_.late_sinks,
              frame::gather(rows, out.dropped.data(), static_cast<int64_t>(out.dropped.size())));
}

void Branch::flush_sinks() {
  for (const auto* sinks : {&spec_.sinks, &spec_.late_sinks})
    for (const Sink& sink : *sinks)
      if (sink.flush) sink.flush();
}

std::string Branch::describe() const {
  std::string out = spec_.pipeline.source->describe() + stream::describe(spec_.pipeline);
  out += "\n  kept:";
  for (const auto* sinks : {&spec_.sinks, &spec_.late_sinks})
    for (const Sink& sink : *sinks)
      if (sink.collector) out += sinks == &spec_.sinks ? " results" : " late";
  return out;
}

void Branch::snapshot(StateWriter& out) const {
  for (const int64_t count : {counts_.late, counts_.dropped, counts_.emitted}) out.put(count);
  if (operator_) operator_->snapshot(out);
  for (const auto* sinks : {&spec_.sinks, &spec_.late_sinks})
    for (const Sink& sink : *sinks)
      if (sink.collector) sink.collector->snapshot(out);
}

void Branch::restore(StateReader& in) {
  for (int64_t* count : {&counts_.late, &counts_.dropped, &counts_.emitted})
    *count = in.get_total();
  if (operator_) operator_->restore(in);
  for (const auto* sinks : {&spec_.sinks, &spec_.late_sinks})
    for (const Sink& sink : *sinks)
      if (sink.collector) sink.collector->restore(in);
}

}  // namespace cne::stream
