"""One training on many processes, by MPI: the gradient of a sum is the sum of gradients.

Each batch is cut into shares, whose number belongs to the run and not to the machines it runs on.  Read in this order:

    tree     the order in which shares are added, always the same: so are the bits, on 1, 2, 3 or 4 processes
    ranks    the processes of a job, and the few things they send each other
    shares   who computes which share, and the sum of all of them
    common_memory   of the ranks of one machine, which then need not send
    deal     results in their order, of work that falls into pieces without a sum
    job      how a job of several processes begins and ends: one voice, and one end for all
    gpus     between GPUs, by NCCL
"""
