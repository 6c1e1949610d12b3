// One thread per parameter, one pass over memory: the readable form is in training/sgd.py.

extern "C" __global__ void descend(real* theta, const real* g, real* velocity, const real* scale, real lr, real l2,
                                   real momentum, size_t n) {
    const size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    velocity[i] = momentum * velocity[i] + *scale * (g[i] + 2 * l2 * theta[i]);
    theta[i] -= lr * velocity[i];
}
