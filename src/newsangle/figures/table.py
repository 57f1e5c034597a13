"""Which figures are there? A new figure is a function and a row here; the protocol tests walk the rows."""

from collections.abc import Callable

from matplotlib.figure import Figure

from newsangle.figures.choose_k import choose_k
from newsangle.figures.contrast_panels import contrast_panels
from newsangle.figures.contrast_words import contrast_words
from newsangle.figures.fits import topic_scores
from newsangle.figures.matrices import confusion_matrix, topic_outlet_heatmap
from newsangle.figures.outlets import frame_share_by_outlet
from newsangle.figures.reliability import reliability
from newsangle.figures.scores import scores_by_model, scores_by_slice
from newsangle.figures.stances import stance_by_target
from newsangle.figures.topic_frames import topic_frame
from newsangle.figures.weeks import frame_share_by_week
from newsangle.figures.words import top_words

FIGURES: dict[str, Callable[..., Figure]] = {
    "confusion_matrix": confusion_matrix,
    "reliability": reliability,
    "scores_by_model": scores_by_model,
    "scores_by_slice": scores_by_slice,
    "topic_scores": topic_scores,
    "choose_k": choose_k,
    "top_words": top_words,
    "topic_outlet_heatmap": topic_outlet_heatmap,
    "topic_frame": topic_frame,
    "frame_share_by_outlet": frame_share_by_outlet,
    "frame_share_by_week": frame_share_by_week,
    "stance_by_target": stance_by_target,
    "contrast_words": contrast_words,
    "contrast_panels": contrast_panels,
}
