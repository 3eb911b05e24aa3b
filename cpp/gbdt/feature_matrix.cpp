#include "gbdt/feature_matrix.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>

#include "core/error.h"
#include "core/parallel.h"
#include "core/table.h"

namespace cne::gbdt {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kGrain = 65536;

template <typename T>
void convert(const Column& column, double* out) {
  const T* values = column.values<T>();
  const bool nulls = column.may_have_nulls();
  parallel_for(column.length(), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      out[i] = nulls && !column.is_valid(i) ? kMissing : static_cast<double>(values[i]);
  });
}

void convert_bool(const Column& column, double* out) {
  for (int64_t i = 0; i < column.length(); ++i)
    out[i] = column.is_valid(i) ? static_cast<double>(column.bit(i)) : kMissing;
}

Levels learn_levels(const Column& column) {
  std::vector<std::string_view> distinct;
  std::unordered_map<std::string_view, int> seen;
  const StringView text = column.strings();
  for (int64_t i = 0; i < column.length(); ++i)
    if (column.is_valid(i) && seen.emplace(text[i], 0).second) distinct.push_back(text[i]);
  std::sort(distinct.begin(), distinct.end());
  return Levels(distinct.begin(), distinct.end());
}

void encode_text(const Column& column, const Levels& levels, double* out) {
  std::unordered_map<std::string_view, int64_t> code;
  code.reserve(levels.size());
  for (size_t i = 0; i < levels.size(); ++i) code.emplace(levels[i], static_cast<int64_t>(i));
  const StringView text = column.strings();
  parallel_for(column.length(), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto found = column.is_valid(i) ? code.find(text[i]) : code.end();
      out[i] = found == code.end() ? kMissing : static_cast<double>(found->second);
    }
  });
}

bool convert_number(const Column& column, double* out) {
  switch (column.type().id) {
    case DType::kBool:
      convert_bool(column, out);
      return true;
    case DType::kInt8:
      convert<int8_t>(column, out);
      return true;
    case DType::kInt16:
      convert<int16_t>(column, out);
      return true;
    case DType::kInt32:
      convert<int32_t>(column, out);
      return true;
    case DType::kInt64:
      convert<int64_t>(column, out);
      return true;
    case DType::kUInt8:
      convert<uint8_t>(column, out);
      return true;
    case DType::kUInt16:
      convert<uint16_t>(column, out);
      return true;
    case DType::kUInt32:
      convert<uint32_t>(column, out);
      return true;
    case DType::kUInt64:
      convert<uint64_t>(column, out);
      return true;
    case DType::kFloat32:
      convert<float>(column, out);
      return true;
    case DType::kFloat64:
      convert<double>(column, out);
      return true;
    case DType::kDate:
      convert<int32_t>(column, out);
      return true;
    case DType::kTimestamp:
    case DType::kDuration:
      convert<int64_t>(column, out);
      return true;
    default:
      return false;
  }
}

}  // namespace

FeatureMatrix from_dense(const void* data, bool is_float32, int64_t rows, int64_t width,
                         int64_t row_stride, int64_t column_stride) {
  FeatureMatrix out;
  out.rows = rows;
  const int64_t step = column_stride * (is_float32 ? 4 : 8);
  for (int64_t j = 0; j < width; ++j)
    out.columns.push_back({static_cast<const char*>(data) + j * step, is_float32, row_stride});
  return out;
}

FeatureMatrix from_table(const Table& table, const std::vector<Levels>* levels,
                         const char* function) {
  FeatureMatrix out;
  out.rows = table.rows();
  out.names = table.names();
  out.levels.resize(table.width());
  for (size_t j = 0; j < table.width(); ++j) {
    const Column& column = table.column(j);
    const DType id = column.type().id;
    if (levels != nullptr && j < levels->size() && is_string(id) != !(*levels)[j].empty() &&
        column.null_count() < column.length())
      throw TypeError(message(function, ": expected column \"", table.names()[j], "\" to be ",
                              is_string(id) ? "numbers" : "text", " as in training, got ",
                              to_string(column.type())));
    if (is_floating(id) && !column.may_have_nulls()) {
      const bool single = id == DType::kFloat32;
      const void* data = single ? static_cast<const void*>(column.values<float>())
                                : static_cast<const void*>(column.values<double>());
      out.columns.push_back({data, single, 1});
      out.owners.push_back(column.values_buffer());
      continue;
    }
    Buffer values = Buffer::allocate(static_cast<size_t>(out.rows) * sizeof(double));
    if (is_string(id)) {
      out.levels[j] = levels != nullptr && j < levels->size() ? (*levels)[j] : learn_levels(column);
      encode_text(column, out.levels[j], values.mutable_as<double>());
    } else if (!convert_number(column, values.mutable_as<double>())) {
      throw TypeError(message(function, ": expected numbers or text in column \"", table.names()[j],
                              "\", got ", to_string(column.type())));
    }
    out.columns.push_back({values.data(), false, 1});
    out.owners.push_back(std::move(values));
  }
  return out;
}

}  // namespace cne::gbdt
