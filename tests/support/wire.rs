//! HTTP as it stands on the wire: both ends of a connection, without a library
//! that would put right what is wrong.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One end of a connection.
pub struct Wire(BufReader<TcpStream>);

/// A request or an answer.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The first line.
    pub start: String,
    /// As they were written.
    pub headers: Vec<(String, String)>,
    /// Without the frames of chunks.
    pub body: Vec<u8>,
}

impl Message {
    /// The value of a header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The status of an answer.
    pub fn status(&self) -> u16 {
        self.start.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The path and query of a request.
    pub fn target(&self) -> &str {
        self.start.split(' ').nth(1).unwrap()
    }

    /// The body as a text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Wire {
    /// A connection that gives up soon, should nobody say anything.
    pub fn new(stream: TcpStream) -> Self {
        let some = Some(Duration::from_secs(10));
        stream.set_read_timeout(some).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// Connects to the server of an address.
    pub fn to(url: &str) -> Self {
        let address = url.strip_prefix("http://").unwrap();
        Self::new(TcpStream::connect(address).unwrap())
    }

    /// Writes something as it is.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// Ends the connection.
    pub fn close(&mut self) {
        // The other end may have done so.
        let _ = self.0.get_mut().shutdown(Shutdown::Both);
    }

    /// Writes a chunk of a body.
    pub fn send_chunk(&mut self, text: &str) {
        self.send(format!("{:x}\r\n{text}\r\n", text.len()));
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    }

    /// The first line and the headers; none where the other end is gone.
    pub fn head(&mut self) -> Option<Message> {
        let start = self.line()?;
        let mut headers = Vec::new();
        while let Some(line) = self.line().filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').unwrap();
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Some(Message {
            start,
            headers,
            body: Vec::new(),
        })
    }

    /// The next chunk of a body, empty at its end; none where it broke off.
    pub fn chunk(&mut self) -> Option<String> {
        let length = usize::from_str_radix(&self.line()?, 16).ok()?;
        let mut chunk = vec![0; length];
        self.0.read_exact(&mut chunk).ok()?;
        self.line()?;
        String::from_utf8(chunk).ok()
    }

    /// Reads the body of a message whose head was read; whether it was whole.
    pub fn body(&mut self, message: &mut Message) -> bool {
        if message.header("transfer-encoding").is_some() {
            loop {
                match self.chunk() {
                    Some(chunk) if chunk.is_empty() => return true,
                    Some(chunk) => message.body.extend(chunk.bytes()),
                    None => return false,
                }
            }
        }
        let length = message.header("content-length");
        let length = length.map_or(0, |length| length.parse().unwrap());
        let mut limited = (&mut self.0).take(length);
        let read = limited.read_to_end(&mut message.body);
        read.is_ok_and(|read| read as u64 == length)
    }

    /// A whole message.
    pub fn message(&mut self) -> Option<Message> {
        let mut message = self.head()?;
        self.body(&mut message).then_some(message)
    }

    /// Asks, and gives the answer. `LENGTH` stands for that of the body.
    pub fn ask(&mut self, request: &str) -> Message {
        let (head, body) = request.split_once("\n\n").unwrap_or(("", request));
        let head = head.replace("LENGTH", &body.len().to_string());
        if !head.is_empty() {
            self.send(head.replace('\n', "\r\n") + "\r\n\r\n");
        }
        self.send(body);
        let answer = self.message();
        answer.unwrap_or_else(|| panic!("no answer to {request}"))
    }
}

/// A server of this process, which answers by a function.
pub struct Upstream {
    /// Its address.
    pub url: String,
    /// How many connections it had.
    pub connections: Arc<AtomicUsize>,
    /// The requests that it was asked to remember.
    pub seen: Arc<Mutex<Vec<Message>>>,
}

impl Upstream {
    /// Starts a server. `answer` is given each request's head and the
    /// connection; it reads the body where it needs it.
    pub fn start<F>(answer: F) -> Self
    where
        F: Fn(Message, &mut Wire, &Mutex<Vec<Message>>) + Clone + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (connections, seen) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let (count, remembered) = (Arc::clone(&connections), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                let (answer, remembered) = (answer.clone(), Arc::clone(&remembered));
                std::thread::spawn(move || {
                    let mut wire = Wire::new(stream.unwrap());
                    while let Some(head) = wire.head() {
                        answer(head, &mut wire, &remembered);
                    }
                });
            }
        });
        Self {
            url,
            connections,
            seen,
        }
    }

    /// The last request that it remembers.
    pub fn last(&self) -> Message {
        self.seen.lock().unwrap().last().cloned().unwrap()
    }
}
