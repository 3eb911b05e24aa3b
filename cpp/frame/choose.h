#pragma once

#include "frame/operand.h"

namespace cne::frame {

/// `condition ? a : b` for n rows; a null condition takes b. Both sides have the type `type`.
/// Throws TypeError for lists and structs, naming `function`.
Column if_else(const Operand& condition, const Operand& a, const Operand& b, int64_t n,
               const DataType& type, const char* function);

}  // namespace cne::frame
