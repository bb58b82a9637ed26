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
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(UrlError::Scheme);
        }
        match PgConnectOptions::from_str(text) {
            Ok(options) => Ok(Self { options }),
            Err(error) => Err(UrlError::Unreadable(without(text, &error.to_string()))),
        }
    }
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
