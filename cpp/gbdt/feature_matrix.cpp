#include "gbdt/feature_matrix.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "core/table.h"

namespace cne::gbdt {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kGrain = 65536;

/// The type that numbers, dates and times are stored as; false for other columns.
bool number_type(DType id, DType* out) {
  if (id == DType::kDate)
    *out = DType::kInt32;
  else if (id == DType::kTimestamp || id == DType::kDuration)
    *out = DType::kInt64;
  else if (is_integer(id) || is_floating(id))
    *out = id;
  else
    return false;
  return true;
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

/// The column as it is, if it has no nulls, else as float64.
FeatureColumn to_numbers(const Column& column, DType type, std::vector<Buffer>& owners) {
  return visit_number_type(type, [&]<typename S>(std::type_identity<S>) -> FeatureColumn {
    const S* values = column.values<S>();
    if (!column.may_have_nulls()) {
      owners.push_back(column.values_buffer());
      return {values, type, sizeof(S)};
    }
    Buffer numbers = Buffer::allocate(static_cast<size_t>(column.length()) * sizeof(double));
    auto* out = numbers.mutable_as<double>();
    parallel_for(column.length(), kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        out[i] = column.is_valid(i) ? static_cast<double>(values[i]) : kMissing;
    });
    owners.push_back(std::move(numbers));
    return {out};
  });
}

}  // namespace

int64_t FeatureColumn::first_from(int64_t row) const {
  return std::lower_bound(rows, rows + stored, row) - rows;
}

FeatureMatrix from_dense(const void* data, DType type, int64_t rows, int64_t width,
                         int64_t row_step, int64_t column_step) {
  FeatureMatrix out;
  out.rows = rows;
  for (int64_t j = 0; j < width; ++j)
    out.columns.push_back({static_cast<const char*>(data) + j * column_step, type, row_step});
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
    DType type;
    if (number_type(id, &type)) {
      out.columns.push_back(to_numbers(column, type, out.owners));
      continue;
    }
    if (!is_string(id) && id != DType::kBool)
      throw TypeError(message(function, ": expected numbers or text in column \"", table.names()[j],
                              "\", got ", to_string(column.type())));
    Buffer values = Buffer::allocate(static_cast<size_t>(out.rows) * sizeof(double));
    if (is_string(id)) {
      out.levels[j] = levels != nullptr && j < levels->size() ? (*levels)[j] : learn_levels(column);
      encode_text(column, out.levels[j], values.mutable_as<double>());
    } else {
      convert_bool(column, values.mutable_as<double>());
    }
    out.columns.push_back({values.data()});
    out.owners.push_back(std::move(values));
  }
  return out;
}

void add_levels(Levels& all, const Levels& more) {
  Levels joined;
  std::set_union(all.begin(), all.end(), more.begin(), more.end(), std::back_inserter(joined));
  all = std::move(joined);
}

}  // namespace cne::gbdt
