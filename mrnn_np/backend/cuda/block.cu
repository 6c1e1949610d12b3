// What the threads of one block work out together.  Blocks are one row of whole warps: blockDim.x is 32, 64, ..., 1024.
// The order of every sum is fixed, so the same input gives the same bits in every run.

#define ALL_LANES 0xffffffffu

struct Add {
    __device__ real operator()(real a, real b) const { return a + b; }
};

struct Larger {
    __device__ real operator()(real a, real b) const { return a > b ? a : b; }
};

// Combines one x per thread and gives the result to every thread; `nothing` is what changes no result.
template <typename Combine>
__device__ real over_block(real x, Combine combine, real nothing) {
    __shared__ real of_warp[32];
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    for (int distance = 16; distance > 0; distance /= 2)
        x = combine(x, __shfl_xor_sync(ALL_LANES, x, distance));
    if (lane == 0) of_warp[warp] = x;
    __syncthreads();
    x = lane < warps ? of_warp[lane] : nothing;
    for (int distance = 16; distance > 0; distance /= 2)
        x = combine(x, __shfl_xor_sync(ALL_LANES, x, distance));
    __syncthreads();  // of_warp is written again by the next call
    return x;
}
