# The pooled analyses of analyses/iv-msc-safety with metafor: every number that `build-report eval` prints of them.
suppressMessages(library(metafor))

# The analyses in their order, and the studies of each.
read_analyses <- function(review, list) {
  analyses <- read.csv(list)
  studies <- read.csv(file.path(review, "data/ae_by_category.csv"), strip.white = TRUE, na.strings = "")
  lapply(split(analyses, factor(analyses$id, analyses$id)), function(analysis) {
    rows <- studies[studies$category == analysis$category, ]
    data <- data.frame(study = rows$study, year = rows$year, ai = rows[[analysis$events1]], n1i = rows$n1i,
      ci = rows[[analysis$events2]], n2i = rows$n2i)
    c(as.list(analysis), list(data = data))
  })
}

# Harbord's test: the efficient score over its variance on its standard error (Harbord, Egger & Sterne 2006).
harbord <- function(data) with(data, {
  n <- n1i + n2i; events <- ai + ci
  v <- n1i * n2i * events * (n - events) / (n^2 * (n - 1)); taken <- v > 0
  z <- (ai - events * n1i / n)[taken]; v <- v[taken]
  slope(lm(I(z / v) ~ I(1 / sqrt(v)), weights = v))
})

# Peters' test: the log odds ratio on one over the sample size (Peters et al. 2006).
peters <- function(data, yi) with(data, {
  n <- n1i + n2i; events <- ai + ci; taken <- events > 0 & events < n
  x <- 1 / n; w <- 1 / (1 / events + 1 / (n - events))
  slope(lm(yi ~ x, weights = w, subset = taken))
})

# Test of the slope, and the intercept, which is the estimate at the limit of the predictor.
slope <- function(fit) {
  test <- coef(summary(fit)); interval <- confint(fit)
  list(zval = test[2, 3], ddf = fit$df.residual, pval = test[2, 4], est = test[1, 1], ci_lb = interval[1, 1], ci_ub = interval[1, 2])
}

# `exact`: fit to the last digits, which a comparison needs and a user does not. `models`: keep what figures are drawn of.
analyse <- function(analysis, exact = FALSE, models = FALSE) {
  data <- analysis$data
  effects <- escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data, add = 1/2, to = "only0", drop00 = FALSE)
  control <- if (exact) list(threshold = 1e-13 * var(effects$yi), tol = 1e-14, maxiter = 100000, stepadj = 0.5) else
    list(stepadj = 0.5, maxiter = 1000)   # with metafor's own settings not all of these converge
  fit_by <- function(...) rma(yi, vi, data = effects, slab = study, control = control, ...)
  fit <- fit_by(method = "REML")
  prediction <- predict(fit)
  q_profile <- confint(fit, control = if (exact) list(tol = 1e-13, tau2.max = 1000) else list())$random
  sure <- function(expr) suppressWarnings(suppressMessages(expr))
  of_model <- function(fit, method, test) list(method = method, test = test, estimate = c(fit$beta), se = fit$se, pval = fit$pval,
    ci_lb = fit$ci.lb, ci_ub = fit$ci.ub)
  results <- list(
    id = analysis$id, k = fit$k,
    studies = list(yi = c(effects$yi), vi = effects$vi, weight = unname(weights(fit))),
    model = list(beta = c(fit$beta), se = fit$se, zval = fit$zval, pval = fit$pval, ci_lb = fit$ci.lb, ci_ub = fit$ci.ub,
      pi_lb = prediction$pi.lb, pi_ub = prediction$pi.ub, tau2 = fit$tau2, se_tau2 = fit$se.tau2, i2 = fit$I2, h2 = fit$H2,
      qe = fit$QE, qe_p = fit$QEp, log_lik = c(logLik(fit)), aic = AIC(fit)),
    heterogeneity_ci = list(tau2 = q_profile["tau^2", 2:3], tau = q_profile["tau", 2:3], i2 = q_profile["I^2(%)", 2:3],
      h2 = q_profile["H^2", 2:3]),
    other_models = list(
      of_model(fit_by(method = "EE"), "EE", "z"),
      of_model(sure(rma.mh(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data)), "MH", "z"),
      of_model(sure(rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data)), "PETO", "z"),
      of_model(fit_by(method = "DL"), "DL", "z"),
      of_model(fit_by(method = "PM"), "PM", "z"),
      of_model(fit_by(method = "REML", test = "knha"), "REML", "knha")))
  if (models) results <- c(results, list(effects = effects, fit = fit))
  if (fit$k < 3) return(results)
  influences <- influence(fit)
  of_refits <- function(fits, p) list(estimate = fits$estimate, se = fits$se, pval = p, ci_lb = fits$ci.lb, ci_ub = fits$ci.ub,
    tau2 = fits$tau2, i2 = fits$I2, q = fits$Q)
  of_test <- function(test) list(zval = test$zval, ddf = if (is.na(test$dfs)) NULL else test$dfs, pval = test$pval, est = c(test$est),
    ci_lb = test$ci.lb, ci_ub = test$ci.ub)
  without <- leave1out(fit); cumulated <- cumul(fit, order = effects$year)
  cumulated$tau2[1] <- cumulated$I2[1] <- NA   # of one study
  rank <- sure(ranktest(fit)); filled <- trimfill(fit, control = control)
  if (models) results$filled <- filled
  c(results, list(
    influence = with(influences, list(rstudent = inf$rstudent, dffits = inf$dffits, cook_d = inf$cook.d, cov_r = inf$cov.r,
      tau2_del = inf$tau2.del, qe_del = inf$QE.del, hat = inf$hat, weight = inf$weight, dfbs = dfbs[[1]],
      rstandard = rstandard(fit)$z)),
    leave_one_out = of_refits(without, without$pval),
    cumulative = of_refits(cumulated, cumulated$pval),
    ranktest = list(tau = unname(rank$tau), pval = rank$pval),
    regtest = of_test(regtest(fit)),
    egger = of_test(regtest(fit, model = "lm")),
    harbord = try(harbord(data), silent = TRUE),
    peters = try(peters(data, effects$yi), silent = TRUE),
    trimfill = list(side = filled$side, k0 = filled$k0, se_k0 = filled$se.k0, beta = c(filled$beta), se = filled$se,
      ci_lb = filled$ci.lb, ci_ub = filled$ci.ub, tau2 = filled$tau2),
    fsn = list(fsnum = fsn(yi, vi, data = effects)$fsnum)))
}
