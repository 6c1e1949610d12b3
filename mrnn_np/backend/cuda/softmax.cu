// One block per row of scores: the readable forms are in layers/softmax.py.

#define LN2 ((real)0.6931471805599453)
#define LOWEST ((real)-3e38)

// The row's largest score and the sum of exp(score - largest), for every thread, in one reading.
__device__ void row_sum(const real* row, int M, real* largest, real* total) {
    real top = LOWEST, sum = 0;
    for (int j = threadIdx.x; j < M; j += blockDim.x) {
        if (row[j] > top) {
            sum *= exp(top - row[j]);
            top = row[j];
        }
        sum += exp(row[j] - top);
    }
    *largest = over_block(top, Larger(), LOWEST);
    *total = over_block(sum * exp(top - *largest), Add(), 0);
}

// The bits of the target, and y - onehot(target) in the place of the scores.
extern "C" __global__ void softmax_cost(real* scores, const int* targets, real* bits, int M) {
    real* row = scores + (size_t)blockIdx.x * M;
    const int target = targets[blockIdx.x];
    const real target_score = row[target];
    real largest, total;
    row_sum(row, M, &largest, &total);
    if (threadIdx.x == 0) bits[blockIdx.x] = (log(total) - (target_score - largest)) / LN2;
    for (int j = threadIdx.x; j < M; j += blockDim.x)
        row[j] = exp(row[j] - largest) / total - (j == target);
}

// log2 y in the place of the scores.
extern "C" __global__ void scores_to_log2(real* scores, int M) {
    real* row = scores + (size_t)blockIdx.x * M;
    real largest, total;
    row_sum(row, M, &largest, &total);
    const real log_total = log(total);
    for (int j = threadIdx.x; j < M; j += blockDim.x)
        row[j] = (row[j] - largest - log_total) / LN2;
}
