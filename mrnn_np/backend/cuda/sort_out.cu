// Sentences that end and beginnings that live on: the readable form is in captioning/beam.py.
//
// One warp per image, a lane for each of 32 ways to go on.  The place of one that lives on is the number of those before.

extern "C" __global__ void sort_out(const real* best, const int* ways, real* found, int* rows, int* ids,
                                    int C, int K, int M, int height, int end) {
    const int image = blockIdx.x, lane = threadIdx.x;
    const size_t part = (size_t)gridDim.x * K, first = (size_t)image * K;
    real* log2_probs = found + first;
    real *parents = log2_probs + part, *words = parents + part, *ended = words + part, *end_after = ended + part;
    int alive = 0;
    for (int from = 0; from < C || from < K; from += 32) {
        const int rank = from + lane;
        const real log2_prob = rank < C ? best[(size_t)image * C + rank] : -INFINITE;
        const bool possible = log2_prob > -INFINITE;
        const int way = possible ? ways[(size_t)image * C + rank] : 0;
        const bool ends = possible && way % M == end, lives = possible && way % M != end;
        const unsigned living = __ballot_sync(ALL_LANES, lives);
        const int place = alive + __popc(living & ((1u << lane) - 1));
        if (lives && place < K) {
            log2_probs[place] = log2_prob;
            parents[place] = way / M;
            words[place] = ids[first + place] = way % M;
            rows[first + place] = image * height + way / M;
        }
        if (rank < K) {
            ended[rank] = ends ? log2_prob : -INFINITE;
            end_after[rank] = ends ? way / M : 0;
        }
        alive += __popc(living);
    }
    for (int place = alive + lane; place < K; place += 32) {
        log2_probs[place] = -INFINITE;
        parents[place] = 0;
        words[place] = ids[first + place] = end;
        rows[first + place] = image * height;
    }
}
