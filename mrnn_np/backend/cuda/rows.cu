// The sum of the rows that carry the same label: the readable form is in layers/embedding.py.
//
// One block per label and 32 columns; the labels are `distinct`, or 0, 1, 2 ... where `all` is set.
//
// A block has a lane for each column.  The labels of the rows come in groups of 32, one a lane; of W warps, warp k takes
// groups k, k + W, k + 2W, ... and adds the rows whose label matches, in order; then the sums of the warps are added, in
// order.  No atomics, so every run gives the same bits.

extern "C" __global__ void sum_rows(const real* rows, const int* labels, const int* distinct, int all, real* sums,
                                    int count, int width) {
    __shared__ real of_warp[32][32];
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    const int column = blockIdx.y * 32 + lane;
    const int label = all ? (int)blockIdx.x : distinct[blockIdx.x];
    real sum = 0;
    for (int first = 32 * warp; first < count; first += 32 * warps) {
        const int n = first + lane;
        unsigned matches = __ballot_sync(ALL_LANES, n < count && labels[n] == label);
        for (; matches != 0; matches &= matches - 1) {
            const int row = first + __ffs(matches) - 1;
            if (column < width) sum += rows[(size_t)row * width + column];
        }
    }
    of_warp[warp][lane] = sum;
    __syncthreads();
    if (warp > 0 || column >= width) return;
    for (int other = 1; other < warps; other++) sum += of_warp[other][lane];
    sums[(size_t)blockIdx.x * width + column] = sum;
}

// A table of zeros but for some of its rows: the readable form is in layers/outer_sum.py.
//
// One thread per number.  `which` ascends, and holds row number `place` of `rows` at `place`, which is looked for by halves.
extern "C" __global__ void put_rows(real* table, const int* which, const real* rows, int count, int width, size_t n) {
    const size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const int row = i / width;
    int place = 0, end = count;
    while (place < end) {
        const int middle = (place + end) / 2;
        if (which[middle] < row) place = middle + 1;
        else end = middle;
    }
    const bool found = place < count && which[place] == row;
    table[i] = found ? rows[(size_t)place * width + i % width] : 0;
}
