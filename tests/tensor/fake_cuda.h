// What the driver that the CPU plays (fake_cuda.cpp) tells the libraries that are played with it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace fake {

/// Whether the thread has a context.
bool has_context();
/// Whether so many bytes from an address on are of one allocation.
bool holds(const void* address, size_t bytes);
/// Work of a stream, which is done when somebody waits for it.
void enqueue(std::function<void()> work);
/// What is counted of the library, as fake_count numbers it.
constexpr int kChoices = 4, kProducts = 5;
void count(int what);

}  // namespace fake
