# The analyses of this version in R. Run it in the version's folder:
#   Rscript metafor.R
suppressMessages(library(metafor))

# General disorders and administration site conditions
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("General disorders and administration site conditions"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("general", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Musculoskeletal and connective tissue disorders
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Musculoskeletal and connective tissue disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("musculoskeletal", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Nervous system disorders
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Nervous system disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("nervous", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Infections and infestations
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Infections and infestations"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("infections", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Renal and urinary disorders
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Renal and urinary disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("renal", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Immune system disorders
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Immune system disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("immune", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Respiratory, thoracic and mediastinal disorders
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Respiratory, thoracic and mediastinal disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("respiratory", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Gastrointestinal disorders
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Gastrointestinal disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("gastrointestinal", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Injury, poisoning and procedural complications
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Injury, poisoning and procedural complications"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("injury", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Cardiac disorders
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Cardiac disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("cardiac", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Blood and lymphatic system disorders
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Blood and lymphatic system disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("blood", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Skin and subcutaneous tissue disorders
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Skin and subcutaneous tissue disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("skin", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Vascular disorders
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Vascular disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("vascular", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Death
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Death"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("death", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Serious adverse events
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Serious adverse events"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("serious", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Hepatobiliary disorders
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Hepatobiliary disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("hepatobiliary", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Neoplasms benign, malignant and unspecified
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Neoplasms benign, malignant and unspecified"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("neoplasms", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# General disorders and administration site conditions, upper counts
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("General disorders and administration site conditions"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai_upper"]], n1i = dat[["n1i"]], ci = dat[["ci_upper"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("general-upper", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Infections and infestations, upper counts
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Infections and infestations"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai_upper"]], n1i = dat[["n1i"]], ci = dat[["ci_upper"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("infections-upper", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Infections and infestations, fewest with MSC
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Infections and infestations"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai"]], n1i = dat[["n1i"]], ci = dat[["ci_upper"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("infections-fewest", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Infections and infestations, most with MSC
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Infections and infestations"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai_upper"]], n1i = dat[["n1i"]], ci = dat[["ci"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("infections-most", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Respiratory, thoracic and mediastinal disorders, upper counts
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Respiratory, thoracic and mediastinal disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai_upper"]], n1i = dat[["n1i"]], ci = dat[["ci_upper"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("respiratory-upper", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Gastrointestinal disorders, upper counts
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Gastrointestinal disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai_upper"]], n1i = dat[["n1i"]], ci = dat[["ci_upper"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("gastrointestinal-upper", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")

# Cardiac disorders, upper counts
dat <- read.csv("inputs/data/ae_by_category.csv", check.names = FALSE, strip.white = TRUE, fileEncoding = "UTF-8-BOM")
dat <- dat[dat[["category"]] %in% c("Cardiac disorders"), ]
dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)
es <- escalc(measure = "OR", ai = dat[["ai_upper"]], n1i = dat[["n1i"]], ci = dat[["ci_upper"]], n2i = dat[["n2i"]],
  slab = dat[["study"]],
  add = 0.5, to = "only0", drop00 = FALSE)
tol <- 1e-9 * median(es$vi, na.rm = TRUE)
fit <- rma(es$yi, es$vi,
  method = "REML", test = "z", level = 95,
  control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))
cat("cardiac-upper", format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), "\n")
