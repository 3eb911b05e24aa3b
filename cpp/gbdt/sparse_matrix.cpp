#include "gbdt/sparse_matrix.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
constexpr int64_t kGrain = 1024;  // rows or columns

/// Integers of 32 or 64 bits at any step.
struct Integers {
  explicit Integers(const ArrayView& view)
      : data(static_cast<const char*>(view.data)),
        step(view.step),
        wide(view.type == DType::kInt64) {}

  int64_t operator[](int64_t i) const {
    const char* at = data + i * step;
    if (wide) {
      int64_t value;
      std::memcpy(&value, at, sizeof value);
      return value;
    }
    int32_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }

  const char* data;
  int64_t step;
  bool wide;
};

bool is_index(const ArrayView& view) {
  return view.type == DType::kInt32 || view.type == DType::kInt64;
}

/// Where each row or column begins, as checked numbers.
std::vector<int64_t> read_starts(const SparseArrays& m, int64_t lines, const char* function) {
  if (m.rows < 0 || m.width < 0 || m.rows > kMost || m.width > kMost)
    throw ArgumentError(message(function, ": expected a sparse matrix of fewer than 2^31 rows and ",
                                "columns, got ", m.rows, " and ", m.width));
  if (!is_index(m.indices) || !is_index(m.starts))
    throw ArgumentError(message(function, ": expected indices and indptr of int32 or int64"));
  if (m.starts.length != lines + 1)
    throw ArgumentError(
        message(function, ": expected ", lines + 1, " numbers in indptr, got ", m.starts.length));
  const int64_t most = std::min(m.indices.length, m.values.length);
  const Integers given(m.starts);
  std::vector<int64_t> starts(static_cast<size_t>(lines) + 1);
  for (int64_t i = 0; i <= lines; ++i) starts[i] = given[i];
  if (starts[0] != 0 || !std::is_sorted(starts.begin(), starts.end()) || starts[lines] > most)
    throw ArgumentError(message(function, ": expected indptr to rise from 0 to at most ", most,
                                ", the number of stored elements"));
  return starts;
}

/// Calls take(element, index) for those of lines [begin, end), which are checked.
template <typename Take>
void read_indices(const SparseArrays& m, const std::vector<int64_t>& starts, int64_t begin,
                  int64_t end, const char* function, const Take& take) {
  const Integers indices(m.indices);
  const int64_t limit = m.by_rows ? m.width : m.rows;
  for (int64_t line = begin; line < end; ++line) {
    int64_t before = -1;
    for (int64_t k = starts[line]; k < starts[line + 1]; ++k) {
      const int64_t index = indices[k];
      if (index <= before || index >= limit)
        throw ArgumentError(message(function, ": expected the indices of ",
                                    m.by_rows ? "row " : "column ", line, " to ascend within [0, ",
                                    limit, "), got ", index, " after ", before));
      before = index;
      take(line, k, index);
    }
  }
}

FeatureMatrix by_columns(const SparseArrays& m, const std::vector<int64_t>& starts,
                         const int32_t* rows, const char* values, int64_t step) {
  FeatureMatrix out;
  out.rows = m.rows;
  out.columns.reserve(static_cast<size_t>(m.width));
  for (int64_t j = 0; j < m.width; ++j)
    out.columns.push_back({values + starts[j] * step, m.values.type, step, true, rows + starts[j],
                           starts[j + 1] - starts[j]});
  return out;
}

FeatureMatrix from_columns(const SparseArrays& m, const std::vector<int64_t>& starts,
                           const char* function) {
  const bool viewed = m.indices.type == DType::kInt32 && m.indices.step == sizeof(int32_t);
  Buffer copy = Buffer::allocate(viewed ? 0 : static_cast<size_t>(starts.back()) * sizeof(int32_t));
  auto* rows = copy.mutable_as<int32_t>();
  parallel_for(m.width, kGrain, [&](int64_t begin, int64_t end) {
    read_indices(m, starts, begin, end, function, [&](int64_t, int64_t k, int64_t row) {
      if (!viewed) rows[k] = static_cast<int32_t>(row);
    });
  });
  FeatureMatrix out =
      by_columns(m, starts, viewed ? static_cast<const int32_t*>(m.indices.data) : rows,
                 static_cast<const char*>(m.values.data), m.values.step);
  out.owners = {m.owner, copy};
  return out;
}

/// What turning rows into columns writes: the rows of the elements and their values, which are
/// `size` bytes each.
struct Turned {
  Turned(int64_t stored, int64_t size)
      : rows(Buffer::allocate(static_cast<size_t>(stored) * sizeof(int32_t))),
        values(Buffer::allocate(static_cast<size_t>(stored * size))),
        size(size) {}

  Buffer rows;
  Buffer values;
  int64_t size;
};

/// Puts the elements of rows [begin, end) where `at`, by column, says.
template <typename Bits>
void place_rows(const SparseArrays& m, const std::vector<int64_t>& starts, int64_t begin,
                int64_t end, const char* function, int64_t* at, Turned& out) {
  auto* rows = out.rows.mutable_as<int32_t>();
  auto* values = out.values.mutable_as<Bits>();
  read_indices(m, starts, begin, end, function, [&](int64_t row, int64_t k, int64_t column) {
    const int64_t to = at[column]++;
    rows[to] = static_cast<int32_t>(row);
    std::memcpy(&values[to], static_cast<const char*>(m.values.data) + k * m.values.step,
                sizeof(Bits));
  });
}

/// Counts the elements of each column in some even pieces of the rows, then places them: where an
/// element goes does not depend on the pieces.
FeatureMatrix from_rows(const SparseArrays& m, const std::vector<int64_t>& starts,
                        const char* function) {
  const int64_t stored = starts.back();
  const int64_t pieces = std::clamp<int64_t>(stored / (4 * m.width + 65536), 1, num_threads());
  std::vector<int64_t> first_row(static_cast<size_t>(pieces) + 1, m.rows);
  for (int64_t p = 0; p < pieces; ++p)
    first_row[p] =
        std::lower_bound(starts.begin(), starts.end() - 1, stored / pieces * p) - starts.begin();
  first_row[0] = 0;
  std::vector<std::vector<int64_t>> at(static_cast<size_t>(pieces));
  parallel_tasks(pieces, [&](int64_t p, int) {
    at[p].resize(static_cast<size_t>(m.width));
    read_indices(m, starts, first_row[p], first_row[p + 1], function,
                 [&](int64_t, int64_t, int64_t column) { ++at[p][column]; });
  });
  std::vector<int64_t> columns(static_cast<size_t>(m.width) + 1);
  int64_t total = 0;
  for (int64_t j = 0; j < m.width; ++j) {
    for (int64_t p = 0; p < pieces; ++p) total += std::exchange(at[p][j], total);
    columns[j + 1] = total;
  }
  const auto size = visit_number_type(m.values.type, []<typename S>(std::type_identity<S>) {
    return static_cast<int64_t>(sizeof(S));
  });
  Turned turned(stored, size);
  parallel_tasks(pieces, [&](int64_t p, int) {
    const auto place = [&]<typename Bits>(std::type_identity<Bits>) {
      place_rows<Bits>(m, starts, first_row[p], first_row[p + 1], function, at[p].data(), turned);
    };
    if (size == 1) place(std::type_identity<uint8_t>{});
    if (size == 2) place(std::type_identity<uint16_t>{});
    if (size == 4) place(std::type_identity<uint32_t>{});
    if (size == 8) place(std::type_identity<uint64_t>{});
  });
  FeatureMatrix out =
      by_columns(m, columns, turned.rows.as<int32_t>(), turned.values.as<char>(), size);
  out.owners = {turned.rows, turned.values};
  return out;
}

}  // namespace

FeatureMatrix from_sparse(const SparseArrays& arrays, const char* function) {
  const std::vector<int64_t> starts =
      read_starts(arrays, arrays.by_rows ? arrays.rows : arrays.width, function);
  return arrays.by_rows ? from_rows(arrays, starts, function)
                        : from_columns(arrays, starts, function);
}

}  // namespace cne::gbdt
