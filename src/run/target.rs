//! Where the API is.

use std::net::IpAddr;

use thiserror::Error;
use ureq::http::Uri;

/// The address of an API, with everything in front of its paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    base: String,
    host: String,
}

/// Why a text is no address of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TargetError {
    /// Not an absolute http or https address, or with more than a path.
    #[error("it is no address such as http://localhost:8080/v1")]
    NoAddress,
    /// It holds credentials.
    #[error("it holds a user name: set API_USER and API_PASSWORD, or API_TOKEN, instead")]
    Credentials,
}

impl Target {
    /// Reads an address.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let uri: Uri = text.parse().map_err(|_| TargetError::NoAddress)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(TargetError::NoAddress);
        };
        if authority.as_str().contains('@') {
            return Err(TargetError::Credentials);
        }
        let host = authority.host().trim_matches(['[', ']']);
        let is_http = scheme == "http" || scheme == "https";
        if !is_http || host.is_empty() || text.contains(['?', '#']) {
            return Err(TargetError::NoAddress);
        }
        Ok(Self {
            base: text.trim_end_matches('/').to_owned(),
            host: host.to_owned(),
        })
    }

    /// The address without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The host's name, or its number without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the host is surely this machine: `localhost`, 127.0.0.0/8, ::1.
    pub fn is_loopback(&self) -> bool {
        let number = self.host.parse::<IpAddr>();
        self.host.eq_ignore_ascii_case("localhost") || number.is_ok_and(|own| own.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for (text, own) in [
            ("http://localhost:8080/v1/", true),
            ("http://LOCALHOST", true),
            ("http://127.8.9.1:1", true),
            ("https://[::1]:8443/v1", true),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
            ("http://10.0.0.1", false),
            ("http://[2001:db8::1]", false),
            ("http://[::ffff:127.0.0.1]", false),
        ] {
            assert_eq!(Target::parse(text).unwrap().is_loopback(), own, "{text}");
        }
    }

    #[test]
    fn addresses_end_before_the_paths_of_the_document() {
        assert_eq!(
            Target::parse("http://localhost:8080/v1/").unwrap().base(),
            "http://localhost:8080/v1"
        );
        for text in [
            "",
            "localhost:80",
            "localhost",
            "/v1",
            "ftp://localhost",
            "http://",
            "http://localhost/?a=1",
            "http://localhost/#a",
        ] {
            assert_eq!(Target::parse(text), Err(TargetError::NoAddress), "{text}");
        }
        let secret = Target::parse("https://me:secret@localhost");
        assert_eq!(secret, Err(TargetError::Credentials));
    }
}
