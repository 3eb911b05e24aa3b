#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "tensor/cuda_unit.h"
#include "tensor/fusion.h"
#include "tensor/graph.h"
#include "tensor/program_graphs.h"

namespace cne::tensor {

/// A graph made ready to run: simplified, with chains of operations fused. Values are let go of
/// after their last use, so that later ones take their memory. Safe to run by several threads.
/// Runs where its inputs lie; all of its values are there, constants from the CPU too.
class Program {
 public:
  /// The graph's constants must be arrays.
  explicit Program(const Graph& graph);

  /// The outputs. The inputs have the types of the graph's. Under debug_nans operations are run one
  /// by one, and errors name the line that called them.
  std::vector<Array> run(std::span<const Array> inputs) const;
  /// The same; results take the memory of inputs that nobody else holds, where they can. When it
  /// throws `inputs` has those again that were still to be read.
  std::vector<Array> run(std::vector<Array>&& inputs) const;

  /// As `run`; tells of each fused unit what it reads and what it gives.
  using Watch = std::function<void(const LoweredUnit& unit, std::span<const Array> inputs,
                                   std::span<const Array> outputs)>;
  std::vector<Array> watch(std::span<const Array> inputs, const Watch& tell) const;

  const Graph& graph() const { return graph_; }
  size_t kernels() const { return steps_.size(); }

 private:
  struct Step {
    int node = -1;  // of the graph; -1: a fused kernel
    LoweredUnit unit;
    std::shared_ptr<CudaUnit> on_cuda;  // of a fused kernel
    std::vector<int> done;              // variables that nobody reads later
    int bias = -1;                      // of a product: what is added to it at once on a device
    int sum_of = -1;  // of an addition that is so: the variable that is its sum there
  };

  void check(std::span<const Array> inputs) const;
  std::vector<Array> run_steps(std::vector<Array>& inputs, const Watch* tell) const;
  std::vector<Array> run_on(std::vector<Array>& inputs, Device device, const Watch* tell,
                            std::span<const Array> targets) const;
  void run_all(std::vector<Array>& values, Device device, const Watch* tell,
               std::span<const Array> targets) const;
  std::vector<Array> run_step(const Step& step, std::vector<Array>& values, Device device,
                              const Watch* tell) const;

  Device device_of(std::span<const Array> inputs) const;
  Array constant(int variable, const Array& value, Device device) const;

  /// Constants on other devices than the CPU, by variable and device.
  struct Uploaded {
    std::mutex lock;
    std::map<std::pair<int, int>, Array> arrays;
  };

  Graph graph_;
  std::vector<Step> steps_;
  std::unique_ptr<Uploaded> uploaded_ = std::make_unique<Uploaded>();
  std::unique_ptr<ProgramGraphs> graphs_;
};

}  // namespace cne::tensor
