"""Step 4: the model on wines that it has not seen."""

import argparse
import json
from pathlib import Path

import pandas as pd

import gittrack

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("data")
args = parser.parse_args()

with gittrack.start_run():
    model = json.loads(Path(args.model).read_text())
    frame = pd.read_csv(args.data)
    scores = frame[model["features"]].to_numpy() @ pd.DataFrame(model["coefficients"]).to_numpy().T
    guessed = (scores + model["intercepts"]).argmax(axis=1)
    truth = frame["target"].to_numpy()
    gittrack.log_metric("accuracy", float((guessed == truth).mean()))
    gittrack.log_table(
        pd.crosstab(truth, guessed, rownames=["truth"]).reset_index().astype(int), "confusion.csv"
    )
