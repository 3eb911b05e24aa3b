#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cne::gbdt {

/// Joins the workers of one training. Calls are collective: all workers make the same ones in the
/// same order, one at a time. They throw IoError when another worker is gone.
class Communicator {
 public:
  virtual ~Communicator() = default;

  /// This worker's number, from 0 to size() - 1.
  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// Replaces each number by its sum over all workers, which give equally many.
  virtual void allreduce(int64_t* values, size_t count) = 0;

  /// What each worker gives, by rank.
  virtual std::vector<std::string> allgather(std::string bytes) = 0;

  /// This worker gives up: waiting calls of the others, and later ones, fail.
  virtual void abort() noexcept = 0;
};

}  // namespace cne::gbdt
