#include "core/serial_scope.h"

#include <utility>

namespace cne {

namespace {

thread_local bool t_serial = false;

}  // namespace

SerialScope::SerialScope() : before_(std::exchange(t_serial, true)) {}

SerialScope::~SerialScope() { t_serial = before_; }

bool is_serial() { return t_serial; }

}  // namespace cne
