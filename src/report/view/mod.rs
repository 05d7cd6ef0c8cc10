//! The only types that templates see: everything formatted, ordered and decided.

mod asked;
mod build;
mod certainty;
mod claim;
mod columns;
mod consistency;
mod described;
mod diagnostics;
mod evidence;
mod figures;
mod file;
mod footer;
mod grid;
mod model;
mod other_models;
mod protocol;
mod regression;
mod report;
mod result;
mod results_table;
mod section;
mod shown;
mod studies;
mod subgroups;
mod survival;
mod text;
mod works;

pub use asked::AskedView;
pub(in crate::report) use asked::single_proportions;
pub use build::{parse_date, report_view};
pub use certainty::{FindingView, FindingsView};
pub use claim::{ClaimView, ClaimedEffect, ClaimedInterval};
pub use columns::{ColumnGroup, DataColumns};
pub use consistency::{ComparisonRow, ConsistencyView, FindingGroup, FindingRow, consistency_view};
pub use described::DescribedView;
pub use diagnostics::{DiagnosticsView, SelectionView, TrimAndFillView};
pub use evidence::{BiasColumn, BiasColumnsView, RiskOfBiasView};
pub use figures::{Drawing, FigureView, FiguresView, MissingFigure};
pub use file::{AttachmentView, FileView, PROVENANCE, RESULTS};
pub use footer::FooterLine;
pub(in crate::report) use footer::footer;
pub use grid::{GridAbbreviation, GridColumn, GridFootnote, GridHead, GridRow, GridText, GridView};
pub use model::ModelView;
pub use other_models::{ChoiceView, OtherModelView};
pub(in crate::report) use protocol::PRINCIPLES;
pub use protocol::{ProtocolView, StepView};
pub use regression::{CoefficientRow, RegressionView};
pub use report::{
    ArmsView, ChapterView, Conclusions, DateView, EntryView, OverviewView, ReportView, SummaryRow,
};
pub use result::{
    ComponentsView, EstimateWithError, NotComputed, QView, ResultView, StatisticView,
};
pub use results_table::ResultsTableView;
pub use section::{DirectionsView, SectionView};
pub use shown::{MOST_STUDIES, ShownView};
pub use studies::{Footnotes, GroupView, StudyView, TotalsView};
pub use subgroups::{SubgroupRow, SubgroupsView};
pub(super) use survival::interval_code;
pub use survival::{LandmarkView, SurvivalGroupRow, SurvivalView};
pub use text::reason_code;
pub use works::{ModelWorks, ReferencesView, ReportWorks, SectionWorks, SurvivalWorks};
