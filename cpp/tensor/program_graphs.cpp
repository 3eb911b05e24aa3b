#include "tensor/program_graphs.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "tensor/cuda_copy.h"
#include "tensor/cuda_device.h"
#include "tensor/elementwise.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

constexpr int kPlainRuns = 2;
/// Fewer launches are not worth a graph.
constexpr int64_t kFewest = 4;
constexpr size_t kMostGraphs = 8;
constexpr size_t kMostSets = 4;
/// A program whose inputs lie elsewhere again and again is not recorded for ever.
constexpr int kMostRecordings = 64;
/// An input that has changed its place so often is copied, until it stays for so long.
constexpr int kMoves = 2;
constexpr int kStays = 32;

std::atomic<bool> is_on{true};

/// Where an input was.
struct Place {
  const uint8_t* address = nullptr;
  Dims strides;
  bool operator==(const Place&) const = default;
};
Place place_of(const Array& array) { return {array.address(), array.strides()}; }

struct History {
  Place last;
  int moves = 0;
  int stays = 0;
  bool is_copied = false;
};

/// Memory for the results of a run.
struct ResultSet {
  std::vector<Buffer> memory;
  std::vector<std::shared_ptr<const Buffer>> holders;  // each array that is given out holds one

  bool is_free() const {
    for (const auto& each : holders)
      if (each.use_count() != 1) return false;
    // Others let go of an array by a count that releases; see Buffer::is_sole.
    std::atomic_thread_fence(std::memory_order_acquire);
    return true;
  }
};

}  // namespace

struct ProgramGraphs::Graph {
  std::vector<Place> places;  // of inputs that are read where they are
  std::vector<bool> is_copied;
  size_t set;
  std::unique_ptr<CudaGraph> work;
  uint64_t last_used = 0;
};

struct ProgramGraphs::OnDevice {
  OnDevice(CudaDevice& device, int generation)
      : cuda(device), driver(generation), memory(std::make_shared<GraphMemory>(device)) {}

  CudaDevice& cuda;
  int driver;  // its generation
  int runs = 0;
  bool is_given_up = false;
  int recordings = 0;
  uint64_t clock = 0;
  std::vector<History> inputs;
  std::vector<const uint8_t*> results;  // of the last run without a graph
  std::shared_ptr<GraphMemory> memory;
  std::vector<Array> slots;  // for inputs that are copied, by input
  std::vector<ResultSet> sets;
  std::vector<Graph> graphs;

  void give_up();
  bool is_own(const uint8_t* address) const;
  void observe(std::span<const Array> arrays);
  std::optional<size_t> free_set(const std::vector<Type>& types);
  Graph* find(std::span<const Array> arrays);
  std::vector<Array> arrays_of(size_t set, const std::vector<Type>& types) const;
  std::vector<Array> fill_slots(std::span<const Array> arrays);
  Graph* record(std::span<const Array> read, const std::vector<Type>& types, size_t set,
                const Run& program);
};

/// It is run without graphs from now on, and keeps no memory.
void ProgramGraphs::OnDevice::give_up() {
  is_given_up = true;
  graphs.clear();
  slots.clear();
  sets.clear();
  memory = nullptr;
}

/// Whether the program itself put something there: its results are often its next inputs.
bool ProgramGraphs::OnDevice::is_own(const uint8_t* address) const {
  for (const ResultSet& set : sets)
    for (const Buffer& each : set.memory)
      if (each.data() == address) return true;
  return std::find(results.begin(), results.end(), address) != results.end();
}

/// Notes which inputs come from changing places.
void ProgramGraphs::OnDevice::observe(std::span<const Array> arrays) {
  inputs.resize(arrays.size());
  for (size_t i = 0; i < arrays.size(); ++i) {
    History& of = inputs[i];
    if (arrays[i].device().is_cpu()) {
      of.is_copied = true;
      continue;
    }
    const Place now = place_of(arrays[i]);
    if (now == of.last) {
      if (++of.stays >= kStays) {
        of.is_copied = false;
        of.moves = 0;
      }
      continue;
    }
    of.stays = 0;
    if (is_own(now.address)) continue;
    if (of.last.address != nullptr && ++of.moves >= kMoves) of.is_copied = true;
    of.last = now;
  }
}

/// One that nobody reads any more, or a new one; nothing where all are held.
std::optional<size_t> ProgramGraphs::OnDevice::free_set(const std::vector<Type>& types) {
  for (size_t i = 0; i < sets.size(); ++i)
    if (sets[i].is_free()) return i;
  if (sets.size() >= kMostSets) return std::nullopt;
  ResultSet made;
  for (const Type& each : types) {
    made.memory.push_back(cuda.allocate(static_cast<size_t>(each.bytes())));
    made.holders.push_back(std::make_shared<const Buffer>(made.memory.back()));
  }
  sets.push_back(std::move(made));
  return sets.size() - 1;
}

ProgramGraphs::Graph* ProgramGraphs::OnDevice::find(std::span<const Array> arrays) {
  for (Graph& each : graphs) {
    bool fits = sets[each.set].is_free();
    for (size_t i = 0; fits && i < arrays.size(); ++i)
      fits = each.is_copied[i] == inputs[i].is_copied &&
             (each.is_copied[i] || each.places[i] == place_of(arrays[i]));
    if (fits) return &each;
  }
  return nullptr;
}

std::vector<Array> ProgramGraphs::OnDevice::arrays_of(size_t set,
                                                      const std::vector<Type>& types) const {
  std::vector<Array> out;
  for (size_t i = 0; i < types.size(); ++i) {
    Type type = types[i];
    type.device = {Device::Kind::kCuda, cuda.index()};
    const Buffer& memory = sets[set].memory[i];
    out.emplace_back(type,
                     Buffer::wrap(memory.data(), memory.size(), sets[set].holders[i], type.device),
                     0, row_major_strides(type.shape));
  }
  return out;
}

/// The inputs as a graph reads them: those that change their place are copied to one of ours.
std::vector<Array> ProgramGraphs::OnDevice::fill_slots(std::span<const Array> arrays) {
  slots.resize(arrays.size());
  std::vector<Array> out;
  for (size_t i = 0; i < arrays.size(); ++i) {
    const Array& from = arrays[i];
    if (!inputs[i].is_copied) {
      out.push_back(from);
      continue;
    }
    Type type = from.type();
    type.device = {Device::Kind::kCuda, cuda.index()};
    Array& slot = slots[i];
    const bool is_one = from.device().is_cpu();  // a number
    const auto width = size_of(type.element);
    if (!slot)
      slot = Array(type, cuda.allocate(is_one ? width : static_cast<size_t>(type.bytes())), 0,
                   is_one ? Dims::filled(from.rank(), 0) : row_major_strides(type.shape));
    auto* const to = const_cast<uint8_t*>(slot.address());
    if (is_one)
      cuda.write(from.data(), width, to);
    else if (from.is_contiguous())
      cuda.copy(from.address(), static_cast<size_t>(from.bytes()), to);
    else if (from.size() > 0)
      copy_strided_on_cuda(from, to, slot.strides());
    out.push_back(slot);
  }
  return out;
}

namespace {

/// Results where their targets are: those that were not made there are copied.
void move_to(std::vector<Array> results, std::span<const Array> targets, CudaDevice& cuda) {
  for (const Array& each : results)
    if (each.device().is_cpu()) throw NotRecorded("a result on the host");
  const auto is_within_target = [&](const Array& array) {
    for (const Array& each : targets)
      if (array.buffer().data() == each.buffer().data()) return true;
    return false;
  };
  const auto is_there = [&](size_t i) {
    return results[i].address() == targets[i].address() && results[i].is_contiguous();
  };
  // What lies where another result goes is put elsewhere before anything is overwritten.
  for (size_t i = 0; i < results.size(); ++i)
    if (!is_there(i) && is_within_target(results[i])) results[i] = copy(results[i]);
  for (size_t i = 0; i < results.size(); ++i) {
    if (is_there(i) || results[i].size() == 0) continue;
    auto* const to = const_cast<uint8_t*>(targets[i].address());
    if (results[i].is_contiguous())
      cuda.copy(results[i].address(), static_cast<size_t>(results[i].bytes()), to);
    else
      copy_strided_on_cuda(results[i], to, targets[i].strides());
  }
}

}  // namespace

ProgramGraphs::Graph* ProgramGraphs::OnDevice::record(std::span<const Array> read,
                                                      const std::vector<Type>& types, size_t set,
                                                      const Run& program) {
  if (recordings >= kMostRecordings) return nullptr;
  ++recordings;
  const std::vector<Array> targets = arrays_of(set, types);
  Graph made;
  made.set = set;
  for (size_t i = 0; i < read.size(); ++i) {
    made.is_copied.push_back(inputs[i].is_copied);
    made.places.push_back(place_of(read[i]));
  }
  try {
    made.work = std::make_unique<CudaGraph>(
        cuda, *memory, [&] { move_to(program(read, targets), targets, cuda); });
  } catch (const std::exception&) {
    // Run as before it works, or says by itself what is wrong.
    give_up();
    return nullptr;
  }
  if (graphs.size() >= kMostGraphs)
    graphs.erase(std::min_element(graphs.begin(), graphs.end(), [](const Graph& a, const Graph& b) {
      return a.last_used < b.last_used;
    }));
  graphs.push_back(std::move(made));
  return &graphs.back();
}

std::optional<std::vector<Array>> ProgramGraphs::try_graph(OnDevice& on,
                                                           std::span<const Array> inputs,
                                                           const Run& program) {
  Graph* graph = on.find(inputs);
  std::optional<size_t> set;
  if (graph == nullptr) {
    set = on.free_set(outputs_);
    if (!set) return std::nullopt;
  }
  const std::vector<Array> read = on.fill_slots(inputs);
  if (graph == nullptr) graph = on.record(read, outputs_, *set, program);
  if (graph == nullptr) return std::nullopt;
  graph->last_used = ++on.clock;
  std::vector<Array> out = on.arrays_of(graph->set, outputs_);
  graph->work->launch();
  return out;
}

std::shared_ptr<ProgramGraphs::OnDevice> ProgramGraphs::on_device(Device device) {
  std::shared_ptr<OnDevice>& kept = devices_[device.index];
  const int driver = cuda_driver_generation();
  if (kept == nullptr || kept->driver != driver)
    kept = std::make_shared<OnDevice>(cuda_device(device.index, "jit"), driver);
  return kept;
}

std::optional<std::vector<Array>> ProgramGraphs::run(std::span<const Array> inputs, Device device,
                                                     const Run& program) {
  if (recording() != nullptr || !cuda_driver().has_graphs) return std::nullopt;
  const std::unique_lock<std::mutex> held(lock_, std::try_to_lock);
  if (!held.owns_lock()) return std::nullopt;
  if (!is_on) {
    devices_.clear();  // what it kept goes back
    return std::nullopt;
  }
  OnDevice& on = *on_device(device);
  if (on.is_given_up) return std::nullopt;
  on.observe(inputs);
  if (on.runs < kPlainRuns) return std::nullopt;
  return try_graph(on, inputs, program);
}

void ProgramGraphs::ran(Device device, int64_t asked, std::span<const Array> results) {
  if (!is_on || recording() != nullptr) return;
  const std::unique_lock<std::mutex> held(lock_, std::try_to_lock);
  if (!held.owns_lock()) return;
  OnDevice& on = *on_device(device);
  if (asked < kFewest) on.give_up();
  on.runs = std::min(on.runs + 1, kPlainRuns);
  on.results.clear();
  for (const Array& each : results) {
    const bool is_input = std::any_of(on.inputs.begin(), on.inputs.end(), [&](const History& of) {
      return of.last.address == each.address();
    });
    if (!is_input) on.results.push_back(each.address());
  }
}

OfferedMemory::OfferedMemory(std::span<const Array> targets, std::span<const int> outputs,
                             std::span<const int> made) {
  if (targets.empty()) return;
  is_offered_ = true;
  for (const int variable : made)
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i] != variable || targets[i].size() == 0) continue;
      recording()->offered.push_back(targets[i].buffer());
      break;
    }
}

OfferedMemory::~OfferedMemory() {
  if (is_offered_) recording()->offered.clear();
}

bool set_cuda_graphs(bool on) { return is_on.exchange(on); }

}  // namespace cne::tensor
