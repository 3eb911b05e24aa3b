#include "stream/keyed_aggregate.h"

#include "core/error.h"
#include "stream/running_aggregate.h"
#include "stream/session_window.h"
#include "stream/sliding_window.h"

namespace cne::stream {

namespace {

Schema fields_of(const std::vector<std::string>& names, const Schema& input) {
  Schema out;
  std::vector<std::string> known;
  for (const Field& field : input) known.push_back(field.name);
  for (const std::string& name : names) {
    const Field* found = nullptr;
    for (const Field& field : input)
      if (field.name == name) found = &field;
    if (found == nullptr)
      throw NotFoundError(message("group_by: no column", describe_unknown(name, known)));
    out.push_back(*found);
  }
  return out;
}

std::vector<DataType> types_of(const Schema& fields) {
  std::vector<DataType> out;
  for (const Field& field : fields) out.push_back(field.type);
  return out;
}

}  // namespace

std::unique_ptr<Operator> make_operator(const AggregateSpec& spec, const Schema& input) {
  check_window(spec.window, "window");
  if (spec.aggregates.empty())
    throw ArgumentError("agg: expected at least one aggregate, got none");
  switch (spec.window.kind) {
    case WindowSpec::Kind::kSliding:
      return std::make_unique<SlidingWindowOperator>(spec, input);
    case WindowSpec::Kind::kSession:
      return std::make_unique<SessionWindowOperator>(spec, input);
    case WindowSpec::Kind::kNone:
      break;
  }
  return std::make_unique<RunningAggregateOperator>(spec, input);
}

KeyedAggregate::KeyedAggregate(const AggregateSpec& spec, const Schema& input)
    : window(spec.window),
      key_names(spec.keys),
      key_fields(fields_of(spec.keys, input)),
      layout(spec.aggregates, input, "agg"),
      keys(types_of(key_fields), "group_by"),
      emissions(keys, layout, key_fields, spec.window.kind != WindowSpec::Kind::kNone) {}

void KeyedAggregate::begin(const Batch& batch) {
  const int64_t rows = batch.table.rows();
  key_columns.clear();
  for (const std::string& name : key_names) key_columns.push_back(batch.table.at(name, "group_by"));
  ids.resize(static_cast<size_t>(rows));
  keys.ids(key_columns, 0, rows, ids.data());
  pending.begin(layout, layout.inputs(batch.table), batch.event_ms, 0);
}

void KeyedAggregate::flush_emissions(Output& out, OperatorCounts& counts) {
  counts.emitted += static_cast<int64_t>(emissions.pending());
  emissions.flush(out);
}

void KeyedAggregate::end(Output& out, OperatorCounts& counts) {
  pending.flush();
  flush_emissions(out, counts);
}

void KeyedAggregate::keep_only(const std::vector<uint32_t>& kept, std::vector<uint32_t>& renumbered,
                               int64_t row) {
  keys.keep_only(kept, renumbered);
  const auto rows = static_cast<int64_t>(ids.size());
  if (row < rows) keys.ids(key_columns, row, rows, ids.data() + row);
}

void KeyedAggregate::snapshot(StateWriter& out) const {
  out.put(clock);
  out.put(watermark);
  keys.snapshot(out);
}

void KeyedAggregate::restore(StateReader& in) {
  clock = get_limit(in);
  watermark = get_limit(in);
  keys.restore(in);
}

uint32_t KeyedAggregate::get_key(StateReader& in) const {
  const auto key = in.get<uint32_t>();
  if (key >= keys.size()) in.refuse("key number", message(key));
  return key;
}

}  // namespace cne::stream
