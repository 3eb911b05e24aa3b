#include "tensor/round.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tensor/concat.h"
#include "tensor/cuda_run.h"
#include "tensor/gemm.h"
#include "tensor/matmul.h"
#include "tensor/pad.h"
#include "tensor/strided_copy.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// Bytes of all that a round computes: a part of the second cache.
constexpr int64_t kMostBytes = 1 << 18;
/// Of one result; more is worth threads.
constexpr int64_t kMostPlaces = 1 << 15;

bool is_view(const Primitive& primitive) {
  return &primitive == &kReshape || &primitive == &kPermute || &primitive == &kBroadcast ||
         &primitive == &kSlice;
}

/// One operation as a kernel of its own; an empty unit for what has none.
Unit unit_of(const Graph& graph, int at) {
  const Graph::Node& node = graph.nodes[static_cast<size_t>(at)];
  const FusionRole role = role_of(graph, node);
  if (role != FusionRole::kPoint && role != FusionRole::kFold) return {};
  const auto shape_of = [&graph](int variable) {
    return long_extents(graph.types[static_cast<size_t>(variable)].shape);
  };
  Unit out{{at}, {node.outputs[0]}, shape_of(node.outputs[0]), -1};
  if (role == FusionRole::kFold) {
    out.row_axes = out.shape.size();
    out.shape = shape_of(node.inputs[0]);
  }
  return out;
}

struct Fused : RoundStep {
  explicit Fused(FusedRun is) : kernel(std::move(is)) {}
  void run() override { kernel.run(); }
  FusedRun kernel;
};

/// A product of two matrices as gemm reads them.
struct Product : RoundStep {
  Product(const Array& a, const Array& b, Array to)
      : left(a), right(b), out(std::move(to)), at(out.mutable_data()) {}
  static MatrixView matrix(const Array& of) {
    return {of.data(), of.shape()[0], of.shape()[1], of.strides()[0], of.strides()[1]};
  }
  static bool takes(const Primitive& primitive, std::span<const Array> in) {
    return &primitive == &kMatmul && in[0].rank() == 2 && in[1].rank() == 2 && in[0].size() > 0 &&
           in[1].size() > 0 && is_readable(in[0].element(), matrix(in[0])) &&
           is_readable(in[1].element(), matrix(in[1]));
  }
  void run() override { gemm(left.element(), a, b, false, at, b.columns); }

  Array left, right, out;
  MatrixView a = matrix(left);
  MatrixView b = matrix(right);
  uint8_t* at;
};

/// Elements copied to where they have a place in another array.
struct Copies : RoundStep {
  /// From an array that is held to a part of one, with strides in elements from `place` on.
  void add(const Array& from, Array& to, const Dims& strides, int64_t place) {
    const auto width = static_cast<int64_t>(size_of(from.element()));
    const Array part = to.view(from.element(), from.shape(), strides, to.offset() + place * width);
    const bool is_run = from.is_contiguous() && part.is_contiguous();
    all.push_back({from, part, to.mutable_data() + place * width,
                   is_run ? static_cast<size_t>(from.bytes()) : 0});
  }
  void run() override {
    for (const Each& each : all)
      if (each.bytes != 0)
        std::memcpy(each.at, each.from.data(), each.bytes);
      else if (each.from.size() != 0)
        copy_strided(size_of(each.from.element()), each.from.shape(), each.from.data(),
                     each.from.strides(), each.at, each.to.strides());
  }

  struct Each {
    Array from, to;
    uint8_t* at;
    size_t bytes;  // of one run of both; 0: strided
  };
  std::vector<Each> all;
};

/// Any other operation.
struct Other : RoundStep {
  Other(const Graph::Node& is, std::vector<Array> from, std::vector<Array> to)
      : node(is), inputs(std::move(from)), outputs(std::move(to)) {}
  void run() override {
    const std::vector<Array> results = run_primitive(*node.primitive, node.params, inputs);
    for (size_t i = 0; i < results.size(); ++i) Source(results[i]).copy(outputs[i].mutable_data());
  }

  const Graph::Node& node;
  std::vector<Array> inputs;
  std::vector<Array> outputs;
};

}  // namespace

Source::Source(Array array)
    : array_(std::move(array)),
      at_(array_.data()),
      bytes_(array_.is_contiguous() ? static_cast<size_t>(array_.bytes()) : 0) {}

void Source::copy_strided(uint8_t* to) const {
  if (array_.size() > 0)
    tensor::copy_strided(size_of(array_.element()), array_.shape(), at_, array_.strides(), to,
                         row_major_strides(array_.shape()));
}

RoundPlan::RoundPlan(const Graph& graph, size_t constants)
    : graph_(graph), constants_(constants), is_small_(true) {
  std::vector<uint8_t> is_constant(graph.types.size(), 0);
  for (size_t i = 0; i < constants; ++i) is_constant[static_cast<size_t>(graph.inputs[i])] = 1;
  for (const auto& [variable, value] : graph.constants) {
    is_constant[static_cast<size_t>(variable)] = 1;
    is_small_ &= !is_on_device(value.array());
  }
  int64_t bytes = 0;
  for (size_t i = 0; i < graph.types.size(); ++i) {
    is_small_ &= graph.types[i].device.is_cpu();
    if (is_constant[i] != 0) continue;
    bytes += graph.types[i].bytes();
    is_small_ &= graph.types[i].size() <= kMostPlaces;
  }
  is_small_ &= bytes <= kMostBytes;
  if (!is_small_) return;
  for (const Unit& unit : find_units(graph)) {
    const Unit whole = unit.is_fused() ? unit : unit_of(graph, unit.nodes[0]);
    if (whole.nodes.empty())
      steps_.push_back({unit.nodes[0], {}});
    else
      steps_.push_back({-1, lower(graph, whole)});
  }
}

class Round::Binder {
 public:
  Binder(const RoundPlan& plan, Round& round)
      : plan_(plan),
        graph_(plan.graph_),
        round_(round),
        values_(graph_.types.size()),
        is_fixed_(graph_.types.size(), 0) {}

  void run(std::span<const Array> inputs) {
    for (size_t i = 0; i < inputs.size(); ++i)
      set(graph_.inputs[i], inputs[i], i < plan_.constants_);
    for (const auto& [variable, value] : graph_.constants) set(variable, value.array(), true);
    for (const RoundPlan::Step& step : plan_.steps_)
      step.node < 0 ? add_fused(step.unit) : add_node(graph_.nodes[static_cast<size_t>(step.node)]);
    for (const int each : graph_.outputs) round_.outputs_.push_back(value(each));
  }

 private:
  const Array& value(int variable) const { return values_[static_cast<size_t>(variable)]; }
  void set(int variable, Array is, bool is_fixed) {
    values_[static_cast<size_t>(variable)] = std::move(is);
    is_fixed_[static_cast<size_t>(variable)] = is_fixed ? 1 : 0;
  }
  void set_all(const std::vector<int>& variables, const std::vector<Array>& are, bool is_fixed) {
    for (size_t i = 0; i < variables.size(); ++i) set(variables[i], are[i], is_fixed);
  }
  std::vector<Array> gathered(const std::vector<int>& variables) const {
    std::vector<Array> out;
    for (const int each : variables) out.push_back(value(each));
    return out;
  }
  std::vector<uint8_t> fixed(const std::vector<int>& variables) const {
    std::vector<uint8_t> out;
    for (const int each : variables) out.push_back(is_fixed_[static_cast<size_t>(each)]);
    return out;
  }
  std::vector<Array> fresh(const std::vector<int>& variables) const {
    std::vector<Array> out;
    for (const int each : variables)
      out.push_back(Array::empty(graph_.types[static_cast<size_t>(each)]));
    return out;
  }
  static bool all(const std::vector<uint8_t>& flags) {
    return std::all_of(flags.begin(), flags.end(), [](uint8_t each) { return each != 0; });
  }

  void add_fused(const LoweredUnit& unit) {
    const std::vector<Array> inputs = gathered(unit.inputs);
    const std::vector<uint8_t> is_fixed = fixed(unit.inputs);
    if (all(is_fixed))
      return set_all(unit.outputs, run_fused(unit.kernel, unit.plan, std::span(inputs)), true);
    const std::vector<Array> outputs = fresh(unit.outputs);
    set_all(unit.outputs, outputs, false);
    round_.steps_.push_back(
        std::make_unique<Fused>(FusedRun(unit.kernel, unit.plan, inputs, is_fixed, outputs)));
  }

  void add_node(const Graph::Node& node) {
    const std::vector<Array> inputs = gathered(node.inputs);
    const bool is_fixed = all(fixed(node.inputs));
    if (is_fixed || is_view(*node.primitive)) {
      const std::vector<Array> made = run_primitive(*node.primitive, node.params, inputs);
      // A view of what changes shows its elements of every round, a copy does not.
      if (is_fixed || made[0].buffer().data() == inputs[0].buffer().data())
        return set_all(node.outputs, made, is_fixed);
    }
    if (add_copies(node, inputs)) return;
    const std::vector<Array> outputs = fresh(node.outputs);
    set_all(node.outputs, outputs, false);
    if (Product::takes(*node.primitive, inputs))
      round_.steps_.push_back(std::make_unique<Product>(inputs[0], inputs[1], outputs[0]));
    else
      round_.steps_.push_back(std::make_unique<Other>(node, inputs, outputs));
  }

  /// Operations that are copies: arrays one behind the other, in a margin, in another shape.
  bool add_copies(const Graph::Node& node, const std::vector<Array>& inputs) {
    auto step = std::make_unique<Copies>();
    Array out;
    if (node.primitive == &kConcat) {
      const int axis = node.params.as<ConcatParams>().axis;
      out = fresh(node.outputs)[0];
      int64_t place = 0;
      for (const Array& each : inputs) {
        step->add(each, out, out.strides(), place);
        place += each.shape()[axis] * out.strides()[axis];
      }
    } else if (node.primitive == &kReshape) {
      out = fresh(node.outputs)[0];
      step->add(inputs[0], out, row_major_strides(inputs[0].shape()), 0);
    } else if (node.primitive == &kPad && is_fixed_[static_cast<size_t>(node.inputs[1])] != 0) {
      const auto& of = node.params.as<PadParams>();
      out = pad(inputs[0], inputs[1], of.low, of.high, of.interior);  // the margin, which stays
      Dims strides = out.strides();
      int64_t place = 0;
      for (int axis = 0; axis < strides.size(); ++axis) {
        if (of.low[axis] < 0 || of.high[axis] < 0) return false;
        place += of.low[axis] * strides[axis];
        strides[axis] *= of.interior[axis] + 1;
      }
      step->add(inputs[0], out, strides, place);
    } else {
      return false;
    }
    set(node.outputs[0], out, false);
    round_.steps_.push_back(std::move(step));
    return true;
  }

  const RoundPlan& plan_;
  const Graph& graph_;
  Round& round_;
  std::vector<Array> values_;      // by variable
  std::vector<uint8_t> is_fixed_;  // by variable: the same in every round
};

Round::Round(const RoundPlan& plan, std::span<const Array> inputs) {
  Binder(plan, *this).run(inputs);
}

Feedback::Feedback(const Round& round, std::vector<Array> states) : states_(std::move(states)) {
  std::vector<Move> last;
  for (size_t i = 0; i < states_.size(); ++i) {
    const Array& from = round.output(i);
    uint8_t* const to = states_[i].mutable_data();
    if (from.data() == to && from.is_contiguous()) continue;
    const bool is_state = std::any_of(states_.begin(), states_.end(), [&from](const Array& state) {
      return state.buffer().data() == from.buffer().data();
    });
    if (is_state) {
      held_.push_back(Array::empty(from.type()));
      moves_.push_back({Source(from), held_.back().mutable_data()});
      last.push_back({Source(held_.back()), to});
    } else {
      last.push_back({Source(from), to});
    }
  }
  moves_.insert(moves_.end(), last.begin(), last.end());
}

void Feedback::run() {
  for (const Move& move : moves_) move.from.copy(move.to);
}

}  // namespace cne::tensor
