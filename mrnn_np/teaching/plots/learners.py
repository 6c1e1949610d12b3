"""Several learners: who adds what, and who sends what to whom."""

from mrnn_np.distributed.shares import part
from mrnn_np.distributed.tree import blocks
from mrnn_np.plots.style import GREY, INK, SERIES, WIDE, Picture, canvas, quiet, row_of_axes


def sum_tree(shares: int, learners: int) -> Picture:
    """Return the tree in which the gradients of shares are added, coloured by the learner that has them.

    A sum has the colour of a learner that has both of its halves, and is grey where they have to meet.

    Parameters
    ----------
    shares : a power of two
    learners : how many of them the shares are dealt to, the first ones to the first
    """
    levels = shares.bit_length()
    figure, axes = canvas(0.8 * shares, 0.8 * levels + 0.2, shares, levels + 0.2)
    owns = [part(range(shares), learner, learners) for learner in range(learners)]
    for level in range(levels):
        width = 2**level
        for first in range(0, shares, width):
            x, y = first + width / 2, levels - level - 0.3
            owner = next((i for i, own in enumerate(owns) if first in own and first + width - 1 in own), None)
            for half in (first + width / 4, first + 3 * width / 4) if level else ():
                axes.plot([x, half], [y, y + 1], color=GREY, linewidth=1, zorder=1)
            axes.scatter(x, y, 520, color=GREY if owner is None else SERIES[owner % len(SERIES)], zorder=2)
            text = f"{first}" if width == 1 else f"{first}-{first + width - 1}"
            axes.text(x, y, text, ha="center", va="center", color="white", fontsize=8, zorder=3)
    sent = sum(len(blocks(own)) for own in owns) if learners > 1 else 0
    axes.text(0.1, 0.25, f"{learners} learners, {sent} sums to send", fontsize=9, color=INK)
    return figure


def ring(learners: int) -> Picture:
    """Return what each learner of a ring has after each round: how many learners' numbers are in each slice of the sum.

    In each round every learner sends one slice to the next one: first it is added to, once around, then copied.
    """
    held = [[[1] * learners for _ in range(learners)]]
    for step in range(2 * (learners - 1)):
        before, now = held[-1], [row[:] for row in held[-1]]
        for learner in range(learners):
            slice_, receiver = (learner - step) % learners, (learner + 1) % learners
            now[receiver][slice_] = before[learner][slice_] + (step < learners - 1)
        held.append(now)
    figure, several = row_of_axes(len(held), WIDE, 0.7 + WIDE / len(held), share_y=True)
    for step, (axes, now) in enumerate(zip(several, held, strict=True)):
        quiet(axes).imshow(now, cmap="cividis_r", vmin=0, vmax=learners)
        for learner, row in enumerate(now):
            for slice_, count in enumerate(row):
                colour = "white" if count > learners / 2 else "black"
                axes.text(slice_, learner, str(count), ha="center", va="center", fontsize=8, color=colour)
        axes.set_title("before" if step == 0 else f"round {step}", fontsize=9)
        axes.set_xticks(range(learners), [chr(ord("a") + i) for i in range(learners)], fontsize=8)
        axes.set_yticks(range(learners), [f"learner {i}" for i in range(learners)], fontsize=8)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    several[0].set_xlabel("slice")
    return figure
