#include "bind/bind_gbdt.h"
#include "core/error.h"
#include "core/file.h"
#include "core/ubjson.h"
#include "gbdt/model_format.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

Booster load(const std::string& path) {
  const std::string function = "load_model: " + path;
  return Booster(read_model(read_file(path), function.c_str()), function.c_str());
}

Booster bind_read_bytes(const nb::bytes& bytes) {
  return Booster(read_model({bytes.c_str(), bytes.size()}, "read_model"), "read_model");
}

void bind_save(const Booster& booster, const std::string& path, const std::string& format) {
  write_file_atomic(path, write_model(booster.model(), find_format(format, "save_model")));
}

nb::bytes bind_write_bytes(const Booster& booster, const std::string& format) {
  const std::string out = write_model(booster.model(), find_format(format, "save_model"));
  return nb::bytes(out.data(), out.size());
}

}  // namespace

void bind_gbdt_files(nb::module_& m) {
  m.def("read_model", load, nb::arg("path"), Unlocked());
  m.def("read_model_bytes", bind_read_bytes, nb::arg("bytes"));
  m.def("write_model", bind_save, nb::arg("booster"), nb::arg("path"), nb::arg("format"),
        Unlocked());
  m.def("write_model_bytes", bind_write_bytes, nb::arg("booster"), nb::arg("format"));
}

}  // namespace cne::bind
