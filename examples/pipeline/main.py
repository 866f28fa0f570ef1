"""All steps, one after the other; each is a run of its own, nested in this one."""

import argparse

import gittrack


def step(name, **params):
    """Run a step, or reuse its last run where code, params, inputs and environment are unchanged."""
    done = gittrack.run_project(".", name, params=params, needed=True)
    print(f"{name}: {done.run_id}{' (reused)' if done.reused else ''}")
    return done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--test-share", type=float, default=0.3)
    parser.add_argument("--strength", type=float, default=1.0)
    args = parser.parse_args()
    loaded = step("load")
    prepared = step("prepare", data=f"runs:/{loaded.run_id}/wine.csv", test_share=args.test_share)
    trained = step("train", data=f"runs:/{prepared.run_id}/train.csv", strength=args.strength)
    evaluated = step(
        "evaluate",
        model=f"runs:/{trained.run_id}/model.json",
        data=f"runs:/{prepared.run_id}/test.csv",
    )
    with gittrack.start_run():
        gittrack.log_metric("accuracy", evaluated.run.metrics["accuracy"].last)


if __name__ == "__main__":
    main()
