//! Where the proxy can be reached.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};

use super::{Stop, bad};

/// Listens on an address; on one that other machines reach only if that `is_meant`.
pub(in crate::cli) fn listener(listen: &str, is_meant: bool) -> Result<TcpListener, Stop> {
    let addresses = listen.to_socket_addrs();
    let addresses = addresses.map_err(|error| {
        bad(format!(
            "--listen {listen} is no address such as 127.0.0.1:8081: {error}"
        ))
    })?;
    let addresses: Vec<SocketAddr> = addresses.collect();
    let is_open = addresses.iter().any(|own| !own.ip().is_loopback());
    if is_open && !is_meant {
        return Err(bad(format!(
            "other machines could send requests to the API by way of {listen}; where that is \
             meant, add `--yes`"
        )));
    }
    TcpListener::bind(addresses.as_slice())
        .map_err(|error| bad(format!("can't listen on {listen}: {error}")))
}

/// How programs of this machine reach what listens on an address.
pub(in crate::cli) fn url_on_this_machine(address: SocketAddr) -> String {
    let is_any = address.ip().is_unspecified();
    let address = match is_any {
        true => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        false => address,
    };
    format!("http://{address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_says_so_is_reached_from_elsewhere() {
        assert!(listener("127.0.0.1:0", false).is_ok());
        assert!(listener("localhost:0", false).is_ok());
        assert!(listener("0.0.0.0:0", false).is_err());
        assert!(listener("0.0.0.0:0", true).is_ok());
        assert!(listener("8081", true).is_err());
        let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 80));
        assert_eq!(url_on_this_machine(any), "http://127.0.0.1:80");
    }
}
