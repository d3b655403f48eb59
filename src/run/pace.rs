//! How fast requests follow each other.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Lets requests of all threads go at most at a rate, and none while the
/// server wants to be left alone.
#[derive(Debug)]
pub(super) struct Pace {
    between: Duration,
    /// When the next request may go.
    next: Mutex<Instant>,
}

impl Pace {
    /// At most `rate` requests a second, if one is given.
    pub(super) fn new(rate: Option<f64>) -> Self {
        let between = rate.map(|rate| Duration::try_from_secs_f64(rate.recip()));
        Self {
            between: between.and_then(Result::ok).unwrap_or_default(),
            next: Mutex::new(Instant::now()),
        }
    }

    /// Waits until a request may go.
    pub(super) fn turn(&self) {
        loop {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let wait = next.saturating_duration_since(now);
            if wait.is_zero() {
                *next = now + self.between;
                return;
            }
            drop(next);
            thread::sleep(wait);
        }
    }

    /// Lets no request go for so long.
    pub(super) fn pause(&self, wait: Duration) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = (*next).max(Instant::now() + wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_share_a_rate() {
        let pace = Pace::new(Some(50.0));
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| (0..4).for_each(|_| pace.turn()));
            }
        });
        assert!(
            start.elapsed() >= Duration::from_millis(220),
            "{:?}",
            start.elapsed()
        );
        let free = Pace::new(None);
        (0..1000).for_each(|_| free.turn());
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
