"""Train one model: a trial of `gittrack sweep`, and a function for `gittrack.sweep` in search.py.

gittrack sweep examples/sweep -P learning_rate=0.03,0.1,0.3 -P depth=1,3 --metric val_loss -j 2
"""

from __future__ import annotations

import sys

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

import gittrack


def train(learning_rate: float, depth: int, stages: int = 40, seed: int = 0) -> float:
    data = load_breast_cancer()
    train_x, test_x, train_y, test_y = train_test_split(data.data, data.target, random_state=seed)
    model = GradientBoostingClassifier(
        learning_rate=learning_rate, max_depth=depth, n_estimators=stages, subsample=0.5, random_state=seed
    )
    model.fit(train_x, train_y)
    loss = float("nan")
    for stage, guess in enumerate(model.staged_predict_proba(test_x)):
        loss = float(log_loss(test_y, guess))
        gittrack.log_metric("val_loss", loss, step=stage)
    return loss


if __name__ == "__main__":
    rate, depth, stages, seed = sys.argv[1:]
    print(f"val_loss {train(float(rate), int(depth), int(stages), int(seed)):.4f}")
