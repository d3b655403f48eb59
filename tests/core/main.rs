//! Tests of the evaluator and of the simulated servers, over expressions given
//! as text and over random ones.

mod evaluator;
mod models;
mod simulation;
mod support;
