#include "tensor/transposed_product.h"

#include <unordered_map>
#include <utility>

#include "tensor/matmul.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// The axes with the last two exchanged.
Dims swapped_axes(int rank) {
  Dims out;
  for (int axis = 0; axis < rank; ++axis) out.push_back(axis);
  std::swap(out[rank - 2], out[rank - 1]);
  return out;
}

bool is_transposition(const Graph::Node& node) {
  if (node.primitive != &kPermute) return false;
  const Dims& axes = node.params.as<AxesParams>().axes;
  return axes.size() >= 2 && axes == swapped_axes(axes.size());
}

class Turning {
 public:
  explicit Turning(Graph& graph) : graph_(graph), uses_(graph.types.size(), 0) {
    for (const Graph::Node& node : graph.nodes)
      for (const int each : node.inputs) ++uses_[static_cast<size_t>(each)];
    for (const int each : graph.outputs) ++uses_[static_cast<size_t>(each)];
  }

  void run() {
    std::vector<Graph::Node> before = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (Graph::Node& node : before) {
      const int product = turnable(node);
      if (product < 0)
        keep(std::move(node));
      else
        turn(node, graph_.nodes[makers_.at(product)]);
    }
  }

 private:
  const Type& type(int variable) const { return graph_.types[static_cast<size_t>(variable)]; }

  void keep(Graph::Node node) {
    for (const int each : node.outputs) makers_.emplace(each, graph_.nodes.size());
    graph_.nodes.push_back(std::move(node));
  }

  /// The product that an operation transposes as its only reader, or -1.
  int turnable(const Graph::Node& node) const {
    if (!is_transposition(node)) return -1;
    const int product = node.inputs[0];
    const auto maker = makers_.find(product);
    if (maker == makers_.end() || uses_[static_cast<size_t>(product)] != 1) return -1;
    const Graph::Node& from = graph_.nodes[maker->second];
    if (from.primitive != &kMatmul) return -1;
    // A matrix for a whole batch has to stay on the right.
    const int rank = type(product).shape.size();
    for (const int each : from.inputs)
      if (type(each).shape.size() != rank) return -1;
    return product;
  }

  int transposed(int variable, const std::string& where) {
    const auto maker = makers_.find(variable);
    if (maker != makers_.end() && is_transposition(graph_.nodes[maker->second]))
      return graph_.nodes[maker->second].inputs[0];
    Type turned = type(variable);
    const int rank = turned.shape.size();
    std::swap(turned.shape[rank - 2], turned.shape[rank - 1]);
    const int out = graph_.add_variable(turned);
    keep({&kPermute, Params(AxesParams{swapped_axes(rank)}), {variable}, {out}, where});
    return out;
  }

  void turn(const Graph::Node& node, Graph::Node product) {
    const int left = transposed(product.inputs[1], node.where);
    const int right = transposed(product.inputs[0], node.where);
    keep({&kMatmul, product.params, {left, right}, node.outputs, product.where});
  }

  Graph& graph_;
  std::vector<int> uses_;                   // by variable of the graph as it came
  std::unordered_map<int, size_t> makers_;  // by variable, places in the new list
};

}  // namespace

void turn_products(Graph& graph) { Turning(graph).run(); }

}  // namespace cne::tensor
