//! What a review planned and did before any number: eligibility, search, process.

/// Eligibility by principle (PICOS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picos {
    /// Population, intervention, comparison, outcome and study, in this order.
    pub rows: [Criteria; 5],
}

/// What one principle includes and excludes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Criteria {
    /// Inclusion: nothing, one sentence, or a list.
    pub inclusion: Vec<String>,
    /// Exclusion: nothing, one sentence, or a list.
    pub exclusion: Vec<String>,
}

/// How studies were looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The databases and registers.
    pub databases: Vec<Database>,
    /// Other ways.
    pub other: Vec<String>,
    /// Restrictions of language, date or publication.
    pub restrictions: Option<String>,
}

/// A database that was searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// Start of the period, as printed.
    pub from: Option<String>,
    /// End of the period, as printed.
    pub to: Option<String>,
    /// Records found, as printed.
    pub records: Option<String>,
    /// The search string.
    pub query: Option<String>,
}

/// How records became data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Process {
    /// Screening of records.
    pub screening: Option<Step>,
    /// Extraction of data.
    pub extraction: Option<Step>,
    /// Assessment of the risk of bias.
    pub risk_of_bias: Option<Step>,
    /// The registration of the protocol.
    pub registration: Option<Registration>,
}

/// One step and those who took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Number of reviewers.
    pub reviewers: usize,
    /// Whether they worked independently of each other.
    pub is_independent: bool,
    /// Who or what settled disagreements.
    pub disagreements: Option<String>,
    /// The tool that was used.
    pub tool: Option<String>,
}

/// The registration of a protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// The author says that there is none.
    None,
    /// In a register.
    In {
        /// The register.
        register: String,
        /// Its number there.
        number: String,
        /// When, as printed.
        date: Option<String>,
    },
}
