# A polynomial through the stopping distances of cars, logged through the journal: base R is enough.
degree <- as.integer(commandArgs(trailingOnly = TRUE)[1])
journal <- Sys.getenv("GITTRACK_JOURNAL", "/dev/null")
log_metric <- function(key, value, step) {
  cat(sprintf('{"event": "metric", "key": "%s", "value": %.17g, "step": %d}\n', key, value, step),
      file = journal, append = TRUE)
}
for (d in 1:degree) {
  model <- lm(dist ~ poly(speed, d), data = cars)
  log_metric("rmse", sqrt(mean(residuals(model)^2)), d)
  log_metric("aic", AIC(model), d)
}
write.csv(data.frame(speed = cars$speed, fitted = fitted(model)), "fitted.csv", row.names = FALSE)
cat('{"event": "artifact", "file": "fitted.csv"}\n', file = journal, append = TRUE)
cat(sprintf("degree %d: rmse %.3f\n", degree, sqrt(mean(residuals(model)^2))))
