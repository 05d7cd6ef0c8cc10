# Reference values of the distribution functions, computed by R.
#
# Usage: Rscript make_distribution.R > distribution.csv
# Columns: function, argument, df1, df2, value (17 significant digits).
row <- function(name, x, df1, df2, value) cat(sprintf("%s,%.17g,%.17g,%.17g,%.17g\n", name, x, df1, df2, value))
cat("function,argument,df1,df2,value\n")
for (z in c(0, 0.3, 1, 1.96, 2.5, 4, 6.5, 10, 20, 30, 37)) { row("normal_upper_tail", z, 0, 0, pnorm(z, lower.tail = FALSE)); row("normal_two_sided", -z, 0, 0, 2 * pnorm(z, lower.tail = FALSE)) }
for (p in c(1e-12, 1e-4, 0.005, 0.025, 0.2, 0.5, 0.7, 0.975, 0.9958333333333333, 0.9999)) row("normal_quantile", p, 0, 0, qnorm(p))
for (df in c(1, 2, 5, 12, 27.5, 69, 160, 1000)) {
  for (x in c(0.01, 0.5, 3.84, 12, 40, 163, 900)) {
    row("chi_squared_upper_tail", x, df, 0, pchisq(x, df, lower.tail = FALSE))
    row("f_upper_tail", x, 3, df, pf(x, 3, df, lower.tail = FALSE))
    row("t_two_sided", sqrt(x), df, 0, 2 * pt(sqrt(x), df, lower.tail = FALSE))
  }
  for (p in c(0.001, 0.025, 0.3, 0.9, 0.975)) row("chi_squared_upper_quantile", p, df, 0, qchisq(p, df, lower.tail = FALSE))
  for (p in c(0.6, 0.95, 0.975, 0.9995)) row("t_quantile", p, df, 0, qt(p, df))
}
