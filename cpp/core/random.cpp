#include "core/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/error.h"

namespace cne {

uint64_t random_uint64() {
  uint64_t bits = 0;
  while (getrandom(&bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits))
    if (errno != EINTR)
      throw IoError(message("random_uint64: getrandom: ", std::string(std::strerror(errno))));
  return bits;
}

}  // namespace cne
