#include "stream/emission.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.h"

namespace cne::stream {

Emissions::Emissions(KeySpace& keys, const frame::AggregateLayout& layout, const Schema& key_fields,
                     bool windows)
    : key_space_(&keys), layout_(&layout), windows_(windows), states_(layout) {
  const DataType time = DataType::timestamp(TimeUnit::kMilli, "UTC");
  schema_ = key_fields;
  if (windows) {
    schema_.push_back({"window_start", time, false});
    schema_.push_back({"window_end", time, false});
  } else {
    schema_.push_back({"event_time", time, false});
  }
  for (const Field& field : layout.schema()) schema_.push_back(field);
  schema_.push_back({"emitted_at", time, false});
  if (windows) schema_.push_back({"revision", DType::kInt32, false});
  for (size_t i = 0; i < schema_.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (schema_[i].name == schema_[j].name)
        throw ArgumentError(message("agg: two columns of the result are named \"", schema_[i].name,
                                    "\"; rename one with .alias(...)"));
}

void Emissions::begin_rows(int64_t begin, int64_t end, int64_t emitted_at, int32_t revision) {
  if (!runs_.empty() && runs_.back().first == keys_.size()) runs_.pop_back();
  runs_.push_back({keys_.size(), begin, end, emitted_at, revision});
}

/// A column with a value of the runs, for each of their rows.
template <typename T>
Column Emissions::spread(const DataType& type, T Run::* value) const {
  Buffer buffer = Buffer::allocate(keys_.size() * sizeof(T));
  T* out = buffer.mutable_as<T>();
  for (size_t i = 0; i < runs_.size(); ++i) {
    const size_t end = i + 1 < runs_.size() ? runs_[i + 1].first : keys_.size();
    std::fill(out + runs_[i].first, out + end, runs_[i].*value);
  }
  return Column(type, static_cast<int64_t>(keys_.size()), std::move(buffer));
}

void Emissions::flush(Output& out) {
  const size_t n = keys_.size();
  if (n == 0) return;
  const DataType time = DataType::timestamp(TimeUnit::kMilli, "UTC");
  std::vector<const uint8_t*> states(n);
  for (size_t i = 0; i < n; ++i) states[i] = states_.at(i);
  std::vector<Column> columns = key_space_->gather(keys_.data(), n);
  columns.push_back(spread(time, &Run::begin));
  if (windows_) columns.push_back(spread(time, &Run::end));
  for (Column& column : layout_->finish(states.data(), static_cast<int64_t>(n)))
    columns.push_back(std::move(column));
  columns.push_back(spread(time, &Run::emitted_at));
  if (windows_) columns.push_back(spread(DType::kInt32, &Run::revision));
  std::vector<std::string> names;
  for (const Field& field : schema_) names.push_back(field.name);
  out.emissions.emplace_back(std::move(names), std::move(columns));
  states_.clear();
  keys_.clear();
  runs_.clear();
}

}  // namespace cne::stream
