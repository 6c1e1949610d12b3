"""Check every hand-written gradient against numerical derivatives:  python -m mrnn_np.gradcheck."""

from mrnn_np.command_line.options import Parser, add_backend_option, add_seed_option, backend_of
from mrnn_np.command_line.run import run_command
from mrnn_np.gradients.cases import all_cases
from mrnn_np.gradients.check import check_case, verdict_table
from mrnn_np.gradients.family_cases import family_cases
from mrnn_np.gradients.vision_cases import vision_cases


def main() -> int:
    """Run the command; exit status 1 when a gradient is wrong."""
    parser = Parser(
        prog="python -m mrnn_np.gradcheck",
        description="Compare every hand-written gradient with central differences and the complex step, in float64: "
        "each layer, the m-RNN and every other model with ragged sentences, dropout and L2, and the CNN's layers.",
    )
    add_backend_option(parser)
    add_seed_option(parser, "of the random inputs")
    arguments = parser.parse_args()
    backend = backend_of(arguments)
    seed = arguments.seed
    cases = [*all_cases(backend, seed), *family_cases(backend, seed), *vision_cases(backend, seed)]
    verdicts = [verdict for case in cases for verdict in check_case(case, backend)]
    print(verdict_table(verdicts))
    failed = sum(not verdict.passed for verdict in verdicts)
    print(
        f"\n{len(verdicts)} checks on {backend.note}: " + (f"{failed} FAILED" if failed else "all gradients are right")
    )
    return 1 if failed else 0


if __name__ == "__main__":
    run_command(main)
