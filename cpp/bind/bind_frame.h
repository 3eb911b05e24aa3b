#pragma once

#include "bind/bind.h"

namespace cne::bind {

/// Adds queries to `cnengine._core.frame`; bind_frame calls it.
void bind_plans(nb::module_& module);

}  // namespace cne::bind
