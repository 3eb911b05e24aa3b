#pragma once

#include <memory>

#include "bind/bind.h"
#include "gbdt/communicator.h"
#include "gbdt/feature_matrix.h"

namespace cne::bind {

/// A communicator from Python: ours, or an object with `rank`, `size`, `allreduce(array)` (int64;
/// returns the sums) and `allgather(bytes)` (returns a list of bytes), `abort()` if it has one.
/// Holds the object. Called without the interpreter lock.
class HeldCommunicator {
 public:
  /// Null for None. TypeError for what is no communicator.
  explicit HeldCommunicator(const nb::object& given);

  gbdt::Communicator* get() const { return group_; }

 private:
  nb::object given_;
  std::unique_ptr<gbdt::Communicator> adapter_;
  gbdt::Communicator* group_ = nullptr;
};

/// SocketCommunicator.
void bind_gbdt_communicator(nb::module_& m);

}  // namespace cne::bind
