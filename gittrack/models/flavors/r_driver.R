# The process of r_process.py: loads a function, and calls it for each line on standard input.
args <- commandArgs(trailingOnly = TRUE)
path <- args[[1]]; token <- args[[2]]; folder <- args[[3]]
answer <- function(word, text = "") {
  writeLines(paste(token, word, gsub("[\r\n]+", " ", text)), stdout()); flush(stdout())
}
fetch <- function() {
  if (!grepl("[.][rR]$", path)) return(unserialize(readRDS(path)))
  scope <- new.env(parent = globalenv())
  sys.source(path, envir = scope, chdir = TRUE)
  get("predict", envir = scope, mode = "function", inherits = FALSE)
}
kinds <- function(file) if (file.size(file) > 0) readLines(file, encoding = "UTF-8") else character(0)
table_of <- function(file, classes, header = TRUE) {
  utils::read.csv(file, colClasses = classes, na.strings = token, check.names = FALSE, encoding = "UTF-8")
}
params_of <- function(folder) {
  given <- table_of(file.path(folder, "params.csv"), rep("character", 3))
  found <- lapply(unique(given$name), function(name) {
    rows <- given[given$name == name, ]
    methods::as(rows$value, rows$kind[[1]])
  })
  stats::setNames(found, unique(given$name))
}
text_of <- function(column) {
  if (is.factor(column)) return(as.character(column))
  if (is.double(column) && !is.object(column)) {
    text <- sprintf("%.17g", column); text[is.na(column) & !is.nan(column)] <- NA
    return(text)
  }
  if (is.integer(column) || is.logical(column)) return(column)
  as.character(column)
}
kind_of <- function(column) {
  if (is.object(column)) "character" else if (is.logical(column)) "logical"
  else if (is.integer(column)) "integer" else if (is.double(column)) "double" else "character"
}
predict_rows <- function() {
  data <- table_of(file.path(folder, "in.csv"), kinds(file.path(folder, "in.types")))
  found <- do.call(model, c(list(data), params_of(folder)))
  if (is.matrix(found)) found <- as.data.frame(found)
  if (!is.data.frame(found)) found <- data.frame(prediction = unname(unlist(found)))
  writeLines(vapply(found, kind_of, ""), file.path(folder, "out.types"))
  found[] <- lapply(found, text_of)
  utils::write.csv(found, file.path(folder, "out.csv"), row.names = FALSE, na = token, fileEncoding = "UTF-8")
}
if (length(args) > 3) {  # write the function of a file as a crate, and end
  crate <- structure(fetch(), class = "crate")
  saveRDS(serialize(crate, NULL), args[[4]])
  quit(save = "no")
}
sink(stderr())
model <- NULL
run <- function(work) {
  failure <- tryCatch({ work(); NULL }, error = function(e) conditionMessage(e))
  sink()
  if (is.null(failure)) answer("ok") else answer("failed", failure)
  sink(stderr())
}
run(function() model <<- fetch())
requests <- file("stdin", "r")
while (length(readLines(requests, n = 1)) > 0) run(predict_rows)
