#include "bind/bind.h"

namespace cne::bind {

void bind_frame(nb::module_& module) { (void)module; }

}  // namespace cne::bind
