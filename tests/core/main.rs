//! Tests of the evaluator and of the simulated servers, over expressions given
//! as text and over random ones.

mod agreement;
mod evaluator;
mod models;
mod random;
mod simulation;
mod support;
