#pragma once

namespace cne {

/// While it lives, parallel calls of this thread run on it alone: it is one of several that work
/// side by side already. Scopes nest.
class SerialScope {
 public:
  SerialScope();
  ~SerialScope();
  SerialScope(const SerialScope&) = delete;
  SerialScope& operator=(const SerialScope&) = delete;

 private:
  bool before_;
};

/// Whether this thread is within such a scope.
bool is_serial();

}  // namespace cne
