"""Step 1: the wine data that comes with scikit-learn, as a table."""

from sklearn.datasets import load_wine

import gittrack

wine = load_wine(as_frame=True)
with gittrack.start_run():
    gittrack.log_params({"rows": len(wine.frame), "columns": len(wine.feature_names)})
    gittrack.log_table(wine.frame, "wine.csv")
