#pragma once

#include "core/metrics.h"

namespace cne::log {

/// What went into and out of a partition since it was opened. Any thread may add and read.
struct PartitionCounters {
  Counter bytes_in;  // of batches, as stored; the log adds
  Counter records_in;
  Counter bytes_out;    // to clients; who serves them adds
  Counter records_out;  // by offsets: gaps that compaction left count too
};

}  // namespace cne::log
