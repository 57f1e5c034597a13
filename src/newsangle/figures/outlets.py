"""Which outlet uses which frame, how often, and how sure is that? One panel per frame, one row per outlet."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from newsangle.figures.checks import check_shares, check_table
from newsangle.figures.page import page
from newsangle.figures.rows import GAP, ROW, beside, dot, naive_tick, row_axes, set_scale, share_limits
from newsangle.figures.style import QUIET, SIZES, colour_of, darker, marker_of, styled
from newsangle.figures.wording import DASH, counted, percent, shorten, widest

PANEL, NUMBER, BETWEEN = 1.55, 0.36, 0.3  # inches: axes, column of values, gap
SIDE_BY_SIDE = 4
NAIVE_FOOT = "Grey: predicted, uncorrected (carries the classifier's errors)."


@styled
def frame_share_by_outlet(
    shares: pd.DataFrame,
    *,
    note: str | None,
    unit: str = "Share of an outlet's passages",
    interval: str = "95% interval",
    title: str = "How often each outlet uses each frame",
) -> Figure:
    """Which outlet uses which frame, how often, and how sure is that?

    `shares`: outlet, frame, share, low, high (shares in [0, 1]; NaN where there is none), n (passages). A panel per
    frame in the order given, all on one scale that begins at 0; outlets sorted by the share of the first frame,
    largest first. `note` says what kind of shares these are ("predicted, uncorrected"); None only if that is said
    elsewhere. A NaN share is a dash; a NaN bound leaves the dot without a line.

    For shares corrected by codes, three columns more: `naive`, the share as predicted, a grey tick; `n_coded`, written
    before n; `labels_needed`, how many codes are missing, written where there is no share.

    Don't rank outlets whose intervals overlap: read the contrast for that.
    Raises ValueError for an empty table, a column missing, two rows for one outlet and frame, or percentages.
    """
    table = check_table(shares, "frame_share_by_outlet", key=["outlet", "frame"], numbers=["share", "low", "high", "n"])
    check_shares(table, "frame_share_by_outlet", ["share", "low", "high"])
    coded = "n_coded" in shares.columns
    if coded:
        more = check_table(
            shares, "frame_share_by_outlet", key=["outlet", "frame"], numbers=["naive", "n_coded", "labels_needed"]
        )
        check_shares(more, "frame_share_by_outlet", ["naive"])
        table = table.join(more[["naive", "n_coded", "labels_needed"]])
    frames = list(dict.fromkeys(table["frame"]))
    outlets = list(dict.fromkeys(table["outlet"]))
    first = table[table["frame"] == frames[0]].set_index("outlet")["share"].reindex(outlets)
    outlets = [outlets[i] for i in np.argsort(-first.fillna(-np.inf).to_numpy(), kind="stable")]
    found = {(row["outlet"], row["frame"]): row for _, row in table.iterrows()}

    names = [shorten(outlet, 2.2, SIZES["label"]) for outlet in outlets]
    of = {outlet: table.loc[table["outlet"] == outlet] for outlet in outlets}
    counts = [counted(list(of[outlet]["n"])) for outlet in outlets]
    if coded:
        counts = [f"{counted(list(of[o]['n_coded']))} / {n}" for o, n in zip(outlets, counts, strict=True)]
    head_n = "coded / n" if coded else "n"
    told_n = "Coded / n: coded passages, all passages." if coded else "n: passages."
    count_room = widest([*counts, head_n], SIZES["small"])
    left = widest(names, SIZES["label"]) + 0.15 + count_room + GAP
    across = min(SIDE_BY_SIDE, len(frames))
    step = PANEL + NUMBER + BETWEEN
    tall = len(outlets) * ROW
    high = 0.28 + tall + 0.3
    sheet = page(
        left + across * step - BETWEEN, high * -(-len(frames) // across) - 0.06, title=title, note=note,
        subtitle=[unit + "."],
        foot=[f"Lines: {interval}. {told_n} Sorted by {frames[0]}.", *([NAIVE_FOOT] if coded else [])],
    )  # fmt: skip
    scale = share_limits(table["share"], table["low"], table["high"], *([table["naive"]] if coded else []))
    for at, frame in enumerate(frames):
        x, top = left + (at % across) * step, 0.28 + (at // across) * high
        axes = row_axes(sheet, x, top, PANEL, len(outlets))
        set_scale(axes, *scale, kind="share", bins=4)
        head = shorten(frame, PANEL + NUMBER, SIZES["panel"], "bold")
        sheet.words(x, top - 0.14, head, size=SIZES["panel"], weight="bold", color=darker(colour_of(at)))
        if at % across == 0:
            beside(axes, -0.5 - 0.14 / ROW, head_n, size=SIZES["small"], color=QUIET)
        for i, outlet in enumerate(outlets):
            if at % across == 0:
                beside(axes, i, names[i], inches=GAP + count_room + 0.15)
                beside(axes, i, counts[i], size=SIZES["small"], color=QUIET)
            row = found.get((outlet, frame))
            if row is not None and coded and not np.isnan(row["naive"]):
                naive_tick(axes, i, row["naive"])
            if row is None or np.isnan(row["share"]):
                told, begin = DASH, 0.04
                if row is not None and coded and not np.isnan(row["labels_needed"]):
                    told, begin = f"{row['labels_needed']:.0f} more codes needed", 0.08  # and clear of the grey tick
                    begin += max(PANEL * (row["naive"] - scale[0]) / (axes.get_xlim()[1] - scale[0]), 0.0)
                beside(axes, i, told, inches=-begin, ha="left", color=QUIET, size=SIZES["small" if coded else "label"])
                continue
            dot(axes, i, row["share"], row["low"], row["high"], color=colour_of(at), marker=marker_of(at))
            beside(axes, i, percent(row["share"]), side="right", inches=NUMBER - 0.02, ha="right", size=SIZES["small"])
    return sheet.figure
