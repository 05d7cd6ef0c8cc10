//! What the numbers of a flow have to add up to.

use super::Flow;

/// An equation between the numbers that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The key whose number is given.
    pub key: &'static str,
    /// What is given.
    pub given: u64,
    /// What the others add up to; below zero where more is taken away than there is.
    pub expected: i128,
    /// The keys that are added (`true`) or taken away, with their numbers; a list stands for the
    /// sum of its parts.
    pub terms: Vec<(bool, &'static str, u64)>,
}

/// A key, the keys that add up to it and must be given, and those that are added or taken away
/// where they are given.
struct Equation {
    key: &'static str,
    needed: &'static [(bool, &'static str)],
    optional: &'static [(bool, &'static str)],
    /// Keys of boxes between: where one is given, it has an equation of its own.
    between: &'static [&'static str],
}

const EQUATIONS: [Equation; 13] = [
    Equation {
        key: "database_results",
        needed: &[(true, "database_specific_results")],
        optional: &[],
        between: &[],
    },
    Equation {
        key: "register_results",
        needed: &[(true, "register_specific_results")],
        optional: &[],
        between: &[],
    },
    Equation {
        key: "records_screened",
        needed: &[(true, "database_results")],
        optional: &[
            (true, "register_results"),
            (false, "duplicates"),
            (false, "excluded_automatic"),
            (false, "excluded_other"),
        ],
        between: &[],
    },
    Equation {
        key: "dbr_sought_reports",
        needed: &[(true, "records_screened"), (false, "records_excluded")],
        optional: &[],
        between: &[],
    },
    Equation {
        key: "dbr_assessed",
        needed: &[(true, "dbr_sought_reports")],
        optional: &[(false, "dbr_notretrieved_reports")],
        between: &[],
    },
    Equation {
        key: "dbr_assessed",
        needed: &[(true, "records_screened"), (false, "records_excluded")],
        optional: &[(false, "dbr_notretrieved_reports")],
        between: &["dbr_sought_reports"],
    },
    Equation {
        key: "other_sought_reports",
        needed: &[],
        optional: &[
            (true, "website_results"),
            (true, "organisation_results"),
            (true, "citations_results"),
        ],
        between: &[],
    },
    Equation {
        key: "other_assessed",
        needed: &[(true, "other_sought_reports")],
        optional: &[(false, "other_notretrieved_reports")],
        between: &[],
    },
    Equation {
        key: "new_reports",
        needed: &[(true, "dbr_assessed"), (false, "dbr_excluded")],
        optional: &[(true, "other_assessed"), (false, "other_excluded")],
        between: &[],
    },
    Equation {
        key: "new_reports",
        needed: &[(true, "dbr_sought_reports"), (false, "dbr_excluded")],
        optional: &[
            (false, "dbr_notretrieved_reports"),
            (true, "other_assessed"),
            (false, "other_excluded"),
        ],
        between: &["dbr_assessed"],
    },
    Equation {
        key: "new_reports",
        needed: &[(true, "records_screened"), (false, "records_excluded"), (false, "dbr_excluded")],
        optional: &[
            (false, "dbr_notretrieved_reports"),
            (true, "other_assessed"),
            (false, "other_excluded"),
        ],
        between: &["dbr_sought_reports", "dbr_assessed"],
    },
    Equation {
        key: "total_studies",
        needed: &[(true, "new_studies")],
        optional: &[(true, "previous_studies")],
        between: &[],
    },
    Equation {
        key: "total_reports",
        needed: &[(true, "new_reports")],
        optional: &[(true, "previous_reports")],
        between: &[],
    },
];

/// The equations between the numbers that do not hold. One is looked at where all that it needs is
/// given; a list counts where each of its parts has a number.
#[must_use]
pub fn mismatches(flow: &Flow) -> Vec<Mismatch> {
    EQUATIONS.iter().filter_map(|equation| mismatch(flow, equation)).collect()
}

fn mismatch(flow: &Flow, equation: &Equation) -> Option<Mismatch> {
    let given = flow.count(equation.key)?;
    if equation.between.iter().any(|key| flow.count(key).is_some()) {
        return None;
    }
    let term = |(is_added, key): &(bool, &'static str)| {
        flow.sum(key).map(|value| (*is_added, *key, value))
    };
    let mut terms: Vec<(bool, &'static str, u64)> =
        equation.needed.iter().map(term).collect::<Option<_>>()?;
    // a list with a part of unknown size leaves the sum unknown
    if equation
        .optional
        .iter()
        .any(|(_, key)| !flow.parts(key).is_empty() && flow.sum(key).is_none())
    {
        return None;
    }
    terms.extend(equation.optional.iter().filter_map(term));
    if terms.is_empty() {
        return None;
    }
    let expected = terms
        .iter()
        .map(
            |(is_added, _, value)| if *is_added { i128::from(*value) } else { -i128::from(*value) },
        )
        .sum();
    (i128::from(given) != expected).then_some(Mismatch {
        key: equation.key,
        given,
        expected,
        terms,
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{NEW, flow};
    use super::*;

    #[test]
    fn numbers_that_add_up_have_no_mismatch() {
        assert_eq!(mismatches(&flow(&NEW)), []);
        assert_eq!(mismatches(&Flow::default()), []);
    }

    #[test]
    fn each_equation_that_does_not_hold_is_listed() {
        let mut entries = NEW;
        entries[5].1 = "760";
        let found = mismatches(&flow(&entries));
        let keys: Vec<&str> = found.iter().map(|mismatch| mismatch.key).collect();
        assert_eq!(keys, ["records_screened", "dbr_sought_reports"]);
        assert_eq!((found[0].given, found[0].expected), (760, 750));
        assert_eq!(found[0].terms[2], (false, "duplicates", 300));
    }

    /// A box that a diagram leaves out hides no mistake: 7938 less 7891 leave 47, not 52.
    #[test]
    fn a_box_that_is_not_given_is_passed_over() {
        let mut entries = vec![
            ("records_screened", "7938"),
            ("records_excluded", "7891"),
            ("dbr_assessed", "52"),
            ("dbr_excluded", "Not randomised, 10"),
            ("new_reports", "42"),
        ];
        let found = mismatches(&flow(&entries));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].key, found[0].expected), ("dbr_assessed", 47));
        entries[2].1 = "47";
        entries[4].1 = "37";
        assert_eq!(mismatches(&flow(&entries)), []);
        entries.remove(2);
        assert_eq!(mismatches(&flow(&entries)), []);
        entries[3].1 = "38";
        assert_eq!(mismatches(&flow(&entries))[0].expected, 37);
    }

    #[test]
    fn an_unknown_part_leaves_its_sum_open() {
        let mut entries = NEW;
        entries[10].1 = "Wrong population, xxx; No control, 20";
        entries[11].1 = "25";
        assert_eq!(mismatches(&flow(&entries)), []);
    }
}
