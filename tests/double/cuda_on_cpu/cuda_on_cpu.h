// As much of CUDA as the package's kernels use, for a C++ compiler: a launch runs on the CPU, one thread at a time.
//
// The threads of a block are coroutines.  One runs until it ends or has to wait for others, in a warp-wide exchange or at
// __syncthreads(); then the next one of its warp runs, and when all of a warp are at the barrier, the next warp.  This is
// done in ascending or in descending order.  Where threads need no more order than they ask for, both orders give the same
// result; where they ask for too little, one of them reads what is not there yet or no longer.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <ucontext.h>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __shared__ static

using std::exp;
using std::log;
using std::tanh;

struct Index {
    unsigned x, y, z;
};
static Index threadIdx, blockIdx, blockDim, gridDim;

namespace cpu {

enum State { can_run, at_barrier, in_exchange, ended };

struct Thread {
    State state;
    ucontext_t context;
    std::vector<char> stack;
    uint64_t given, received[32];
};

static std::vector<Thread> threads;
static ucontext_t scheduler;
static unsigned running;
static void (*call_kernel)(void*);
static void* call_argument;

static void wait_in(State state) {
    Thread& thread = threads[running];
    thread.state = state;
    swapcontext(&thread.context, &scheduler);
}

static void body() {
    call_kernel(call_argument);
    wait_in(ended);
}

// Every lane of a warp gives a value and receives those of all 32.
static const uint64_t* exchange(uint64_t given) {
    threads[running].given = given;
    const unsigned me = running;
    wait_in(in_exchange);
    return threads[me].received;
}

static bool all_in(State state, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        if (threads[i].state != state) return false;
    return true;
}

// Runs the threads of a warp until each has ended or waits at a barrier; false where they wait for each other in vain.
static bool run_warp(size_t from, bool descending) {
    for (;;) {
        for (size_t lane = 0; lane < 32; lane++) {
            running = from + (descending ? 31 - lane : lane);
            if (threads[running].state != can_run) continue;
            threadIdx = {running, 0, 0};
            swapcontext(&scheduler, &threads[running].context);
        }
        if (!all_in(in_exchange, from, from + 32)) break;
        for (size_t i = from; i < from + 32; i++) {
            for (size_t lane = 0; lane < 32; lane++) threads[i].received[lane] = threads[from + lane].given;
            threads[i].state = can_run;
        }
    }
    for (size_t i = from; i < from + 32; i++)
        if (threads[i].state == in_exchange) return false;
    return true;
}

static bool run_block(bool descending) {
    const size_t n = blockDim.x;
    for (size_t i = 0; i < n; i++) {
        Thread& thread = threads[i];
        thread.state = can_run;
        getcontext(&thread.context);
        thread.context.uc_stack.ss_sp = thread.stack.data();
        thread.context.uc_stack.ss_size = thread.stack.size();
        thread.context.uc_link = nullptr;
        makecontext(&thread.context, body, 0);
    }
    while (!all_in(ended, 0, n)) {
        for (size_t warp = 0; warp < n; warp += 32)
            if (!run_warp(descending ? n - 32 - warp : warp, descending)) return false;
        // As on a GPU since Volta, a thread that has ended is not waited for.
        for (size_t i = 0; i < n; i++)
            if (threads[i].state == at_barrier) threads[i].state = can_run;
    }
    return true;
}

template <typename... Parameters>
struct Call {
    void (*kernel)(Parameters...);
    void** arguments;

    template <size_t... i>
    void with(std::index_sequence<i...>) {
        kernel(*static_cast<Parameters*>(arguments[i])...);
    }

    static void go(void* self) { static_cast<Call*>(self)->with(std::index_sequence_for<Parameters...>()); }
};

// Runs all blocks; 0, or 1 where threads of a block wait for each other at different places.
template <typename... Parameters>
int launch(void (*kernel)(Parameters...), void** arguments, const unsigned* grid, unsigned block, int descending) {
    Call<Parameters...> call{kernel, arguments};
    call_kernel = call.go;
    call_argument = &call;
    gridDim = {grid[0], grid[1], grid[2]};
    blockDim = {block, 1, 1};
    while (threads.size() < block) threads.push_back({ended, {}, std::vector<char>(64 * 1024), 0, {}});
    const unsigned blocks = grid[0] * grid[1] * grid[2];
    for (unsigned i = 0; i < blocks; i++) {
        const unsigned at = descending ? blocks - 1 - i : i;
        blockIdx = {at % grid[0], at / grid[0] % grid[1], at / grid[0] / grid[1]};
        if (!run_block(descending)) return 1;
    }
    return 0;
}

}  // namespace cpu

static void __syncthreads() { cpu::wait_in(cpu::at_barrier); }

template <typename T>
T __shfl_xor_sync(unsigned, T x, int distance) {
    uint64_t bits = 0;
    std::memcpy(&bits, &x, sizeof x);
    const uint64_t* received = cpu::exchange(bits);
    std::memcpy(&x, &received[(threadIdx.x % 32) ^ distance], sizeof x);
    return x;
}

static unsigned __ballot_sync(unsigned, bool vote) {
    const uint64_t* received = cpu::exchange(vote);
    unsigned votes = 0;
    for (int lane = 0; lane < 32; lane++) votes |= static_cast<unsigned>(received[lane]) << lane;
    return votes;
}

static int __ffs(unsigned bits) { return __builtin_ffs(bits); }
static int __popc(unsigned bits) { return __builtin_popcount(bits); }
