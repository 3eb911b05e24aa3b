#include "bind/bind_gbdt.h"
#include "core/error.h"

namespace cne::bind {

namespace {

using Dense = nb::ndarray<nb::numpy, nb::ro, nb::ndim<2>, nb::device::cpu>;

}  // namespace

using namespace cne::gbdt;

FeatureMatrix to_matrix(nb::handle object, const std::vector<Levels>* levels,
                        const char* function) {
  Dense array;
  if (!nb::try_cast(object, array)) return from_table(to_table(object, function), levels, function);
  const bool single = array.dtype() == nb::dtype<float>();
  if (!single && array.dtype() != nb::dtype<double>())
    throw TypeError(message(function, ": expected an array of float32 or float64"));
  return from_dense(array.data(), single, static_cast<int64_t>(array.shape(0)),
                    static_cast<int64_t>(array.shape(1)), array.stride(0), array.stride(1));
}

std::vector<uint8_t> to_flags(const FeatureMatrix& x, const std::vector<int64_t>& categorical) {
  std::vector<uint8_t> flags(x.columns.size());
  for (size_t j = 0; j < x.levels.size(); ++j) flags[j] = !x.levels[j].empty();
  for (const int64_t j : categorical) {
    if (j < 0 || j >= x.width())
      throw ArgumentError(
          message("train: expected categorical_features from 0 to ", x.width() - 1, ", got ", j));
    flags[j] = 1;
  }
  return flags;
}

}  // namespace cne::bind
