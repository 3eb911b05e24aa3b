#include "tensor/cublas_lt.h"

#include <atomic>
#include <mutex>

#include "core/error.h"
#include "tensor/shared_symbol.h"

namespace cne::tensor {

namespace {

std::mutex lock;
std::vector<std::string> folders;
std::atomic<const CublasLt*> opened{nullptr};
std::atomic<int> generation{0};

bool open(CublasLt& out, const std::string& folder, int major) {
  const std::string path = message(folder, folder.empty() ? "" : "/", "libcublasLt.so.", major);
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return false;
  bool is_whole = true;
  const auto find = [&](auto& function, const char* symbol) {
    is_whole = find_symbol(handle, function, symbol) && is_whole;
  };
  find(out.version, "cublasLtGetVersion");
  find(out.status_name, "cublasLtGetStatusName");
  find(out.create, "cublasLtCreate");
  find(out.create_operation, "cublasLtMatmulDescCreate");
  find(out.destroy_operation, "cublasLtMatmulDescDestroy");
  find(out.set_operation, "cublasLtMatmulDescSetAttribute");
  find(out.create_layout, "cublasLtMatrixLayoutCreate");
  find(out.destroy_layout, "cublasLtMatrixLayoutDestroy");
  find(out.set_layout, "cublasLtMatrixLayoutSetAttribute");
  find(out.create_preference, "cublasLtMatmulPreferenceCreate");
  find(out.destroy_preference, "cublasLtMatmulPreferenceDestroy");
  find(out.set_preference, "cublasLtMatmulPreferenceSetAttribute");
  find(out.choose, "cublasLtMatmulAlgoGetHeuristic");
  find(out.multiply, "cublasLtMatmul");
  return is_whole;
}

CublasLt find_library(std::vector<std::string> all) {
  all.emplace_back();
  for (const std::string& folder : all)
    for (const int major : {13, 12}) {
      CublasLt out;
      out.is_there = open(out, folder, major);
      if (out.is_there) return out;
    }
  return {};
}

}  // namespace

void set_cublas_folders(const std::vector<std::string>& all) {
  const std::lock_guard<std::mutex> held(lock);
  if (folders == all) return;
  folders = all;
  opened = nullptr;
  ++generation;
}

const CublasLt& cublas_lt() {
  if (const CublasLt* found = opened.load(std::memory_order_acquire)) return *found;
  const std::lock_guard<std::mutex> held(lock);
  // Never closed: plans of products are given back to it until the process ends.
  if (opened.load() == nullptr)
    opened.store(new CublasLt(find_library(folders)), std::memory_order_release);
  return *opened.load();
}

int cublas_generation() { return generation; }

std::string cublas_version() {
  const CublasLt& library = cublas_lt();
  if (!library.is_there) return "";
  // 120304 is 12.3.4, 130101 is 13.1.1.
  const size_t version = library.version();
  return message(version / 10000, ".", version / 100 % 100, ".", version % 100);
}

}  // namespace cne::tensor
