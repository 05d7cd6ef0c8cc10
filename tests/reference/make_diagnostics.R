# More reference values for diagnostics and small-study effects, computed by R's metafor.
#
# Usage:   Rscript make_diagnostics.R > diagnostics.json     (in the folder of reference.json)
# Needs:   as make_reference.R
# Writes:  {tighter: {id: expect}, cases: [{id, data, call, options, expect}]}, where a case is of the effects of the
#          escalc case with whose id its own begins
#
# `tighter` replaces values of reference.json that are exact to fewer than eight digits:
#   trimfill   the refit of the augmented data does not inherit the stopping rule of the fit
#   hc         uniroot and integrate stop at a tolerance of 1.2e-4
#   selmodel   BFGS stops at a relative change of 1e-8 in the likelihood, so that the estimates are good to
#              1e-6 only; here Newton's method on the analytic score goes on to the last digit
#   ranktest   cor.test takes an upper tail as one minus the lower one; here it is summed as such
# `cases` holds options that reference.json does not cover.
suppressMessages({library(metafor); library(jsonlite)})
reference <- fromJSON("reference.json", simplifyVector = FALSE)
names(reference) <- sapply(reference, function(case) case$id)
numbers <- function(x) sapply(x, function(value) if (is.null(value)) NA else value)
effects <- function(prefix) { e <- reference[[paste0(prefix, "/escalc")]]$expect
  d <- data.frame(yi = numbers(e$yi), vi = numbers(e$vi)); d[!is.na(d$yi), ] }
tight <- function(yi) list(threshold = 1e-13 * var(yi), tol = 1e-14, maxiter = 10000)
num <- function(x) unname(as.numeric(x))
quiet <- function(expr) suppressWarnings(suppressMessages(expr))
tighter <- list(); cases <- list()
add <- function(set, call, options, expect) cases[[length(cases) + 1]] <<- list(
  id = paste(c(set, call, unlist(options)), collapse = "/"), data = paste0("data/", sub("/.*", "", set), ".csv"),
  call = call, options = options, expect = expect)
filled <- function(tf) list(k0 = num(tf$k0), se.k0 = num(tf$se.k0), beta = num(tf$beta), se = num(tf$se),
  ci.lb = num(tf$ci.lb), ci.ub = num(tf$ci.ub), tau2 = num(tf$tau2))

# the same calls, to the last digit
for (case in reference) if (case$call == "trimfill" && case$expect$k0 > 0) {
  d <- effects(sub("/trimfill.*", "", case$id))
  r <- quiet(rma(yi, vi, data = d, control = tight(d$yi)))
  tighter[[case$id]] <- filled(quiet(trimfill(r, estimator = case$options$estimator, side = case$options$side, control = tight(d$yi))))
}
writing <- effects("writing")
hc_tight <- metafor:::hc.rma.uni
environment(hc_tight) <- list2env(list(integrate = function(...) stats::integrate(..., rel.tol = 1e-13, subdivisions = 2000)), parent = environment(hc_tight))
h <- hc_tight(rma(yi, vi, data = writing, method = "DL"), control = list(tol = 1e-15))
tighter[["writing/hc"]] <- list(beta = num(h$beta), se = num(h$se), ci.lb = num(h$ci.lb), ci.ub = num(h$ci.ub))

# permutations by inversions, as probabilities
exact_p <- function(tau, n) { p <- 1
  for (m in 2:n) { q <- numeric(length(p) + m - 1); for (i in 0:(m - 1)) q[seq_along(p) + i] <- q[seq_along(p) + i] + p / m; p <- q }
  discordant <- round((1 - abs(tau)) * n * (n - 1) / 4); min(1, 2 * sum(p[0:discordant + 1])) }
d <- effects("stjohnswort/RR"); rk <- ranktest(d$yi, d$vi)
tighter[["stjohnswort/RR/ranktest"]] <- list(tau = num(rk$tau), pval = exact_p(num(rk$tau), nrow(d)))

# selection by a step function: the score in mu, tau2 and delta[-1]
steps_fit <- function(d, steps, alternative) {
  yi <- d$yi; vi <- d$vi; n <- length(steps); two <- alternative == "two.sided"
  if (alternative == "less") yi <- -yi
  p <- if (two) 2 * pnorm(abs(yi) / sqrt(vi), lower.tail = FALSE) else pnorm(yi / sqrt(vi), lower.tail = FALSE)
  g <- sapply(p, function(p) sum(p > steps) + 1)
  cut <- outer(sqrt(vi), qnorm(steps / (1 + two), lower.tail = FALSE))
  selected <- function(par) { m <- par[1]; s <- sqrt(vi + par[2]); delta <- c(1, par[-(1:2)])
    prob <- function(edge) pnorm((edge - m) / s); by_m <- function(edge) -dnorm((edge - m) / s) / s
    by_t <- function(edge) { u <- (edge - m) / s; -u * dnorm(u) / (2 * s^2) }
    lower <- function(f) if (two) f(cut) - f(-cut) else f(cut)
    P <- cbind(1, lower(prob)) - cbind(lower(prob), 0)
    Pm <- cbind(0, lower(by_m)) - cbind(lower(by_m), 0); Pt <- cbind(0, lower(by_t)) - cbind(lower(by_t), 0)
    list(A = c(P %*% delta), Am = c(Pm %*% delta), At = c(Pt %*% delta), P = P) }
  ll <- function(par) { a <- selected(par); delta <- c(1, par[-(1:2)])
    sum(log(delta[g]) + dnorm(yi, par[1], sqrt(vi + par[2]), log = TRUE) - log(a$A)) }
  score <- function(par) { a <- selected(par); s2 <- vi + par[2]; r <- yi - par[1]; delta <- c(1, par[-(1:2)])
    c(sum(r / s2 - a$Am / a$A), sum(r^2 / (2 * s2^2) - 1 / (2 * s2) - a$At / a$A),
      sapply(2:(n + 1), function(j) sum((g == j) / delta[j] - a$P[, j] / a$A))) }
  x <- rma(d$yi, d$vi, method = "ML", control = list(threshold = 1e-15, maxiter = 10000))
  m <- quiet(selmodel(x, type = "stepfun", steps = steps, alternative = alternative))
  par <- c(num(m$beta), num(m$tau2), num(m$delta)[-1]); if (alternative == "less") par[1] <- -par[1]
  for (i in 1:20) par <- par - solve(numDeriv::jacobian(score, par), score(par))
  se <- sqrt(diag(solve(-numDeriv::jacobian(score, par))))
  lrt <- 2 * (ll(par) - num(logLik(x, REML = FALSE)))
  if (alternative == "less") par[1] <- -par[1]
  stopifnot(abs(par[1] - num(m$beta)) < 1e-4, abs(lrt - m$LRT) < 1e-6)
  list(beta = par[1], se = se[1], tau2 = par[2], se.tau2 = se[2], delta = c(1, par[-(1:2)]), se.delta = se[-(1:2)],
       LRT = lrt, LRTp = pchisq(lrt, n, lower.tail = FALSE)) }
tighter[["writing/selmodel/step.025"]] <- steps_fit(writing, .025, "greater")
for (o in list(list(c(.025, .5), "greater"), list(c(.05, .3, .6), "greater"), list(.5, "less")))
  add("writing", "selmodel", list(steps = I(o[[1]]), alternative = o[[2]]), steps_fit(writing, o[[1]], o[[2]]))

# every data set whose P values fall into all intervals and whose tau2 is not at the boundary
for (set in sub("/escalc", "", names(reference)[grepl("/escalc$", names(reference))])) { d <- effects(set); if (nrow(d) < 5) next
  for (o in list(list(.05, "greater"), list(.05, "less"), list(c(.05, .5), "two.sided"))) {
    fit <- quiet(try(steps_fit(d, o[[1]], o[[2]]), silent = TRUE))
    if (!inherits(fit, "try-error") && all(is.finite(unlist(fit))) && fit$tau2 > 0) add(set, "selmodel", list(steps = I(o[[1]]), alternative = o[[2]]), fit) } }

# influence with moderators, other tests, and a common effect; marks and Baujat's coordinates
bcg <- effects("bcg/RR"); ablat <- dat.bcg$ablat; n <- with(dat.bcg, tpos + tneg + cpos + cneg)
for (method in c("REML", "EE", "DL")) for (test in c("z", "knha", "t", "adhoc")) for (mods in c(FALSE, TRUE)) {
  r <- quiet(if (mods) rma(yi, vi, mods = ~ ablat, data = bcg, method = method, test = test, control = tight(bcg$yi))
             else rma(yi, vi, data = bcg, method = method, test = test, control = tight(bcg$yi)))
  i <- quiet(influence(r)); pdf(NULL); b <- quiet(baujat(r)); dev.off()
  moderators <- if (mods) "~ ablat" else NULL
  add("bcg/RR", "influence", c(list(method = method, test = test), mods = moderators),
    list(rstudent = num(i$inf$rstudent), dffits = num(i$inf$dffits), cook.d = num(i$inf$cook.d), cov.r = num(i$inf$cov.r),
         tau2.del = num(i$inf$tau2.del), QE.del = num(i$inf$QE.del), hat = num(i$inf$hat), weight = num(i$inf$weight),
         dfbs = num(i$dfbs[[if (mods) 2 else 1]]), rstandard = num(rstandard(r)$z), inf = num(i$is.infl), x = num(b$x), y = num(b$y)))
  if (!mods) { l <- quiet(leave1out(r)); u <- quiet(cumul(r)); of <- function(l, p) list(estimate = num(l$estimate), se = num(l$se), pval = num(p),
      ci.lb = num(l$ci.lb), ci.ub = num(l$ci.ub), Q = num(l$Q), Qp = num(l$Qp), tau2 = if (is.null(l$tau2)) rep(0, 13) else num(l$tau2), I2 = num(l$I2), H2 = num(l$H2))
    add("bcg/RR", "leave1out", list(method = method, test = test), of(l, l$pval))
    add("bcg/RR", "cumul", list(method = method, test = test), of(u, u$pvals)) }
  if (test %in% c("z", "knha")) for (model in c("rma", "lm")) for (predictor in c("sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv")) {
    g <- quiet(regtest(r, model = model, predictor = predictor, ni = n))
    e <- list(zval = num(g$zval), pval = num(g$pval)); if (!is.null(g$est)) e <- c(e, list(est = num(g$est), ci.lb = num(g$ci.lb), ci.ub = num(g$ci.ub)))
    add("bcg/RR", "regtest", c(list(method = method, test = test, model = model, predictor = predictor), mods = moderators), e) }
}

# trim and fill: the third estimator, the side by metafor's rule, other models
for (set in c("bcg/RR", "magnesium/OR", "stjohnswort/RR", "passivesmoking", "writing")) { d <- effects(set)
  for (method in c("REML", "EE", "DL")) for (estimator in c("L0", "R0", "Q0")) {
    r <- quiet(rma(yi, vi, data = d, method = method, control = tight(d$yi)))
    tf <- quiet(try(trimfill(r, estimator = estimator, control = tight(d$yi)), silent = TRUE))
    if (inherits(tf, "try-error")) next
    e <- filled(tf); e$side <- tf$side; if (estimator == "R0") e$p.k0 <- num(tf$p.k0)
    e$yi.fill <- I(num(tf$yi.f)[tf$fill]); e$vi.fill <- I(num(tf$vi.f)[tf$fill])
    add(set, "trimfill", list(method = method, estimator = estimator), e) }
  # hc, and the fail-safe numbers with their other options
  h <- hc_tight(rma(yi, vi, data = d, method = "DL"), control = list(tol = 1e-15))
  add(set, "hc", list(method = "DL"), list(beta = num(h$beta), se = num(h$se), ci.lb = num(h$ci.lb), ci.ub = num(h$ci.ub), tau2 = num(h$tau2)))
  f <- fsn(yi, vi, data = d, type = "Orwin", weighted = TRUE, target = .01)
  add(set, "fsn", list(target = .01), list(orwin = num(f$fsnum), mean = num(f$meanes), rosenthal = num(fsn(yi, vi, data = d)$fsnum),
    rosenthal.p = num(fsn(yi, vi, data = d)$pval), rosenberg = num(fsn(yi, vi, data = d, type = "Rosenberg", alpha = .01)$fsnum),
    rosenberg.p = num(fsn(yi, vi, data = d, type = "Rosenberg")$pval)))
}
cat(toJSON(list(tighter = tighter, cases = cases), auto_unbox = TRUE, digits = I(15), na = "null", null = "null"), "\n")
