#include "tensor/fusion.h"

#include <algorithm>

#include "tensor/elementwise.h"
#include "tensor/recompute.h"
#include "tensor/select.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

constexpr size_t kMostNodes = 64;
constexpr size_t kMostVisits = 500;
/// With fewer rows than this, rows this long are not walked through twice by one thread.
constexpr int64_t kFewRows = 4;
constexpr int64_t kLongRow = 1 << 18;

Dims first_of(const Dims& dims, int count) {
  Dims out;
  for (int i = 0; i < count; ++i) out.push_back(dims[i]);
  return out;
}

class Grouping {
 public:
  explicit Grouping(const Graph& graph) : graph_(graph), makers_(graph.types.size(), -1) {
    users_.resize(graph.nodes.size());
    is_output_.resize(graph.types.size(), 0);
    for (const int each : graph.outputs) is_output_[static_cast<size_t>(each)] = 1;
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const int each : graph.nodes[i].outputs)
        makers_[static_cast<size_t>(each)] = static_cast<int>(i);
      for (const int each : graph.nodes[i].inputs)
        if (const int maker = makers_[static_cast<size_t>(each)]; maker >= 0)
          users_[static_cast<size_t>(maker)].push_back(static_cast<int>(i));
    }
  }

  std::vector<Unit> run() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) place(static_cast<int>(i));
    return ordered();
  }

 private:
  struct Fit {
    Dims shape;
    int row_axes;
  };

  const Graph::Node& node(int at) const { return graph_.nodes[static_cast<size_t>(at)]; }
  const Dims& shape_of(int variable) const {
    return graph_.types[static_cast<size_t>(variable)].shape;
  }
  int unit_of_variable(int variable) const {
    const int maker = makers_[static_cast<size_t>(variable)];
    return maker < 0 ? -1 : unit_of_[static_cast<size_t>(maker)];
  }

  void place(int at) {
    const FusionRole role = role_of(graph_, node(at));
    std::vector<int> candidates;
    if (role != FusionRole::kNone)
      for (const int each : node(at).inputs)
        if (const int unit = unit_of_variable(each);
            unit >= 0 && is_open(unit) &&
            std::find(candidates.begin(), candidates.end(), unit) == candidates.end())
          candidates.push_back(unit);
    std::vector<int> joined;
    for (const int unit : candidates) {
      std::vector<int> together = joined;
      together.push_back(unit);
      if (fits(together, at, role) && !makes_cycle(together, at)) joined = together;
    }
    if (joined.empty())
      start(at, role);
    else
      join(joined, at, role);
  }

  bool is_open(int unit) const { return is_open_[static_cast<size_t>(unit)] != 0; }

  void start(int at, FusionRole role) {
    Unit unit;
    unit.nodes = {at};
    const bool opens = role == FusionRole::kPoint || role == FusionRole::kFold;
    if (role == FusionRole::kFold) {
      unit.shape = long_extents(shape_of(node(at).inputs[0]));
      unit.row_axes = long_extents(shape_of(node(at).outputs[0])).size();
    } else if (opens) {
      unit.shape = long_extents(shape_of(node(at).outputs[0]));
    }
    unit_of_.push_back(static_cast<int>(units_.size()));
    units_.push_back(std::move(unit));
    is_open_.push_back(opens ? 1 : 0);
  }

  void join(const std::vector<int>& joined, int at, FusionRole role) {
    Unit& unit = units_[static_cast<size_t>(joined[0])];
    for (size_t i = 1; i < joined.size(); ++i) {
      Unit& other = units_[static_cast<size_t>(joined[i])];
      for (const int each : other.nodes) unit_of_[static_cast<size_t>(each)] = joined[0];
      unit.nodes.insert(unit.nodes.end(), other.nodes.begin(), other.nodes.end());
      unit.row_axes = std::max(unit.row_axes, other.row_axes);
      other.nodes.clear();
      is_open_[static_cast<size_t>(joined[i])] = 0;
    }
    std::sort(unit.nodes.begin(), unit.nodes.end());
    unit.nodes.push_back(at);
    unit_of_.push_back(joined[0]);
    if (role == FusionRole::kFold)
      unit.row_axes = long_extents(shape_of(node(at).outputs[0])).size();
  }

  /// Whether units can become one with a node: they have the same places, and each value of theirs
  /// that it reads lies along these as its own result does.
  bool fits(const std::vector<int>& units, int at, FusionRole role) const {
    const Unit& first = units_[static_cast<size_t>(units[0])];
    int row_axes = -1;
    size_t count = 1;
    for (const int each : units) {
      const Unit& unit = units_[static_cast<size_t>(each)];
      if (!(unit.shape == first.shape)) return false;
      if (unit.row_axes >= 0 && row_axes >= 0 && unit.row_axes != row_axes) return false;
      row_axes = std::max(row_axes, unit.row_axes);
      count += unit.nodes.size();
    }
    if (count > kMostNodes) return false;
    const Dims out = long_extents(shape_of(node(at).outputs[0]));
    if (role == FusionRole::kFold)
      return long_extents(shape_of(node(at).inputs[0])) == first.shape &&
             (row_axes < 0 || row_axes == out.size());
    const bool whole = out == first.shape;
    if (!whole && !(row_axes >= 0 && out == first_of(first.shape, row_axes))) return false;
    if (role == FusionRole::kPoint || node(at).primitive == &kBroadcast)
      if (!lie_alike(units, at)) return false;
    return !whole || row_axes < 0 || !reads_row(units, at) || is_short(first.shape, row_axes);
  }

  bool lie_alike(const std::vector<int>& units, int at) const {
    const Dims& shape = shape_of(node(at).outputs[0]);
    for (const int each : node(at).inputs)
      if (is_in(units, unit_of_variable(each)) && !lies_alike(shape_of(each), shape)) return false;
    return true;
  }

  bool reads_row(const std::vector<int>& units, int at) const {
    const Dims out = long_extents(shape_of(node(at).outputs[0]));
    for (const int each : node(at).inputs)
      if (is_in(units, unit_of_variable(each)) && !(long_extents(shape_of(each)) == out))
        return true;
    return false;
  }

  static bool is_short(const Dims& shape, int row_axes) {
    int64_t rows = 1;
    int64_t columns = 1;
    for (int axis = 0; axis < shape.size(); ++axis)
      (axis < row_axes ? rows : columns) *= shape[axis];
    return rows >= kFewRows || columns <= kLongRow;
  }

  bool is_in(const std::vector<int>& units, int unit) const {
    return std::find(units.begin(), units.end(), unit) != units.end();
  }

  /// The units that read a unit's results before a node is reached; true where that closes a
  /// circle.
  bool visit(int unit, const std::vector<int>& inside, int at, bool from_inside) {
    for (const int member : units_[static_cast<size_t>(unit)].nodes)
      for (const int user : users_[static_cast<size_t>(member)]) {
        if (user > at) continue;
        if (user == at) {
          if (!from_inside) return true;
          continue;
        }
        const int next = unit_of_[static_cast<size_t>(user)];
        if (is_in(inside, next)) {
          if (!from_inside) return true;
          continue;
        }
        if (seen_[static_cast<size_t>(next)] == round_) continue;
        seen_[static_cast<size_t>(next)] = round_;
        stack_.push_back(next);
      }
    return false;
  }

  /// Whether something outside the units lies between them and the node, or between them; also
  /// where it takes too long to see that nothing does.
  bool makes_cycle(const std::vector<int>& units, int at) {
    seen_.resize(units_.size(), 0);
    ++round_;
    stack_.clear();
    for (const int unit : units) visit(unit, units, at, true);
    for (size_t visits = 0; !stack_.empty(); ++visits) {
      if (visits == kMostVisits) return true;
      const int unit = stack_.back();
      stack_.pop_back();
      if (visit(unit, units, at, false)) return true;
    }
    return false;
  }

  /// One operation with views of its result is not worth a kernel.
  void add_to(std::vector<Unit>& out, const Unit& unit) const {
    int computing = 0;
    for (const int each : unit.nodes)
      computing += role_of(graph_, node(each)) != FusionRole::kAlias ? 1 : 0;
    if (computing > 1) {
      out.push_back(unit);
      for (const int each : unit.nodes)
        if (is_read_outside(each)) out.back().outputs.push_back(node(each).outputs[0]);
      return;
    }
    for (const int each : unit.nodes) out.push_back({{each}, {}, {}, -1});
  }

  bool is_read_outside(int at) const {
    if (is_output_[static_cast<size_t>(node(at).outputs[0])] != 0) return true;
    for (const int user : users_[static_cast<size_t>(at)])
      if (unit_of_[static_cast<size_t>(user)] != unit_of_[static_cast<size_t>(at)]) return true;
    return false;
  }

  std::vector<Unit> ordered() {
    std::vector<int> waits(units_.size(), 0);
    std::vector<std::vector<int>> next(units_.size());
    for (size_t i = 0; i < graph_.nodes.size(); ++i)
      for (const int user : users_[i]) {
        const int from = unit_of_[i];
        const int to = unit_of_[static_cast<size_t>(user)];
        if (from == to) continue;
        next[static_cast<size_t>(from)].push_back(to);
        ++waits[static_cast<size_t>(to)];
      }
    // Of those that can run the one that was called first: min-heap by first node.
    const auto later = [&](int a, int b) {
      return units_[static_cast<size_t>(a)].nodes[0] > units_[static_cast<size_t>(b)].nodes[0];
    };
    std::vector<int> ready;
    for (size_t i = 0; i < units_.size(); ++i)
      if (!units_[i].nodes.empty() && waits[i] == 0) ready.push_back(static_cast<int>(i));
    std::make_heap(ready.begin(), ready.end(), later);
    std::vector<Unit> out;
    while (!ready.empty()) {
      std::pop_heap(ready.begin(), ready.end(), later);
      const int unit = ready.back();
      ready.pop_back();
      for (const int each : next[static_cast<size_t>(unit)])
        if (--waits[static_cast<size_t>(each)] == 0) {
          ready.push_back(each);
          std::push_heap(ready.begin(), ready.end(), later);
        }
      add_to(out, units_[static_cast<size_t>(unit)]);
    }
    return out;
  }

  const Graph& graph_;
  std::vector<int> makers_;              // by variable, or -1
  std::vector<std::vector<int>> users_;  // by node
  std::vector<uint8_t> is_output_;       // by variable
  std::vector<int> unit_of_;             // by node
  std::vector<Unit> units_;
  std::vector<uint8_t> is_open_;
  // Of makes_cycle: the round in which a unit was last seen.
  std::vector<uint64_t> seen_;
  uint64_t round_ = 0;
  std::vector<int> stack_;
};

bool folds_last_axes(const Graph& graph, const Graph::Node& node) {
  const auto& of = node.params.as<ReduceParams>();
  if (of.op == ReduceOp::kArgMax || of.op == ReduceOp::kArgMin) return false;
  const Dims& shape = graph.types[static_cast<size_t>(node.inputs[0])].shape;
  bool seen = false;
  for (int axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == 1) continue;
    if (of.axes.contains(axis))
      seen = true;
    else if (seen)
      return false;
  }
  return seen;
}

}  // namespace

Dims long_extents(const Dims& shape) {
  Dims out;
  for (const int64_t each : shape)
    if (each != 1) out.push_back(each);
  return out;
}

std::vector<int> long_axes(const Dims& shape) {
  std::vector<int> out;
  int next = 0;
  for (const int64_t each : shape) out.push_back(each == 1 ? -1 : next++);
  return out;
}

bool lies_alike(const Dims& from, const Dims& shape) {
  const std::vector<int> axes = long_axes(shape);
  const std::vector<int> own = long_axes(from);
  const int gap = shape.size() - from.size();
  for (int axis = 0; axis < from.size(); ++axis)
    if (own[static_cast<size_t>(axis)] >= 0 &&
        own[static_cast<size_t>(axis)] != axes[static_cast<size_t>(axis + gap)])
      return false;
  return true;
}

FusionRole role_of(const Graph& graph, const Graph::Node& node) {
  if (node.outputs.size() != 1) return FusionRole::kNone;
  const Type& out = graph.types[static_cast<size_t>(node.outputs[0])];
  const Type& in = graph.types[static_cast<size_t>(node.inputs[0])];
  if (out.size() == 0 || in.size() == 0) return FusionRole::kNone;
  if (node.primitive == &kElementwise || node.primitive == &kCast || node.primitive == &kSelect)
    return FusionRole::kPoint;
  if (node.primitive == &kBroadcast) return FusionRole::kAlias;
  if (node.primitive == &kReshape)
    return long_extents(in.shape) == long_extents(out.shape) ? FusionRole::kAlias
                                                             : FusionRole::kNone;
  if (node.primitive == &kReduce && folds_last_axes(graph, node)) return FusionRole::kFold;
  return FusionRole::kNone;
}

std::vector<Unit> find_units(const Graph& graph) {
  std::vector<Unit> out = Grouping(graph).run();
  recompute(graph, out);
  return out;
}

}  // namespace cne::tensor
