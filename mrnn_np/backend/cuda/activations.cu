// Element by element, one thread each: the readable forms are in layers/activations.py and layers/multimodal.py.

// f(z): ReLU, sigmoid, tanh or g2(z) = 1.7159 tanh(2z/3), by its number
__device__ real f(real z, int kind) {
    if (kind == 0) return z < 0 ? 0 : z;  // not max, which would hide what is not a number
    if (kind == 1) return (real)0.5 * tanh((real)0.5 * z) + (real)0.5;
    return kind == 2 ? tanh(z) : (real)1.7159 * tanh((real)(2.0 / 3) * z);
}

// f'(z) from y = f(z)
__device__ real slope(real y, int kind) {
    if (kind == 0) return y > 0;
    if (kind == 1) return y * (1 - y);
    return kind == 2 ? 1 - y * y : (real)(2.0 / 3) * ((real)1.7159 - y * y * (real)(1 / 1.7159));
}

// m = g2(z)
extern "C" __global__ void g2(const real* z, real* m, size_t n) {
    const size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) m[i] = f(z[i], 3);
}

// dz = dy f'(z), from y = f(z)
extern "C" __global__ void times_slope(const real* dy, const real* y, real* dz, int kind, size_t n) {
    const size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) dz[i] = dy[i] * slope(y[i], kind);
}

// m = f(x + y + v + b) in the place of x, with the row of v that image_of names, or each row's own where `each` is set
extern "C" __global__ void multimodal_output(real* x, const real* y, const real* v, const real* b, const int* image_of, int each,
                                      int width, int kind, size_t n) {
    const size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const size_t row = i / width, column = i % width;
    const size_t image = each ? row : image_of[row];
    x[i] = f(x[i] + y[i] + (v[image * width + column] + b[column]), kind);
}
