"""Which way a metric is better, as far as its name tells. A declared direction always wins over this."""

from __future__ import annotations

import re

from hakase.records import Direction


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LOWER = _words(
    """
    loss losses error errors err perplexity ppl mse rmse mae mape smape rmsle nll bce brier ece
    regret time times seconds second secs sec ms latency runtime duration kl divergence jsd fid kid
    wer cer ter bits bpc bpb bpd cost costs memory violations misclassification hinge deviance
    chamfer wasserstein mmd distortion
    """
)
"""Words that say that a smaller number is better."""

HIGHER = _words(
    """
    accuracy accuracies acc score scores reward rewards throughput fps f1 fscore auc auroc auprc roc
    ap mrr ndcg r2 precision recall sensitivity specificity bleu rouge meteor return returns psnr
    ssim iou miou dice elbo likelihood loglik speedup mcc kappa correlation success wins coverage
    top1 top5 hits
    """
)
"""Words that say that a larger number is better."""

_COUNTS = _words("step steps epoch epochs iteration iterations iters number count size")
_RATE = re.compile(r"(^|_)(per_(s|sec|second)|it_s)(_|$)")
_NEGATED = re.compile(r"(^|_)(negative|neg)_(log_)?(likelihood|loglik|elbo)(_|$)")


def infer_direction(metric_name: str) -> Direction | None:
    """The better direction of a metric by the words in its name; None when no word tells, or two disagree.

    A rate per second is better when higher. A count of steps until a score is reached tells nothing.

    >>> infer_direction("val_loss"), infer_direction("tokens_per_second"), infer_direction("step_val_acc_99")
    ('lower', 'higher', None)
    """
    name = _snake(metric_name)
    if _RATE.search(name):
        return "higher"
    if _NEGATED.search(name):
        return "lower"
    words = set(name.split("_"))
    lower, higher = bool(words & LOWER), bool(words & HIGHER)
    if lower == higher or (higher and words & _COUNTS):
        return None
    return "lower" if lower else "higher"


def _snake(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
