#include "stream/emission.h"

#include <cstring>
#include <string>
#include <utility>

#include "core/error.h"

namespace cne::stream {

namespace {

template <typename T>
Column to_column(const DataType& type, const std::vector<T>& values) {
  Buffer buffer = Buffer::allocate(values.size() * sizeof(T));
  std::memcpy(buffer.mutable_data(), values.data(), values.size() * sizeof(T));
  return Column(type, static_cast<int64_t>(values.size()), std::move(buffer));
}

}  // namespace

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

uint8_t* Emissions::add(uint32_t key, int64_t begin, int64_t end, int64_t emitted_at,
                        int32_t revision) {
  keys_.push_back(key);
  begin_.push_back(begin);
  emitted_at_.push_back(emitted_at);
  if (windows_) {
    end_.push_back(end);
    revision_.push_back(revision);
  }
  return states_.add();
}

void Emissions::flush(Output& out) {
  const size_t n = keys_.size();
  if (n == 0) return;
  const DataType time = DataType::timestamp(TimeUnit::kMilli, "UTC");
  std::vector<const uint8_t*> states(n);
  for (size_t i = 0; i < n; ++i) states[i] = states_.at(i);
  std::vector<Column> columns = key_space_->gather(keys_.data(), n);
  columns.push_back(to_column(time, begin_));
  if (windows_) columns.push_back(to_column(time, end_));
  for (Column& column : layout_->finish(states.data(), static_cast<int64_t>(n)))
    columns.push_back(std::move(column));
  columns.push_back(to_column(time, emitted_at_));
  if (windows_) columns.push_back(to_column(DType::kInt32, revision_));
  std::vector<std::string> names;
  for (const Field& field : schema_) names.push_back(field.name);
  out.emissions.emplace_back(std::move(names), std::move(columns));
  states_.clear();
  keys_.clear();
  begin_.clear();
  end_.clear();
  emitted_at_.clear();
  revision_.clear();
}

}  // namespace cne::stream
