// CUDA's driver and compiler on the CPU, for tests alone: the functions that cuda_driver and nvrtc
// open. Two devices, whose memory the host can neither read nor write but inside of what the driver
// does; work is queued until somebody waits for it; kernels are what the C++ compiler makes of
// their text (host_kernels.h). What a real driver refuses is an error, too.

#include "fake_cuda.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

constexpr size_t kArena = size_t{1} << 31;
constexpr size_t kMost = size_t{1} << 30;  // of one allocation
constexpr int kMostShared = 227 * 1024;    // of a block
constexpr int kInvalid = 1, kNoMemory = 2, kNoContext = 201, kBadAddress = 700, kNotFound = 500;
constexpr int kNotRecordable = 900, kInvalidated = 901, kIllegal = 401;

struct Argument {
  size_t bytes;
  bool is_address;
};
struct Function {
  void (*launch)(void**, unsigned, int);
  const Argument* arguments;  // up to one without bytes
};

/// Work of a graph, and whether the memory that it names is there.
struct Node {
  std::function<bool()> is_valid;
  std::function<void()> work;
};
struct Graph {
  std::vector<Node> nodes;
};
/// A stream; what it is asked for becomes a graph while it records.
struct Stream {
  bool is_recording = false;
  bool is_broken = false;
  Graph graph;
};

uint8_t* arena = nullptr;
size_t used = 0;
std::map<uint64_t, size_t> alive;
std::multimap<size_t, uint64_t> given_back;
std::vector<std::function<void()>> queue;
long counts[8];  // launches, allocations, waits of streams, compilations; see fake_cuda.h
thread_local int depth = 0;

/// Threads call one after the other, and the work of all is done by whoever waits.
std::recursive_mutex mutex;
using Turn = std::lock_guard<std::recursive_mutex>;

void protect(int how) { mprotect(arena, kArena, how); }

void flush() {
  const Turn turn(mutex);
  protect(PROT_READ | PROT_WRITE);
  std::vector<std::function<void()>> work;
  work.swap(queue);
  for (const auto& each : work) each();
  protect(PROT_NONE);
}

bool is_alive(uint64_t address) {
  auto found = alive.upper_bound(address);
  if (found == alive.begin()) return false;
  --found;
  return address < found->first + found->second;
}
bool holds(uint64_t address, size_t bytes) {
  auto found = alive.upper_bound(address);
  if (found == alive.begin()) return false;
  --found;
  return address + bytes <= found->first + found->second;
}

/// What a stream that records cannot have spoils the recording.
bool is_refused(void* stream) {
  auto& of = *static_cast<Stream*>(stream);
  of.is_broken = of.is_broken || of.is_recording;
  return of.is_recording;
}

struct Compilation {
  std::string source, code, log;
};

std::string slurp(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

namespace fake {

bool has_context() { return depth > 0; }
bool holds(const void* address, size_t bytes) {
  const Turn turn(mutex);
  return ::holds(reinterpret_cast<uint64_t>(address), bytes);
}
int enqueue(void* stream, std::function<bool()> is_valid, std::function<void()> work) {
  const Turn turn(mutex);
  if (!is_valid()) return kBadAddress;
  if (auto& of = *static_cast<Stream*>(stream); of.is_recording)
    of.graph.nodes.push_back({std::move(is_valid), std::move(work)});
  else
    queue.push_back(std::move(work));
  return 0;
}
void count(int what) {
  const Turn turn(mutex);
  ++counts[what];
}

}  // namespace fake

extern "C" {

long fake_count(int of) {
  const Turn turn(mutex);
  return counts[of];
}
long fake_alive() {
  const Turn turn(mutex);
  return static_cast<long>(alive.size());
}

int cuInit(unsigned) {
  if (arena == nullptr)
    arena = static_cast<uint8_t*>(
        mmap(nullptr, kArena, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  return 0;
}
int cuGetErrorName(int status, const char** name) {
  *name = status == kNoContext       ? "CUDA_ERROR_INVALID_CONTEXT"
          : status == kBadAddress    ? "CUDA_ERROR_ILLEGAL_ADDRESS"
          : status == kNoMemory      ? "CUDA_ERROR_OUT_OF_MEMORY"
          : status == kNotRecordable ? "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"
          : status == kInvalidated   ? "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"
                                     : "CUDA_ERROR_INVALID_VALUE";
  return 0;
}
int cuDeviceGetCount(int* count) { return *count = 2, 0; }
int cuDeviceGet(int* device, int index) { return *device = index, 0; }
int cuDeviceGetAttribute(int* value, int what, int) { return *value = what == 75 ? 9 : 0, 0; }
int cuDevicePrimaryCtxRetain(void** context, int device) {
  static int contexts[2];
  return *context = &contexts[device], 0;
}
int cuCtxPushCurrent_v2(void*) { return ++depth, 0; }
int cuCtxPopCurrent_v2(void**) { return --depth, 0; }
int cuStreamCreate(void** stream, unsigned) { return *stream = new Stream, 0; }
int cuStreamDestroy_v2(void* stream) { return delete static_cast<Stream*>(stream), 0; }
int cuStreamSynchronize(void* stream) {
  if (is_refused(stream)) return kNotRecordable;
  return flush(), depth > 0 ? 0 : kNoContext;
}
int cuStreamWaitEvent(void*, void*, unsigned) { return fake::count(fake::kWaits), 0; }
int cuEventCreate(void** event, unsigned) { return *event = new int, 0; }
int cuEventRecord(void*, void*) { return 0; }
int cuEventDestroy_v2(void* event) { return delete static_cast<int*>(event), 0; }
int cuDeviceGetDefaultMemPool(void** pool, int) { return *pool = nullptr, 0; }
int cuMemPoolSetAttribute(void*, int what, void*) { return what == 4 ? 0 : kInvalid; }

int cuMemAllocAsync(uint64_t* address, size_t bytes, void* stream) {
  const Turn turn(mutex);
  if (depth == 0) return kNoContext;
  if (is_refused(stream)) return kNotRecordable;  // a real one can, but what we have does not
  if (bytes == 0 || bytes > kMost) return bytes == 0 ? kInvalid : kNoMemory;
  const size_t room = (bytes + 511) / 512 * 512;
  if (const auto found = given_back.find(room); found != given_back.end()) {
    *address = found->second;
    given_back.erase(found);
  } else {
    if (used + room > kArena) return kNoMemory;
    *address = reinterpret_cast<uint64_t>(arena) + used;
    used += room;
  }
  alive[*address] = bytes;
  ++counts[1];
  return 0;
}
int cuMemFreeAsync(uint64_t address, void* stream) {
  const Turn turn(mutex);
  if (is_refused(stream)) return kNotRecordable;
  if (depth == 0 || !alive.contains(address)) return kInvalid;
  queue.push_back([address] {
    const size_t room = (alive[address] + 511) / 512 * 512;
    std::memset(reinterpret_cast<void*>(address), 0xa5, room);
    alive.erase(address);
    given_back.emplace(room, address);
  });
  return 0;
}
int cuMemHostAlloc(void** memory, size_t bytes, unsigned) {
  if (depth == 0) return kNoContext;
  return *memory = std::malloc(bytes), 0;
}
int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void* stream) {
  const Turn turn(mutex);
  if (is_refused(stream)) return kNotRecordable;
  if (depth == 0 || !holds(to, bytes)) return kBadAddress;
  std::string staged(static_cast<const char*>(from), bytes);
  queue.push_back([=] { std::memcpy(reinterpret_cast<void*>(to), staged.data(), bytes); });
  return 0;
}
int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, void* stream) {
  const Turn turn(mutex);
  if (is_refused(stream)) return kNotRecordable;
  if (depth == 0 || !holds(from, bytes)) return kBadAddress;
  queue.push_back([=] { std::memcpy(to, reinterpret_cast<void*>(from), bytes); });
  return 0;
}
int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void* stream) {
  if (depth == 0) return kNoContext;
  return fake::enqueue(
      stream, [=] { return holds(from, bytes) && holds(to, bytes); },
      [=] { std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes); });
}

int cuStreamBeginCapture_v2(void* stream, int) {
  auto& of = *static_cast<Stream*>(stream);
  if (of.is_recording) return kIllegal;
  return of = {true, false, {}}, 0;
}
int cuStreamEndCapture(void* stream, void** graph) {
  auto& of = *static_cast<Stream*>(stream);
  if (!of.is_recording) return kIllegal;
  of.is_recording = false;
  *graph = of.is_broken ? nullptr : new Graph(std::move(of.graph));
  return of.is_broken ? kInvalidated : 0;
}
int cuGraphInstantiateWithFlags(void** ready, void* graph, unsigned long long) {
  const Turn turn(mutex);
  ++counts[fake::kRecordings];
  return *ready = new Graph(*static_cast<Graph*>(graph)), 0;
}
int cuGraphLaunch(void* ready, void* stream) {
  const Turn turn(mutex);
  if (depth == 0) return kNoContext;
  if (is_refused(stream)) return kNotRecordable;
  for (const Node& each : static_cast<Graph*>(ready)->nodes)
    if (const int status = fake::enqueue(stream, each.is_valid, each.work); status != 0)
      return status;
  return ++counts[fake::kGraphs], 0;
}
int cuGraphDestroy(void* graph) { return delete static_cast<Graph*>(graph), 0; }
int cuGraphExecDestroy(void* ready) { return delete static_cast<Graph*>(ready), 0; }

// Machine code is the path of a library.
int cuModuleLoadData(void** module, const void* image) {
  if (depth == 0) return kNoContext;
  *module = dlopen(static_cast<const char*>(image), RTLD_NOW | RTLD_LOCAL);
  return *module == nullptr ? kInvalid : 0;
}
int cuModuleGetFunction(void** function, void* module, const char* name) {
  auto* found = new Function;
  found->launch = reinterpret_cast<void (*)(void**, unsigned, int)>(
      dlsym(module, (std::string("launch_") + name).c_str()));
  const auto* arguments = static_cast<const Argument* const*>(
      dlsym(module, (std::string("arguments_") + name).c_str()));
  if (found->launch == nullptr || arguments == nullptr) return kNotFound;
  found->arguments = *arguments;
  *function = found;
  return 0;
}
int cuFuncSetAttribute(void*, int what, int bytes) {
  return depth == 0 ? kNoContext : what == 8 && bytes <= kMostShared ? 0 : kInvalid;
}
int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                   unsigned bz, unsigned shared, void* stream, void** arguments, void**) {
  if (depth == 0) return kNoContext;
  if (gx == 0 || gy != 1 || gz != 1 || bx == 0 || bx > 1024 || by != 1 || bz != 1) return kInvalid;
  if (shared > kMostShared) return kInvalid;
  const Function of = *static_cast<Function*>(function);
  std::vector<std::vector<uint64_t>> values;  // of arguments, which may change behind the call
  std::vector<uint64_t> addresses;
  for (const Argument* each = of.arguments; each->bytes != 0; ++each) {
    const void* given = arguments[values.size()];
    values.emplace_back((each->bytes + 7) / 8);
    std::memcpy(values.back().data(), given, each->bytes);
    const bool is_scratch = each[1].bytes == 0 && values.back()[0] == 0;
    if (each->is_address && !is_scratch) addresses.push_back(values.back()[0]);
  }
  const auto is_valid = [=] {
    for (const uint64_t each : addresses)
      if (!is_alive(each)) return false;
    return true;
  };
  fake::count(fake::kLaunches);
  return fake::enqueue(stream, is_valid, [=]() mutable {
    std::vector<void*> with;
    for (auto& each : values) with.push_back(each.data());
    of.launch(with.data(), gx, static_cast<int>(bx));
  });
}

// NVRTC.
int nvrtcVersion(int* major, int* minor) { return *major = 0, *minor = 1, 0; }
const char* nvrtcGetErrorString(int) { return "the compiler refused it"; }
int nvrtcCreateProgram(void** program, const char* source, const char*, int, const char* const*,
                       const char* const*) {
  return *program = new Compilation{source, "", ""}, 0;
}
int nvrtcDestroyProgram(void** program) { return delete static_cast<Compilation*>(*program), 0; }
int nvrtcCompileProgram(void* program, int, const char* const*) {
  auto& of = *static_cast<Compilation*>(program);
  const std::string mark = "\nusing namespace cne::tensor;\n\n";
  const size_t at = of.source.rfind(mark);
  std::string kernels = at == std::string::npos ? of.source : of.source.substr(at + mark.size());
  std::string text = "#include \"prelude.h\"\nusing namespace cne::tensor;\n";
  std::string launchers;
  const std::regex kernel("__launch_bounds__\\(\\d+\\) (\\w+)\\(");
  for (std::sregex_iterator each(kernels.begin(), kernels.end(), kernel), end; each != end;
       ++each) {
    const std::string name = (*each)[1];
    const std::string how = name.starts_with("run_") ? "launch_blocks" : "launch_with";
    launchers += "extern \"C\" void launch_" + name +
                 "(void** with, unsigned blocks, int threads) {\n  host_kernels::" + how + "(&" +
                 name +
                 ", with, blocks, threads);\n}\nextern \"C\" const host_kernels::Argument* const "
                 "arguments_" +
                 name + " = host_kernels::describe(&" + name + ");\n";
  }
  text += std::regex_replace(kernels, std::regex("extern \"C\" "), "static ") + launchers;
  long number = 0;
  {
    const Turn turn(mutex);
    number = counts[3]++;
  }
  const std::string base = FAKE_FOLDER "/kernel" + std::to_string(number);
  std::ofstream(base + ".cpp") << text;
  std::ofstream(base + ".cu") << of.source;  // for those who have NVRTC
  const std::string command = std::string(FAKE_COMPILE " -I" FAKE_FOLDER " -o ") + base + ".so " +
                              base + ".cpp 2>" + base + ".log";
  const int status = std::system(command.c_str());
  of.log = slurp(base + ".log");
  of.code = base + ".so";
  return status == 0 ? 0 : 6;
}
int nvrtcGetProgramLogSize(void* program, size_t* size) {
  return *size = static_cast<Compilation*>(program)->log.size() + 1, 0;
}
int nvrtcGetProgramLog(void* program, char* log) {
  return std::strcpy(log, static_cast<Compilation*>(program)->log.c_str()), 0;
}
int nvrtcGetCUBINSize(void* program, size_t* size) {
  return *size = static_cast<Compilation*>(program)->code.size() + 1, 0;
}
int nvrtcGetCUBIN(void* program, char* code) {
  return std::strcpy(code, static_cast<Compilation*>(program)->code.c_str()), 0;
}

}  // extern "C"
