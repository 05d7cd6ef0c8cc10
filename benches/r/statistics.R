# The numbers of the analyses as JSON: `Rscript statistics.R REVIEW > numbers.json`.
#   --exact      to the last digits, to compare
#   --inside N   instead of the numbers, the seconds on the wall and of the processor of N runs inside R, without its start
arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "analyses.R"))
analyses <- read_analyses(arguments[1], file.path(here, "analyses.csv"))
if ("--inside" %in% arguments) {
  runs <- as.integer(arguments[which(arguments == "--inside") + 1])
  for (run in seq_len(runs)) { time <- system.time(lapply(analyses, analyse)); cat(time[["elapsed"]], sum(time[1:2]), "\n") }
} else {
  results <- lapply(analyses, analyse, exact = "--exact" %in% arguments)
  cat(jsonlite::toJSON(unname(results), auto_unbox = TRUE, digits = NA, na = "null", null = "null", force = TRUE), "\n")
}
