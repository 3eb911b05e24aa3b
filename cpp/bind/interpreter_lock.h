#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <new>

namespace cne::bind {

/// Sleeps until the process ends. For a thread that may not run Python any more: CPython up to 3.13
/// ends it by `pthread_exit`, whose way up through C++ would end the process at the first function
/// that lets no exception out; from 3.14 on it sleeps, as here.
[[noreturn]] void sleep_for_ever() noexcept;

/// Whether the interpreter ends, in another thread than this one: the lock cannot be had any more.
bool interpreter_ends() noexcept;

/// Gets ready for the end: notes which thread ends the interpreter, and lets threads that it ends
/// sleep where they would end the process. Called once, by the module.
void watch_for_the_end();

/// Lets other Python threads run while this lives. Where the interpreter has ended in the meantime
/// (this thread is a daemon), the destructor never returns.
class ReleaseInterpreter {
 public:
  ReleaseInterpreter() noexcept : state_(PyEval_SaveThread()) {}
  ~ReleaseInterpreter() {
    // There is no moment between a look whether the interpreter ends and the taking of the lock:
    // CPython itself looks, however long it waits, and what it does then is caught here.
    try {
      PyEval_RestoreThread(state_);
    } catch (...) {
      sleep_for_ever();
    }
  }
  ReleaseInterpreter(const ReleaseInterpreter&) = delete;
  ReleaseInterpreter& operator=(const ReleaseInterpreter&) = delete;

 private:
  PyThreadState* state_;
};

/// Holds the interpreter's lock while this lives, in any thread, also one that has it already.
class HoldInterpreter {
 public:
  /// For a call of Python. Throws StateError where the interpreter ends, so that locks and threads
  /// of C++ are let go of on the way to whoever waits for the call.
  HoldInterpreter();
  /// Where nothing may be thrown. Sleeps for ever where the interpreter ends.
  explicit HoldInterpreter(std::nothrow_t) noexcept;
  /// Of a thread that Python ended inside the call, the destructor never returns.
  ~HoldInterpreter();
  HoldInterpreter(const HoldInterpreter&) = delete;
  HoldInterpreter& operator=(const HoldInterpreter&) = delete;

 private:
  PyGILState_STATE state_;
  bool ends_;  // the interpreter ended when this began, so this thread ends it
};

/// Runs `drop`, which lets go of Python objects, under the lock; not at all where the interpreter
/// ends, and they with it.
template <typename Drop>
void drop_locked(const Drop& drop) noexcept {
  if (interpreter_ends()) return;
  const HoldInterpreter lock(std::nothrow);
  drop();
}

/// A Python object that threads without the lock may hold and let go of.
std::shared_ptr<nanobind::object> hold(nanobind::object object);

}  // namespace cne::bind
