//! Meta-analysis reports that rebuild byte for byte.
//!
//! The folders are the stages of a report, in order; imports go down only:
//!
//! ```text
//! project -> spec -> data -> analysis -> consistency -> report -> render -> versions
//! ```
//!
//! - [`project`] reads specs, tables and templates from disk
//! - [`spec`] turns YAML as written into a checked [`spec::Review`]
//! - [`data`] turns CSV into the studies of each analysis
//! - [`stats`] computes: slices of numbers in, small structs out; it knows no names, files or words
//! - [`analysis`] turns the studies of an analysis into findings, on the analysis scale
//! - [`consistency`] holds what was printed and said against itself and against the findings
//! - [`report`] decides, rounds and orders all that is printed
//! - [`render`] turns views into Typst sources, and these into PDF and SVG
//! - [`versions`] keeps what was built
//! - [`pipeline`] is the story of one report; [`cli`] the roof, the only floor that prints
//! - [`source`] and [`diagnostic`] are places in texts and messages about them; [`yaml`] is YAML with places;
//!   [`threads`] does several things at once

#![cfg_attr(
    test,
    allow(
        clippy::approx_constant,
        clippy::excessive_precision,
        reason = "digits as the reference prints them"
    )
)]

pub mod analysis;
pub mod cli;
pub mod consistency;
pub mod data;
pub mod diagnostic;
pub mod pipeline;
pub mod project;
pub mod render;
pub mod report;
pub mod source;
pub mod spec;
pub mod stats;
pub mod threads;
pub mod versions;
pub mod yaml;
