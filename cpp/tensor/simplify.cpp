#include "tensor/simplify.h"

#include <cstring>
#include <unordered_map>

#include "tensor/cuda_run.h"
#include "tensor/elementwise.h"
#include "tensor/padded_sum.h"
#include "tensor/stop_gradient.h"
#include "tensor/transfer.h"
#include "tensor/transposed_product.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

constexpr int64_t kLargestConstant = 1 << 20;

/// What makes two operations equal.
struct Key {
  const Primitive* primitive;
  Params params;
  std::vector<int> inputs;
  bool operator==(const Key& other) const = default;
};
struct KeyHash {
  size_t operator()(const Key& key) const {
    size_t out = std::hash<const void*>{}(key.primitive);
    field::mix(out, key.params.hash());
    for (const int each : key.inputs) field::mix(out, static_cast<size_t>(each));
    return out;
  }
};

bool is_same(const Array& a, const Array& b) {
  if (!(a.type() == b.type())) return false;
  if (a.buffer().data() == b.buffer().data() && a.offset() == b.offset() &&
      a.strides() == b.strides())
    return true;
  if (is_on_device(a)) return false;
  return a.size() == 1 && std::memcmp(a.data(), b.data(), size_of(a.element())) == 0;
}

class Simplifier {
 public:
  explicit Simplifier(const Graph& from) : from_(from), now_(from.types.size(), -1) {}

  Graph run() {
    for (const int each : from_.inputs) {
      now_[static_cast<size_t>(each)] = to_.add_variable(type(each));
      to_.inputs.push_back(now_[static_cast<size_t>(each)]);
    }
    for (const auto& [variable, value] : from_.constants)
      now_[static_cast<size_t>(variable)] = constant(value);
    for (const Graph::Node& node : from_.nodes) add(node);
    for (const int each : from_.outputs) to_.outputs.push_back(now_[static_cast<size_t>(each)]);
    return std::move(to_);
  }

 private:
  const Type& type(int variable) const { return from_.types[static_cast<size_t>(variable)]; }
  const Type& new_type(int variable) const { return to_.types[static_cast<size_t>(variable)]; }

  const Array* known(int variable) const {
    const auto found = known_.find(variable);
    return found == known_.end() ? nullptr : &found->second;
  }

  /// Numbers of a device go with its arrays from the CPU as well, where they can be computed with.
  Value plain(const Value& value) const {
    if (value.is_traced() || !is_on_device(value.array()) || !repeats_one(value.array()))
      return value;
    for (const int each : from_.inputs)
      if (type(each).device == value.type().device) return to_device(value.array(), {});
    return value;
  }

  int constant(const Value& given) {
    const Value value = plain(given);
    if (!value.is_traced())
      for (const auto& [variable, other] : known_)
        if (is_same(other, value.array())) return variable;
    const int out = to_.add_variable(value.type());
    to_.constants.emplace_back(out, value);
    if (!value.is_traced()) known_.emplace(out, value.array());
    return out;
  }

  const Graph::Node* maker(int variable) const {
    const auto found = makers_.find(variable);
    return found == makers_.end() ? nullptr : &to_.nodes[found->second];
  }

  /// The variable that an operation only gives another name, or -1.
  int alias(const Graph::Node& node, const std::vector<int>& inputs) const {
    const Type& result = type(node.outputs[0]);
    const auto same = [&](int variable) { return new_type(variable) == result; };
    if (node.primitive == &kStopGradient) return inputs[0];
    if (node.primitive == &kReshape || node.primitive == &kPermute) {
      const Graph::Node* before = maker(inputs[0]);
      if (before == nullptr || before->primitive != node.primitive) return -1;
      if (node.primitive == &kReshape) return same(before->inputs[0]) ? before->inputs[0] : -1;
      const Dims& first = before->params.as<AxesParams>().axes;
      const Dims& second = node.params.as<AxesParams>().axes;
      for (int i = 0; i < first.size(); ++i)
        if (first[static_cast<int>(second[i])] != i) return -1;
      return before->inputs[0];
    }
    if (node.primitive != &kElementwise || inputs.size() != 2) return -1;
    const ElementOp op = node.params.as<ElementwiseParams>().op;
    if (op != ElementOp::kMultiply && op != ElementOp::kDivide) return -1;
    if (is_one(inputs[1]) && same(inputs[0])) return inputs[0];
    if (op == ElementOp::kMultiply && is_one(inputs[0]) && same(inputs[1])) return inputs[1];
    return -1;
  }

  bool is_one(int variable) const {
    const Array* array = known(variable);
    if (array == nullptr || array->size() == 0 || is_on_device(*array)) return false;
    for (int axis = 0; axis < array->rank(); ++axis)
      if (array->shape()[axis] != 1 && array->strides()[axis] != 0) return false;
    const Array one = number(1, array->element());
    return std::memcmp(one.data(), array->data(), size_of(array->element())) == 0;
  }

  /// Constants that meet: those of the CPU where the others are.
  static std::vector<Array> together(std::vector<Array> arrays) {
    for (const Array& other : arrays)
      if (is_on_device(other))
        for (Array& each : arrays)
          if (!is_on_device(each) && !is_number(each)) each = to_device(each, other.device());
    return arrays;
  }

  bool fold(const Graph::Node& node, const std::vector<int>& inputs) {
    std::vector<Array> arrays;
    for (const int each : inputs) {
      const Array* array = known(each);
      if (array == nullptr) return false;
      arrays.push_back(*array);
    }
    for (const int each : node.outputs)
      if (type(each).size() > kLargestConstant) return false;
    const std::vector<Array> results =
        run_primitive(*node.primitive, node.params, together(arrays));
    for (size_t i = 0; i < results.size(); ++i)
      now_[static_cast<size_t>(node.outputs[i])] = constant(results[i]);
    return true;
  }

  void add(const Graph::Node& node) {
    std::vector<int> inputs;
    for (const int each : node.inputs) inputs.push_back(now_[static_cast<size_t>(each)]);
    if (const int same = alias(node, inputs); same >= 0) {
      now_[static_cast<size_t>(node.outputs[0])] = same;
      return;
    }
    if (fold(node, inputs)) return;
    const auto [found, is_new] =
        seen_.try_emplace({node.primitive, node.params, inputs}, to_.nodes.size());
    if (is_new) {
      std::vector<int> outputs;
      for (const int each : node.outputs) outputs.push_back(to_.add_variable(type(each)));
      for (const int each : outputs) makers_.emplace(each, to_.nodes.size());
      to_.nodes.push_back({node.primitive, node.params, inputs, outputs, node.where});
    }
    const Graph::Node& same = to_.nodes[found->second];
    for (size_t i = 0; i < node.outputs.size(); ++i)
      now_[static_cast<size_t>(node.outputs[i])] = same.outputs[i];
  }

  const Graph& from_;
  Graph to_;
  std::vector<int> now_;  // by old variable
  std::unordered_map<int, Array> known_;
  std::unordered_map<int, size_t> makers_;
  std::unordered_map<Key, size_t, KeyHash> seen_;
};

void drop_unused(Graph& graph) {
  std::vector<uint8_t> used(graph.types.size(), 0);
  for (const int each : graph.outputs) used[static_cast<size_t>(each)] = 1;
  std::vector<Graph::Node> kept;
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    Graph::Node& node = graph.nodes[i];
    bool any = false;
    for (const int each : node.outputs) any |= used[static_cast<size_t>(each)] != 0;
    if (!any) continue;
    for (const int each : node.inputs) used[static_cast<size_t>(each)] = 1;
    kept.push_back(std::move(node));
  }
  graph.nodes.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
  std::erase_if(graph.constants,
                [&](const auto& each) { return used[static_cast<size_t>(each.first)] == 0; });
}

}  // namespace

Graph simplify(const Graph& graph) {
  Graph out = Simplifier(graph).run();
  drop_unused(out);
  turn_products(out);
  join_padded_sums(out);
  drop_unused(out);
  return out;
}

}  // namespace cne::tensor
