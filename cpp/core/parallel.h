#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace cne {

/// How many threads parallel work may use: CNENGINE_NUM_THREADS, else the processors that this
/// process may run on.
int num_threads();
/// At least 1; ArgumentError otherwise. Takes effect at the next parallel call.
void set_num_threads(int count);

/// Runs `body(begin, end)` over [0, n) cut into pieces of `grain` (the last one shorter), on the
/// calling thread and the pool's. Returns when all are done; the first exception is thrown again.
/// The pieces do not depend on the number of threads, so a result that is combined by piece is the
/// same for any number. A call from inside a parallel body runs on the calling thread alone.
void parallel_for(int64_t n, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

/// As parallel_for over pieces of one index, with the number of the running thread in
/// [0, num_threads()), for scratch memory per thread.
void parallel_tasks(int64_t n, const std::function<void(int64_t task, int thread)>& body);

}  // namespace cne
