//! Where the database is: a URL whose password never shows.

use std::fmt;
use std::str::FromStr;

use sea_orm::sqlx::postgres::PgConnectOptions;

/// A PostgreSQL URL. Its text forms leave the password out.
#[derive(Clone)]
pub struct DatabaseUrl {
    options: PgConnectOptions,
}

/// A URL that is none.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// The scheme is not PostgreSQL's.
    #[error("the database URL must begin with postgres:// or postgresql://")]
    Scheme,
    /// The rest cannot be read. The URL itself is not repeated: it may hold a password.
    #[error("the database URL cannot be read: {0}")]
    Unreadable(String),
    /// A parameter that the driver would pass over: with `sslmod=require` it would connect in the
    /// clear.
    #[error("the database URL has {0}; there are {known}, and options[NAME]", known = PARAMETERS.join(", "))]
    Parameter(String),
}

/// The parameters that the driver knows, without the other spellings it takes for some.
const PARAMETERS: [&str; 13] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];
/// What PostgreSQL's own library knows and hosts put into their URLs. The driver passes it over,
/// and nothing is less safe without.
const HARMLESS: [&str; 8] = [
    "channel_binding",
    "connect_timeout",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_idle",
    "sslsni",
    "target_session_attrs",
];
/// The other spellings.
const SPELLINGS: [&str; 5] = ["ssl-mode", "ssl-root-cert", "ssl-ca", "ssl-cert", "ssl-key"];

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(UrlError::Scheme);
        }
        match PgConnectOptions::from_str(text) {
            Ok(options) => check_parameters(text).map(|()| Self { options }),
            Err(error) => Err(UrlError::Unreadable(without(text, &error.to_string()))),
        }
    }
}

/// Refuses the first parameter that the driver does not know.
fn check_parameters(url: &str) -> Result<(), UrlError> {
    let url = url.split('#').next().unwrap_or_default();
    let Some((_, query)) = url.split_once('?') else { return Ok(()) };
    let names = query.split('&').filter(|pair| !pair.is_empty());
    let names = names.map(|pair| pair.split('=').next().unwrap_or_default());
    match names.map(decoded).find(|name| !is_known(name)) {
        None => Ok(()),
        // A password with a question mark that is not encoded ends up here, with all behind it.
        Some(_) if query.contains('@') => Err(UrlError::Parameter(
            "an unknown parameter (in a password, ? is written %3F)".to_owned(),
        )),
        Some(name) => Err(UrlError::Parameter(format!("an unknown parameter {name}"))),
    }
}

fn is_known(name: &str) -> bool {
    PARAMETERS.contains(&name)
        || SPELLINGS.contains(&name)
        || HARMLESS.contains(&name)
        || (name.starts_with("options[") && name.ends_with(']'))
}

/// A name with its brackets as they are; no other character of a known name is ever encoded.
fn decoded(name: &str) -> String {
    name.replace("%5B", "[").replace("%5b", "[").replace("%5D", "]").replace("%5d", "]")
}

/// A message with the URL's own text, should it be quoted there, left out.
fn without(url: &str, message: &str) -> String {
    message.replace(url, "the URL")
}

impl DatabaseUrl {
    pub(super) fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Host and port, or the socket: what may be shown.
    #[must_use]
    pub fn address(&self) -> String {
        match self.options.get_socket() {
            Some(socket) => format!("socket {}", socket.display()),
            None => format!("{}:{}", self.options.get_host(), self.options.get_port()),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = self.options.get_database().unwrap_or_default();
        write!(f, "postgres://{}@{}/{database}", self.options.get_username(), self.address())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_shows() {
        let text = "postgres://app:s3cret@db.example:6432/atlas?sslmode=require";
        let shown = text.parse::<DatabaseUrl>().map(|url| format!("{url} {url:?}"));
        let shown = shown.unwrap_or_else(|error| error.to_string());
        assert!(shown.contains("postgres://app@db.example:6432/atlas"), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn a_parameter_that_the_driver_would_pass_over_is_refused() {
        for known in [
            "",
            "?",
            "?sslmode=require",
            "?host=/run/postgresql&port=5433",
            "?host=%2Frun%2Fpostgresql&user=app&password=a@b&dbname=x",
            "?options[search_path]=app&options%5Bwork_mem%5D=4MB",
            "?application_name=nightly#sslmod",
            "?sslmode=require&channel_binding=require&target_session_attrs=read-write",
        ] {
            let url = format!("postgres://app:s3cret@db/atlas{known}").parse::<DatabaseUrl>();
            assert!(url.is_ok(), "{known}: {url:?}");
        }
        for (unknown, said) in [
            ("postgres://app@db/atlas?sslmod=require", "an unknown parameter sslmod;"),
            ("postgres://app@db/atlas?port=1&SSLMODE=require", "an unknown parameter SSLMODE;"),
            ("postgres:///atlas?host=/run&options[x=1", "an unknown parameter options[x;"),
            ("postgres://app:1?s3cret@db/atlas", "an unknown parameter (in a password"),
        ] {
            let error = unknown.parse::<DatabaseUrl>().err().map(|e| e.to_string());
            let error = error.unwrap_or_else(|| "accepted".to_owned());
            assert!(error.contains(said) && error.contains("sslmode, "), "{unknown}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused_without_being_repeated() {
        for text in
            ["mysql://app:s3cret@db/atlas", "app:s3cret@db", "postgres://app:s3cret@db:port/x", ""]
        {
            let message = text.parse::<DatabaseUrl>().err().map(|e| e.to_string());
            let message = message.unwrap_or_else(|| "accepted".to_owned());
            assert!(message.contains("database URL"), "{text}: {message}");
            assert!(!message.contains("s3cret"), "{message}");
        }
    }
}
