# Reference values for the statistics module, computed by R's metafor.
#
# Usage:   Rscript make_reference.R [OUTDIR [CASES.R]]   (default: the current folder, cases.R beside this file)
# Needs:   Debian packages r-base-core r-cran-metafor r-cran-metadat r-cran-clubsandwich
#          r-cran-lme4 r-cran-survival r-cran-numderiv r-cran-jsonlite
# Writes:  OUTDIR/data/*.csv        the study data, one row a study (or arm, or patient)
#          OUTDIR/reference.json    an array of cases: {id, data, call, measure, columns, options, expect}
# A case says: on this CSV, with these columns and options, metafor returns `expect`.
# Quantities keep metafor's names (yi, vi, beta, se, zval, pval, ci.lb, ci.ub, tau2, se.tau2, I2, H2, QE, QEp, ...).
# To add a case, add a line below and run the script again.
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
args <- commandArgs(TRUE); out <- if (length(args)) args[1] else "."
dir.create(file.path(out, "data"), showWarnings = FALSE, recursive = TRUE)
cases <- list()
save_csv <- function(d, name) { write.csv(d, file.path(out, "data", paste0(name, ".csv")), row.names = FALSE, na = ""); name }
num <- function(x) unname(as.numeric(x))
add <- function(id, data, call, measure, columns, options, expect)
  cases[[length(cases) + 1]] <<- list(id = id, data = paste0("data/", data, ".csv"), call = call,
    measure = measure, columns = columns, options = options, expect = expect)
# metafor stops at an absolute change of `threshold` in tau2 (ML, REML, EB, SJ) or at `tol` (the root of PM):
# both are made to follow the scale of the data, so that tau2 of risk differences is as exact as that of log ratios
tight <- function(yi) list(threshold = 1e-13 * var(yi, na.rm = TRUE), tol = 1e-14, maxiter = 10000)
quiet <- function(expr) suppressWarnings(suppressMessages(expr))

fit_of <- function(r) {
  e <- list(k = r$k, beta = num(r$beta), se = num(r$se), zval = num(r$zval), pval = num(r$pval),
            ci.lb = num(r$ci.lb), ci.ub = num(r$ci.ub), tau2 = num(r$tau2), se.tau2 = num(r$se.tau2),
            I2 = num(r$I2), H2 = num(r$H2), QE = num(r$QE), QEp = num(r$QEp))
  if (!is.null(r$QM) && r$p > 1) e <- c(e, list(QM = num(r$QM), QMp = num(r$QMp), R2 = num(r$R2), coef.names = rownames(r$beta)))
  if (!is.null(r$dfs) && length(r$dfs) == 1) e$ddf <- num(r$dfs)
  if (!is.null(r$fit.stats)) { e$logLik <- num(logLik(r)); e$AIC <- num(r$fit.stats["AIC", if (r$method == "REML") "REML" else "ML"]) }
  if (r$p == 1) { p <- predict(r); e$pi.lb <- num(p$pi.lb); e$pi.ub <- num(p$pi.ub) }
  e
}
infl_of <- function(r) { i <- quiet(influence(r))
  list(rstudent = num(i$inf$rstudent), dffits = num(i$inf$dffits), cook.d = num(i$inf$cook.d), cov.r = num(i$inf$cov.r),
       tau2.del = num(i$inf$tau2.del), QE.del = num(i$inf$QE.del), hat = num(i$inf$hat), weight = num(i$inf$weight),
       dfbs = num(i$dfbs[[1]]), rstandard = num(rstandard(r)$z)) }

# one data set of effect sizes: every estimator, test, diagnostic and bias method
battery <- function(id, data, measure, columns, e, options = list()) {
  yi <- e$yi; vi <- e$vi
  add(paste0(id, "/escalc"), data, "escalc", measure, columns, options, list(yi = num(yi), vi = num(vi)))
  for (m in c("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")) {
    r <- quiet(try(rma(yi, vi, method = m, control = tight(yi)), silent = TRUE))
    if (!inherits(r, "try-error")) add(paste0(id, "/rma/", m), data, "rma", measure, columns, c(options, method = m, test = "z"), fit_of(r))
  }
  for (t in c("t", "knha", "adhoc")) { r <- quiet(rma(yi, vi, method = "REML", test = t, control = tight(yi)))
    add(paste0(id, "/rma/REML/", t), data, "rma", measure, columns, c(options, method = "REML", test = t), fit_of(r)) }
  r <- quiet(rma(yi, vi, method = "REML", control = tight(yi)))
  for (m in c("REML", "DL", "PM")) { rr <- quiet(rma(yi, vi, method = m, control = tight(yi)))
    ci <- quiet(try(confint(rr, control = list(tol = 1e-12)), silent = TRUE))
    if (!inherits(ci, "try-error")) add(paste0(id, "/confint/", m), data, "confint", measure, columns, c(options, method = m),
      list(tau2 = num(ci$random["tau^2", ]), tau = num(ci$random["tau", ]), I2 = num(ci$random["I^2(%)", ]), H2 = num(ci$random["H^2", ]))) }
  if (length(na.omit(yi)) > 2) {
    add(paste0(id, "/influence"), data, "influence", measure, columns, c(options, method = "REML"), infl_of(r))
    l <- quiet(leave1out(r)); add(paste0(id, "/leave1out"), data, "leave1out", measure, columns, c(options, method = "REML"),
      list(estimate = num(l$estimate), se = num(l$se), pval = num(l$pval), ci.lb = num(l$ci.lb), ci.ub = num(l$ci.ub), Q = num(l$Q), tau2 = num(l$tau2), I2 = num(l$I2)))
    rk <- quiet(ranktest(r)); add(paste0(id, "/ranktest"), data, "ranktest", measure, columns, options, list(tau = num(rk$tau), pval = num(rk$pval)))
    for (mod in c("rma", "lm")) for (p in c("sei", "vi")) { g <- quiet(try(regtest(r, model = mod, predictor = p), silent = TRUE))
      if (!inherits(g, "try-error")) add(paste0(id, "/regtest/", mod, "/", p), data, "regtest", measure, columns, c(options, model = mod, predictor = p),
        list(zval = num(g$zval), pval = num(g$pval), est = num(g$est), ci.lb = num(g$ci.lb), ci.ub = num(g$ci.ub))) }
    for (est in c("L0", "R0")) for (side in c("left", "right")) { tf <- quiet(try(trimfill(r, estimator = est, side = side), silent = TRUE))
      if (!inherits(tf, "try-error")) add(paste0(id, "/trimfill/", est, "/", side), data, "trimfill", measure, columns, c(options, method = "REML", estimator = est, side = side),
        list(k0 = num(tf$k0), se.k0 = num(tf$se.k0), beta = num(tf$beta), se = num(tf$se), ci.lb = num(tf$ci.lb), ci.ub = num(tf$ci.ub), tau2 = num(tf$tau2))) }
    for (ty in c("Rosenthal", "Orwin", "Rosenberg")) { f <- quiet(fsn(yi, vi, type = ty)); add(paste0(id, "/fsn/", ty), data, "fsn", measure, columns, c(options, type = ty), list(fsnum = num(f$fsnum))) }
    cu <- quiet(cumul(r)); add(paste0(id, "/cumul"), data, "cumul", measure, columns, c(options, method = "REML", order = "as given"),
      list(estimate = num(cu$estimate), se = num(cu$se), ci.lb = num(cu$ci.lb), ci.ub = num(cu$ci.ub), tau2 = num(cu$tau2), I2 = num(cu$I2)))
  }
}
mh_peto <- function(id, data, columns, d) {
  for (m in c("OR", "RR", "RD")) { r <- quiet(rma.mh(ai = ai, bi = n1i - ai, ci = ci, di = n2i - ci, data = d, measure = m))
    ex <- list(k = r$k, beta = num(r$beta), se = num(r$se), zval = num(r$zval), pval = num(r$pval), ci.lb = num(r$ci.lb), ci.ub = num(r$ci.ub),
               I2 = num(r$I2), H2 = num(r$H2), QE = num(r$QE), QEp = num(r$QEp))
    if (m == "OR") ex <- c(ex, list(MH = num(r$MH), MHp = num(r$MHp), TA = num(r$TA), TAp = num(r$TAp)))
    add(paste0(id, "/rma.mh/", m), data, "rma.mh", m, columns, list(), ex) }
  r <- quiet(rma.peto(ai = ai, bi = n1i - ai, ci = ci, di = n2i - ci, data = d))
  add(paste0(id, "/rma.peto"), data, "rma.peto", "PETO", columns, list(), list(k = r$k, beta = num(r$beta), se = num(r$se), zval = num(r$zval), pval = num(r$pval),
    ci.lb = num(r$ci.lb), ci.ub = num(r$ci.ub), I2 = num(r$I2), QE = num(r$QE), QEp = num(r$QEp)))
}
binary <- function(name, d, measures = c("OR", "RR", "RD"), pooled = TRUE) {
  d <- as.data.frame(d); save_csv(d, name); cols <- list(events1 = "ai", total1 = "n1i", events2 = "ci", total2 = "n2i")
  for (m in measures) battery(paste0(name, "/", m), name, m, cols, quiet(escalc(measure = m, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d)))
  for (m in c("AS", "PETO", "PHI")) { e <- quiet(escalc(measure = m, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d))
    add(paste0(name, "/", m, "/escalc"), name, "escalc", m, cols, list(), list(yi = num(e$yi), vi = num(e$vi))) }
  for (to in c("all", "only0", "if0all", "none")) { e <- quiet(escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d, add = 1/2, to = to, drop00 = FALSE))
    add(paste0(name, "/OR/escalc/to=", to), name, "escalc", "OR", cols, list(add = 0.5, to = to, drop00 = FALSE), list(yi = num(e$yi), vi = num(e$vi))) }
  e <- quiet(escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d, drop00 = TRUE))
  add(paste0(name, "/OR/escalc/drop00"), name, "escalc", "OR", cols, list(drop00 = TRUE), list(yi = num(e$yi), vi = num(e$vi)))
  if (pooled) mh_peto(name, name, cols, d)
}
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(if (length(args) > 1) args[2] else file.path(here, "cases.R"), local = TRUE)
json <- toJSON(cases, digits = NA, auto_unbox = TRUE, na = "null", null = "null", pretty = FALSE)
json <- gsub("},{\"id\"", "},\n{\"id\"", json, fixed = TRUE)
writeLines(json, file.path(out, "reference.json"))
cat(length(cases), "cases,", nchar(json), "bytes\n")
