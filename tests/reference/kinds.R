# What metafor (and, for CR2, clubSandwich; for curves, survival) gives for the review in
# tests/fixtures/kinds: run it in the repository's folder.
#   Rscript tests/reference/kinds.R > tests/reference/kinds.json
suppressMessages({library(metafor); library(survival); library(jsonlite)})
dir <- "tests/fixtures/kinds/data/"
rd <- function(f) read.csv(paste0(dir, f), check.names = FALSE)
tight <- list(threshold = 1e-12, tol = 1e-13, maxiter = 100000, stepadj = 0.5)
out <- list()
keep <- function(id, fit, extra = list()) {
  num <- function(x) if (is.null(x)) NULL else as.numeric(x)
  out[[id]] <<- c(list(k = fit$k, beta = num(fit$beta), se = num(fit$se), pval = num(fit$pval),
    ci_lb = num(fit$ci.lb), ci_ub = num(fit$ci.ub), tau2 = num(fit$tau2), qe = num(fit$QE),
    i2 = num(fit$I2)), extra)
}
los <- rd("normand1999.csv")
means <- function(measure, ...) escalc(measure, m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
  n2i = n2i, data = los, ...)
keep("md", rma(yi, vi, data = means("MD"), control = tight))
d <- means("SMD", vtype = "UB")
fit <- rma(yi, vi, data = d, method = "DL", test = "knha")
rt <- regtest(fit, model = "lm", predictor = "sqrtninv", ret.fit = FALSE)
# effects of escalc carry their sample sizes
tf <- trimfill(fit, estimator = "R0", side = "left")
hcfit <- hc(rma(yi, vi, data = d))
keep("smd", fit, list(regtest = c(zval = rt$zval, pval = rt$pval), trimfill = c(k0 = tf$k0, beta = as.numeric(tf$beta)),
  fsn = fsn(yi, vi, data = d, type = "Orwin", weighted = TRUE)$fsnum,
  hc = c(beta = as.numeric(hcfit$beta), ci_lb = hcfit$ci.lb, ci_ub = hcfit$ci.ub)))
keep("rom", rma(yi, vi, data = means("ROM"), control = tight))
adh <- rd("debruin2009.csv")
plo <- escalc("PLO", xi = xi, ni = ni, data = adh)
keep("proportion", rma(yi, vi, data = plo, control = tight))
pft <- escalc("PFT", xi = xi, ni = ni, data = adh)
fit <- rma(yi, vi, data = pft, control = tight)
back <- predict(fit, transf = transf.ipft.hm, targs = list(ni = adh$ni))
keep("pft", fit, list(printed = c(back$pred, back$ci.lb, back$ci.ub)))
st <- rd("hart1999.csv")
irr <- escalc("IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = st)
keep("irr", rma(yi, vi, data = irr, control = tight))
keep("irr-mh", rma.mh(measure = "IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = st))
keep("irln", rma(yi, vi, data = escalc("IRLN", xi = x2i, ti = t2i, data = st), control = tight))
mc <- rd("mcdaniel1994.csv")
z <- escalc("ZCOR", ri = ri, ni = ni, data = mc)
fit <- rma(yi, vi, mods = ~ type + struct, data = z, control = tight)
keep("zcor", fit, list(qm = fit$QM, qm_p = fit$QMp, r2 = fit$R2))
hz <- rd("hazard.csv")
crit <- qnorm(.975)
keep("hr", rma(log(hr), sei = (log(high) - log(low)) / (2 * crit), data = hz, control = tight))
keep("hr-se", rma(loghr, sei = se, data = hz, method = "PM", test = "adhoc", control = tight))
mx <- rd("mixed.csv")
mx <- escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = mx)
from <- is.na(mx$ai)
mx$yi[from] <- log(mx$or[from])
mx$vi[from] <- ((log(mx$high) - log(mx$low)) / (2 * crit))[from]^2
keep("mixed", rma(yi, vi, data = mx, control = tight))
# medians: means by Luo et al. 2018, standard deviations by Wan et al. 2014
md <- rd("medians.csv")
five <- function(d, g) {
  v <- function(name) d[[paste0(name, g)]]
  n <- v("n"); a <- v("min"); b <- v("max"); med <- v("med"); q1 <- d[[paste0("q1_", g)]]; q3 <- d[[paste0("q3_", g)]]
  mean <- v("mean"); sd <- ifelse(is.na(v("sd")), v("se") * sqrt(n), v("sd"))
  full <- qnorm((n - 0.375) / (n + 0.25)); part <- qnorm((0.75 * n - 0.125) / (n + 0.25))
  for (i in which(is.na(mean))) {
    has.q <- !is.na(q1[i]); has.r <- !is.na(a[i]); N <- n[i]
    if (has.q && has.r) {
      w1 <- 2.2 / (2.2 + N^0.75); w2 <- 0.7 - 0.72 / N^0.55
      mean[i] <- w1 * (a[i] + b[i]) / 2 + w2 * (q1[i] + q3[i]) / 2 + (1 - w1 - w2) * med[i]
      sd[i] <- (b[i] - a[i]) / (4 * full[i]) + (q3[i] - q1[i]) / (4 * part[i])
    } else if (has.q) {
      w <- 0.7 + 0.39 / N
      mean[i] <- w * (q1[i] + q3[i]) / 2 + (1 - w) * med[i]; sd[i] <- (q3[i] - q1[i]) / (2 * part[i])
    } else {
      w <- 4 / (4 + N^0.75)
      mean[i] <- w * (a[i] + b[i]) / 2 + (1 - w) * med[i]; sd[i] <- (b[i] - a[i]) / (2 * full[i])
    }
  }
  data.frame(mean = mean, sd = sd, n = n)
}
a <- five(md, 1); b <- five(md, 2)
out[["medians_moments"]] <- list(mean1 = a$mean, sd1 = a$sd, mean2 = b$mean, sd2 = b$sd)
keep("medians", rma(measure = "MD", m1i = a$mean, sd1i = a$sd, n1i = a$n, m2i = b$mean, sd2i = b$sd, n2i = b$n, control = tight))
# shared controls: divided into whole parts, the first the larger; taken together by the handbook
split <- data.frame(ai = c(6,4,11,3,5,2,9), n1 = c(21,20,40,30,29,31,55), ci = c(5,4,14,3,3,2,15), n2 = c(13,12,41,11,10,10,54))
keep("split", rma(measure = "RR", ai = ai, n1i = n1, ci = ci, n2i = n2, data = split, control = tight))
arms <- rd("arms.csv")
together <- do.call(rbind, lapply(split.data.frame(arms, factor(arms$study, unique(arms$study))), function(x) {
  n <- sum(x$n1); m <- sum(x$n1 * x$mean1) / n
  s <- sqrt((sum((x$n1 - 1) * x$sd1^2) + sum(x$n1 * (x$mean1 - m)^2)) / (n - 1))
  data.frame(m1 = m, s1 = s, n1 = n, m2 = x$mean2[1], s2 = x$sd2[1], n2 = x$n2[1])
}))
keep("combine", rma(measure = "SMD", m1i = m1, sd1i = s1, n1i = n1, m2i = m2, sd2i = s2, n2i = n2, data = together, control = tight))
bcg <- rd("bcg.csv")
rr <- escalc("RR", ai = tpos, n1i = n1, ci = cpos, n2i = n2, data = bcg)
fit <- rma(yi, vi, mods = ~ ablat + relevel(factor(alloc), ref = "random"), data = rr, test = "knha", control = tight)
keep("regression", fit, list(qm = fit$QM, qm_p = fit$QMp, r2 = fit$R2))
fit <- rma(yi, vi, data = rr, control = tight)
sel <- selmodel(rma(yi, vi, data = rr, method = "ML"), type = "stepfun", steps = 0.05, alternative = "less",
  control = list(reltol = 1e-15))
keep("selection", fit, list(selmodel = c(beta = as.numeric(sel$beta), delta = sel$delta[2]),
  fsn = fsn(yi, vi, data = rr, type = "Rosenberg")$fsnum))
ca <- rd("nielweise2007.csv")
keep("arcsine", rma(measure = "AS", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = ca, control = tight))
sc <- rd("konstantopoulos2011.csv")
fit <- rma.mv(yi, vi, random = ~ 1 | district/school, data = sc, control = list(rel.tol = 1e-12))
keep("three-level", fit, list(sigma2 = fit$sigma2))
fit <- robust(rma(yi, vi, data = sc, control = tight), cluster = sc$district, clubSandwich = TRUE)
keep("robust", fit, list(ddf = fit$ddf))
km <- survfit(Surv(time, status) ~ x, data = rd("aml.csv"), conf.type = "log-log")
s <- summary(km, times = c(12, 24))
sd <- survdiff(Surv(time, status) ~ x, data = rd("aml.csv"))
out[["survival"]] <- list(median = unname(summary(km)$table[, "median"]), surv = s$surv, lower = s$lower, upper = s$upper, chisq = sd$chisq)
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
