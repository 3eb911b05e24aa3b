#include "tensor/bias_joins.h"

#include "tensor/elementwise.h"
#include "tensor/matmul.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

class Finder {
 public:
  Finder(const Graph& graph, std::span<const Unit> units)
      : graph_(graph), makers_(graph.types.size(), -1), readers_(graph.types.size(), 0) {
    for (const int each : graph.outputs) ++readers_[static_cast<size_t>(each)];
    for (const Graph::Node& node : graph.nodes)
      for (const int each : node.inputs) ++readers_[static_cast<size_t>(each)];
    for (size_t i = 0; i < graph.nodes.size(); ++i)
      for (const int each : graph.nodes[i].outputs)
        makers_[static_cast<size_t>(each)] = static_cast<int>(i);
    is_alone_.resize(graph.nodes.size(), 0);
    for (const Unit& each : units)
      if (!each.is_fused()) is_alone_[static_cast<size_t>(each.nodes[0])] = 1;
    for (const Unit& each : units)  // that compute some operations again
      for (const int node : each.nodes)
        if (each.is_fused()) is_alone_[static_cast<size_t>(node)] = 0;
  }

  std::vector<BiasJoin> run() const {
    std::vector<BiasJoin> out;
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Graph::Node& node = graph_.nodes[i];
      if (is_alone_[i] == 0 || node.primitive != &kElementwise ||
          node.params.as<ElementwiseParams>().op != ElementOp::kAdd)
        continue;
      for (const int at : {0, 1}) {
        const int to = node.inputs[static_cast<size_t>(at)];
        const int bias = node.inputs[static_cast<size_t>(1 - at)];
        const int product = product_of(to);
        if (product < 0 || !fits(product, to, bias, node.outputs[0])) continue;
        out.push_back({product, static_cast<int>(i), bias, to});
        break;
      }
    }
    return out;
  }

 private:
  const Type& type_of(int variable) const { return graph_.types[static_cast<size_t>(variable)]; }

  /// The product that a variable is, or is a reshape of, where it is read nowhere else.
  int product_of(int variable) const {
    while (readers_[static_cast<size_t>(variable)] == 1) {
      const int maker = makers_[static_cast<size_t>(variable)];
      if (maker < 0 || is_alone_[static_cast<size_t>(maker)] == 0) return -1;
      const Graph::Node& node = graph_.nodes[static_cast<size_t>(maker)];
      if (node.primitive == &kMatmul) return maker;
      if (node.primitive != &kReshape) return -1;
      variable = node.inputs[0];
    }
    return -1;
  }

  bool fits(int product, int to, int bias, int out) const {
    const Graph::Node& node = graph_.nodes[static_cast<size_t>(product)];
    const int64_t columns = type_of(node.outputs[0]).shape.back();
    return makers_[static_cast<size_t>(bias)] < 0 && type_of(bias).shape == Dims{columns} &&
           type_of(bias).element == type_of(to).element && is_floating(type_of(to).element) &&
           type_of(to) == type_of(out) && type_of(to).shape.back() == columns &&
           type_of(to).size() > 0;
  }

  const Graph& graph_;
  std::vector<int> makers_;
  std::vector<int> readers_;
  std::vector<uint8_t> is_alone_;
};

}  // namespace

std::vector<BiasJoin> find_bias_joins(const Graph& graph, std::span<const Unit> units) {
  return Finder(graph, units).run();
}

}  // namespace cne::tensor
