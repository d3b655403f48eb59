//! Accepts connections until it is told to stop.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle, JoinSet};

use super::Options;
use super::file::{Recorded, TrafficFile};
use super::forward::{Shared, answer, client};
use super::upstream::Upstream;

/// What is cut off once the time is over ends within this.
const CUT_OFF: Duration = Duration::from_secs(1);
/// How long nothing is accepted where there is nothing left to do so with.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// Why a recording can't begin.
#[derive(Debug, Error)]
pub enum StartError {
    /// The system refuses threads, or to serve an address.
    #[error("requests can't be served: {0}")]
    System(#[from] std::io::Error),
}

/// A proxy at work.
pub struct Recording {
    runtime: Runtime,
    accepting: JoinHandle<bool>,
    stop: watch::Sender<bool>,
    address: SocketAddr,
    file: Arc<TrafficFile>,
}

impl Recording {
    /// Begins to serve what `listener` listens for, and to write into `file`.
    ///
    /// # Errors
    /// The system has no threads or sockets left.
    pub fn start(
        options: &Options,
        listener: TcpListener,
        file: TrafficFile,
    ) -> Result<Self, StartError> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let file = Arc::new(file);
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let entered = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let shared = Arc::new(Shared {
            upstream: Upstream::new(&options.upstream),
            preserve_host: options.preserve_host,
            max_body: options.max_body,
            masking: options.masking.clone(),
            tamper: options.tamper.clone(),
            file: Arc::clone(&file),
            client: client(),
            own_address: format!("http://{address}"),
        });
        let (stop, stopped) = watch::channel(false);
        let accepting = runtime.spawn(accept(listener, shared, stopped));
        drop(entered);
        Ok(Self {
            runtime,
            accepting,
            stop,
            address,
            file,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts no more, and ends once all exchanges are over, or after `grace`:
    /// then the rest is cut off. What was recorded.
    ///
    /// # Errors
    /// A mistake of Crossfield: a thread panicked.
    pub fn stop(self, grace: Duration) -> Result<Recorded, JoinError> {
        let Self {
            runtime,
            accepting,
            stop,
            address: _,
            file,
        } = self;
        let _ = stop.send(true);
        let ended = runtime.block_on(async { tokio::time::timeout(grace, accepting).await.ok() });
        runtime.shutdown_timeout(CUT_OFF);
        let panicked = ended.transpose()?.unwrap_or(false);
        Ok(Recorded {
            panicked,
            ..file.recorded()
        })
    }
}

/// Serves connections; whether one of them panicked.
async fn accept(
    listener: tokio::net::TcpListener,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) -> bool {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut panicked = false;
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            Some(ended) = connections.join_next() => panicked |= is_panic(&ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let watcher = graceful.watcher();
                    connections.spawn(serve(stream, Arc::clone(&shared), watcher));
                }
                Err(_) => tokio::time::sleep(EXHAUSTED).await,
            },
        }
    }
    drop(listener);
    graceful.shutdown().await;
    while let Some(ended) = connections.join_next().await {
        panicked |= is_panic(&ended);
    }
    panicked
}

fn is_panic(ended: &Result<(), JoinError>) -> bool {
    ended.as_ref().is_err_and(JoinError::is_panic)
}

/// Answers all requests of a connection. That it broke is nothing to tell of:
/// the exchange that it belongs to says so.
async fn serve(
    stream: TcpStream,
    shared: Arc<Shared>,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let answer = answer(Arc::clone(&shared), request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .preserve_header_case(true)
        .serve_connection(TokioIo::new(stream), service);
    let _ = watcher.watch(connection).await;
}
