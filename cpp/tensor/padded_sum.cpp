#include "tensor/padded_sum.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "tensor/concat.h"
#include "tensor/elementwise.h"
#include "tensor/pad.h"

namespace cne::tensor {

namespace {

/// What a padded array is apart from its margins.
struct Part {
  int variable;
  int axis;
  int64_t start;
  int64_t count;
};

class Joining {
 public:
  explicit Joining(Graph& graph)
      : graph_(graph),
        uses_(graph.types.size(), 0),
        makers_(graph.types.size(), -1),
        is_plain_(graph.types.size(), 0) {
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const int each : graph.nodes[i].inputs) ++uses_[static_cast<size_t>(each)];
      for (const int each : graph.nodes[i].outputs)
        makers_[static_cast<size_t>(each)] = static_cast<int>(i);
    }
    for (const int each : graph.outputs) ++uses_[static_cast<size_t>(each)];
    for (const auto& [variable, value] : graph.constants)
      if (!value.is_traced() && is_zero(value.array())) zeros_.insert(variable);
  }

  /// From the last sum on, so that sums of sums are seen whole.
  void run() {
    for (size_t i = graph_.nodes.size(); i-- > 0;) {
      Graph::Node& node = graph_.nodes[i];
      if (!is_sum(node)) continue;
      std::vector<Part> parts;
      if (!add_parts(node, parts)) continue;
      const std::optional<int> axis = axis_of(node.outputs[0], parts);
      if (!axis) continue;
      std::vector<int> inputs;
      for (const Part& each : parts) inputs.push_back(each.variable);
      node = {&kConcat, Params(ConcatParams{*axis}), inputs, node.outputs, node.where};
    }
  }

 private:
  static bool is_zero(const Array& array) {
    if (array.size() != 1 || !array.device().is_cpu()) return false;
    const uint8_t* const bytes = array.data();
    return std::all_of(bytes, bytes + size_of(array.element()),
                       [](uint8_t each) { return each == 0; });
  }

  const Dims& shape(int variable) const {
    return graph_.types[static_cast<size_t>(variable)].shape;
  }

  bool is_sum(const Graph::Node& node) const {
    return node.primitive == &kElementwise &&
           node.params.as<ElementwiseParams>().op == ElementOp::kAdd &&
           shape(node.inputs[0]) == shape(node.inputs[1]);
  }

  /// The sum that is this value, if nothing else reads it.
  const Graph::Node* sum_of(int variable) const {
    const int maker = makers_[static_cast<size_t>(variable)];
    if (maker < 0 || uses_[static_cast<size_t>(variable)] != 1) return nullptr;
    const Graph::Node& node = graph_.nodes[static_cast<size_t>(maker)];
    return is_sum(node) ? &node : nullptr;
  }

  /// A padded array; nothing for anything else.
  std::optional<Part> part_of(int variable) const {
    const int maker = makers_[static_cast<size_t>(variable)];
    if (maker < 0) return {};
    const Graph::Node& node = graph_.nodes[static_cast<size_t>(maker)];
    if (node.primitive != &kPad || !zeros_.contains(node.inputs[1])) return {};
    const auto& of = node.params.as<PadParams>();
    Part part{node.inputs[0], -1, 0, 0};
    for (int axis = 0; axis < of.low.size(); ++axis) {
      if (of.low[axis] == 0 && of.high[axis] == 0 && of.interior[axis] == 0) continue;
      if (part.axis >= 0 || of.low[axis] < 0 || of.high[axis] < 0 || of.interior[axis] != 0)
        return {};
      part.axis = axis;
      part.start = of.low[axis];
      part.count = shape(part.variable)[axis];
    }
    if (part.axis < 0) return {};
    return part;
  }

  /// The padded arrays of a sum of sums, level by level, as chains of sums are long. False where
  /// there is anything else among them, which is kept in mind, or more than has room.
  bool add_parts(const Graph::Node& sum, std::vector<Part>& parts) {
    struct Seen {
      int variable;
      int of;  // of which sum it is an input, or -1
    };
    std::vector<Seen> seen = {{sum.inputs[0], -1}, {sum.inputs[1], -1}};
    int64_t count = 0;
    for (size_t at = 0; at < seen.size(); ++at) {
      const int variable = seen[at].variable;
      const bool is_plain = is_plain_[static_cast<size_t>(variable)] != 0;
      if (const Graph::Node* inner = is_plain ? nullptr : sum_of(variable)) {
        for (const int each : inner->inputs) seen.push_back({each, static_cast<int>(at)});
        continue;
      }
      const std::optional<Part> part = is_plain ? std::nullopt : part_of(variable);
      if (!part) {
        for (int i = static_cast<int>(at); i >= 0; i = seen[static_cast<size_t>(i)].of)
          is_plain_[static_cast<size_t>(seen[static_cast<size_t>(i)].variable)] = 1;
        return false;
      }
      count += part->count;
      if (count > shape(sum.outputs[0])[part->axis]) return false;
      parts.push_back(*part);
    }
    return true;
  }

  /// The axis that the parts, which come in order then, make up without gaps.
  std::optional<int> axis_of(int variable, std::vector<Part>& parts) const {
    std::stable_sort(parts.begin(), parts.end(),
                     [](const Part& a, const Part& b) { return a.start < b.start; });
    int64_t next = 0;
    for (const Part& each : parts) {
      if (each.axis != parts[0].axis || each.start != next) return {};
      next += each.count;
    }
    if (next != shape(variable)[parts[0].axis]) return {};
    return parts[0].axis;
  }

  Graph& graph_;
  std::vector<int> uses_;          // by variable
  std::vector<int> makers_;        // by variable, or -1
  std::vector<uint8_t> is_plain_;  // by variable: known to be something else than padded arrays
  std::unordered_set<int> zeros_;  // constants
};

}  // namespace

void join_padded_sums(Graph& graph) { Joining(graph).run(); }

}  // namespace cne::tensor
