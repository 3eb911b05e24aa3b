#include "bind/interpreter_lock.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <utility>

#include "core/error.h"

namespace cne::bind {

namespace {

bool is_finalizing() {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_IsFinalizing() != 0;
#else
  return _Py_IsFinalizing() != 0;
#endif
}

// Which runs the functions of `atexit`, as the one that ends the interpreter does just before.
std::atomic<unsigned long> g_ending_thread{0};

void note_ending_thread() { g_ending_thread.store(PyThread_get_thread_ident()); }

// Of a thread that Python ends in what C++ called, the way up may meet functions that let nothing
// out. Other ends of the process are not our affair.
std::terminate_handler g_terminate = nullptr;

void terminate_or_sleep() {
  if (interpreter_ends() && std::current_exception() == nullptr) sleep_for_ever();
  if (g_terminate != nullptr) g_terminate();
  std::abort();
}

PyGILState_STATE take_lock() noexcept {
  try {
    return PyGILState_Ensure();
  } catch (...) {
    sleep_for_ever();
  }
}

}  // namespace

void sleep_for_ever() noexcept {
  for (;;) ::pause();
}

bool interpreter_ends() noexcept {
  return is_finalizing() && g_ending_thread.load() != PyThread_get_thread_ident();
}

void watch_for_the_end() {
  g_terminate = std::set_terminate(&terminate_or_sleep);
  note_ending_thread();  // for the case that others clear the functions of `atexit`
  nanobind::module_::import_("atexit").attr("register")(
      nanobind::cpp_function(&note_ending_thread));
}

HoldInterpreter::HoldInterpreter()
    : state_(interpreter_ends() ? throw StateError("cnengine: the interpreter ends") : take_lock()),
      ends_(is_finalizing()) {}

HoldInterpreter::HoldInterpreter(std::nothrow_t) noexcept
    : state_(take_lock()), ends_(is_finalizing()) {}

HoldInterpreter::~HoldInterpreter() {
  // Once it ends, only the thread that ends it gets the lock: this one was ended, and has none.
  if (!ends_ && is_finalizing()) sleep_for_ever();
  PyGILState_Release(state_);
}

std::shared_ptr<nanobind::object> hold(nanobind::object object) {
  return {new nanobind::object(std::move(object)),
          [](nanobind::object* held) { drop_locked([&] { delete held; }); }};
}

}  // namespace cne::bind
