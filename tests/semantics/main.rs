//! Tests of the evaluator and of the simulated servers, over expressions given
//! as text and over random ones.

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod evaluator;
#[cfg(test)]
mod models;
#[cfg(test)]
mod opinions;
#[cfg(test)]
mod random;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod support;
#[cfg(test)]
mod views;
