//! Foretelling what a job takes: a sample of its corpus is computed here, as a host would, the server
//! merges it for a trial, and what that gives is scaled to the whole.

mod forecast;
mod growth;
mod piece;
mod sample;

pub(crate) use forecast::{Basis, Forecast, TableForecast, forecast};
pub(crate) use sample::{Sample, Sampler};
