//! Canonical text (N1), written out plainly: the golden results count and size it.

/// The canonical form of a paragraph.
pub(crate) fn canonical(paragraph: &str) -> String {
    let mut mapped = String::new();
    for char in paragraph.chars() {
        match char as u32 {
            0xad | 0x200b..=0x200d | 0x2060 | 0xfeff => {}
            0..=0x20
            | 0x7f
            | 0x85
            | 0xa0
            | 0x1680
            | 0x2000..=0x200a
            | 0x2028
            | 0x2029
            | 0x202f
            | 0x205f
            | 0x3000 => mapped.push(' '),
            0x2010..=0x2013 | 0x2212 => mapped.push('-'),
            0x2018..=0x201b | 0x2032 => mapped.push('\''),
            0x201c..=0x201f | 0x2033 => mapped.push('"'),
            0xfb00 => mapped.push_str("ff"),
            0xfb01 => mapped.push_str("fi"),
            0xfb02 => mapped.push_str("fl"),
            0xfb03 => mapped.push_str("ffi"),
            0xfb04 => mapped.push_str("ffl"),
            0xfb05 | 0xfb06 => mapped.push_str("st"),
            _ => mapped.push(char),
        }
    }
    mapped.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
