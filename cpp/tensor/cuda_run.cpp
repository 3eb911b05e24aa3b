#include "tensor/cuda_run.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <unordered_map>

#include "tensor/attention.h"
#include "tensor/composite.h"
#include "tensor/concat.h"
#include "tensor/control.h"
#include "tensor/conv.h"
#include "tensor/cuda_host.h"
#include "tensor/cuda_order.h"
#include "tensor/cuda_unit.h"
#include "tensor/cumulative.h"
#include "tensor/dynamic_slice.h"
#include "tensor/gather.h"
#include "tensor/linear_recurrence.h"
#include "tensor/matmul.h"
#include "tensor/pad.h"
#include "tensor/random.h"
#include "tensor/reduce.h"
#include "tensor/scatter.h"
#include "tensor/search_sorted.h"
#include "tensor/select.h"
#include "tensor/softmax_cross_entropy.h"
#include "tensor/sort.h"
#include "tensor/stop_gradient.h"
#include "tensor/top_k.h"
#include "tensor/transfer.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

/// An operation by itself as a unit.
struct Single {
  LoweredUnit unit;
  CudaUnit kernels;
};

struct Key {
  const Primitive* primitive;
  Params params;
  std::vector<Type> inputs;
  bool operator==(const Key& other) const = default;
};
struct KeyHash {
  size_t operator()(const Key& key) const {
    size_t out = std::hash<const void*>{}(key.primitive);
    field::mix(out, key.params.hash());
    for (const Type& each : key.inputs) {
      field::mix(out, static_cast<size_t>(each.element));
      field::mix(out, field::hash(each.shape));
    }
    return out;
  }
};

/// Types without the place where they are: kernels ask for that by themselves.
Type plain(const Array& array) { return {array.element(), array.shape(), {}}; }

/// The sum of products: as float32 where elements are narrower, rounded once.
int add_product(Graph& graph, Element element) {
  const bool is_half = is_floating(element) && size_of(element) == 2;
  const auto as = [&graph](int variable, Element wanted) {
    if (graph.types[static_cast<size_t>(variable)].element == wanted) return variable;
    return graph.add(kCast, Params(CastParams{wanted}), {variable}, "");
  };
  const Element computed = is_half ? Element::kFloat32 : element;
  const int a = as(graph.inputs[0], computed);
  const int b = as(graph.inputs[1], computed);
  const int products =
      graph.add(kElementwise, elementwise_params(ElementOp::kMultiply), {a, b}, "");
  const int64_t last = graph.types[static_cast<size_t>(products)].shape.size() - 1;
  const int sum = graph.add(kReduce, Params(ReduceParams{ReduceOp::kSum, {last}}), {products}, "");
  return as(sum, element);
}

std::shared_ptr<Single> make_single(const Key& key) {
  Graph graph;
  for (const Type& each : key.inputs) graph.inputs.push_back(graph.add_variable(each));
  const bool is_product = key.primitive == &kMatmul;
  const int out = is_product ? add_product(graph, key.inputs[0].element)
                             : graph.add(*key.primitive, key.params, graph.inputs, "");
  graph.outputs = {out};
  Unit unit;
  for (size_t i = 0; i < graph.nodes.size(); ++i) unit.nodes.push_back(static_cast<int>(i));
  unit.outputs = {out};
  const bool is_fold = is_product || key.primitive == &kReduce;
  const Dims& result = graph.types[static_cast<size_t>(out)].shape;
  unit.shape = long_extents(is_fold ? key.inputs[0].shape : result);
  if (is_fold) unit.row_axes = long_extents(result).size();
  auto made = std::make_shared<Single>();
  made->unit = lower(graph, unit);
  return made;
}

std::shared_ptr<Single> single_of(Key key) {
  static std::mutex lock;
  static auto& kept = *new std::unordered_map<Key, std::shared_ptr<Single>, KeyHash>();
  const std::lock_guard<std::mutex> held(lock);
  if (const auto found = kept.find(key); found != kept.end()) return found->second;
  std::shared_ptr<Single> made = make_single(key);
  kept.emplace(std::move(key), made);
  return made;
}

/// Axes that stay in front, those that are put together behind: rows.
std::vector<Array> run_reduce(const Params& params, const Array& input) {
  const auto& of = params.as<ReduceParams>();
  Dims order;
  Dims last;
  for (int axis = 0; axis < input.rank(); ++axis)
    if (!of.axes.contains(axis)) order.push_back(axis);
  const int kept = order.size();
  int64_t together = 1;
  for (const int64_t axis : of.axes) {
    last.push_back(order.size());
    order.push_back(axis);
    together *= input.shape()[static_cast<int>(axis)];
  }
  const Array rows = permute(input, order);
  if (of.op == ReduceOp::kArgMax || of.op == ReduceOp::kArgMin) {
    Dims shape;
    for (int axis = 0; axis < kept; ++axis) shape.push_back(rows.shape()[axis]);
    shape.push_back(together);
    return one(arg_reduce_on_cuda(of.op == ReduceOp::kArgMax, reshape(rows, shape)));
  }
  if (together == 1) {
    Dims shape;
    for (int axis = 0; axis < kept; ++axis) shape.push_back(rows.shape()[axis]);
    return one(reshape(cast(rows, result_of(of.op, input.element())), shape));
  }
  const Array inputs[] = {rows};
  return run_single(kReduce, Params(ReduceParams{of.op, last}), inputs);
}

/// What there is nothing to compute of: the CPU's result of such arrays.
std::vector<Array> run_empty(const Primitive& primitive, const Params& params,
                             std::span<const Array> inputs, Device device) {
  std::vector<Array> empty;
  for (const Array& each : inputs)
    empty.push_back(each.size() == 0 ? Array::empty(plain(each)) : filled(0, plain(each)));
  std::vector<Array> out;
  for (const Array& each : primitive.run(params, empty)) out.push_back(to_device(each, device));
  return out;
}

bool is_point(const Primitive& primitive) {
  return &primitive == &kElementwise || &primitive == &kCast || &primitive == &kSelect;
}

/// Those that change strides alone, or ask for others that look where arrays lie.
bool reads_nothing(const Primitive& primitive) {
  for (const Primitive* each : {&kReshape,
                                &kPermute,
                                &kBroadcast,
                                &kSlice,
                                &kStopGradient,
                                &kToDevice,
                                &kCheckpoint,
                                &kComposite,
                                &kCustom,
                                &kCond,
                                &kScan,
                                &kMatmul,
                                &kPad,
                                &kConcat,
                                &kUpdateSlice,
                                &kGather,
                                &kScatter,
                                &kSort,
                                &kArgsort,
                                &kTopK,
                                &kSearchSorted,
                                &kWhile,
                                &kConv,
                                &kConvInputGradient,
                                &kConvWeightGradient,
                                &kAttention,
                                &kAttentionGradient,
                                &kSoftmaxCrossEntropy,
                                &kRandom,
                                &kRandomFoldIn,
                                &kDynamicSlice,
                                &kDynamicUpdateSlice,
                                &kCumulative,
                                &kLinearRecurrence})
    if (each == &primitive) return true;
  return false;
}

}  // namespace

std::vector<Array> run_single(const Primitive& primitive, const Params& params,
                              std::span<const Array> inputs) {
  Key key{&primitive, params, {}};
  for (const Array& each : inputs) key.inputs.push_back(plain(each));
  const std::shared_ptr<Single> single = single_of(std::move(key));
  // An array that is read twice is one input of the unit.
  std::vector<Array> read;
  for (const int each : single->unit.inputs) read.push_back(inputs[static_cast<size_t>(each)]);
  return single->kernels.run(single->unit, read, label_of(primitive, params));
}

std::vector<Array> run_on_cuda(const Primitive& primitive, const Params& params,
                               std::span<const Array> inputs) {
  if (reads_nothing(primitive)) return primitive.run(params, inputs);
  const char* const label = label_of(primitive, params);
  const Device device = common_device(label, inputs);
  const bool is_known = is_point(primitive) || &primitive == &kReduce;
  if (is_known &&
      std::any_of(inputs.begin(), inputs.end(), [](const Array& each) { return each.size() == 0; }))
    return run_empty(primitive, params, inputs, device);
  if (is_point(primitive)) return run_single(primitive, params, inputs);
  if (&primitive == &kReduce) return run_reduce(params, inputs[0]);
  if (is_by_host(primitive)) return run_by_host(primitive, params, inputs, device);
  std::string types;
  for (const Array& each : inputs)
    types += message(types.empty() ? "" : ", ", to_string(each.type()));
  throw UnsupportedError(message(label, ": there is no kernel for ", types,
                                 "; to_device(\"cpu\") copies them to where it is computed"));
}

std::vector<Array> run_primitive(const Primitive& primitive, const Params& params,
                                 std::span<const Array> inputs) {
  if (is_on_device(inputs)) return run_on_cuda(primitive, params, inputs);
  return primitive.run(params, inputs);
}

}  // namespace cne::tensor
