//! A TCP connection that can be cut, reset or frozen at any moment, whatever hyper is doing with it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use std::net::SocketAddr;

/// The switches of a line; clones work the same line.
#[derive(Clone, Debug)]
pub(crate) struct LineControl(Arc<Switches>);

#[derive(Debug)]
struct Switches {
    cut: CancellationToken,
    reset: AtomicBool,
    frozen: AtomicBool,
}

impl LineControl {
    fn new(cut: CancellationToken) -> Self {
        Self(Arc::new(Switches {
            cut,
            reset: AtomicBool::new(false),
            frozen: AtomicBool::new(false),
        }))
    }

    /// TCP ends in order, and nothing of what is in flight is written.
    pub(crate) fn cut(&self) {
        self.0.cut.cancel();
    }

    /// TCP is reset.
    pub(crate) fn reset(&self) {
        self.0.reset.store(true, Ordering::Release);
        self.0.cut.cancel();
    }

    /// Nothing is read or written any more, and TCP stays until the line is cut.
    pub(crate) fn freeze(&self) {
        self.0.frozen.store(true, Ordering::Release);
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.0.frozen.load(Ordering::Acquire)
    }

    /// Returns when the line is cut.
    pub(crate) async fn ended(&self) {
        self.0.cut.cancelled().await;
    }
}

/// A TCP connection with switches.
pub(crate) struct Line {
    stream: TcpStream,
    control: LineControl,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Line {
    fn new(stream: TcpStream, cut: CancellationToken) -> Self {
        Self {
            stream,
            cut: Box::pin(cut.clone().cancelled_owned()),
            control: LineControl::new(cut),
        }
    }

    /// Pending forever when frozen, an error when cut; the waker is registered for the cut in any case.
    fn poll_usable(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.cut.as_mut().poll(context).is_ready() {
            if self.control.0.reset.load(Ordering::Acquire) {
                // Best effort: without it the peer sees an orderly end.
                self.stream.set_zero_linger().ok();
            }
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if self.control.is_frozen() {
            Poll::Pending
        } else {
            Poll::Ready(Ok(()))
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        std::task::ready!(self.poll_usable(context))?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.poll_usable(context))?;
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(self.poll_usable(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(self.poll_usable(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.poll_usable(context))?;
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Accepts lines; all of them are cut when `shutdown` is cancelled.
pub(crate) struct Lines {
    pub(crate) listener: TcpListener,
    pub(crate) shutdown: CancellationToken,
}

impl axum::serve::Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, address) = axum::serve::Listener::accept(&mut self.listener).await;
        // Only costs time when it fails.
        stream.set_nodelay(true).ok();
        (Line::new(stream, self.shutdown.child_token()), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, Lines>> for LineControl {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().control.clone()
    }
}
