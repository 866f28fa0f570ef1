"""Step 2: scale, and split."""

import argparse

import pandas as pd
from sklearn.model_selection import train_test_split

import gittrack

parser = argparse.ArgumentParser()
parser.add_argument("data")
parser.add_argument("--test-share", type=float, default=0.3)
args = parser.parse_args()

with gittrack.start_run():
    frame = pd.read_csv(args.data)
    train, test = train_test_split(frame, test_size=args.test_share, random_state=0, stratify=frame["target"])
    features = frame.columns.drop("target")
    mean, deviation = train[features].mean(), train[features].std()
    for name, part in (("train.csv", train), ("test.csv", test)):
        scaled = (part[features] - mean) / deviation
        gittrack.log_table(scaled.assign(target=part["target"]), name)
        gittrack.log_metric(f"{name.removesuffix('.csv')}_rows", len(part))
