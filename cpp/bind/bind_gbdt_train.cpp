#include <nanobind/stl/tuple.h>

#include "bind/bind_gbdt.h"
#include "bind/bind_gbdt_callables.h"
#include "bind/bind_gbdt_communicator.h"
#include "core/error.h"
#include "gbdt/bin_batches.h"
#include "gbdt/bin_sample.h"
#include "gbdt/booster.h"
#include "gbdt/device_rounds.h"
#include "gbdt/grower.h"
#include "gbdt/shared_bins.h"
#include "gbdt/train.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

/// The rows to train on: binned, or with their values.
struct TrainRows {
  const Binned* binned = nullptr;
  FeatureMatrix matrix;
  std::vector<Levels> levels;
  std::vector<uint8_t> categorical;
};

TrainRows to_rows(nb::handle x, const std::vector<int64_t>& categorical, const Booster* start,
                  const std::vector<std::string>& names, Communicator* group) {
  TrainRows out;
  if (nb::try_cast(x, out.binned) && out.binned != nullptr) {
    if (group != nullptr)
      throw UnsupportedError(
          "train: rows that have been binned cannot be shared between workers: give their values");
    for (const FeatureInfo& feature : out.binned->features.infos)
      out.levels.push_back(feature.levels);
    if (!names.empty() && names != names_of(out.binned->features.infos))
      throw ArgumentError("train: expected the feature_names that the rows were binned with");
  } else {
    const std::vector<Levels> known = start != nullptr ? start->levels() : std::vector<Levels>{};
    out.matrix = to_matrix(x, start != nullptr ? &known : nullptr, "train");
    if (group != nullptr && start == nullptr) {
      std::vector<Levels> all;
      {
        const ReleaseInterpreter unlocked;
        all = join_levels(*group, out.matrix.levels);
      }
      if (all != out.matrix.levels) out.matrix = to_matrix(x, &all, "train");
    }
    set_names(out.matrix, names, "train");
    out.levels = out.matrix.levels;
  }
  const int width = out.binned != nullptr ? out.binned->features.width() : out.matrix.width();
  out.categorical = categorical_flags(out.levels, width, categorical, "train");
  return out;
}

TrainResult train_on(const TrainRows& rows, const Labels& labels,
                     const std::vector<EvaluationSet>& sets, const TrainOptions& options,
                     const RoundCallback& callback, const Model* start, Communicator* group) {
  if (group != nullptr)
    return train(*group, rows.matrix, labels, rows.categorical, sets, options, callback, start);
  return rows.binned != nullptr
             ? train(*rows.binned, labels, rows.categorical, sets, options, callback, start)
             : train(rows.matrix, labels, rows.categorical, sets, options, callback, start);
}

/// A worker that fails lets the others know.
struct AbortUnlessDone {
  Communicator* group;
  ~AbortUnlessDone() {
    if (group != nullptr) group->abort();
  }
};

/// `sets`: a name, rows and labels each; `agreed`: what else is the same on all workers, as text.
/// Returns the model, the names of the metrics, their values by set, metric and round, the best
/// iteration, and whether the user interrupted the training.
nb::tuple bind_train(nb::handle x, const nb::dict& y, const std::vector<int64_t>& categorical,
                     const nb::list& sets, const nb::dict& options, const std::string& attributes,
                     const Booster* start, nb::object callback, const nb::list& metrics,
                     const nb::object& custom, const std::vector<std::string>& feature_names,
                     const nb::object& communicator, const std::string& agreed) {
  const HeldCommunicator group(communicator);
  AbortUnlessDone guard{group.get()};
  TrainOptions read = to_options(options);
  if (group.get() != nullptr) {
    const nb::object sorted = nb::module_::import_("builtins").attr("sorted");
    read.text = nb::cast<std::string>(nb::repr(sorted(options.items()))) + attributes + agreed;
  }
  read.attributes = attributes;
  const int outputs = output_count(read.objective);
  const TrainRows rows = to_rows(x, categorical, start, feature_names, group.get());
  if (rows.binned != nullptr && !options.contains("max_bins"))
    read.max_bins = rows.binned->max_bins;
  const HeldLabels labels = to_labels(y, outputs, "the training set");
  std::vector<EvaluationSet> held_out;
  std::vector<HeldLabels> held_labels;
  std::vector<std::string> names;
  for (const nb::handle set : sets) {
    names.push_back(nb::cast<std::string>(set[0]));
    held_labels.push_back(to_labels(nb::cast<nb::dict>(set[2]), outputs, "the validation set"));
    held_out.push_back(
        {names.back(), to_matrix(set[1], &rows.levels, "train"), held_labels.back().view});
  }
  TrainCallables callables(std::move(callback), std::move(names));
  for (const nb::handle metric : metrics)
    read.custom_metrics.push_back(
        callables.metric(nb::borrow<nb::object>(metric), held_out, read.objective));
  if (!custom.is_none()) read.custom = callables.objective(custom, outputs, labels.view.rows);
  read.poll = [&] { return callables.poll(); };
  TrainResult result;
  std::optional<Booster> booster;
  {
    const ReleaseInterpreter unlocked;
    result = train_on(rows, labels.view, held_out, read, callables.round_callback(),
                      start != nullptr ? &start->model() : nullptr, group.get());
    booster.emplace(std::move(result.model), "train");
  }
  const bool empty = booster->model().trees.empty();
  if (callables.interrupted() && empty) {
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    throw nb::python_error();
  }
  if (result.interrupted && empty)
    throw IoError("train: another worker was interrupted before the first round");
  guard.group = nullptr;
  return nb::make_tuple(nb::cast(std::move(*booster)), result.metrics, result.values,
                        result.best_iteration, callables.interrupted() || result.interrupted);
}

/// The histogram of a device, by the kernels that training runs.
void sum_on_device(Device device, const BinMatrix& bins, const std::vector<Gradient>& gradients,
                   RowSet rows, int repeat, GradientSums* out) {
  const DeviceQueue queue(device, "histogram");
  const DeviceBins on_device(queue, bins, true);
  DeviceArray<Gradient> own;
  own.upload(queue, gradients.data(), std::ssize(gradients));
  DeviceArray<int32_t> index;
  if (rows.index != nullptr) index.upload(queue, rows.index, rows.count);
  DeviceArray<GradientSums> sums(queue, bins.total_slots());
  DeviceArray<HistogramTask> room(queue, kDeviceNodes);
  for (int i = 0; i < repeat; ++i) {
    HistogramTask task{index.data(), rows.count, 0, 0, sums.data()};
    sum_histograms(queue, on_device, own.data(), &task, 1, room.data());
  }
  queue.download(sums.data(), static_cast<size_t>(bins.total_slots()) * sizeof *out, out);
}

/// One histogram of given fixed-point gradients, to test and measure both twins.
nb::tuple bind_histogram(nb::handle x, nb::ndarray<const int32_t, nb::ndim<2>, nb::c_contig> pairs,
                         std::optional<nb::ndarray<const int32_t, nb::ndim<1>, nb::c_contig>> rows,
                         int max_bins, const std::string& device, int repeat) {
  const FeatureMatrix matrix = to_matrix(x, nullptr, "histogram");
  if (static_cast<int64_t>(pairs.shape(0)) != matrix.rows || pairs.shape(1) != 2)
    throw ShapeError("histogram: expected gradients of shape (rows, 2)");
  std::vector<int32_t> all(static_cast<size_t>(matrix.rows));
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int32_t>(i);
  const SampledRows sample(matrix.rows, all, matrix.rows, 0);
  const BinMatrix bins(
      matrix, find_bins(matrix, sample, std::vector<uint8_t>(matrix.columns.size()), max_bins),
      "histogram");
  std::vector<GradientSums> sums(static_cast<size_t>(bins.total_slots()));
  const RowSet set = rows ? RowSet{rows->data(), static_cast<int64_t>(rows->shape(0))}
                          : RowSet{nullptr, matrix.rows};
  for (int64_t i = 0; i < set.count && set.index != nullptr; ++i)
    if (set.index[i] < 0 || set.index[i] >= matrix.rows)
      throw ArgumentError(
          message("histogram: expected rows below ", matrix.rows, ", got ", set.index[i]));
  const auto* first = reinterpret_cast<const Gradient*>(pairs.data());
  const std::vector<Gradient> gradients(first, first + matrix.rows);
  TrainOptions where;
  set_device(device, "histogram", where);
  {
    const ReleaseInterpreter unlocked;
    if (DeviceRounds::wanted(where)) {
      sum_on_device(where.device, bins, gradients, set, repeat, sums.data());
    } else {
      const HistogramSource source{bins, gradients.data()};
      for (int i = 0; i < repeat; ++i) build_histogram(source, set, sums.data());
    }
  }
  std::vector<int64_t> flat;
  for (const GradientSums& s : sums) flat.insert(flat.end(), {s.gradient, s.hessian, s.rows});
  std::vector<int32_t> slots(bins.slots(), bins.slots() + bins.width() + 1);
  return nb::make_tuple(to_numpy(std::move(flat), {sums.size(), 3}), slots);
}

/// Copies inside the memory of a device until `bytes` have been read and written; returns how many
/// they were. To measure what moving them costs.
int64_t bind_device_copy(int64_t bytes, const std::string& name) {
  constexpr int64_t kPiece = 256 << 20;
  TrainOptions where;
  set_device(name, "device_copy", where);
  const ReleaseInterpreter unlocked;
  const DeviceQueue queue(where.device, "device_copy");
  const int64_t size = std::clamp<int64_t>(bytes / 2, 1, kPiece);
  DeviceArray<uint8_t> from(queue, size);
  DeviceArray<uint8_t> to(queue, size);
  int64_t moved = 0;
  for (; moved < bytes; moved += 2 * size)
    queue.copy(from.data(), static_cast<size_t>(size), to.data());
  uint8_t last = 0;
  queue.download(to.data(), 1, &last);
  return moved;
}

}  // namespace

void bind_gbdt_train(nb::module_& m) {
  m.def("train", bind_train, nb::arg("x"), nb::arg("y"), nb::arg("categorical"), nb::arg("sets"),
        nb::arg("options"), nb::arg("attributes") = "", nb::arg("start").none() = nb::none(),
        nb::arg("callback") = nb::none(), nb::arg("metrics") = nb::list(),
        nb::arg("custom").none() = nb::none(),
        nb::arg("feature_names") = std::vector<std::string>{},
        nb::arg("communicator").none() = nb::none(), nb::arg("agreed") = "");
  m.def("device_copy", bind_device_copy, nb::arg("bytes"), nb::arg("device"));
  m.def("histogram", bind_histogram, nb::arg("x"), nb::arg("gradients"), nb::arg("rows").none(),
        nb::arg("max_bins") = 255, nb::arg("device") = "cpu", nb::arg("repeat") = 1);
}

}  // namespace cne::bind
