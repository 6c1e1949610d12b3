// The step of SGD: the readable forms are in training/sgd.py.

// One thread per parameter, one pass over memory.
// `scale` is where the number is by which the gradient is clipped, and counts where `clipped` is set.
extern "C" __global__ void descend(real* theta, const real* g, real* velocity, const real* scale, int clipped, real lr,
                                   real l2, real momentum, size_t n) {
    const size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const real factor = clipped ? *scale : 1;
    velocity[i] = momentum * velocity[i] + factor * (g[i] + 2 * l2 * theta[i]);
    theta[i] -= lr * velocity[i];
}

// The sum of the squares of g + 2 l2 theta, a part of it of each block; thread i adds numbers i, i + all threads, ...
extern "C" __global__ void squares(const real* theta, const real* g, real l2, real* parts, size_t n) {
    real sum = 0;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x) {
        const real with_l2 = g[i] + 2 * l2 * theta[i];
        sum += with_l2 * with_l2;
    }
    sum = over_block(sum, Add(), 0);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

// min(1, clip / ||g||) from the parts of ||g||^2, by one block
extern "C" __global__ void clip_scale(const real* parts, real clip, real* scale, int count) {
    real sum = 0;
    for (int i = threadIdx.x; i < count; i += blockDim.x) sum += parts[i];
    const real norm = sqrt(over_block(sum, Add(), 0));
    if (threadIdx.x == 0) *scale = clip / (norm < clip ? clip : norm);  // what is not a number stays so
}
