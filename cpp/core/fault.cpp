#include "core/fault.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

#include "core/error.h"

namespace cne {

namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

/// The plan is read without a lock: `target` is the absolute number of the operation that fails.
struct State {
  std::atomic<int64_t> count{0};
  std::atomic<int64_t> base{0};
  std::atomic<int64_t> target{kNever};
  std::atomic<FaultPlan::Action> action{FaultPlan::Action::kFail};
};

void arm(State& state, const std::optional<FaultPlan>& plan) {
  state.target = kNever;
  state.base = state.count.load();
  if (!plan) return;
  state.action = plan->action;
  state.target = state.base + plan->at;
}

FaultPlan parse_plan(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  FaultPlan plan;
  if (name == "fail")
    plan.action = FaultPlan::Action::kFail;
  else if (name == "tear")
    plan.action = FaultPlan::Action::kTear;
  else if (name == "kill")
    plan.action = FaultPlan::Action::kKill;
  else if (name == "killtear")
    plan.action = FaultPlan::Action::kKillTear;
  else if (name == "full")
    plan.action = FaultPlan::Action::kFull;
  if (colon != std::string_view::npos)
    plan.at = std::strtoll(std::string(text.substr(colon + 1)).c_str(), nullptr, 10);
  if (plan.at < 1 || (name != "fail" && plan.action == FaultPlan::Action::kFail))
    throw ArgumentError(message("CNENGINE_FAULT: expected fail:n, tear:n, kill:n, killtear:n ",
                                "or full:n with n from 1, got \"", text, "\""));
  return plan;
}

State& state() {
  static State instance;
  static const bool armed = [] {
    const char* text = std::getenv("CNENGINE_FAULT");
    if (text != nullptr && *text != '\0') arm(instance, parse_plan(text));
    return true;
  }();
  (void)armed;
  return instance;
}

}  // namespace

int64_t set_fault_plan(std::optional<FaultPlan> plan) {
  State& s = state();
  const int64_t counted = s.count - s.base;
  arm(s, plan);
  return counted;
}

int64_t fault_operations() { return state().count; }

namespace detail {

void kill_process() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

Fault next_operation(Operation operation) {
  State& s = state();
  const int64_t number = ++s.count;
  const int64_t target = s.target.load(std::memory_order_relaxed);
  if (number < target) return Fault::kNone;
  const FaultPlan::Action action = s.action;
  if (action == FaultPlan::Action::kFull) {
    if (operation == Operation::kWrite) return Fault::kTear;
    return operation == Operation::kCreate ? Fault::kFail : Fault::kNone;
  }
  const bool tear = operation == Operation::kWrite && number == target;
  if (action == FaultPlan::Action::kKillTear && tear) return Fault::kKillTear;
  if (action == FaultPlan::Action::kKill || action == FaultPlan::Action::kKillTear) kill_process();
  return action == FaultPlan::Action::kTear && tear ? Fault::kTear : Fault::kFail;
}

}  // namespace detail

}  // namespace cne
