//! Where requests go.

use hyper::Uri;
use hyper::header::HeaderValue;

use crate::run::Target;

/// The API behind the proxy, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    /// `http://host:port`, without the port that is usual.
    origin: String,
    /// What stands in front of every path, without a slash at its end.
    path: String,
}

impl Upstream {
    pub(super) fn new(target: &Target) -> Self {
        let base = target.base();
        let start = base.find("://").map_or(0, |at| at + 3);
        let end = base.get(start..).and_then(|rest| rest.find('/'));
        let end = end.map_or(base.len(), |at| start + at);
        let (origin, path) = base.split_at(end);
        Self {
            origin: without_usual_port(&origin.to_ascii_lowercase()),
            path: path.trim_end_matches('/').to_owned(),
        }
    }

    /// The address of a request with this path and query.
    pub(super) fn uri(&self, path_and_query: &str) -> Option<Uri> {
        let rest = Some(path_and_query).filter(|rest| rest.starts_with('/'))?;
        format!("{}{}{rest}", self.origin, self.path).parse().ok()
    }

    /// What stands in the header `Host`.
    pub(super) fn host(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(self.authority()).ok()
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Host and port.
    fn authority(&self) -> &str {
        self.origin
            .split_once("://")
            .map_or(self.origin.as_str(), |(_, authority)| authority)
    }

    /// Whether a cookie's domain is that of this host.
    pub(super) fn is_host(&self, domain: &str) -> bool {
        let authority = self.authority();
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        };
        let domain = domain.trim_start_matches('.').to_ascii_lowercase();
        host == domain || host.ends_with(&format!(".{domain}"))
    }

    /// The path and query that a client of the proxy asks for to reach this
    /// address; none where it isn't below the base of this API.
    pub(super) fn below<'a>(&self, address: &'a str) -> Option<&'a str> {
        let rest = match address.split_once("://") {
            Some((scheme, rest)) => {
                let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
                let (authority, rest) = rest.split_at(end);
                let origin = format!("{scheme}://{authority}").to_ascii_lowercase();
                Some(rest).filter(|_| without_usual_port(&origin) == self.origin)?
            }
            None => Some(address).filter(|all| all.starts_with('/') && !all.starts_with("//"))?,
        };
        let rest = rest.strip_prefix(self.path.as_str())?;
        let ends_there = rest.is_empty() || rest.starts_with(['/', '?', '#']);
        ends_there.then_some(rest)
    }

    /// The same for the path of a cookie.
    pub(super) fn cookie_path<'a>(&self, path: &'a str) -> Option<&'a str> {
        self.below(path)
            .map(|rest| if rest.is_empty() { "/" } else { rest })
    }
}

fn without_usual_port(origin: &str) -> String {
    let port = if origin.starts_with("https:") {
        ":443"
    } else {
        ":80"
    };
    origin.strip_suffix(port).unwrap_or(origin).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(base: &str) -> Upstream {
        Upstream::new(&Target::parse(base).unwrap())
    }

    #[test]
    fn requests_go_below_the_base() {
        for (base, asked, address) in [
            ("http://h:8080", "/a?b=1", "http://h:8080/a?b=1"),
            ("http://H:80/v1/", "/a", "http://h/v1/a"),
            ("https://h:443/v1", "/", "https://h/v1/"),
            ("https://[::1]:80", "/", "https://[::1]:80/"),
        ] {
            let uri = upstream(base).uri(asked).unwrap();
            assert_eq!(uri.to_string(), address, "{base}");
        }
        assert!(upstream("http://h").uri("*").is_none());
        let host = upstream("https://h:443/v1").host().unwrap();
        assert_eq!(host.to_str().unwrap(), "h");
    }

    #[test]
    fn addresses_of_the_upstream_are_known() {
        let own = upstream("http://h:8080/v1");
        for (address, path) in [
            ("http://h:8080/v1/a?b", Some("/a?b")),
            ("http://H:8080/v1", Some("")),
            ("/v1/a", Some("/a")),
            ("http://h:8080/v2/a", None),
            ("http://h:8080/v11", None),
            ("https://h:8080/v1/a", None),
            ("http://h/v1/a", None),
            ("//h:8080/v1/a", None),
            ("a", None),
        ] {
            assert_eq!(own.below(address), path, "{address}");
        }
        assert!(own.is_host("h") && own.is_host(".H") && !own.is_host("g"));
        assert!(upstream("http://a.b.c").is_host("b.c"));
    }
}
