// One block per row of scores: the readable forms are in layers/softmax.py.

#define LN2 ((real)0.6931471805599453)
#define LOWEST ((real)-3e38)

// The row's largest score and the sum of exp(score - largest), for every thread, in one reading.  To the scores is still
// to be added what `b` points at, if at anything.
__device__ void row_sum(const real* row, const real* b, int M, real* largest, real* total) {
    real top = LOWEST, sum = 0;
    for (int j = threadIdx.x; j < M; j += blockDim.x) {
        const real score = b ? row[j] + b[j] : row[j];
        if (score > top) {
            sum *= exp(top - score);
            top = score;
        }
        sum += exp(score - top);
    }
    *largest = over_block(top, Larger(), LOWEST);
    *total = over_block(sum * exp(top - *largest), Add(), 0);
}

// The bits of the target, and y - onehot(target) in the place of the scores, to which b_y is still to be added.
extern "C" __global__ void softmax_cost(real* scores, const real* b_y, const int* targets, real* bits, int M) {
    real* row = scores + (size_t)blockIdx.x * M;
    const int target = targets[blockIdx.x];
    const real target_score = row[target] + b_y[target];
    real largest, total;
    row_sum(row, b_y, M, &largest, &total);
    if (threadIdx.x == 0) bits[blockIdx.x] = (log(total) - (target_score - largest)) / LN2;
    for (int j = threadIdx.x; j < M; j += blockDim.x)
        row[j] = exp(row[j] + b_y[j] - largest) / total - (j == target);
}

// log2 y in the place of the scores.
extern "C" __global__ void scores_to_log2(real* scores, int M) {
    real* row = scores + (size_t)blockIdx.x * M;
    real largest, total;
    row_sum(row, nullptr, M, &largest, &total);
    const real log_total = log(total);
    for (int j = threadIdx.x; j < M; j += blockDim.x)
        row[j] = (row[j] - largest - log_total) / LN2;
}
