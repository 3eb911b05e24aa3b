#include "bind/bind.h"

namespace cne::bind {

void bind_log(nb::module_& module) { (void)module; }

}  // namespace cne::bind
