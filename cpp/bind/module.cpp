#include <array>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "bind/bind.h"
#include "bind/bind_tensor.h"
#include "core/error.h"
#include "tensor/trace.h"
#include "tensor/view.h"

namespace {

namespace nb = nanobind;

PyObject* python_class(const char* name) {
  // Borrowed for the life of the process: the module that defines it is never unloaded.
  return nb::object(nb::module_::import_("cnengine.errors").attr(name)).release().ptr();
}

std::string text_of(const std::exception& error) { return error.what(); }
/// With the line of the user's program: thrown where nobody knew it, by an eager operation.
std::string text_of(const cne::tensor::NumericError& error) {
  return cne::tensor::with_place(error.what(), cne::tensor::where_called());
}
std::string text_of(const cne::tensor::TracedError& error) {
  return cne::tensor::with_place(error.what(), cne::tensor::where_called());
}

template <typename Exception>
void translate_as(const char* name) {
  nb::register_exception_translator(
      [](const std::exception_ptr& pointer, void* python) {
        // No exception, but a thread that Python ends inside of what C++ called.
        if (pointer == nullptr) cne::bind::sleep_for_ever();
        try {
          std::rethrow_exception(pointer);
        } catch (const Exception& error) {
          // A file's or a column's name may be no UTF-8.
          const std::string text = text_of(error);
          const nb::object shown = nb::steal(
              PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
          if (shown.is_valid()) PyErr_SetObject(static_cast<PyObject*>(python), shown.ptr());
        }
      },
      python_class(name));
}

}  // namespace

NB_MODULE(_core, m) {
  using namespace cne;
  // What other modules hold at the end of the process (torch's tables, daemon threads) is no leak
  // of ours that a user could mend.
  nb::set_implicit_cast_warnings(false);  // the error of the call follows
  nb::set_leak_warnings(std::getenv("CNENGINE_LEAK_WARNINGS") != nullptr);
  bind::watch_for_the_end();
  // Tried from the last to the first, so bases come before what derives from them.
  translate_as<Error>("Error");
  translate_as<ArgumentError>("ArgumentError");
  translate_as<ShapeError>("ShapeError");
  translate_as<tensor::AxisError>("AxisError");
  translate_as<TypeError>("TypeError");
  translate_as<NotFoundError>("NotFoundError");
  translate_as<StateError>("StateError");
  translate_as<UnsupportedError>("UnsupportedError");
  translate_as<DeviceError>("DeviceError");
  translate_as<IoError>("IoError");
  translate_as<LockedError>("LockedError");
  translate_as<CorruptionError>("CorruptionError");
  translate_as<tensor::TracedError>("TracedError");
  translate_as<tensor::NumericError>("NumericError");

  using Bind = void (*)(nb::module_&);
  struct Part {
    const char* name;
    Bind bind;
  };
  const std::array parts = {
      Part{"core", bind::bind_core},       Part{"log", bind::bind_log},
      Part{"frame", bind::bind_frame},     Part{"stream", bind::bind_stream},
      Part{"feature", bind::bind_feature}, Part{"gbdt", bind::bind_gbdt},
      Part{"metrics", bind::bind_metrics}, Part{"kafka", bind::bind_kafka},
      Part{"tensor", bind::bind_tensor},
  };
  for (const Part& part : parts) {
    nb::module_ sub = m.def_submodule(part.name);
    part.bind(sub);
  }
}
