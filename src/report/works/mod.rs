//! The works that a report cites by itself: the papers behind its methods and figures, the programs
//! and handbooks whose conventions it follows. `choices` says which work belongs to which choice of
//! a spec; `templates/references/methods.yaml` says how each is printed.

pub(super) mod choices;
mod library;

pub use library::WorkLibrary;

use serde::{Serialize, Serializer};

/// What the keys of these works begin with; no key of an author's list does.
pub const KEY_PREFIX: &str = crate::data::RESERVED_KEYS;

macro_rules! works {
    ($($name:ident: $key:literal, $doc:literal;)*) => {
        /// A work that a report cites by itself.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Work {
            $(#[doc = $doc] $name,)*
        }

        impl Work {
            /// Every work.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its key in the bibliography.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("build-report:", $key),)*
                }
            }
        }
    };
}

works! {
    Balduzzi2019: "balduzzi2019", "The R package meta.";
    Baujat2002: "baujat2002", "Baujat's plot.";
    Begg1994: "begg1994", "The rank correlation test.";
    Bell2002: "bell2002", "Bias-reduced linearisation.";
    Berkey1995: "berkey1995", "Empirical Bayes.";
    Bonett2009: "bonett2009", "Standardised differences under unequal variances.";
    Borenstein2009: "borenstein2009", "The variance of a standardised difference, LS2.";
    Clopper1934: "clopper1934", "Exact intervals of proportions.";
    Cochran1954: "cochran1954", "The Q test.";
    Deeks2010: "deeks2010", "The algorithms of Review Manager 5.";
    DerSimonian1986: "dersimonian1986", "DerSimonian & Laird's estimator.";
    Duval2000: "duval2000", "Trim and fill.";
    Egger1997: "egger1997", "Egger's test.";
    Fisher1921: "fisher1921", "The z transformation of correlations.";
    Freeman1950: "freeman1950", "Double arcsine and double square root.";
    Galbraith1988: "galbraith1988", "The radial plot.";
    Greenland1985: "greenland1985", "Variances of Mantel-Haenszel risk ratios and differences.";
    Harbord2006: "harbord2006", "Harbord's test.";
    Hedges1981: "hedges1981", "The bias of standardised differences.";
    Hedges1982: "hedges1982", "The variance of a standardised difference, LS.";
    Hedges1983: "hedges1983", "The variance of a standardised difference, UB.";
    Hedges1985: "hedges1985", "Inverse variance, and Hedges & Olkin's estimator.";
    Hedges1999: "hedges1999", "The ratio of means.";
    Henmi2010: "henmi2010", "Henmi & Copas' interval.";
    Higgins2002: "higgins2002", "I² and H².";
    Higgins2004: "higgins2004", "The permutation test.";
    Higgins2009: "higgins2009", "The prediction interval.";
    Higgins2019: "higgins2019", "The Cochrane Handbook.";
    Hunter1990: "hunter1990", "Hunter & Schmidt's estimator.";
    Kaplan1958: "kaplan1958", "Survival curves.";
    Knapp2003: "knapp2003", "Knapp & Hartung's test.";
    Konstantopoulos2011: "konstantopoulos2011", "The three-level model.";
    Labbe1987: "labbe1987", "L'Abbé's plot.";
    Lajeunesse2015: "lajeunesse2015", "The ratio of means, with its bias corrected.";
    Luo2018: "luo2018", "Means from medians.";
    Mantel1959: "mantel1959", "The Mantel-Haenszel method.";
    Mantel1966: "mantel1966", "The log-rank test.";
    Miller1978: "miller1978", "The inverse of the double arcsine.";
    Orwin1983: "orwin1983", "Orwin's fail-safe number.";
    Page2021: "page2021", "PRISMA 2020.";
    Paule1982: "paule1982", "Paule & Mandel's estimator.";
    Peters2006: "peters2006", "Peters' test.";
    Program: "program", "This program.";
    Pustejovsky2018: "pustejovsky2018", "Cluster-robust tests, CR2.";
    Raudenbush2009: "raudenbush2009", "Maximum likelihood and moderators.";
    Robins1986: "robins1986", "The variance of a Mantel-Haenszel odds ratio.";
    Rosenberg2005: "rosenberg2005", "Rosenberg's fail-safe number.";
    Rosenthal1979: "rosenthal1979", "Rosenthal's fail-safe number.";
    Rothman2008: "rothman2008", "Variances of Mantel-Haenszel rate ratios and differences.";
    Ruecker2009: "ruecker2009", "The arcsine difference.";
    Sato1989: "sato1989", "The variance of a Mantel-Haenszel risk difference.";
    Schwarzer2019: "schwarzer2019", "What the inverse of the double arcsine can mislead to.";
    Sidik2005: "sidik2005", "Sidik & Jonkman's estimator.";
    Sterne2005: "sterne2005", "Regression tests of asymmetry.";
    Sterne2016: "sterne2016", "ROBINS-I.";
    Sterne2019: "sterne2019", "RoB 2.";
    Stijnen2010: "stijnen2010", "The conditional mixed model of counts.";
    Turner2000: "turner2000", "The unconditional mixed model of counts.";
    Vevea1995: "vevea1995", "The selection model.";
    Viechtbauer2007: "viechtbauer2007", "Q-profile intervals.";
    Viechtbauer2010: "viechtbauer2010", "The R package metafor.";
    ViechtbauerCheung2010: "viechtbauer-cheung2010", "Outliers and influence.";
    Wan2014: "wan2014", "Standard deviations from quartiles.";
    Wilson1927: "wilson1927", "Score intervals of proportions.";
    Yusuf1985: "yusuf1985", "Peto's method.";
}

impl Serialize for Work {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_reserved_and_differ() {
        assert!(Work::ALL.iter().all(|work| work.key().starts_with(KEY_PREFIX)));
        let keys: std::collections::BTreeSet<&str> = Work::ALL.iter().map(|it| it.key()).collect();
        assert_eq!(keys.len(), Work::ALL.len());
    }
}
