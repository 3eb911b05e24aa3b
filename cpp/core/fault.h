#pragma once

#include <cstdint>
#include <optional>

namespace cne {

/// What goes wrong, and when, for tests. Set by `set_fault_plan` or, at start, by the environment
/// variable CNENGINE_FAULT="kill:17" (also "fail:17", "tear:17", "killtear:17", "full:17").
struct FaultPlan {
  enum class Action {
    kFail,      // the operation throws IoError and changes nothing; all later ones fail as well
    kTear,      // half of the bytes are written, then as kFail
    kKill,      // the process ends by SIGKILL before the operation
    kKillTear,  // half of the bytes are written, then as kKill
    kFull,      // as on a full disk: from there on writes stop half way, and nothing can be created
  };
  Action action = Action::kFail;
  int64_t at = 0;  // which changing operation from now on, counted from 1
};
/// Replaces the plan; none switches faults off. Returns how many operations the last plan counted.
int64_t set_fault_plan(std::optional<FaultPlan> plan);
/// Changing operations (append, write_at, truncate, sync, rename, remove, create) of this process
/// so far.
int64_t fault_operations();

namespace detail {
/// What the file layer asks before each changing operation. Kills the process when the plan says
/// so; the others (kTear and kKillTear for writes alone) are left to the caller.
enum class Fault { kNone, kFail, kTear, kKillTear };
enum class Operation { kWrite, kCreate, kOther };
Fault next_operation(Operation operation);
[[noreturn]] void kill_process();
}  // namespace detail

}  // namespace cne
