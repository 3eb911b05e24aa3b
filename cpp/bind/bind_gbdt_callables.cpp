#include "bind/bind_gbdt_callables.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>

#include <tuple>
#include <utility>

#include "core/error.h"
#include "gbdt/objective.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

/// Output-major scores by rows, as Python sees them: one output has no axis.
nb::object by_rows(const double* scores, size_t rows, size_t outputs,
                   const ObjectiveOptions* link) {
  std::vector<double> out(rows * outputs);
  for (size_t i = 0; i < rows; ++i)
    for (size_t k = 0; k < outputs; ++k) out[i * outputs + k] = scores[k * rows + i];
  if (link != nullptr)
    transform_scores(link_of(*link), link->sigmoid, static_cast<int>(outputs), out.data(),
                     static_cast<int64_t>(rows));
  return outputs == 1 ? to_numpy(std::move(out), {rows})
                      : to_numpy(std::move(out), {rows, outputs});
}

}  // namespace

TrainCallables::TrainCallables(nb::object callback, std::vector<std::string> sets)
    : callback_(std::move(callback)), sets_(std::move(sets)) {}

/// Ctrl-C inside the user's function: it is called again, so that the round is whole.
template <typename Function>
auto TrainCallables::finish_the_round(const Function& function) {
  try {
    return function();
  } catch (const nb::python_error& error) {
    if (!error.matches(PyExc_KeyboardInterrupt)) throw;
    interrupted_ = true;
  }
  return function();
}

CustomMetric TrainCallables::metric(nb::object function, const std::vector<EvaluationSet>& sets,
                                    const ObjectiveOptions& objective) {
  metrics_.push_back(std::move(function));
  // No Python object in here: options are copied without the interpreter lock.
  return [this, number = metrics_.size() - 1, &sets, &objective](size_t set, const double* scores) {
    const HoldInterpreter lock;
    const nb::object predictions =
        by_rows(scores, static_cast<size_t>(sets[set].labels.rows),
                static_cast<size_t>(output_count(objective)), &objective);
    const nb::object result = finish_the_round([&] { return metrics_[number](set, predictions); });
    std::tuple<std::string, double, bool> value;
    if (!nb::try_cast(result, value))
      throw TypeError(
          message("train: expected a metric to return a name, a number and whether "
                  "larger is better, got ",
                  nb::cast<std::string>(nb::repr(result))));
    return MetricValue{std::get<0>(value), std::get<1>(value), std::get<2>(value)};
  };
}

CustomDerivatives TrainCallables::objective(nb::object function, int outputs, int64_t rows) {
  objective_ = std::move(function);
  return [this, width = static_cast<size_t>(outputs), height = static_cast<size_t>(rows)](
             const double* scores, int round, double* gradient, double* hessian) {
    static_cast<void>(round);
    const HoldInterpreter lock;
    const nb::object given = by_rows(scores, height, width, nullptr);
    const nb::object result = finish_the_round([&] { return objective_(given); });
    using Derivatives = nb::ndarray<const double, nb::numpy, nb::c_contig, nb::device::cpu>;
    std::pair<Derivatives, Derivatives> parts;
    if (!nb::try_cast(result, parts) || parts.first.size() != width * height ||
        parts.second.size() != width * height)
      throw TypeError(
          message("train: expected the objective to return gradients and hessians, two "
                  "arrays of ",
                  width * height, " float64 numbers, got ",
                  nb::cast<std::string>(nb::repr(result)).substr(0, 200)));
    for (size_t k = 0; k < width; ++k)
      for (size_t i = 0; i < height; ++i) {
        gradient[k * height + i] = parts.first.data()[i * width + k];
        hessian[k * height + i] = parts.second.data()[i * width + k];
      }
  };
}

bool TrainCallables::poll() {
  if (interrupted_) return false;
  const HoldInterpreter lock;
  if (PyErr_CheckSignals() == 0) return true;
  if (!PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) throw nb::python_error();
  PyErr_Clear();
  interrupted_ = true;
  return false;
}

RoundCallback TrainCallables::round_callback() {
  if (callback_.is_none()) return {};
  return [this](const RoundView& view) {
    const HoldInterpreter lock;
    nb::list results;
    for (size_t s = 0; s < view.values.size(); ++s)
      for (size_t m = 0; m < view.metrics.size(); ++m)
        results.append(nb::make_tuple(sets_[s], view.metrics[m].name, view.values[s][m].back(),
                                      view.metrics[m].larger_is_better));
    nb::object answer;
    try {
      answer = callback_(view.round, results);
    } catch (const nb::python_error& error) {
      if (!error.matches(PyExc_KeyboardInterrupt)) throw;
      interrupted_ = true;  // the round is whole: nothing is to be called again
      return RoundVerdict{false, {}};
    }
    if (PyBool_Check(answer.ptr()) || !PyLong_Check(answer.ptr()))
      return RoundVerdict{!answer.is(Py_False), {}};
    int keep = 0;
    if (!nb::try_cast(answer, keep) || keep < 1)
      throw ArgumentError(message("train: expected a callback to keep 1 round or more, got ",
                                  nb::cast<std::string>(nb::repr(answer))));
    return RoundVerdict{false, keep};
  };
}

}  // namespace cne::bind
