#include "tensor/fused_plan.h"

#include <algorithm>

#include "tensor/elementwise_tile.h"

namespace cne::tensor {

namespace {

using Kind = FusedAction::Kind;

constexpr int64_t kLine = 64;

bool is_fold(const FusedAction& action) {
  return action.kind == Kind::kFold || action.kind == Kind::kFoldProduct;
}

class Planner {
 public:
  Planner(const FusedKernel& kernel, FusedPlan& plan)
      : kernel_(kernel),
        plan_(plan),
        actions_(actions_of(kernel)),
        slots_(kernel.registers.size(), -1),
        output_of_(kernel.registers.size(), -1),
        is_kept_(kernel.registers.size(), 0) {}

  void run() {
    plan_.rows = kernel_.rows();
    plan_.columns = kernel_.columns();
    plan_.is_long = plan_.columns > kTile;
    plan_.block_rows =
        plan_.is_long ? 1 : std::max<int64_t>(1, kTile / std::max<int64_t>(plan_.columns, 1));
    // Where nothing is reduced a block is one row of the last axis if that is about a tile: what is
    // broadcast along the others is then read where it lies.
    const int64_t last = kernel_.shape.empty() ? 1 : kernel_.shape.back();
    if (plan_.columns == 1 && last > kTile / 2 && last <= kTile) plan_.block_rows = last;
    for (size_t i = 0; i < kernel_.outputs.size(); ++i)
      if (const int reg = kernel_.outputs[i].reg; !is_row(reg))
        output_of_[static_cast<size_t>(reg)] = static_cast<int>(i);
    find_kept();
    share_slots();
    place();
    share_out();
  }

 private:
  bool is_row(int reg) const { return kernel_.registers[static_cast<size_t>(reg)].is_row; }
  int64_t width(size_t reg) const {
    return static_cast<int64_t>(size_of(kernel_.registers[reg].element));
  }

  /// Whole registers of long rows that are read in a later phase than they are set in. Inputs are
  /// read anew in every phase.
  void find_kept() {
    std::vector<int> set(slots_.size(), 0);
    std::vector<int> read(slots_.size(), 0);
    for (const FusedAction& action : actions_) {
      set[static_cast<size_t>(action.out)] = action.phase;
      for (const int in : action.in)
        if (in >= 0)
          read[static_cast<size_t>(in)] = std::max(read[static_cast<size_t>(in)], action.phase);
    }
    for (const FusedKernel::Input& input : kernel_.inputs)
      set[static_cast<size_t>(input.reg)] = read[static_cast<size_t>(input.reg)];
    for (size_t i = 0; i < slots_.size(); ++i)
      is_kept_[i] =
          plan_.is_long && !kernel_.registers[i].is_row && output_of_[i] < 0 && read[i] > set[i]
              ? 1
              : 0;
  }

  int new_slot(int64_t bytes) {
    slot_widths_.push_back(bytes);
    return static_cast<int>(slot_widths_.size()) - 1;
  }

  /// Whole registers that are done give their slot to later ones, so that few tiles are in the
  /// cache. A step's result never takes the slot of its inputs.
  void share_slots() {
    std::vector<size_t> last_read(slots_.size(), 0);
    for (size_t i = 0; i < actions_.size(); ++i)
      for (const int in : actions_[i].in)
        if (in >= 0) last_read[static_cast<size_t>(in)] = i;
    std::vector<uint8_t> is_input(slots_.size(), 0);
    for (const FusedKernel::Input& input : kernel_.inputs) {
      is_input[static_cast<size_t>(input.reg)] = 1;
      slots_[static_cast<size_t>(input.reg)] = new_slot(width(static_cast<size_t>(input.reg)));
    }
    std::vector<int> free;
    for (size_t i = 0; i < actions_.size(); ++i) {
      const FusedAction& action = actions_[i];
      const auto out = static_cast<size_t>(action.out);
      if (output_of_[out] < 0 && is_kept_[out] == 0) {
        if (!is_row(action.out) && !free.empty()) {
          slots_[out] = free.back();
          free.pop_back();
        } else {
          slots_[out] = new_slot(0);
        }
        int64_t& bytes = slot_widths_[static_cast<size_t>(slots_[out])];
        bytes = std::max(bytes, width(out));
      }
      for (int k = 0; k < 4; ++k) {
        const int in = action.in[k];
        if (in < 0 || std::find(action.in, action.in + k, in) != action.in + k) continue;
        const auto reg = static_cast<size_t>(in);
        if (last_read[reg] == i && slots_[reg] >= 0 && is_input[reg] == 0 && !is_row(in))
          free.push_back(slots_[reg]);
      }
    }
  }

  int64_t take(int64_t bytes) {
    const int64_t at = plan_.bytes;
    plan_.bytes += (bytes + kLine - 1) / kLine * kLine;
    return at;
  }

  void place() {
    std::vector<int64_t> at;
    for (const int64_t bytes : slot_widths_) at.push_back(take(bytes * kTile));
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i] >= 0)
        plan_.places.push_back(at[static_cast<size_t>(slots_[i])]);
      else
        plan_.places.push_back(is_kept_[i] != 0 ? take(plan_.columns * width(i)) : -1);
    }
    plan_.first_sum = plan_.bytes;
    for (FusedAction& action : actions_)
      if (is_fold(action)) action.sum = take(plan_.block_rows * 16);
  }

  /// What is done in which phase. Rows of several phases that are short are read in the first one.
  void share_out() {
    for (size_t i = 0; i < slots_.size(); ++i)
      if (output_of_[i] >= 0 || is_kept_[i] != 0)
        plan_.moving.push_back({static_cast<int>(i), width(i), output_of_[i]});
    plan_.phases.resize(static_cast<size_t>(kernel_.phases) + 1);
    for (const FusedAction& action : actions_) {
      FusedPlan::Phase& phase = plan_.phases[static_cast<size_t>(action.phase)];
      (action.is_row ? phase.of_rows : phase.actions).push_back(action);
    }
    for (size_t i = 0; i < kernel_.outputs.size(); ++i)
      if (is_row(kernel_.outputs[i].reg)) plan_.row_outputs.push_back(static_cast<int>(i));
    for (size_t i = 0; i < kernel_.inputs.size(); ++i) {
      const FusedKernel::Input& input = kernel_.inputs[i];
      if (is_row(input.reg)) plan_.row_inputs.push_back(static_cast<int>(i));
      if (is_row(input.reg) || input.is_uniform) continue;
      for (size_t phase = 0; phase < plan_.phases.size(); ++phase)
        if (plan_.is_long ? is_read(plan_.phases[phase], input.reg) : phase == 0)
          plan_.phases[phase].inputs.push_back(static_cast<int>(i));
    }
  }

  static bool is_read(const FusedPlan::Phase& phase, int reg) {
    return std::any_of(phase.actions.begin(), phase.actions.end(), [reg](const auto& action) {
      return std::find(action.in, action.in + 4, reg) != action.in + 4;
    });
  }

  const FusedKernel& kernel_;
  FusedPlan& plan_;
  std::vector<FusedAction> actions_;
  std::vector<int> slots_;        // by register, or -1
  std::vector<int> output_of_;    // by register the output that it is, or -1
  std::vector<uint8_t> is_kept_;  // by register
  std::vector<int64_t> slot_widths_;
};

}  // namespace

int64_t FusedKernel::rows() const {
  int64_t out = 1;
  for (int axis = 0; axis < row_axes; ++axis) out *= shape[axis];
  return out;
}

int64_t FusedKernel::columns() const {
  int64_t out = 1;
  for (int axis = row_axes; axis < shape.size(); ++axis) out *= shape[axis];
  return out;
}

FusedPlan::FusedPlan(const FusedKernel& kernel) { Planner(kernel, *this).run(); }

}  // namespace cne::tensor
