//! On which line of a TOML document each of its fields stands.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

/// The parser's error with its line.
pub(super) fn described(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace('\n', " ");
    match error.span() {
        Some(span) => format!("line {}: {message}", line_at(text, span.start)),
        None => message,
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

/// Where each field of the document stands, by its path (`tables.3.name`).
pub(super) struct Lines(BTreeMap<String, usize>);

impl Lines {
    pub(super) fn new(text: &str) -> Result<Self, toml::de::Error> {
        let mut lines = BTreeMap::new();
        let document = DeTable::parse(text)?;
        Self::walk(text, "", document.get_ref(), &mut lines);
        Ok(Self(lines))
    }

    fn walk(text: &str, prefix: &str, table: &DeTable<'_>, lines: &mut BTreeMap<String, usize>) {
        for (key, value) in table {
            let path = if prefix.is_empty() {
                key.get_ref().to_string()
            } else {
                format!("{prefix}.{}", key.get_ref())
            };
            lines.insert(path.clone(), line_at(text, key.span().start));
            match value.get_ref() {
                DeValue::Table(inner) => Self::walk(text, &path, inner, lines),
                DeValue::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        if let Some(inner) = item.get_ref().as_table() {
                            Self::walk(text, &format!("{path}.{index}"), inner, lines);
                        }
                    }
                }
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_) => {}
            }
        }
    }

    pub(super) fn of(&self, path: &str) -> usize {
        self.0.get(path).copied().unwrap_or(1)
    }
}
