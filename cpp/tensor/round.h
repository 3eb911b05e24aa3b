#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "tensor/fusion.h"
#include "tensor/graph.h"

namespace cne::tensor {

/// The body of a loop as it is run many times on small arrays: what can be known of its steps
/// before there are arrays. The graph must outlive it.
class RoundPlan {
 public:
  /// `constants` of the first inputs are the same in every round.
  RoundPlan(const Graph& graph, size_t constants);

  /// Whether rounds are so small that what surrounds their operations counts: all lies on the CPU,
  /// and nothing that is computed is worth several threads or memory of its own each time.
  bool is_small() const { return is_small_; }

 private:
  friend class Round;
  struct Step {
    int node = -1;  // of the graph; -1: a fused kernel
    LoweredUnit unit;
  };

  const Graph& graph_;
  size_t constants_;
  bool is_small_;
  std::vector<Step> steps_;
};

/// One step of a round, bound to its memory.
struct RoundStep {
  virtual ~RoundStep() = default;
  virtual void run() = 0;
};

/// A plan bound to memory that stays where it is: who writes to the inputs and calls `run` finds
/// the results in the outputs. What depends on constants alone is computed when it is made, views
/// are made once. Used by one thread. The plan must outlive it.
class Round {
 public:
  Round(const RoundPlan& plan, std::span<const Array> inputs);

  void run() {
    for (const std::unique_ptr<RoundStep>& step : steps_) step->run();
  }
  /// The same memory after every run. It may be that of an input.
  const Array& output(size_t at) const { return outputs_[at]; }

 private:
  class Binder;

  std::vector<std::unique_ptr<RoundStep>> steps_;
  std::vector<Array> outputs_;
};

/// memcpy, without a call for what small states have.
inline void copy_bytes(void* to, const void* from, size_t bytes) {
  switch (bytes) {
    case 4:
      std::memcpy(to, from, 4);
      return;
    case 8:
      std::memcpy(to, from, 8);
      return;
    case 16:
      std::memcpy(to, from, 16);
      return;
    case 32:
      std::memcpy(to, from, 32);
      return;
    default:
      std::memcpy(to, from, bytes);
  }
}

/// An array whose elements are copied again and again, to memory where they lie row by row.
class Source {
 public:
  explicit Source(Array array);
  void copy(uint8_t* to) const {
    if (bytes_ > 0)
      copy_bytes(to, at_, bytes_);
    else
      copy_strided(to);
  }

 private:
  void copy_strided(uint8_t* to) const;

  Array array_;
  const uint8_t* at_;
  size_t bytes_;  // 0: they lie otherwise
};

/// What a round gives becomes what the next one reads.
class Feedback {
 public:
  /// `states` lie row by row; the first outputs of the round are those of the next one.
  Feedback(const Round& round, std::vector<Array> states);
  void run();

 private:
  struct Move {
    Source from;
    uint8_t* to;
  };
  std::vector<Array> states_;
  std::vector<Array> held_;  // outputs that are inputs, before one of them is written
  std::vector<Move> moves_;
};

}  // namespace cne::tensor
