"""Train a classifier of wines and log it as a model."""

from __future__ import annotations

from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import gittrack

TREES = 50


def main() -> None:
    data, kinds = load_wine(return_X_y=True, as_frame=True)
    train, test, train_kinds, test_kinds = train_test_split(data, kinds, random_state=0)
    with gittrack.start_run(experiment="wines"):
        gittrack.log_param("trees", TREES)
        model = make_pipeline(StandardScaler(), RandomForestClassifier(TREES, random_state=0))
        model.fit(train, train_kinds)
        gittrack.log_metric("accuracy", model.score(test, test_kinds))
        gittrack.log_model(model, "model", input_example=test[:3])


if __name__ == "__main__":
    main()
