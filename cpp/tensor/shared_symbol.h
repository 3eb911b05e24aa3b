#pragma once

#include <dlfcn.h>

#include <type_traits>

namespace cne::tensor {

/// Points `function` to a symbol of a library that was opened; whether it is there.
template <typename Function>
bool find_symbol(void* library, Function& function, const char* symbol) {
  function = reinterpret_cast<std::remove_reference_t<Function>>(dlsym(library, symbol));
  return function != nullptr;
}

}  // namespace cne::tensor
