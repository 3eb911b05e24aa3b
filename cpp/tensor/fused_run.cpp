#include <algorithm>
#include <utility>

#include "tensor/fused_runner.h"

namespace cne::tensor {

void FusedRunner::bind(Work& work) {
  work.rows = plan_.rows;
  work.is_first = true;
  work.count = plan_.rows * plan_.columns;
  work.run = plan_.columns;
  for (const int i : plan_.row_inputs)
    load(work, kernel_.inputs[static_cast<size_t>(i)], static_cast<size_t>(i));
  load_all(work, 0);
  for (const int i : plan_.row_outputs)
    work.at[static_cast<size_t>(kernel_.outputs[static_cast<size_t>(i)].reg)] =
        outputs_[static_cast<size_t>(i)].mutable_data();
  for (size_t i = 0; is_one_place() && i < kernel_.inputs.size(); ++i)
    if (kernel_.inputs[i].is_uniform)
      work.at[static_cast<size_t>(kernel_.inputs[i].reg)] = const_cast<uint8_t*>(views_[i].data());
  for (size_t phase = 0; phase < plan_.phases.size(); ++phase) {
    for (const FusedAction& action : plan_.phases[phase].of_rows)
      add_bound(work, action, work.rows);
    for (const FusedAction& action : plan_.phases[phase].actions)
      add_bound(work, action, work.count);
    for (const FusedAction& action : plan_.phases[phase].actions)
      if (action.sum >= 0)
        bound_.push_back({&action,
                          {work.memory + action.sum},
                          work.at[static_cast<size_t>(action.out)],
                          work.rows,
                          Bound::Kind::kSum});
  }
}

void FusedRunner::add_bound(const Work& work, const FusedAction& action, int64_t count) {
  const bool is_tile = action.kind == FusedAction::Kind::kOp ||
                       action.kind == FusedAction::Kind::kPair ||
                       action.kind == FusedAction::Kind::kChoice;
  const bool has_rows = action.by_row && work.rows > 1;
  Bound out{&action,
            {},
            work.at[static_cast<size_t>(action.out)],
            count,
            is_tile && !has_rows ? Bound::Kind::kTile : Bound::Kind::kOther};
  for (int i = 0; i < 4; ++i)
    if (action.in[i] >= 0) out.in[i] = work.at[static_cast<size_t>(action.in[i])];
  bound_.push_back(out);
}

void FusedRunner::run_bound(Work& work, std::span<const size_t> gathered) {
  for (const size_t input : gathered) load(work, kernel_.inputs[input], input);
  for (const Bound& each : bound_) {
    if (each.kind == Bound::Kind::kTile)
      run_tiles(*each.action, each.in, each.out, each.count);
    else if (each.kind == Bound::Kind::kSum)
      cast_tile(each.action->accumulator, each.in[0], each.action->result, each.out, each.count);
    else
      run_action(work, *each.action, each.count);
  }
}

struct FusedRun::State {
  State(const FusedKernel& kernel, const FusedPlan& plan, std::span<const Array> arrays,
        std::vector<Array> outputs)
      : runner(kernel, plan, arrays, std::move(outputs), std::vector<uint8_t>(arrays.size(), 0)),
        memory(Buffer::allocate(static_cast<size_t>(plan.bytes))),
        work(runner, memory.mutable_data()),
        rows(plan.columns == 0 ? 0 : plan.rows) {}

  FusedRunner runner;
  Buffer memory;
  FusedRunner::Work work;
  int64_t rows;
  // Inputs that may be another in each run: of one element, and of elements that are gathered.
  std::vector<size_t> uniform;
  std::vector<size_t> gathered;
};

FusedRun::FusedRun(const FusedKernel& kernel, const FusedPlan& plan, std::span<const Array> arrays,
                   std::span<const uint8_t> is_fixed, std::vector<Array> outputs)
    : state_(std::make_unique<State>(kernel, plan, arrays, std::move(outputs))) {
  state_->runner.fill_uniform(state_->work);
  if (state_->rows > 0 && state_->runner.is_one_block()) state_->runner.bind(state_->work);
  for (size_t i = 0; i < kernel.inputs.size(); ++i) {
    if (is_fixed[static_cast<size_t>(kernel.inputs[i].array)] != 0) continue;
    if (kernel.inputs[i].is_uniform && !state_->runner.is_one_place())
      state_->uniform.push_back(i);
    else if (kernel.inputs[i].is_uniform)
      continue;
    else if (!state_->runner.is_direct(i))
      state_->gathered.push_back(i);
  }
}
FusedRun::FusedRun(FusedRun&&) noexcept = default;
FusedRun::~FusedRun() = default;

void FusedRun::run() {
  State& of = *state_;
  if (of.rows == 0) return;
  for (const size_t input : of.uniform) of.runner.fill_uniform(of.work, input);
  if (of.runner.is_one_block())
    of.runner.run_bound(of.work, of.gathered);
  else
    of.runner.run_blocks(of.work, 0, of.rows);
}

}  // namespace cne::tensor
