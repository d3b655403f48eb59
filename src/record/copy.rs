//! Bodies that are passed on as they come, while a copy is kept.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::exchange::Exchange;

/// What was kept of a body.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    /// The first bytes.
    pub(super) bytes: Vec<u8>,
    /// Whether there were more than are kept.
    pub(super) is_cut: bool,
    /// Whether the body came to its end.
    pub(super) is_whole: bool,
}

/// A copy that grows while the body passes.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    kept: Arc<Mutex<Kept>>,
    limit: usize,
}

impl Copy {
    /// Of at most so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            kept: Arc::default(),
            limit,
        }
    }

    /// A copy of a body that is there in whole.
    pub(super) fn of(bytes: &[u8], limit: usize) -> Self {
        let copy = Self::new(limit);
        copy.add(bytes);
        copy.end();
        copy
    }

    /// What was kept by now.
    pub(super) fn kept(&self) -> Kept {
        self.with(|kept| kept.clone())
    }

    fn add(&self, bytes: &[u8]) {
        self.with(|kept| {
            let room = self.limit.saturating_sub(kept.bytes.len());
            kept.bytes.extend(bytes.iter().take(room));
            kept.is_cut |= bytes.len() > room;
        });
    }

    fn end(&self) {
        self.with(|kept| kept.is_whole = true);
    }

    fn with<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        work(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A body that leaves a copy behind.
pub(super) struct Tee {
    inner: Incoming,
    copy: Copy,
    /// Over once this body is.
    exchange: Option<Exchange>,
}

impl Tee {
    /// The body of a request.
    pub(super) fn request(inner: Incoming, copy: Copy) -> Self {
        Self::new(inner, copy, None)
    }

    /// The body of an answer, the last part of an exchange.
    pub(super) fn answer(inner: Incoming, copy: Copy, exchange: Exchange) -> Self {
        Self::new(inner, copy, Some(exchange))
    }

    fn new(inner: Incoming, copy: Copy, exchange: Option<Exchange>) -> Self {
        let mut tee = Self {
            inner,
            copy,
            exchange,
        };
        tee.look_for_end();
        tee
    }

    /// The line of an exchange is written before the client sees its end.
    fn look_for_end(&mut self) {
        if self.inner.is_end_stream() {
            self.end();
        }
    }

    fn end(&mut self) {
        self.copy.end();
        drop(self.exchange.take());
    }

    fn break_off(&mut self, error: &hyper::Error) {
        if let Some(mut exchange) = self.exchange.take() {
            exchange.fail(format!("the upstream's answer broke off: {error}"));
        }
    }
}

impl Body for Tee {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(bytes) = frame.data_ref() {
                    self.copy.add(bytes);
                }
                self.look_for_end();
            }
            Some(Err(error)) => self.break_off(error),
            None => self.end(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_its_limit() {
        let copy = Copy::new(5);
        copy.add(b"abc");
        copy.add(b"de");
        assert!(!copy.kept().is_cut && !copy.kept().is_whole);
        copy.add(b"f");
        copy.end();
        let kept = copy.kept();
        assert_eq!(kept.bytes, b"abcde");
        assert!(kept.is_cut && kept.is_whole);
        assert!(!Copy::of(b"abcde", 5).kept().is_cut);
    }
}
