#include <memory>
#include <utility>

#include "bind/bind_gbdt.h"
#include "core/error.h"
#include "gbdt/bin_batches.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

using Rows = nb::ndarray<const int64_t, nb::numpy, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

RowWeights to_weights(const OptionalVector& weight) {
  if (!weight) return {};
  return {weight->data(), static_cast<int64_t>(weight->shape(0))};
}

const Model* model_of(const Booster* start) { return start != nullptr ? &start->model() : nullptr; }

Binned bind_bin_rows(nb::handle x, const std::vector<int64_t>& categorical, int max_bins,
                     int64_t subsample_for_bin, uint64_t seed, const OptionalVector& weight,
                     const Booster* start, const std::vector<std::string>& feature_names) {
  const std::vector<Levels> known = start != nullptr ? start->levels() : std::vector<Levels>{};
  FeatureMatrix matrix = to_matrix(x, start != nullptr ? &known : nullptr, "bin_rows");
  set_names(matrix, feature_names, "bin_rows");
  const RowWeights weights = to_weights(weight);
  if (weight && weights.count != matrix.rows)
    throw ShapeError(message("bin_rows: expected as many weights as rows, got ", weights.count,
                             " weights and ", matrix.rows, " rows"));
  const std::vector<uint8_t> flags =
      categorical_flags(matrix.levels, matrix.width(), categorical, "bin_rows");
  const ReleaseInterpreter unlocked;
  return bin_rows(matrix, flags, weights.data, {max_bins, subsample_for_bin, seed}, model_of(start),
                  "bin_rows");
}

/// A Python iterator. Its references are given up under the interpreter lock.
class Batches {
 public:
  Batches(nb::handle callable, const std::vector<Levels>* levels) : levels_(levels) {
    const HoldInterpreter lock;
    iterator_ = nb::iter(callable());
  }
  ~Batches() {
    drop_locked([this] {
      iterator_.reset();
      batch_.reset();
    });
    iterator_.release();  // what was not dropped ends with the interpreter
    batch_.release();
  }
  Batches(const Batches&) = delete;
  Batches& operator=(const Batches&) = delete;

  std::optional<FeatureMatrix> next() {
    const HoldInterpreter lock;
    batch_.reset();
    batch_ = nb::steal(PyIter_Next(iterator_.ptr()));
    if (!batch_.is_valid()) {
      if (PyErr_Occurred() != nullptr) nb::raise_python_error();
      return std::nullopt;
    }
    return to_matrix(batch_, levels_, "bin_batches");
  }

 private:
  const std::vector<Levels>* levels_;
  nb::object iterator_;
  nb::object batch_;
};

Binned bind_bin_batches(nb::handle callable, const std::vector<int64_t>& categorical, int max_bins,
                        int64_t subsample_for_bin, uint64_t seed, const OptionalVector& weight,
                        const Booster* start) {
  const BatchSource source = [callable](const std::vector<Levels>* levels) -> BatchReader {
    return [batches = std::make_shared<Batches>(callable, levels)] { return batches->next(); };
  };
  const ReleaseInterpreter unlocked;
  return bin_batches(source, categorical, to_weights(weight), {max_bins, subsample_for_bin, seed},
                     model_of(start));
}

Binned bind_subset(const Binned& whole, nb::handle given) {
  Rows rows;
  if (!nb::try_cast(given, rows, false))
    throw TypeError("subset: expected rows as a contiguous array of int64");
  const std::vector<int64_t> chosen(rows.data(), rows.data() + rows.shape(0));
  const ReleaseInterpreter unlocked;
  return subset(whole, chosen);
}

}  // namespace

std::vector<std::string> names_of(const std::vector<FeatureInfo>& features) {
  std::vector<std::string> out;
  for (const FeatureInfo& feature : features) out.push_back(feature.name);
  return out;
}

nb::list to_categories(const std::vector<FeatureInfo>& features) {
  nb::list out;
  for (const FeatureInfo& feature : features) {
    if (!feature.categorical) {
      out.append(nb::none());
      continue;
    }
    nb::list values;
    for (const double value : feature.categories) {
      if (feature.levels.empty())
        values.append(value);
      else
        values.append(feature.levels[static_cast<size_t>(value)]);
    }
    out.append(values);
  }
  return out;
}

void bind_gbdt_binned(nb::module_& m) {
  nb::class_<Binned>(m, "Binned")
      .def_prop_ro("rows", &Binned::rows)
      .def_prop_ro("width", [](const Binned& b) { return b.features.width(); })
      .def_prop_ro("max_bins", [](const Binned& b) { return b.max_bins; })
      .def_prop_ro("feature_names", [](const Binned& b) { return names_of(b.features.infos); })
      .def_prop_ro("nbytes", &Binned::bytes)
      .def("categories", [](const Binned& b) { return to_categories(b.features.infos); })
      .def("subset", bind_subset, nb::arg("rows"));
  m.def("bin_rows", bind_bin_rows, nb::arg("x"), nb::arg("categorical") = std::vector<int64_t>{},
        nb::arg("max_bins") = 255, nb::arg("subsample_for_bin") = 200000, nb::arg("seed") = 0,
        nb::arg("weight").none() = nb::none(), nb::arg("start").none() = nb::none(),
        nb::arg("feature_names") = std::vector<std::string>{});
  m.def("bin_batches", bind_bin_batches, nb::arg("batches"),
        nb::arg("categorical") = std::vector<int64_t>{}, nb::arg("max_bins") = 255,
        nb::arg("subsample_for_bin") = 200000, nb::arg("seed") = 0,
        nb::arg("weight").none() = nb::none(), nb::arg("start").none() = nb::none());
}

}  // namespace cne::bind
