//! Study data: CSV as written, then the studies of one analysis.

mod studies;
mod table;

pub use studies::{Dataset, Study, Tables, read_dataset};
pub use table::Table;
