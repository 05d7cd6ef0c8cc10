# The report as PDF through R Markdown and LaTeX: `Rscript render.R REVIEW REPORT.pdf`.
arguments <- commandArgs(trailingOnly = TRUE)
here <- normalizePath(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))))
output <- file.path(normalizePath(dirname(arguments[2])), basename(arguments[2]))
rmarkdown::render(file.path(here, "report.Rmd"), output_file = output, intermediates_dir = tempdir(), quiet = TRUE,
  params = list(review = normalizePath(arguments[1]), here = here))
