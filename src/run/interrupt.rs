//! The end of a run before its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a thread sleeps before it looks whether to stop.
const SLICE: Duration = Duration::from_millis(50);

/// Says that no more cases are to be sent. What was made is deleted still.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// The flag itself, for whoever raises it.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// Whether the run is to stop.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Sleeps so long, or until the run is to stop.
    pub(super) fn sleep(&self, wait: Duration) {
        let end = Instant::now() + wait;
        while !self.is_raised() {
            let rest = end.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return;
            }
            thread::sleep(rest.min(SLICE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sleeps_is_woken() {
        let interrupt = Interrupt::default();
        let start = Instant::now();
        interrupt.sleep(Duration::from_millis(1));
        assert!(start.elapsed() >= Duration::from_millis(1));
        thread::scope(|scope| {
            scope.spawn(|| interrupt.sleep(Duration::from_secs(600)));
            interrupt.flag().store(true, Ordering::Relaxed);
        });
        assert!(start.elapsed() < Duration::from_secs(300));
    }
}
