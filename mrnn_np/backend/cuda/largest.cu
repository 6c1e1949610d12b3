// The few largest numbers of a row, largest first: the readable form is in captioning/largest.py.
//
// One block per row.  Every thread owns a stripe of the columns and knows the best of it that has not been taken.  Again
// and again the best of those is taken, and its owner alone looks for its next.  Of equal numbers the first column wins.

#define INFINITE (-log((real)0))  // NVRTC has no INFINITY

__device__ bool better(real a, int column_a, real b, int column_b) {
    return a > b || (a == b && column_a < column_b);
}

// The best of this thread's stripe that is worse than (*value, *column), the one taken last; column M if there is none.
__device__ void next_of_stripe(const real* row, int M, real* value, int* column) {
    const real last = *value;
    const int last_column = *column;
    *value = -INFINITE;
    *column = M;
    for (int j = threadIdx.x; j < M; j += blockDim.x)
        if (better(last, last_column, row[j], j) && better(row[j], j, *value, *column)) {
            *value = row[j];
            *column = j;
        }
}

__device__ void better_of_warp(real* value, int* column) {
    for (int distance = 16; distance > 0; distance /= 2) {
        const real other = __shfl_xor_sync(ALL_LANES, *value, distance);
        const int other_column = __shfl_xor_sync(ALL_LANES, *column, distance);
        if (better(other, other_column, *value, *column)) {
            *value = other;
            *column = other_column;
        }
    }
}

extern "C" __global__ void largest(const real* scores, real* values, int* columns, int M, int count) {
    __shared__ real of_warp[32];
    __shared__ int column_of_warp[32];
    const real* row = scores + (size_t)blockIdx.x * M;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    real mine = INFINITE;
    int my_column = -1;
    next_of_stripe(row, M, &mine, &my_column);
    for (int k = 0; k < count; k++) {
        real value = mine;
        int column = my_column;
        better_of_warp(&value, &column);
        if (lane == 0) {
            of_warp[warp] = value;
            column_of_warp[warp] = column;
        }
        __syncthreads();
        value = lane < warps ? of_warp[lane] : -INFINITE;
        column = lane < warps ? column_of_warp[lane] : M;
        better_of_warp(&value, &column);
        if (threadIdx.x == 0) {
            values[(size_t)blockIdx.x * count + k] = value;
            columns[(size_t)blockIdx.x * count + k] = column;
        }
        if (column == my_column) next_of_stripe(row, M, &mine, &my_column);
        __syncthreads();
    }
}
