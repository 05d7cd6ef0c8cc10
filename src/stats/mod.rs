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
//! - Begg & Mazumdar 1994, Biometrics 50:1088
//! - Bell & McCaffrey 2002, Survey Methodology 28:169 (bias-reduced linearization)
//! - Berkey et al. 1995, Stat Med 14:395 (empirical Bayes)
//! - Breslow & Day 1980, Statistical Methods in Cancer Research I, IARC
//! - Brent 1973, Algorithms for Minimization without Derivatives
//! - Brookmeyer & Crowley 1982, Biometrics 38:29 (interval of a median)
//! - DerSimonian & Laird 1986, Control Clin Trials 7:177
//! - Greenland & Robins 1985, Biometrics 41:55
//! - Greenwood 1926, Reports on Public Health and Medical Subjects 33
//! - Hartung & Knapp 2001, Stat Med 20:3875; Knapp & Hartung 2003, Stat Med 22:2693
//! - Hedges & Olkin 1985, Statistical Methods for Meta-Analysis
//! - Higgins & Thompson 2002, Stat Med 21:1539 (I², H²)
//! - Higgins & Thompson 2004, Stat Med 23:1663 (permutation test)
//! - Hunter & Schmidt 1990, Methods of Meta-Analysis
//! - Kalbfleisch & Prentice 1980, The Statistical Analysis of Failure Time Data
//! - Kaplan & Meier 1958, J Am Stat Assoc 53:457
//! - Konstantopoulos 2011, Res Synth Methods 2:61 (three-level model)
//! - Mantel 1966, Cancer Chemother Rep 50:163 (log-rank test)
//! - Paule & Mandel 1982, J Res Natl Bur Stand 87:377
//! - Pinheiro & Bates 1995, J Comput Graph Stat 4:12 (adaptive Gauss-Hermite quadrature)
//! - Pustejovsky & Tipton 2018, J Bus Econ Stat 36:672 (CR2)
//! - Raudenbush 2009, in Cooper et al., Handbook of Research Synthesis, ch. 16 (REML, ML)
//! - Robins, Breslow & Greenland 1986, Biometrics 42:311
//! - Rücker, Schwarzer, Carpenter & Olkin 2009, Stat Med 28:721 (arcsine difference)
//! - Sato, Greenland & Robins 1989, Biometrics 45:1323
//! - Sidik & Jonkman 2005, Stat Med 24:921
//! - Steele, Lea & Flood 2014, Proc OOPSLA 453 (SplitMix64)
//! - Stijnen, Hamza & Özdemir 2010, Stat Med 29:3046 (conditional mixed model)
//! - Tarone 1985, Biometrika 72:91
//! - Turner et al. 2000, Stat Med 19:3417 (unconditional mixed model)
//! - Viechtbauer 2005, J Educ Behav Stat 30:261; 2007, Stat Med 26:37 (Q-profile); 2010, J Stat Softw 36(3)
//! - Wichura 1988, Applied Statistics 37:477 (AS 241)
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

/// One study's estimate on the analysis scale, with its sampling variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The estimate, on the analysis scale (logarithmic for ratio measures).
    pub estimate: f64,
    /// Its sampling variance, on the square of that scale; finite and not negative.
    pub variance: f64,
}
