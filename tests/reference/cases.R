# The cases of reference.json. Each data set's source stands in the line above it.

# Colditz 1994, JAMA 271:698: BCG vaccine against tuberculosis
d <- dat.bcg; binary("bcg", data.frame(study = paste(d$author, d$year), year = d$year, ai = d$tpos, n1i = d$tpos + d$tneg, ci = d$cpos, n2i = d$cpos + d$cneg, ablat = d$ablat, alloc = d$alloc))
# Hine 1989, Arch Intern Med 149:2694: prophylactic lidocaine after myocardial infarction
d <- dat.hine1989; binary("lidocaine", data.frame(study = d$source, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i))
# Yusuf 1985, Prog Cardiovasc Dis 27:335, table 6: beta blockers, mortality in short-term trials
d <- subset(dat.yusuf1985, table == 6); binary("betablocker", data.frame(study = d$trial, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i))
# Egger 2001, Systematic Reviews in Health Care: intravenous magnesium after myocardial infarction
d <- dat.egger2001; binary("magnesium", data.frame(study = d$study, year = d$year, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i))
# Niel-Weise 2007, Crit Care Med 35:1977: anti-infective catheters, bloodstream infection (rare events, zero cells)
d <- dat.nielweise2007; binary("catheter", data.frame(study = paste(d$author, d$year), year = d$year, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i))
# Lau 1992, N Engl J Med 327:248: intravenous streptokinase after myocardial infarction
d <- dat.lau1992; binary("streptokinase", data.frame(study = d$trial, year = d$year, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i))
# Linde 2005, Br J Psychiatry 186:99: St John's wort for depression
d <- dat.linde2005; d <- d[!is.na(d$ai), ]; binary("stjohnswort", data.frame(study = paste(d$study, d$year), year = d$year, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, group = d$group))

# subgroups and meta-regression on BCG
d <- dat.bcg; e <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = d)
cols <- list(events1 = "ai", total1 = "n1i", events2 = "ci", total2 = "n2i")
ctl <- tight(e$yi)
for (t in c("z", "knha")) {
  add(paste0("bcg/RR/metareg/ablat/", t), "bcg", "rma", "RR", cols, list(method = "REML", test = t, mods = "~ ablat"), fit_of(rma(yi, vi, mods = ~ ablat, data = e, test = t, control = ctl)))
  add(paste0("bcg/RR/metareg/alloc/", t), "bcg", "rma", "RR", cols, list(method = "REML", test = t, mods = "~ alloc"), fit_of(rma(yi, vi, mods = ~ alloc, data = e, test = t, control = ctl)))
  add(paste0("bcg/RR/metareg/ablat+year/", t), "bcg", "rma", "RR", cols, list(method = "REML", test = t, mods = "~ ablat + year"), fit_of(rma(yi, vi, mods = ~ ablat + year, data = e, test = t, control = ctl)))
}
for (m in c("DL", "HE", "HS", "SJ", "ML", "EB", "PM")) add(paste0("bcg/RR/metareg/ablat/", m), "bcg", "rma", "RR", cols, list(method = m, test = "z", mods = "~ ablat"), fit_of(quiet(rma(yi, vi, mods = ~ ablat, data = e, method = m, control = ctl))))
for (g in unique(e$alloc)) add(paste0("bcg/RR/subgroup/", g), "bcg", "rma", "RR", cols, list(method = "REML", test = "z", subset = paste0("alloc == ", g)), fit_of(rma(yi, vi, data = e, subset = alloc == g, control = ctl)))
sub <- lapply(split(e, e$alloc), function(x) rma(yi, vi, data = x, control = ctl)); b <- sapply(sub, function(x) num(x$beta)); s <- sapply(sub, function(x) num(x$se))
het <- rma(b, sei = s, method = "FE"); add("bcg/RR/subgroup/between", "bcg", "rma", "RR", cols, list(method = "REML", test = "z", subgroup = "alloc", "tau2" = "separate"), list(QM = het$QE, df = length(b) - 1, QMp = het$QEp))

# Normand 1999, Stat Med 18:321: length of hospital stay (means)
d <- dat.normand1999; n <- "strokestay"; save_csv(data.frame(study = d$source, m1i = d$m1i, sd1i = d$sd1i, n1i = d$n1i, m2i = d$m2i, sd2i = d$sd2i, n2i = d$n2i), n)
mc <- list(mean1 = "m1i", sd1 = "sd1i", n1 = "n1i", mean2 = "m2i", sd2 = "sd2i", n2 = "n2i")
for (m in c("MD", "SMD", "SMDH", "ROM")) battery(paste0(n, "/", m), n, m, mc, escalc(measure = m, m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = d))
for (v in c("LS", "UB", "LS2", "AV")) { e <- quiet(try(escalc(measure = "SMD", vtype = v, m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = d), silent = TRUE)); if (!inherits(e, "try-error")) add(paste0(n, "/SMD/escalc/vtype=", v), n, "escalc", "SMD", mc, list(vtype = v), list(yi = num(e$yi), vi = num(e$vi))) }
e <- escalc(measure = "MD", vtype = "HO", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = d); add(paste0(n, "/MD/escalc/vtype=HO"), n, "escalc", "MD", mc, list(vtype = "HO"), list(yi = num(e$yi), vi = num(e$vi)))
# Curtis 1998, Oecologia 113:299: plant mass under elevated CO2 (log ratio of means)
d <- dat.curtis1998; n <- "co2"; save_csv(data.frame(study = paste(d$paper, d$id), m1i = d$m2i, sd1i = d$sd2i, n1i = d$n2i, m2i = d$m1i, sd2i = d$sd1i, n2i = d$n1i, method = d$method), n)
battery(paste0(n, "/ROM"), n, "ROM", mc, escalc(measure = "ROM", m1i = m2i, sd1i = sd2i, n1i = n2i, m2i = m1i, sd2i = sd1i, n2i = n1i, data = d))

# Hart 1999, Ann Intern Med 131:492: warfarin against stroke (person-time)
d <- dat.hart1999; n <- "warfarin"; save_csv(data.frame(study = d$study, year = d$year, x1i = d$x1i, t1i = d$t1i, x2i = d$x2i, t2i = d$t2i), n)
rc <- list(events1 = "x1i", time1 = "t1i", events2 = "x2i", time2 = "t2i")
for (m in c("IRR", "IRD", "IRSD")) battery(paste0(n, "/", m), n, m, rc, escalc(measure = m, x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = d))
for (m in c("IR", "IRLN", "IRS", "IRFT")) { e <- quiet(escalc(measure = m, xi = x1i, ti = t1i, data = d)); add(paste0(n, "/", m, "/escalc"), n, "escalc", m, list(events = "x1i", time = "t1i"), list(), list(yi = num(e$yi), vi = num(e$vi))) }
r <- rma.mh(x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = d, measure = "IRR"); add(paste0(n, "/rma.mh/IRR"), n, "rma.mh", "IRR", rc, list(), list(beta = num(r$beta), se = num(r$se), pval = num(r$pval), QE = num(r$QE), QEp = num(r$QEp)))

# Pritz 1997, Neurosurgery 40:1199: hyperdynamic therapy (single-arm proportions)
d <- dat.pritz1997; n <- "vasospasm"; save_csv(data.frame(study = d$authors, xi = d$xi, ni = d$ni), n)
for (m in c("PR", "PLN", "PLO", "PAS", "PFT")) battery(paste0(n, "/", m), n, m, list(events = "xi", total = "ni"), quiet(escalc(measure = m, xi = xi, ni = ni, data = d)))
e <- escalc(measure = "PFT", xi = xi, ni = ni, data = d); r <- rma(yi, vi, data = e, control = ctl); p <- predict(r, transf = transf.ipft.hm, targs = list(ni = d$ni))
add(paste0(n, "/PFT/backtransform"), n, "predict", "PFT", list(events = "xi", total = "ni"), list(method = "REML", transf = "ipft.hm"), list(pred = num(p$pred), ci.lb = num(p$ci.lb), ci.ub = num(p$ci.ub)))
for (i in seq_len(nrow(d))) { b <- binom.test(d$xi[i], d$ni[i]); add(paste0(n, "/clopper-pearson/", i), n, "binom.test", "PR", list(events = "xi", total = "ni"), list(row = i), list(estimate = num(b$estimate), ci.lb = b$conf.int[1], ci.ub = b$conf.int[2])) }

# Molloy 2014, Ann Behav Med 47:92: conscientiousness and adherence (correlations)
d <- dat.molloy2014; n <- "adherence"; save_csv(data.frame(study = paste(d$authors, d$year), ri = d$ri, ni = d$ni), n)
for (m in c("COR", "ZCOR")) battery(paste0(n, "/", m), n, m, list(r = "ri", n = "ni"), escalc(measure = m, ri = ri, ni = ni, data = d))

# Hackshaw 1997, BMJ 315:980: passive smoking (generic: log odds ratio and variance); Raudenbush 1985; Bangert-Drowns 2004
d <- dat.hackshaw1998; n <- "passivesmoking"; save_csv(data.frame(study = paste(d$author, d$year), year = d$year, or = d$or, or.lb = d$or.lb, or.ub = d$or.ub, yi = d$yi, vi = d$vi), n); battery(n, n, "GEN", list(yi = "yi", vi = "vi"), d)
d <- dat.raudenbush1985; n <- "expectancy"; save_csv(data.frame(study = paste(d$author, d$year), year = d$year, weeks = d$weeks, setting = d$setting, yi = d$yi, vi = d$vi), n); battery(n, n, "GEN", list(yi = "yi", vi = "vi"), d)
add("expectancy/metareg/weeks", n, "rma", "GEN", list(yi = "yi", vi = "vi"), list(method = "REML", test = "z", mods = "~ weeks"), fit_of(rma(yi, vi, mods = ~ weeks, data = d, control = ctl)))
d <- dat.bangertdrowns2004; n <- "writing"; save_csv(data.frame(study = paste(d$author, d$year), year = d$year, length = d$length, feedback = d$feedback, yi = d$yi, vi = d$vi), n); battery(n, n, "GEN", list(yi = "yi", vi = "vi"), d)
s <- selmodel(rma(yi, vi, data = d, method = "ML"), type = "stepfun", steps = c(.025)); add("writing/selmodel/step.025", n, "selmodel", "GEN", list(yi = "yi", vi = "vi"), list(type = "stepfun", steps = 0.025), list(beta = num(s$beta), se = num(s$se), tau2 = num(s$tau2), delta = num(s$delta), LRT = num(s$LRT), LRTp = num(s$LRTp)))
h <- hc(rma(yi, vi, data = d, method = "DL")); add("writing/hc", n, "hc", "GEN", list(yi = "yi", vi = "vi"), list(method = "DL"), list(beta = num(h$beta), se = num(h$se), ci.lb = num(h$ci.lb), ci.ub = num(h$ci.ub)))

# Konstantopoulos 2011, Res Synth Methods 2:61: three-level model and cluster-robust inference
d <- dat.konstantopoulos2011; n <- "schoolcalendar"; save_csv(data.frame(district = d$district, school = d$school, study = d$study, yi = d$yi, vi = d$vi), n)
r <- rma.mv(yi, vi, random = ~ 1 | district/school, data = d, control = list(optimizer = "nlminb", rel.tol = 1e-10)); add(paste0(n, "/rma.mv"), n, "rma.mv", "GEN", list(yi = "yi", vi = "vi"), list(random = "district/school", method = "REML"), list(beta = num(r$beta), se = num(r$se), pval = num(r$pval), ci.lb = num(r$ci.lb), ci.ub = num(r$ci.ub), sigma2 = num(r$sigma2), QE = num(r$QE), logLik = num(logLik(r))))
rb <- robust(r, cluster = district, clubSandwich = TRUE); add(paste0(n, "/rma.mv/CR2"), n, "robust", "GEN", list(yi = "yi", vi = "vi"), list(random = "district/school", cluster = "district", vcov = "CR2"), list(beta = num(rb$beta), se = num(rb$se), dfs = num(rb$dfs), pval = num(rb$pval), ci.lb = num(rb$ci.lb), ci.ub = num(rb$ci.ub)))

# generalised linear mixed model for rare events (unconditional, fixed study effects)
d <- dat.nielweise2007; r <- quiet(try(rma.glmm(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d, model = "UM.FS"), silent = TRUE))
if (!inherits(r, "try-error")) add("catheter/rma.glmm/UM.FS", "catheter", "rma.glmm", "OR", cols, list(model = "UM.FS"), list(beta = num(r$beta), se = num(r$se), ci.lb = num(r$ci.lb), ci.ub = num(r$ci.ub), tau2 = num(r$tau2)))

# Kaplan-Meier and log-rank: Freireich 1963, Blood 21:699 (6-mercaptopurine, remission in weeks)
suppressMessages(library(survival)); n <- "remission"
d <- data.frame(arm = rep(c("6-MP", "placebo"), each = 21), time = c(6,6,6,6,7,9,10,10,11,13,16,17,19,20,22,23,25,32,32,34,35, 1,1,2,2,3,4,4,5,5,8,8,8,8,11,11,12,12,15,17,22,23),
  event = c(1,1,1,0,1,0,1,0,0,1,1,0,0,0,1,1,0,0,0,0,0, rep(1,21))); save_csv(d, n)
for (ct in c("log-log", "log", "plain")) { f <- survfit(Surv(time, event) ~ 1, data = d, subset = arm == "6-MP", conf.type = ct)
  add(paste0(n, "/km/", ct), n, "survfit", "KM", list(time = "time", event = "event"), list(subset = "arm == 6-MP", conf.type = ct), list(time = f$time, n.risk = f$n.risk, n.event = f$n.event, n.censor = f$n.censor, surv = f$surv, std.err.log = f$std.err, lower = f$lower, upper = f$upper, median = num(summary(f)$table["median"]))) }
l <- survdiff(Surv(time, event) ~ arm, data = d); add(paste0(n, "/logrank"), n, "survdiff", "KM", list(time = "time", event = "event", group = "arm"), list(), list(chisq = l$chisq, df = 1, pval = pchisq(l$chisq, 1, lower.tail = FALSE), observed = num(l$obs), expected = num(l$exp)))
