// The few largest numbers of a row, largest first: the readable form is in captioning/largest.py.
//
// One block per part of a row, `width` columns.  Every thread owns a stripe of them and knows the best of it that has not
// been taken.  Again and again the best of those is taken, and its owner alone looks for its next.  Of equal numbers the
// first column wins.  Where the columns have names, it is their names that are written down.

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

extern "C" __global__ void largest(const real* scores, const int* names, real* values, int* columns,
                                   int M, int width, int count, int named) {
    __shared__ real of_warp[32];
    __shared__ int column_of_warp[32];
    const int first = blockIdx.y * width;
    const real* row = scores + (size_t)blockIdx.x * M + first;
    const size_t place = ((size_t)blockIdx.x * gridDim.y + blockIdx.y) * count;
    if (M - first < width) width = M - first;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    real mine = INFINITE;
    int my_column = -1;
    next_of_stripe(row, width, &mine, &my_column);
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
        column = lane < warps ? column_of_warp[lane] : width;
        better_of_warp(&value, &column);
        if (threadIdx.x == 0) {
            values[place + k] = value;
            // There is no such column where all that is left is not a number.
            columns[place + k] = named && column < width ? names[(size_t)blockIdx.x * M + column] : first + column;
        }
        if (column == my_column) next_of_stripe(row, width, &mine, &my_column);
        __syncthreads();
    }
}
