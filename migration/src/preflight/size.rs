//! Sizes for people.

/// A number of bytes, to two digits and a half: `1.4 GiB`, `312 MiB`.
pub(super) fn in_words(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["bytes", "kiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut unit, mut scale) = (0, 1_u64);
    while unit + 1 < UNITS.len() && bytes / scale >= 1024 {
        (unit, scale) = (unit + 1, scale * 1024);
    }
    let (whole, tenths) = (bytes / scale, bytes % scale * 10 / scale);
    if unit == 0 || whole >= 100 {
        format!("{whole} {}", UNITS[unit])
    } else {
        format!("{whole}.{tenths} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn sizes_read_well() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 kiB"),
            (1_600_000, "1.5 MiB"),
            (327_000_000, "311 MiB"),
            (5_000_000_000, "4.6 GiB"),
            (400_000_000_000_000, "363 TiB"),
            (u64::MAX, "16383 PiB"),
        ] {
            assert_eq!(in_words(bytes), words);
        }
    }
}
