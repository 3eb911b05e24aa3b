// What the driver that the CPU plays (fake_cuda.cpp) tells the libraries that are played with it.
// Any thread may call, as with a real one.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace fake {

/// Whether the thread has a context.
bool has_context();
/// Whether so many bytes from an address on are of one allocation.
bool holds(const void* address, size_t bytes);
/// Work of a stream, which is done when somebody waits for it, or becomes a node of the graph that
/// the stream records. `is_valid` tells whether the memory is there, now and whenever a graph does
/// it. Gives a status of the driver.
int enqueue(void* stream, std::function<bool()> is_valid, std::function<void()> work);
/// What is counted of the library, as fake_count numbers it.
constexpr int kLaunches = 0, kWaits = 2, kChoices = 4, kProducts = 5, kGraphs = 6, kRecordings = 7;
void count(int what);

}  // namespace fake
