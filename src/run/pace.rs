//! How fast requests follow each other.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Interrupt;

/// Lets requests of all threads go at most at a rate, and none while the
/// server wants to be left alone.
#[derive(Debug)]
pub(super) struct Pace {
    between: Duration,
    /// When the next request may go.
    next: Mutex<Instant>,
    interrupt: Interrupt,
}

impl Pace {
    /// At most `rate` requests a second, if one is given.
    pub(super) fn new(rate: Option<f64>, interrupt: Interrupt) -> Self {
        let between = rate.map(|rate| Duration::try_from_secs_f64(rate.recip()));
        Self {
            between: between.and_then(Result::ok).unwrap_or_default(),
            next: Mutex::new(Instant::now()),
            interrupt,
        }
    }

    /// Waits until a request may go. A run that is to stop keeps to its rate, and
    /// waits for no busy server.
    pub(super) fn turn(&self) {
        loop {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let wait = next.saturating_duration_since(now);
            if wait.is_zero() || self.interrupt.is_raised() {
                let begin = *next;
                *next = now + self.between;
                drop(next);
                std::thread::sleep(begin.saturating_duration_since(now).min(self.between));
                return;
            }
            drop(next);
            self.interrupt.sleep(wait);
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
    use std::thread;

    use super::*;

    #[test]
    fn threads_share_a_rate() {
        let pace = Pace::new(Some(50.0), Interrupt::default());
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
        let free = Pace::new(None, Interrupt::default());
        (0..1000).for_each(|_| free.turn());
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
