// The plain recurrence from the first time step to the last in one launch: the readable forms are in layers/recurrent.py.
//
// No sentence needs another, so a block takes SENTENCES of them alone through all their time steps.  Thread k makes
// numbers k, k + blockDim.x, ... of r(t).  U_r is read once for all sentences of the block, and stays in the L2 cache.

#define TILE 512

// sums[s] = sum over k of rows[s][k] matrix[k][column], of `count` rows; all threads of the block take part.
__device__ void products(const real* rows, int count, const real* matrix, int d, int column, real* sums) {
    __shared__ real tile[TILE][SENTENCES];
    for (int s = 0; s < SENTENCES; s++) sums[s] = 0;
    for (int first = 0; first < d; first += TILE) {
        const int width = d - first < TILE ? d - first : TILE;
        __syncthreads();  // rows have been written, and the tile before this one has been read
        for (int i = threadIdx.x; i < width * SENTENCES; i += blockDim.x) {
            const int s = i / width, k = i % width;
            tile[k][s] = s < count ? rows[(size_t)s * d + first + k] : 0;
        }
        __syncthreads();
        if (column < d)
            for (int k = 0; k < width; k++) {
                const real number = matrix[(size_t)(first + k) * d + column];
                for (int s = 0; s < SENTENCES; s++) sums[s] += number * tile[k][s];
            }
    }
}

// Of this block's sentences, those that have a word number t.
__device__ int alive(const int* starts, int t) {
    const int count = starts[t + 1] - starts[t] - (int)blockIdx.x * SENTENCES;
    return count < SENTENCES ? count : SENTENCES;
}

// starts[t] is the first row of time step t, starts[T] = N; U_r_T is U_r transposed.
extern "C" __global__ void forward_through_time(const real* w, const real* U_r_T, const int* starts, real* r,
                                                real* r_before, int d, int T, int kind) {
    real z[SENTENCES];
    size_t before = 0;
    for (int t = 0; t < T; t++) {
        const int count = alive(starts, t);
        if (count <= 0) return;
        const size_t now = (size_t)(starts[t] + blockIdx.x * SENTENCES) * d;
        for (int from = 0; from < d; from += blockDim.x) {
            const int column = from + threadIdx.x;
            products(r + before, t > 0 ? count : 0, U_r_T, d, column, z);
            if (column >= d) continue;
            for (int s = 0; s < SENTENCES; s++) {
                if (s >= count) break;
                const size_t at = (size_t)s * d + column;
                r_before[now + at] = t > 0 ? r[before + at] : 0;
                r[now + at] = f(z[s] + w[now + at], kind);
            }
        }
        before = now;
    }
}

extern "C" __global__ void back_through_time(const real* dr, const real* r, const real* U_r, const int* starts,
                                             real* dz, int d, int T, int kind, int bptt) {
    real carry[SENTENCES];
    size_t after = 0;
    for (int t = T - 1; t >= 0; t--) {
        const int count = alive(starts, t);
        if (count <= 0) continue;
        const bool cut = t == T - 1 || (bptt > 0 && (t + 1) % bptt == 0);
        const int coming = cut ? 0 : alive(starts, t + 1);
        const size_t now = (size_t)(starts[t] + blockIdx.x * SENTENCES) * d;
        for (int from = 0; from < d; from += blockDim.x) {
            const int column = from + threadIdx.x;
            products(dz + after, coming, U_r, d, column, carry);
            if (column >= d) continue;
            for (int s = 0; s < SENTENCES; s++) {
                if (s >= count) break;
                const size_t at = now + (size_t)s * d + column;
                dz[at] = (dr[at] + carry[s]) * slope(r[at], kind);
            }
        }
        after = now;
    }
}
