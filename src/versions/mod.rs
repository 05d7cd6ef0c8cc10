//! Kept versions: what a build wrote, proved by hashes, and written whole or not at all.

mod manifest;
mod provenance;
mod store;

pub use manifest::{Manifest, sha256};
pub use provenance::{Provenance, fingerprint};
pub use store::{Store, StoreError};
