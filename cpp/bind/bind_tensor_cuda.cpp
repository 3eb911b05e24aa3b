#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "bind/bind_tensor.h"
#include "tensor/cublas_lt.h"
#include "tensor/cuda_device.h"
#include "tensor/cuda_gemm.h"
#include "tensor/fused_source.h"
#include "tensor/nvrtc.h"
#include "tensor/program.h"
#include "tensor/program_graphs.h"
#include "tensor/trace.h"

namespace cne::bind {

namespace {

using tensor::Array;

/// A fused unit of a program that was run: its source, and what it read and gave.
struct CudaUnit {
  tensor::FusedSource source;
  std::vector<Array> inputs;  // as the kernels take them
  std::vector<Array> outputs;
};

std::vector<CudaUnit> cuda_units(const tensor::Program& program, nb::list inputs) {
  std::vector<Array> arrays;
  for (const tensor::Value& each : values_of(inputs))
    arrays.push_back(tensor::concrete(each, "cuda_source"));
  const ReleaseInterpreter unlocked;
  std::vector<CudaUnit> out;
  program.watch(arrays, [&out](const tensor::LoweredUnit& unit, std::span<const Array> read,
                               std::span<const Array> made) {
    CudaUnit one;
    const std::string name = "fused_" + std::to_string(out.size());
    one.source = tensor::fused_source(unit.kernel, read, name);
    for (const tensor::FusedKernel::Input& input : unit.kernel.inputs)
      one.inputs.push_back(read[static_cast<size_t>(input.array)]);
    one.outputs.assign(made.begin(), made.end());
    out.push_back(std::move(one));
  });
  return out;
}

nb::bytes bytes_of(const std::string& text) { return nb::bytes(text.data(), text.size()); }

}  // namespace

void bind_tensor_cuda(nb::module_& m) {
  nb::class_<CudaUnit>(m, "CudaUnit")
      .def_prop_ro("kernels", [](const CudaUnit& self) { return self.source.kernels; })
      .def_prop_ro("text", [](const CudaUnit& self) { return self.source.text(); })
      .def_prop_ro("scratch_bytes", [](const CudaUnit& self) { return self.source.scratch_bytes; })
      .def_prop_ro("launches",
                   [](const CudaUnit& self) {
                     std::vector<std::tuple<std::string, int64_t, int>> out;
                     for (const tensor::FusedSource::Launch& each : self.source.launches)
                       out.emplace_back(each.name, each.blocks, each.threads);
                     return out;
                   })
      .def_prop_ro("addresses",
                   [](const CudaUnit& self) {
                     std::vector<uintptr_t> out;
                     for (const Array& each : self.inputs)
                       out.push_back(reinterpret_cast<uintptr_t>(each.data()));
                     return out;
                   })
      .def_prop_ro("outputs", [](const CudaUnit& self) {
        nb::list out;
        for (const Array& each : self.outputs) out.append(nb::cast(tensor::Value(each)));
        return out;
      });
  m.def("cuda_units", &cuda_units);
  m.def("cuda_prelude", &tensor::fused_prelude);
  m.def("cuda_fragments", &tensor::fragments_prelude);
  m.def("set_nvrtc_folders", &tensor::set_nvrtc_folders);
  m.def("set_cuda_driver", &tensor::set_cuda_driver);
  m.def("set_cublas_folders", &tensor::set_cublas_folders);
  m.def("cublas_version", &tensor::cublas_version);
  m.def("set_cuda_graphs", &tensor::set_cuda_graphs);
  m.def("set_tf32", &tensor::set_tf32);
  m.def("cuda_device_count", &tensor::cuda_device_count);
  m.def("cuda_missing", [] { return tensor::cuda_driver().missing; });
  m.def("cuda_stream", [](int index) {
    return reinterpret_cast<uintptr_t>(tensor::cuda_device(index, "from_dlpack").stream());
  });
  m.def("nvrtc_version", &tensor::nvrtc_version);
  m.def("nvrtc_compile", [](const std::string& source, const std::string& architecture) {
    std::string out;
    {
      const ReleaseInterpreter unlocked;
      out = tensor::nvrtc_compile(source, architecture);
    }
    return bytes_of(out);
  });
  m.def("nvrtc_compile_cached",
        [](const std::string& source, const std::string& architecture, const std::string& folder) {
          std::string out;
          {
            const ReleaseInterpreter unlocked;
            out = tensor::nvrtc_compile_cached(source, architecture, folder);
          }
          return bytes_of(out);
        });
}

}  // namespace cne::bind
