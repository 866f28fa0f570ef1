"""Step 3: a logistic regression, kept as JSON."""

import argparse

import pandas as pd
from sklearn.linear_model import LogisticRegression

import gittrack

parser = argparse.ArgumentParser()
parser.add_argument("data")
parser.add_argument("--strength", type=float, default=1.0, help="of the regularisation")
args = parser.parse_args()

with gittrack.start_run():
    frame = pd.read_csv(args.data)
    features = frame.drop(columns="target")
    model = LogisticRegression(C=1 / args.strength, max_iter=1000).fit(features, frame["target"])
    gittrack.log_metric("train_accuracy", model.score(features, frame["target"]))
    gittrack.log_dict(
        {
            "features": list(features.columns),
            "coefficients": model.coef_.tolist(),
            "intercepts": model.intercept_.tolist(),
        },
        "model.json",
    )
