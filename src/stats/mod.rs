//! Statistics: slices of numbers in, small structs out.
//!
//! Nothing here knows a study's name, a file or a word of a report. Ratios never enter: every
//! ratio measure lives on its logarithmic scale, and only `report` turns it back.
//! Elementary functions come from the `libm` crate, so that no platform's mathematics library
//! can change a printed digit.
//!
//! # References
//!
//! Elsewhere cited by author and year.
//!
//! - Baujat, Mahé, Pignon & Hill 2002, Stat Med 21:2641
//! - Begg & Mazumdar 1994, Biometrics 50:1088
//! - Bell & McCaffrey 2002, Survey Methodology 28:169 (bias-reduced linearization)
//! - Berkey et al. 1995, Stat Med 14:395 (empirical Bayes)
//! - Bland 2015, Int J Stat Med Res 4:57 (mean from five numbers)
//! - Bonett 2009, Psychol Methods 14:225 (standardised difference under unequal variances)
//! - Borenstein 2009, in Cooper et al., Handbook of Research Synthesis, ch. 12
//! - Brent 1973, Algorithms for Minimization without Derivatives
//! - Breslow & Day 1980, Statistical Methods in Cancer Research I, IARC
//! - Brookmeyer & Crowley 1982, Biometrics 38:29 (interval of a median)
//! - Clopper & Pearson 1934, Biometrika 26:404
//! - Deeks & Higgins 2010, Statistical algorithms in Review Manager 5 (Cochrane)
//! - DerSimonian & Laird 1986, Control Clin Trials 7:177
//! - DiDonato & Morris 1992, ACM Trans Math Softw 18:360 (incomplete beta function)
//! - Duval & Tweedie 2000a, Biometrics 56:455; 2000b, J Am Stat Assoc 95:89 (trim and fill)
//! - Egger, Davey Smith, Schneider & Minder 1997, BMJ 315:629
//! - Fisher 1921, Metron 1:3 (z transformation)
//! - Freeman & Tukey 1950, Ann Math Stat 21:607
//! - Greenland & Robins 1985, Biometrics 41:55
//! - Greenwood 1926, Reports on Public Health and Medical Subjects 33
//! - Harbord, Egger & Sterne 2006, Stat Med 25:3443
//! - Hartung & Knapp 2001, Stat Med 20:3875; Knapp & Hartung 2003, Stat Med 22:2693
//! - Hedges & Olkin 1985, Statistical Methods for Meta-Analysis
//! - Hedges 1981, J Educ Stat 6:107; 1982, Psychol Bull 92:490; 1983, Psychol Bull 93:388
//! - Hedges, Gurevitch & Curtis 1999, Ecology 80:1150 (ratio of means)
//! - Henmi & Copas 2010, Stat Med 29:2969
//! - Higgins & Thompson 2002, Stat Med 21:1539 (I², H²)
//! - Higgins & Thompson 2004, Stat Med 23:1663 (permutation test)
//! - Higgins, Thompson & Spiegelhalter 2009, J R Stat Soc A 172:137
//! - Hozo, Djulbegovic & Hozo 2005, BMC Med Res Methodol 5:13
//! - Hunter & Schmidt 1990, Methods of Meta-Analysis
//! - Hyndman & Fan 1996, Am Stat 50:361 (sample quantiles)
//! - Kalbfleisch & Prentice 1980, The Statistical Analysis of Failure Time Data
//! - Kaplan & Meier 1958, J Am Stat Assoc 53:457
//! - Kendall 1970, Rank Correlation Methods
//! - Knight 1966, J Am Stat Assoc 61:436 (Kendall's tau by sorting)
//! - Konstantopoulos 2011, Res Synth Methods 2:61 (three-level model)
//! - Lajeunesse 2015, Ecology 96:2056
//! - Loader 2000, Fast and accurate computation of binomial probabilities (Lucent Technologies)
//! - Luo, Wan, Liu & Tong 2018, Stat Methods Med Res 27:1785
//! - Mantel 1966, Cancer Chemother Rep 50:163 (log-rank test)
//! - Miller 1978, Am Stat 32:138 (inverse of the double arcsine)
//! - Orwin 1983, J Educ Stat 8:157
//! - Paule & Mandel 1982, J Res Natl Bur Stand 87:377
//! - Peters, Sutton, Jones, Abrams & Rushton 2006, JAMA 295:676
//! - Pinheiro & Bates 1995, J Comput Graph Stat 4:12 (adaptive Gauss-Hermite quadrature)
//! - Pustejovsky & Tipton 2018, J Bus Econ Stat 36:672 (CR2)
//! - Raudenbush 2009, in Cooper et al., Handbook of Research Synthesis, ch. 16 (REML, ML)
//! - Robins, Breslow & Greenland 1986, Biometrics 42:311
//! - Rosenberg 2005, Evolution 59:464
//! - Rosenthal 1979, Psychol Bull 86:638
//! - Rothman, Greenland & Lash 2008, Modern Epidemiology
//! - Rücker, Schwarzer, Carpenter & Olkin 2009, Stat Med 28:721 (arcsine difference)
//! - Sato, Greenland & Robins 1989, Biometrics 45:1323
//! - Sidik & Jonkman 2005, J R Stat Soc C 54:367
//! - Steele, Lea & Flood 2014, Proc OOPSLA 453 (SplitMix64)
//! - Sterne & Egger 2005, in Rothstein et al., Publication Bias in Meta-Analysis, ch. 6
//! - Stijnen, Hamza & Özdemir 2010, Stat Med 29:3046 (conditional mixed model)
//! - Takahasi & Mori 1974, Publ RIMS Kyoto Univ 9:721 (double exponential quadrature)
//! - Tarone 1985, Biometrika 72:91
//! - Turner et al. 2000, Stat Med 19:3417 (unconditional mixed model)
//! - Veroniki et al. 2019, Res Synth Methods 10:23
//! - Vevea & Hedges 1995, Psychometrika 60:419
//! - Viechtbauer & Cheung 2010, Res Synth Methods 1:112 (outliers and influence)
//! - Viechtbauer 2005, J Educ Behav Stat 30:261; 2007, Stat Med 26:37 (Q-profile); 2010, J Stat Softw 36(3)
//! - Wan, Wang, Liu & Tong 2014, BMC Med Res Methodol 14:135
//! - Wichura 1988, Applied Statistics 37:477 (AS 241)
//! - Wilson 1927, J Am Stat Assoc 22:209
//! - Yule 1912, J R Stat Soc 75:579 (phi coefficient)
//! - Yusuf et al. 1985, Prog Cardiovasc Dis 27:335 (Peto's method)

pub mod binary;
pub mod continuous;
pub mod correlation;
pub mod design;
pub mod distribution;
pub mod glmm;
pub mod heterogeneity;
pub mod influence;
mod median;
pub mod meta_regression;
pub mod multilevel;
pub mod pooling;
pub mod quantile_summary;
pub mod rate;
pub mod reported;
pub mod root;
pub mod sequential;
pub mod single_group;
pub mod small_study;
pub mod survival;
pub mod tau_squared;
mod weighted_mean;

pub use median::median;

/// One study's estimate on the analysis scale, with its sampling variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The estimate, on the analysis scale (logarithmic for ratio measures).
    pub estimate: f64,
    /// Its sampling variance, on the square of that scale; finite and not negative.
    pub variance: f64,
}

/// The largest size of an estimate, of a variance and of its inverse.
const LARGEST: f64 = 1e50;

/// Whether estimates and variances are in the range in which products of four of them are numbers
/// still.
pub(crate) fn is_computable(y: &[f64], v: &[f64]) -> bool {
    y.iter().all(|y| y.abs() <= LARGEST) && v.iter().all(|v| *v <= LARGEST && *v >= 1.0 / LARGEST)
}
