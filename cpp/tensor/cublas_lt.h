#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cne::tensor {

/// NVIDIA's cuBLASLt, products of matrices, opened at its first use: from the folders that were
/// told (those of the nvidia-cublas wheel), else where the system finds it. Functions, structures
/// and numbers as <cublasLt.h> of CUDA 12 and 13 declares them; what it calls opaque is made by its
/// own functions. Source: https://docs.nvidia.com/cuda/cublas/#using-the-cublaslt-api.
struct CublasLt {
  struct Algorithm {  // cublasLtMatmulAlgo_t
    uint64_t data[8];
  };
  struct Choice {  // cublasLtMatmulHeuristicResult_t
    Algorithm algorithm;
    size_t workspace;
    int state;
    float waves;
    int reserved[4];
  };

  size_t (*version)() = nullptr;
  const char* (*status_name)(int) = nullptr;
  int (*create)(void**) = nullptr;
  int (*create_operation)(void**, int, int) = nullptr;
  int (*destroy_operation)(void*) = nullptr;
  int (*set_operation)(void*, int, const void*, size_t) = nullptr;
  int (*create_layout)(void**, int, uint64_t, uint64_t, int64_t) = nullptr;
  int (*destroy_layout)(void*) = nullptr;
  int (*set_layout)(void*, int, const void*, size_t) = nullptr;
  int (*create_preference)(void**) = nullptr;
  int (*destroy_preference)(void*) = nullptr;
  int (*set_preference)(void*, int, const void*, size_t) = nullptr;
  int (*choose)(void*, void*, void*, void*, void*, void*, void*, int, Choice*, int*) = nullptr;
  int (*multiply)(void*, void*, const void*, const void*, void*, const void*, void*, const void*,
                  const void*, void*, void*, void*, const Algorithm*, void*, size_t,
                  void*) = nullptr;

  bool is_there = false;
};

/// Folders to look into first; empty strings are passed over. Of the whole process.
void set_cublas_folders(const std::vector<std::string>& folders);

/// The library; `is_there` is false where there is none. Any thread may call.
const CublasLt& cublas_lt();
/// Changes where another library may be there.
int cublas_generation();

/// "13.1.1", or empty where there is none.
std::string cublas_version();

}  // namespace cne::tensor
