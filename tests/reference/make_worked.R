# The data of worked/*.csv; the line above each names its source.
#
# Usage: Rscript make_worked.R (in this folder)
suppressMessages(library(metadat))
save <- function(name, data) write.csv(data, file.path("worked", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)

# Viechtbauer 2005, J Educ Behav Stat 30:261, examples 1 (p. 271) and 2 (p. 272)
save("viechtbauer2005_1", data.frame(yi = c(-0.581, 0.530, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232), vi = c(0.023, 0.052, 0.060, 0.115, 0.095, 0.203, 0.200, 0.211, 0.051, 0.040)))
save("viechtbauer2005_2", data.frame(yi = c(0.100, -0.162, -0.090, -0.049, -0.046, -0.010, -0.431, -0.261, 0.134, 0.019, 0.175, 0.056, 0.045, 0.103, 0.121, -0.482, 0.290, 0.342), vi = c(0.016, 0.015, 0.050, 0.050, 0.032, 0.052, 0.036, 0.024, 0.034, 0.033, 0.031, 0.034, 0.039, 0.167, 0.134, 0.096, 0.016, 0.035)))
# Lipsey & Wilson 2001, Practical Meta-Analysis, Exhibit 7.1
save("lipsey2001", data.frame(yi = c(-0.33, 0.32, 0.39, 0.31, 0.17, 0.64, -0.33, 0.15, -0.02, 0.00), vi = c(0.084, 0.035, 0.017, 0.034, 0.072, 0.117, 0.102, 0.093, 0.012, 0.067), random = c(0, 0, 0, 0, 0, 0, 1, 1, 1, 1), intensity = c(7, 3, 7, 5, 7, 7, 4, 4, 5, 6)))
# DerSimonian & Kacker 2007, Contemp Clin Trials 28:105: aspirin in pregnancy (CLASP), pre-eclampsia
save("dersimonian2007", data.frame(ai = c(5, 5, 12, 69, 9, 313), n1i = c(156, 303, 565, 1570, 103, 4659), ci = c(8, 17, 9, 94, 11, 352), n2i = c(74, 303, 477, 1565, 105, 4650)))
# Rothman, Greenland & Lash 2008, Modern Epidemiology, Tables 15-1 (tolbutamide), 15-2 (smoking and coronary deaths) and 15-5 (spermicides)
save("rothman2008_1", data.frame(ai = c(8, 22), n1i = c(106, 98), ci = c(5, 16), n2i = c(120, 85)))
save("rothman2008_2", data.frame(x1i = c(32, 104, 206, 186, 102), t1i = c(5.2407, 4.3248, 2.8612, 1.2663, 0.5317), x2i = c(2, 12, 28, 28, 31), t2i = c(1.8790, 1.0673, 0.5710, 0.2585, 0.1462)))
save("rothman2008_5", data.frame(ai = c(3, 1), n1i = c(12, 4), ci = c(104, 5), n2i = c(1163, 91)))
# Miller 1978, Am Stat 32:138
save("miller1978", data.frame(xi = c(3, 6, 10, 1), ni = c(11, 17, 21, 6)))
# Collins 1985, BMJ 290:17: diuretics in pregnancy, pre-eclampsia (dat.collins1985b)
d <- dat.collins1985b; save("collins1985", data.frame(ai = d$pre.xti, n1i = d$pre.nti, ci = d$pre.xci, n2i = d$pre.nci))
# Lee & Done 2004, Cochrane Database Syst Rev: acupoint P6 against nausea (dat.lee2004)
d <- dat.lee2004; save("lee2004", data.frame(ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i))
# Niel-Weise 2008, Antimicrob Agents Chemother: catheters in long-term use, infections in 1000 days (dat.nielweise2008)
d <- dat.nielweise2008; save("nielweise2008", data.frame(x1i = d$x1i, t1i = d$t1i / 1000, x2i = d$x2i, t2i = d$t2i / 1000))
# Li, Zhang, Zhang & Egger 2007, Cochrane Database Syst Rev CD002755 (dat.li2007)
d <- dat.li2007; save("li2007", data.frame(ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i))
