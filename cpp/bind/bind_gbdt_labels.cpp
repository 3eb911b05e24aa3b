#include <algorithm>
#include <numeric>

#include "bind/bind_gbdt.h"
#include "core/error.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

using Array = LabelArray;

/// An array of `what`, (rows,) or (width, rows), from a mapping; nothing where it is None.
const double* read_array(const nb::dict& given, const char* name, int64_t* rows, int* width,
                         HeldLabels& out) {
  if (!given.contains(name) || given[name].is_none()) return nullptr;
  Array array;
  if (!nb::try_cast(given[name], array) || array.ndim() < 1 || array.ndim() > 2)
    throw TypeError(message("train: expected ", name, " as a vector or matrix of float64"));
  const bool flat = array.ndim() == 1;
  *width = flat ? 1 : static_cast<int>(array.shape(0));
  *rows = static_cast<int64_t>(array.shape(flat ? 0 : 1));
  out.arrays.push_back(array);
  return array.data();
}

std::vector<int64_t> read_groups(const nb::dict& given, int64_t rows, const char* what) {
  std::vector<int64_t> sizes;
  if (!given.contains("groups") || given["groups"].is_none()) return {};
  if (!nb::try_cast(given["groups"], sizes))
    throw TypeError("train: expected groups as a list of integers");
  std::vector<int64_t> out{0};
  for (const int64_t size : sizes) {
    if (size < 1) throw ArgumentError(message("train: expected groups of 1 or more, got ", size));
    out.push_back(out.back() + std::min(size, rows + 1 - std::min(rows, out.back())));
  }
  if (out.back() != rows)
    throw ShapeError(message("train: expected groups of ", what, " that hold all ", rows,
                             " rows, got ", std::accumulate(sizes.begin(), sizes.end(), 0.0)));
  return out;
}

}  // namespace

HeldLabels to_labels(const nb::dict& given, int outputs, const char* what) {
  HeldLabels out;
  int64_t rows = 0;
  int width = 1;
  out.view.label = read_array(given, "y", &out.view.rows, &out.view.width, out);
  if (out.view.label == nullptr) throw TypeError(message("train: expected y of ", what));
  const auto read = [&](const char* name, const char* noun, int expected) {
    const double* data = read_array(given, name, &rows, &width, out);
    if (data != nullptr && rows != out.view.rows)
      throw ShapeError(message("train: expected as many ", noun, " as labels in ", what, ", got ",
                               rows, " ", noun, " and ", out.view.rows, " labels"));
    if (data != nullptr && width != expected)
      throw ShapeError(message("train: expected ", name, " of ", what, " with ", expected,
                               " numbers a row, got ", width));
    return data;
  };
  out.view.weight = read("weight", "weights", 1);
  out.view.upper = read("upper", "upper bounds", 1);
  out.view.base_margin = read("base_margin", "base margins", outputs);
  out.view.groups = read_groups(given, out.view.rows, what);
  return out;
}

}  // namespace cne::bind
