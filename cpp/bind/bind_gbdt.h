#pragma once

#include <nanobind/ndarray.h>

#include <optional>
#include <string>
#include <vector>

#include "bind/bind.h"
#include "gbdt/booster.h"
#include "gbdt/feature_matrix.h"
#include "gbdt/loss.h"
#include "gbdt/train_options.h"

namespace cne::bind {

using Vector = nb::ndarray<const double, nb::numpy, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using OptionalVector = std::optional<Vector>;

template <typename T>
nb::object to_numpy(std::vector<T> values, std::vector<size_t> shape) {
  auto* held = new std::vector<T>(std::move(values));
  nb::capsule owner(held, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T>(held->data(), shape.size(), shape.data(), owner));
}

/// An array of numbers is viewed and held, also the arrays of a sparse matrix in CSR or CSC form
/// (any object with format, data, indices, indptr and shape); a table is read by Arrow. Arrays must
/// not change before the matrix is gone.
gbdt::FeatureMatrix to_matrix(nb::handle object, const std::vector<gbdt::Levels>* levels,
                              const char* function);

/// Names the features, unless `names` is empty; ShapeError for another number of them.
void set_names(gbdt::FeatureMatrix& matrix, const std::vector<std::string>& names,
               const char* function);

/// "cpu", "gpu" (or "cuda"), or "emulated": the kernels of a GPU run by the CPU, to test them;
/// ArgumentError otherwise.
void set_device(const std::string& name, const char* function, gbdt::TrainOptions& options);

/// The options of train by name; TypeError and ArgumentError name what does not fit.
gbdt::TrainOptions to_options(const nb::dict& dict);

using LabelArray = nb::ndarray<const double, nb::numpy, nb::c_contig, nb::device::cpu>;

/// Labels from Python, and the arrays that they view.
struct HeldLabels {
  gbdt::Labels view;
  std::vector<LabelArray> arrays;
};

/// `given`: y, weight, base_margin, upper (arrays of float64 or None), groups (sizes of queries).
/// TypeError and ShapeError name `what`.
HeldLabels to_labels(const nb::dict& given, int outputs, const char* what);

/// derivatives(), base_scores() and evaluate(): objectives and metrics by themselves.
void bind_gbdt_loss(nb::module_& m);
/// train() and histogram().
void bind_gbdt_train(nb::module_& m);

/// Binned, bin_rows() and bin_batches().
void bind_gbdt_binned(nb::module_& m);

/// The names of features, "" where they have none, and the categories of each: None for a number.
std::vector<std::string> names_of(const std::vector<gbdt::FeatureInfo>& features);
nb::list to_categories(const std::vector<gbdt::FeatureInfo>& features);

/// What a model says of its features and trees.
void bind_gbdt_explain(nb::class_<gbdt::Booster>& booster);

/// Model files of all formats.
void bind_gbdt_files(nb::module_& m);

}  // namespace cne::bind
