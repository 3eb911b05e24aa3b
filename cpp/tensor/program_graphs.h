#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "tensor/array.h"
#include "tensor/cuda_graph.h"

namespace cne::tensor {

/// A program's work on CUDA devices as graphs: from the third call on a run is one call of the
/// driver instead of one for each kernel. Any thread may call; who finds another one at it runs the
/// program as before.
///
/// A graph is recorded for the places of the inputs and writes results into memory of its own,
/// which arrays are given out of and which is written again when nobody holds these any more: a
/// training step alternates between two such sets. Inputs whose place changes from call to call
/// (batches of data, numbers) are copied to a place of the graph first. See cuda/tensor/README.md.
class ProgramGraphs {
 public:
  explicit ProgramGraphs(std::vector<Type> outputs) : outputs_(std::move(outputs)) {}

  /// Runs the program: results for `inputs`. `targets`, one for each result or none, is memory that
  /// results may be made in.
  using Run = std::function<std::vector<Array>(std::span<const Array> inputs,
                                               std::span<const Array> targets)>;
  /// Nothing where the program has to be run without a graph; `ran` is told of that.
  std::optional<std::vector<Array>> run(std::span<const Array> inputs, Device device,
                                        const Run& program);
  /// How much of its device a run without a graph asked for, and what it gave.
  void ran(Device device, int64_t asked, std::span<const Array> results);

 private:
  struct Graph;
  struct OnDevice;
  std::shared_ptr<OnDevice> on_device(Device device);
  std::optional<std::vector<Array>> try_graph(OnDevice& on, std::span<const Array> inputs,
                                              const Run& program);

  std::vector<Type> outputs_;
  std::mutex lock_;
  std::map<int, std::shared_ptr<OnDevice>> devices_;
};

/// While a step of a program is recorded: memory for those of its results, of which `made` are the
/// variables, that are results of the program.
class OfferedMemory {
 public:
  OfferedMemory(std::span<const Array> targets, std::span<const int> outputs,
                std::span<const int> made);
  OfferedMemory(const OfferedMemory&) = delete;
  OfferedMemory& operator=(const OfferedMemory&) = delete;
  ~OfferedMemory();

 private:
  bool is_offered_ = false;
};

/// Whether programs are run as graphs; on at first. Gives what it was. Of the process.
bool set_cuda_graphs(bool is_on);

}  // namespace cne::tensor
