//! How fast requests follow each other.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Interrupt;

/// Lets requests of all threads go at most at a rate, and none while the
/// server wants to be left alone.
#[derive(Debug)]
pub(super) struct Pace {
    between: Duration,
    turn: Mutex<Turn>,
    interrupt: Interrupt,
}

/// When the next request may go.
#[derive(Debug)]
struct Turn {
    /// By the rate.
    next: Instant,
    /// By the server, which wants to be left alone until then.
    free: Instant,
}

impl Pace {
    /// At most `rate` requests a second, if one is given.
    pub(super) fn new(rate: Option<f64>, interrupt: Interrupt) -> Self {
        let between = rate.map(|rate| Duration::try_from_secs_f64(rate.recip()));
        Self {
            between: between.and_then(Result::ok).unwrap_or_default(),
            turn: Mutex::new(Turn {
                next: Instant::now(),
                free: Instant::now(),
            }),
            interrupt,
        }
    }

    /// Waits until a request may go. A run that is to stop keeps to its rate, and
    /// waits for no busy server.
    pub(super) fn turn(&self) {
        loop {
            let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            let is_ending = self.interrupt.is_raised();
            let begin = match is_ending {
                true => turn.next,
                false => turn.next.max(turn.free),
            };
            let now = Instant::now();
            let wait = begin.saturating_duration_since(now);
            if wait.is_zero() {
                turn.next = now + self.between;
                return;
            }
            drop(turn);
            match is_ending {
                true => thread::sleep(wait),
                false => self.interrupt.sleep(wait),
            }
        }
    }

    /// Lets no request go for so long.
    pub(super) fn pause(&self, wait: Duration) {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        turn.free = turn.free.max(Instant::now() + wait);
    }
}

#[cfg(test)]
mod tests {
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

    /// Nobody waits for a busy server any more, and the rate is kept.
    #[test]
    fn a_run_that_ends_keeps_its_rate_only() {
        let interrupt = Interrupt::default();
        let pace = Pace::new(Some(50.0), interrupt.clone());
        pace.pause(Duration::from_secs(600));
        interrupt
            .flag()
            .store(true, std::sync::atomic::Ordering::Relaxed);
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| (0..2).for_each(|_| pace.turn()));
            }
        });
        assert!(start.elapsed() >= Duration::from_millis(100));
        assert!(start.elapsed() < Duration::from_secs(60));
    }
}
