#include <algorithm>
#include <map>
#include <tuple>

#include "tensor/elementwise.h"
#include "tensor/fusion.h"
#include "tensor/select.h"

namespace cne::tensor {

namespace {

using Kind = FusedKernel::Kind;

/// Rows from this length on are worth a call each.
constexpr int64_t kLongRow = 64;

bool is_half(Element element) {
  return element == Element::kFloat16 || element == Element::kBFloat16;
}

class Lowering {
 public:
  Lowering(const Graph& graph, const Unit& unit) : graph_(graph), unit_(unit) {
    kernel().shape = unit.shape;
    kernel().row_axes = unit.row_axes < 0 ? unit.shape.size() : unit.row_axes;
    has_rows_ = unit.row_axes >= 0;
  }

  LoweredUnit run() {
    for (const int at : unit_.nodes) lower(graph_.nodes[static_cast<size_t>(at)]);
    add_outputs();
    // In the order in which they are run: whole steps of a phase, then those of rows that wait for
    // its reductions.
    std::stable_sort(kernel().steps.begin(), kernel().steps.end(),
                     [this](const auto& a, const auto& b) { return turn(a) < turn(b); });
    for (const FusedKernel::Step& step : kernel().steps)
      if (turn(step) % 2 == 1) kernel().phases = std::max(kernel().phases, step.phase + 1);
    out_.plan = FusedPlan(kernel());
    return std::move(out_);
  }

 private:
  FusedKernel& kernel() { return out_.kernel; }
  const Type& type(int variable) const { return graph_.types[static_cast<size_t>(variable)]; }
  FusedKernel::Register& reg(int at) { return kernel().registers[static_cast<size_t>(at)]; }
  int phase(int at) const { return phases_[static_cast<size_t>(at)]; }

  int turn(const FusedKernel::Step& step) {
    return reg(step.out).is_row && step.kind != Kind::kReduce ? 2 * step.phase : 2 * step.phase + 1;
  }

  int add_register(Element element, bool is_row, int phase) {
    kernel().registers.push_back({element, is_row});
    phases_.push_back(phase);
    return static_cast<int>(kernel().registers.size()) - 1;
  }

  int emit(FusedKernel::Step step, Element element, bool is_row, int phase) {
    step.phase = phase;
    step.out = add_register(element, is_row, phase);
    kernel().steps.push_back(step);
    return step.out;
  }

  bool is_whole(const Dims& shape) const { return long_extents(shape) == unit_.shape; }

  /// An array from outside the unit, as a node reads it whose result has `shape`.
  int read(int variable, const Dims& shape, bool is_row) {
    const Dims& from = type(variable).shape;
    const std::vector<int> places = long_axes(shape);
    const int gap = shape.size() - from.size();
    std::vector<int> axes;
    for (int axis = 0; axis < from.size(); ++axis)
      axes.push_back(from[axis] == 1 ? -1 : places[static_cast<size_t>(axis + gap)]);
    const bool is_uniform = type(variable).size() == 1;
    const auto [found, is_new] = read_.try_emplace(
        {variable, is_row && !is_uniform, is_uniform ? std::vector<int>() : axes}, 0);
    if (!is_new) return found->second;
    const auto known = std::find(out_.inputs.begin(), out_.inputs.end(), variable);
    const int array = static_cast<int>(known - out_.inputs.begin());
    if (known == out_.inputs.end()) out_.inputs.push_back(variable);
    found->second = add_register(type(variable).element, is_row && !is_uniform, 0);
    kernel().inputs.push_back({array, found->second, axes, is_uniform});
    return found->second;
  }

  /// The register of an input of a node.
  int input(int variable, const Dims& shape, bool is_row) {
    const auto found = registers_.find(variable);
    if (found == registers_.end()) return read(variable, shape, is_row);
    return is_row ? found->second : whole(found->second);
  }

  /// The registers that a node reads. Of two one that has an element per row stays so where rows
  /// are long: the operation then takes it beside each row.
  std::vector<int> inputs_of(const Graph::Node& node, const Dims& shape, bool is_row) {
    std::vector<int> out;
    const bool takes_rows = !is_row && node.inputs.size() == 2 && kernel().columns() >= kLongRow;
    for (const int each : node.inputs) {
      const auto found = registers_.find(each);
      const bool may_stay =
          takes_rows && found != registers_.end() && (out.empty() || !reg(out[0]).is_row);
      out.push_back(may_stay ? found->second : input(each, shape, is_row));
    }
    return out;
  }

  int whole(int at) {
    if (!reg(at).is_row) return at;
    const auto [found, is_new] = expanded_.try_emplace(at, 0);
    if (is_new)
      found->second = emit({.kind = Kind::kExpand, .element = reg(at).element, .in = {at, -1, -1}},
                           reg(at).element, false, phase(at));
    return found->second;
  }

  int cast_to(int at, Element element) {
    if (reg(at).element == element) return at;
    const auto [found, is_new] = casts_.try_emplace({at, element}, 0);
    if (is_new)
      found->second = emit({.kind = Kind::kCast, .element = reg(at).element, .in = {at, -1, -1}},
                           element, reg(at).is_row, phase(at));
    return found->second;
  }

  void lower(const Graph::Node& node) {
    const int variable = node.outputs[0];
    const Type& result = type(variable);
    const FusionRole role = role_of(graph_, node);
    if (role == FusionRole::kAlias) {
      registers_[variable] = registers_.at(node.inputs[0]);
      return;
    }
    if (role == FusionRole::kFold) return lower_fold(node);
    const bool is_row = has_rows_ && !is_whole(result.shape);
    const std::vector<int> in = inputs_of(node, result.shape, is_row);
    int at = 0;
    for (const int each : in) at = std::max(at, phase(each));
    if (node.primitive == &kCast) {
      registers_[variable] =
          emit({.kind = Kind::kCast, .element = reg(in[0]).element, .in = {in[0], -1, -1}},
               result.element, is_row, at);
    } else if (node.primitive == &kSelect) {
      registers_[variable] =
          emit({.kind = Kind::kSelect, .element = result.element, .in = {in[0], in[1], in[2]}},
               result.element, is_row, at);
    } else {
      registers_[variable] = lower_op(node, in, is_row, at);
    }
  }

  int lower_op(const Graph::Node& node, std::vector<int> in, bool is_row, int at) {
    const ElementOp op = node.params.as<ElementwiseParams>().op;
    const Element result = type(node.outputs[0]).element;
    Element element = type(node.inputs[0]).element;
    if (is_half(element)) {
      for (int& each : in) each = cast_to(each, Element::kFloat32);
      element = Element::kFloat32;
    }
    FusedKernel::Step step{.kind = Kind::kOp, .op = static_cast<uint8_t>(op), .element = element};
    std::copy(in.begin(), in.end(), step.in);
    const int out = emit(step, result_of(op, element), is_row, at);
    return cast_to(out, result);
  }

  void lower_fold(const Graph::Node& node) {
    const auto& of = node.params.as<ReduceParams>();
    const Type& result = type(node.outputs[0]);
    int in = input(node.inputs[0], type(node.inputs[0]).shape, false);
    if (is_half(reg(in).element)) in = cast_to(in, Element::kFloat32);
    FusedKernel::Step step{.kind = Kind::kReduce,
                           .op = static_cast<uint8_t>(of.op),
                           .element = reg(in).element,
                           .in = {in, -1, -1}};
    const int out = emit(step, result_of(of.op, reg(in).element), true, phase(in));
    phases_[static_cast<size_t>(out)] = phase(in) + 1;
    registers_[node.outputs[0]] = cast_to(out, result.element);
  }

  /// What is read outside the unit.
  void add_outputs() {
    std::vector<int> taken;
    for (const int variable : unit_.outputs) {
      int from = registers_.at(variable);
      if (has_rows_ && is_whole(type(variable).shape)) from = whole(from);
      if (std::find(taken.begin(), taken.end(), from) != taken.end())
        from = emit({.kind = Kind::kCast, .element = reg(from).element, .in = {from, -1, -1}},
                    reg(from).element, reg(from).is_row, phase(from));
      taken.push_back(from);
      out_.outputs.push_back(variable);
      kernel().outputs.push_back({from, type(variable)});
    }
  }

  const Graph& graph_;
  const Unit& unit_;
  LoweredUnit out_;
  bool has_rows_;
  std::vector<int> phases_;  // by register: the first in which it can be read
  std::map<int, int> registers_;
  std::map<std::tuple<int, bool, std::vector<int>>, int> read_;
  std::map<int, int> expanded_;
  std::map<std::pair<int, Element>, int> casts_;
};

}  // namespace

LoweredUnit lower(const Graph& graph, const Unit& unit) { return Lowering(graph, unit).run(); }

}  // namespace cne::tensor
