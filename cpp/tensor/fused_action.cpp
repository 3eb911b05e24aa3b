#include <algorithm>
#include <optional>

#include "tensor/fused_plan.h"
#include "tensor/reduce_tile.h"

namespace cne::tensor {

namespace {

using Kind = FusedAction::Kind;
using Step = FusedKernel::Step;

class Joining {
 public:
  explicit Joining(const FusedKernel& kernel)
      : kernel_(kernel),
        makers_(kernel.registers.size(), -1),
        readers_(kernel.registers.size()),
        is_uniform_(kernel.registers.size(), 0),
        is_pinned_(kernel.registers.size(), 0),
        is_joined_(kernel.steps.size(), 0),
        actions_(kernel.steps.size()) {
    for (size_t i = 0; i < kernel.steps.size(); ++i) {
      makers_[index(kernel.steps[i].out)] = static_cast<int>(i);
      for (const int in : kernel.steps[i].in)
        if (in >= 0) readers_[index(in)].push_back(static_cast<int>(i));
    }
    for (const FusedKernel::Input& input : kernel.inputs)
      is_uniform_[index(input.reg)] = input.is_uniform ? 1 : 0;
    for (const FusedKernel::Output& output : kernel.outputs) is_pinned_[index(output.reg)] = 1;
  }

  std::vector<FusedAction> run() {
    for (size_t i = 0; i < actions_.size(); ++i) add(i);
    std::vector<FusedAction> out;
    for (size_t i = 0; i < actions_.size(); ++i)
      if (is_joined_[i] == 0) out.push_back(actions_[i]);
    return out;
  }

 private:
  static size_t index(int at) { return static_cast<size_t>(at); }
  const Step& step(int at) const { return kernel_.steps[index(at)]; }
  bool is_row(int reg) const { return kernel_.registers[index(reg)].is_row; }
  /// Whether an operand beside places is one element for all of them, or of a row.
  bool is_one(int reg) const { return is_row(reg) || is_uniform_[index(reg)] != 0; }
  static ElementOp op_of(const Step& step) { return static_cast<ElementOp>(step.op); }
  static bool is_joinable(Element element) {
    return element == Element::kFloat32 || element == Element::kFloat64;
  }

  void add(size_t at) {
    const Step& step = kernel_.steps[at];
    FusedAction& action = actions_[at];
    action.element = step.element;
    action.result = kernel_.registers[index(step.out)].element;
    action.out = step.out;
    action.phase = step.phase;
    action.is_row = is_row(step.out) && step.kind != FusedKernel::Kind::kReduce;
    std::copy(step.in, step.in + 3, action.in);
    switch (step.kind) {
      case FusedKernel::Kind::kOp:
        if (!join_pair(step, action)) start_op(step, action);
        break;
      case FusedKernel::Kind::kCast:
        action.kind = Kind::kCast;
        break;
      case FusedKernel::Kind::kSelect:
        if (!join_choice(step, action)) action.kind = Kind::kSelect;
        break;
      case FusedKernel::Kind::kExpand:
        action.kind = Kind::kExpand;
        break;
      case FusedKernel::Kind::kReduce:
        action.op = static_cast<ReduceOp>(step.op);
        action.accumulator = accumulator_of(action.op, step.element);
        if (!join_product(step, action)) action.kind = Kind::kFold;
        break;
    }
    const bool takes_rows =
        action.kind == Kind::kOp || action.kind == Kind::kPair || action.kind == Kind::kChoice;
    if (!takes_rows || action.is_row) return;
    for (int k = 0; k < 4; ++k) {
      if (action.in[k] < 0) continue;
      const auto width =
          static_cast<int64_t>(size_of(kernel_.registers[index(action.in[k])].element));
      action.by_row |= is_row(action.in[k]);
      action.lies_in_rows[k] = !is_one(action.in[k]);
      action.steps[k] = is_uniform_[index(action.in[k])] != 0 ? 0 : width;
    }
  }

  /// One element is read as such where there is a loop for it: its tile need not be in the cache.
  void start_op(const Step& step, FusedAction& action) const {
    action.kind = Kind::kOp;
    Sides sides = Sides::kArrays;
    for (int k = 0; k < 2 && step.in[1] >= 0; ++k) {
      const Sides one = k == 0 ? Sides::kFirstIsOne : Sides::kSecondIsOne;
      if (is_row(step.in[k]) && !is_row(step.out)) {
        sides = one;
        break;
      }
      const bool is_uniform = is_uniform_[index(step.in[k])] != 0;
      if (is_uniform && is_uniform_[index(step.in[1 - k])] == 0 && takes_one(op_of(step), one))
        sides = one;
    }
    action.run = TileRun(op_of(step), step.element, sides);
  }

  /// The operation whose result is read by nothing but steps of the same phase that `is_reader`
  /// is true of.
  template <typename F>
  const Step* maker(int reg, const Step& reader, const F& is_reader) const {
    const int at = makers_[index(reg)];
    if (at < 0 || is_pinned_[index(reg)] != 0 || is_row(reg)) return nullptr;
    const Step& found = step(at);
    if (found.kind != FusedKernel::Kind::kOp || found.phase != reader.phase ||
        !is_joinable(found.element) || actions_[index(at)].kind != Kind::kOp)
      return nullptr;
    for (const int each : readers_[index(reg)])
      if (step(each).phase != found.phase || !is_reader(step(each))) return nullptr;
    return &found;
  }
  const Step* only_for(int reg, const Step& reader) const {
    if (readers_[index(reg)].size() != 1) return nullptr;
    return maker(reg, reader, [](const Step&) { return true; });
  }
  void drop(const Step& step) { is_joined_[static_cast<size_t>(&step - kernel_.steps.data())] = 1; }

  bool join_pair(const Step& step, FusedAction& action) {
    if (step.in[1] < 0 || is_row(step.out) || !is_joinable(step.element)) return false;
    for (int k = 0; k < 2; ++k) {
      const auto second = TilePair::op_of(op_of(step), k == 1);
      const Step* const first = only_for(step.in[k], step);
      if (!second || first == nullptr || is_one(step.in[k])) continue;
      const bool is_square = op_of(*first) == ElementOp::kSquare;
      const bool is_turned = is_one(first->in[0]);
      const int a = first->in[is_turned && !is_square ? 1 : 0];
      const int b = is_square ? a : first->in[is_turned ? 0 : 1];
      const auto op = is_square ? std::optional(TilePair::Op::kMultiply)
                                : TilePair::op_of(op_of(*first), is_turned);
      if (!op || is_one(a)) continue;
      const int c = step.in[1 - k];
      action.kind = Kind::kPair;
      action.pair = TilePair(step.element, *op, is_one(b), *second, is_one(c));
      const int in[] = {a, b, c, -1};
      std::copy(in, in + 4, action.in);
      drop(*first);
      return true;
    }
    return false;
  }

  bool join_choice(const Step& step, FusedAction& action) {
    if (is_row(step.out) || !is_joinable(step.element)) return false;
    const Step* const comparison = maker(step.in[0], step, [&](const Step& reader) {
      return reader.kind == FusedKernel::Kind::kSelect && reader.element == step.element &&
             reader.in[1] != step.in[0] && !is_row(reader.out);
    });
    if (comparison == nullptr || comparison->element != step.element) return false;
    const bool is_turned = is_one(comparison->in[0]);
    const auto op = TileChoice::op_of(op_of(*comparison), is_turned);
    const int a = comparison->in[is_turned ? 1 : 0];
    const int b = comparison->in[is_turned ? 0 : 1];
    if (!op || is_one(a)) return false;
    action.kind = Kind::kChoice;
    action.choice =
        TileChoice(step.element, *op, is_one(b), is_one(step.in[1]), is_one(step.in[2]));
    const int in[] = {a, b, step.in[1], step.in[2]};
    std::copy(in, in + 4, action.in);
    drop(*comparison);
    return true;
  }

  bool join_product(const Step& step, FusedAction& action) {
    if (action.op != ReduceOp::kSum || !is_joinable(step.element)) return false;
    const Step* const product = only_for(step.in[0], step);
    if (product == nullptr) return false;
    const bool is_square = op_of(*product) == ElementOp::kSquare;
    if (!is_square && op_of(*product) != ElementOp::kMultiply) return false;
    const int a = product->in[0];
    const int b = is_square ? a : product->in[1];
    if (is_one(a) || is_one(b)) return false;
    action.kind = Kind::kFoldProduct;
    const int in[] = {a, b, -1, -1};
    std::copy(in, in + 4, action.in);
    drop(*product);
    return true;
  }

  const FusedKernel& kernel_;
  std::vector<int> makers_;                // by register the step, or -1
  std::vector<std::vector<int>> readers_;  // by register steps, once for each time
  std::vector<uint8_t> is_uniform_;        // by register: one element for all
  std::vector<uint8_t> is_pinned_;         // by register: an output
  std::vector<uint8_t> is_joined_;         // by step: part of another action
  std::vector<FusedAction> actions_;       // by step
};

}  // namespace

std::vector<FusedAction> actions_of(const FusedKernel& kernel) { return Joining(kernel).run(); }

}  // namespace cne::tensor
