// Element by element, one thread each: the readable forms are in layers/activations.py.

// g2(z) = 1.7159 tanh(2z/3)
extern "C" __global__ void g2(const real* z, real* m, size_t n) {
    const size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) m[i] = (real)1.7159 * tanh((real)(2.0 / 3) * z[i]);
}

// dz = dm g2'(z), from m = g2(z)
extern "C" __global__ void g2_backward(const real* dm, const real* m, real* dz, size_t n) {
    const size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) dz[i] = dm[i] * (real)(2.0 / 3) * ((real)1.7159 - m[i] * m[i] * (real)(1 / 1.7159));
}
