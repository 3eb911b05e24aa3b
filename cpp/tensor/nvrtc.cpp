#include "tensor/nvrtc.h"

#include <mutex>

#include "core/error.h"
#include "tensor/shared_symbol.h"

namespace cne::tensor {

namespace {

using Program = void*;

// As <nvrtc.h> declares them.
struct Library {
  int (*version)(int*, int*) = nullptr;
  const char* (*error_string)(int) = nullptr;
  int (*create)(Program*, const char*, const char*, int, const char* const*,
                const char* const*) = nullptr;
  int (*destroy)(Program*) = nullptr;
  int (*compile)(Program, int, const char* const*) = nullptr;
  int (*log_size)(Program, size_t*) = nullptr;
  int (*log)(Program, char*) = nullptr;
  int (*cubin_size)(Program, size_t*) = nullptr;
  int (*cubin)(Program, char*) = nullptr;
  std::string name;  // "13.0"; empty: not there

  bool open(const std::string& folder, int major);
};

std::mutex& lock() {
  static std::mutex out;
  return out;
}
std::vector<std::string>& folders() {
  static std::vector<std::string> out;
  return out;
}

bool Library::open(const std::string& folder, int major) {
  const std::string path = message(folder, folder.empty() ? "" : "/", "libnvrtc.so.", major);
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return false;
  bool is_whole = true;
  const auto find = [&](auto& function, const char* symbol) {
    is_whole = find_symbol(handle, function, symbol) && is_whole;
  };
  find(version, "nvrtcVersion");
  find(error_string, "nvrtcGetErrorString");
  find(create, "nvrtcCreateProgram");
  find(destroy, "nvrtcDestroyProgram");
  find(compile, "nvrtcCompileProgram");
  find(log_size, "nvrtcGetProgramLogSize");
  find(log, "nvrtcGetProgramLog");
  find(cubin_size, "nvrtcGetCUBINSize");
  find(cubin, "nvrtcGetCUBIN");
  int first = 0;
  int second = 0;
  if (!is_whole || version(&first, &second) != 0) return false;
  name = message(first, ".", second);
  // It opens its other half by name alone, which finds what is open already.
  if (!folder.empty())
    dlopen(message(folder, "/libnvrtc-builtins.so.", name).c_str(), RTLD_NOW | RTLD_GLOBAL);
  return true;
}

const Library* opened = nullptr;

Library find_library(std::vector<std::string> all) {
  all.emplace_back();
  for (const std::string& folder : all)
    for (const int major : {13, 12})
      if (Library out; out.open(folder, major)) return out;
  return {};
}

/// Looked for once after folders were told; a Library without a name is none.
const Library& library() {
  const std::lock_guard<std::mutex> held(lock());
  if (opened == nullptr) opened = new Library(find_library(folders()));
  return *opened;
}

/// A program that is destroyed with its scope.
class Compilation {
 public:
  Compilation(const Library& library, const std::string& source) : library_(library) {
    check(library.create(&program_, source.c_str(), "fused.cu", 0, nullptr, nullptr), "create");
  }
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;
  ~Compilation() { library_.destroy(&program_); }

  std::string run(const std::string& architecture) {
    std::vector<std::string> options = nvrtc_options();
    options.push_back("--gpu-architecture=" + architecture);
    std::vector<const char*> texts;
    for (const std::string& each : options) texts.push_back(each.c_str());
    const int status = library_.compile(program_, static_cast<int>(texts.size()), texts.data());
    if (status != 0)
      throw ArgumentError(message("nvrtc: ", library_.error_string(status), " for ", architecture,
                                  "\n", text(library_.log_size, library_.log)));
    return text(library_.cubin_size, library_.cubin);
  }

 private:
  void check(int status, const char* what) const {
    if (status != 0)
      throw ArgumentError(message("nvrtc: ", what, ": ", library_.error_string(status)));
  }
  template <typename Size, typename Read>
  std::string text(Size size_of_text, Read read) const {
    size_t size = 0;
    check(size_of_text(program_, &size), "size");
    std::string out(size, '\0');
    if (size > 0) check(read(program_, out.data()), "read");
    return out;
  }

  const Library& library_;
  Program program_ = nullptr;
};

}  // namespace

void set_nvrtc_folders(const std::vector<std::string>& all) {
  const std::lock_guard<std::mutex> held(lock());
  if (folders() == all) return;
  folders() = all;
  opened = nullptr;
}

std::string nvrtc_version() { return library().name; }

const std::vector<std::string>& nvrtc_options() {
  static const std::vector<std::string> options = {
      "--std=c++20", "--device-as-default-execution-space", "--fmad=false", "--device-int128",
      "--disable-warnings"};
  return options;
}

std::string nvrtc_compile(const std::string& source, const std::string& architecture) {
  const Library& found = library();
  if (found.name.empty())
    throw UnsupportedError(
        "nvrtc: expected libnvrtc.so.13 or .12; `pip install nvidia-cuda-nvrtc` brings it");
  return Compilation(found, source).run(architecture);
}

}  // namespace cne::tensor
