//! Kept versions: what a build wrote, proved by hashes, and written whole or not at all.

mod decisions;
mod files;
mod input_changes;
mod kept;
mod manifest;
mod parts;
mod plan;
mod provenance;
mod results;
pub mod review;
mod store;

pub use decisions::{Choice, Decision, Decisions, Item, items};
pub use files::{write_file, write_new_folder};
pub use input_changes::{Cells, FileChange, InputChange, input_changes, values};
pub use kept::{Flaw, Kept};
pub use manifest::{MANIFEST, Maker, Manifest, ONLY, Status, seal_in, seal_of, sha256};
pub use parts::{Gathering, Misfit, Part};
pub use plan::{Cause, Plan, changes, maker_causes};
pub use provenance::{Provenance, fingerprint};
pub use results::result_differences;
pub use store::{Store, StoreError};
