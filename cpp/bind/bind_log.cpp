#include <string>

#include "bind/bind.h"
#include "core/error.h"
#include "core/fault.h"

namespace cne::bind {

namespace {

FaultPlan::Action parse_action(const std::string& name) {
  if (name == "fail") return FaultPlan::Action::kFail;
  if (name == "tear") return FaultPlan::Action::kTear;
  if (name == "kill") return FaultPlan::Action::kKill;
  if (name == "killtear") return FaultPlan::Action::kKillTear;
  throw ArgumentError(message(
      "set_fault_plan: expected \"fail\", \"tear\", \"kill\" or \"killtear\", got \"", name, "\""));
}

void bind_testing(nb::module_ m) {
  m.def(
      "set_fault_plan",
      [](const std::optional<std::string>& action, int64_t at) {
        if (!action) return set_fault_plan(std::nullopt);
        return set_fault_plan(FaultPlan{parse_action(*action), at});
      },
      nb::arg("action").none() = nb::none(), nb::arg("at") = 1);
  m.def("fault_operations", &fault_operations);
}

}  // namespace

void bind_log(nb::module_& m) { bind_testing(m.def_submodule("testing")); }

}  // namespace cne::bind
