//! Packed bytes to plain ones as they are read, with an end for bombs.
//!
//! What is unpacked from one file is held against what was read of it, however many packings are
//! inside each other. After an error a stream gives nothing but that error.

use core::fmt;
use std::io::{BufRead, BufReader, Read, Result, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use gleaner_shared::limits::{UNPACK_FREE_BYTES, UNPACK_RATIO_MAX};
use gleaner_shared::unpack::zstd_stream;

use crate::naming::Packing;
use crate::stream::StreamFault;

/// Bytes of a file that are read at once.
pub(crate) const BUFFER_BYTES: usize = 64 * 1024;

/// How much of a file was read so far.
#[derive(Clone, Debug, Default)]
pub struct Fed(Arc<AtomicU64>);

impl Fed {
    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts what is read of `source`.
    pub fn counting<R>(&self, source: R) -> Counting<R> {
        Counting { source, fed: self.clone() }
    }
}

/// A source whose bytes are counted.
#[derive(Debug)]
pub struct Counting<R> {
    source: R,
    fed: Fed,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.source.read(buffer)?;
        self.fed.0.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counting<R> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.source.seek(to)
    }
}

/// The bytes of `source` without their packing. `fed` counts the file that they are from.
///
/// # Errors
/// The source cannot be read, or a packed one is empty.
pub fn unpack<'r>(
    packing: Packing,
    source: impl Read + 'r,
    fed: &Fed,
) -> Result<Box<dyn BufRead + 'r>> {
    let mut source = BufReader::with_capacity(BUFFER_BYTES, source);
    let what = match packing {
        Packing::Plain => return Ok(Box::new(source)),
        Packing::Gzip => "gzip",
        Packing::Zstd => "zstd",
    };
    if source.fill_buf()?.is_empty() {
        return Err(StreamFault::Cut(what).into());
    }
    let stream: Box<dyn Read + 'r> = match packing {
        Packing::Zstd => Box::new(zstd_stream(source)?),
        _ => Box::new(MultiGzDecoder::new(source)),
    };
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, Unpacked::new(stream, what, fed))))
}

/// An unpacker that is held against its bounds.
pub(crate) struct Unpacked<R> {
    stream: R,
    what: &'static str,
    fed: Fed,
    given: u64,
    broken: Option<StreamFault>,
}

impl<R> Unpacked<R> {
    pub(crate) fn new(stream: R, what: &'static str, fed: &Fed) -> Self {
        Self { stream, what, fed: fed.clone(), given: 0, broken: None }
    }
}

impl<R> fmt::Debug for Unpacked<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacked").field("what", &self.what).finish_non_exhaustive()
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if let Some(fault) = &self.broken {
            return Err(fault.clone().into());
        }
        let fault = match self.stream.read(buffer) {
            Ok(read) => {
                self.given += read as u64;
                let most = self.fed.bytes().saturating_mul(UNPACK_RATIO_MAX);
                if self.given <= most.saturating_add(UNPACK_FREE_BYTES) {
                    return Ok(read);
                }
                StreamFault::Bomb
            }
            Err(error) => match StreamFault::of(self.what, &error) {
                Some(fault) => fault,
                None => return Err(error),
            },
        };
        Err(self.broken.insert(fault).clone().into())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packing: Packing, bytes: &[u8]) -> (Vec<u8>, String) {
        let fed = Fed::default();
        let mut all = Vec::new();
        let told = unpack(packing, fed.counting(bytes), &fed)
            .and_then(|mut stream| stream.read_to_end(&mut all))
            .map_or_else(|error| error.to_string(), |_| String::new());
        (all, told)
    }

    #[test]
    fn members_after_each_other_are_one_stream() {
        let bytes = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(unpacked(Packing::Gzip, &bytes), (b"one two".to_vec(), String::new()));
        assert_eq!(unpacked(Packing::Plain, b"plain"), (b"plain".to_vec(), String::new()));
    }

    #[test]
    fn a_cut_stream_gives_what_came_before_and_its_fault() {
        let text: Vec<u8> = (0..100_000_u32).flat_map(|number| number.to_le_bytes()).collect();
        let bytes = gzip(&text);
        for cut in [0, 5, bytes.len() / 2, bytes.len() - 1] {
            let (all, told) = unpacked(Packing::Gzip, &bytes[..cut]);
            assert!(text.starts_with(&all), "{cut}");
            assert_eq!(told, "the gzip stream ends too early: the file was cut", "{cut}");
        }
        assert!(!unpacked(Packing::Gzip, &bytes[..bytes.len() - 1]).0.is_empty());
        assert!(unpacked(Packing::Zstd, b"").1.contains("zstd stream ends too early"));
    }

    #[test]
    fn damage_is_told_and_told_again() {
        let mut bytes = gzip(b"some text");
        let last = bytes.len() - 5;
        bytes[last] ^= 1;
        let fed = Fed::default();
        let mut stream = unpack(Packing::Gzip, fed.counting(&bytes[..]), &fed).unwrap();
        let mut all = Vec::new();
        let first = stream.read_to_end(&mut all).unwrap_err().to_string();
        assert!(first.starts_with("the gzip stream is damaged: "), "{first}");
        assert_eq!(stream.read_to_end(&mut all).unwrap_err().to_string(), first);
        for packing in [Packing::Gzip, Packing::Zstd] {
            let told = unpacked(packing, b"no packing at all").1;
            assert!(told.contains("stream is damaged"), "{told}");
        }
    }

    #[test]
    fn a_bomb_has_an_end() {
        let bytes = gzip(&vec![0; 200 * 1024 * 1024]);
        let (all, told) = unpacked(Packing::Gzip, &bytes);
        assert!(told.contains("bomb"), "{told}");
        let most = UNPACK_FREE_BYTES + UNPACK_RATIO_MAX * bytes.len() as u64;
        assert!(all.len() as u64 <= most);
        // The same bytes once more inside another packing are held against the same file.
        let fed = Fed::default();
        let twice = gzip(&bytes);
        let outer = unpack(Packing::Gzip, fed.counting(&twice[..]), &fed).unwrap();
        let mut inner = unpack(Packing::Gzip, outer, &fed).unwrap();
        let copied = std::io::copy(&mut inner, &mut std::io::sink());
        assert!(copied.unwrap_err().to_string().contains("bomb"));
    }
}
