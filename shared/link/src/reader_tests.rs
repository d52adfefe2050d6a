//! What a reader does with bytes that no honest peer sends, and when it is dropped half-way.

use proptest::prelude::*;
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};

use super::*;

/// A reader and the end that a peer writes to.
fn pipe() -> (DuplexStream, Reader<DuplexStream>) {
    let (peer, source) = duplex(1 << 20);
    (peer, Reader::new(source))
}

/// A frame with that head and body, whether they fit or not.
fn frame(announced: u32, body: &[u8]) -> Vec<u8> {
    [&announced.to_le_bytes()[..], body].concat()
}

/// Receives one message after a peer sent `bytes` and ended the stream.
async fn receive_of(bytes: &[u8]) -> Result<Option<String>, LinkError> {
    let (mut peer, mut reader) = pipe();
    peer.write_all(bytes).await.unwrap();
    drop(peer);
    reader.receive_or_end().await
}

#[tokio::test]
async fn what_is_no_message_is_refused_by_name() {
    let good = frame(3, b"\x02hi");
    assert_eq!(receive_of(&good).await.unwrap().as_deref(), Some("hi"));
    assert_eq!(receive_of(b"").await.unwrap(), None);
    let cases: [(&[u8], &str); 7] = [
        (&good[..1], "the other side ended the stream after 1 of 4 bytes"),
        (&good[..6], "the other side ended the stream after 6 of 7 bytes"),
        (&frame(4, b"\x02hi!"), "1 bytes are left after the message"),
        (&frame(65_537, b""), "a frame of 65537 bytes was announced; at most 65536 are allowed"),
        (&frame(u32::MAX, b"x"), "a frame of 4294967295 bytes was announced; at most 65536"),
        (&frame(0, b""), "bytes do not fit the message"),
        (&frame(3, b"\x02\xff\xff"), "bytes do not fit the message"),
    ];
    for (bytes, expected) in cases {
        let message = receive_of(bytes).await.unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_announced_frame_costs_no_memory_before_it_comes() {
    let (mut peer, mut reader) = pipe();
    peer.write_all(&frame(FRAME_BYTES_MAX as u32, &[0; 10])).await.unwrap();
    let error = reader.receive::<String>().await.unwrap_err();
    assert!(matches!(error, LinkError::Stalled), "{error}");
    assert!(reader.frame.capacity() <= 3 * FRAME_STEP_BYTES, "{}", reader.frame.capacity());
}

#[tokio::test]
async fn a_large_frame_is_forgotten_once_read() {
    let (mut peer, mut reader) = pipe();
    let text = "x".repeat(60_000);
    let body = codec::encode(&text).unwrap();
    peer.write_all(&frame(body.len() as u32, &body)).await.unwrap();
    assert_eq!(reader.receive::<String>().await.unwrap(), text);
    assert!(reader.frame.capacity() <= FRAME_STEP_BYTES, "{}", reader.frame.capacity());
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_frame_has_no_end_but_a_frame_has() {
    let (mut peer, mut reader) = pipe();
    let day = span(Millis::from_seconds(86_400));
    assert!(timeout(day, reader.receive::<String>()).await.is_err(), "still waits");
    peer.write_all(&[3]).await.unwrap();
    let begun = Instant::now();
    let error = reader.receive::<String>().await.unwrap_err();
    assert!(matches!(error, LinkError::Stalled), "{error}");
    assert!(begun.elapsed() <= span(FRAME_PATIENCE) + span(Millis(10)));
}

#[tokio::test(start_paused = true)]
async fn a_first_frame_can_be_wanted_soon() {
    let (mut peer, mut reader) = pipe();
    let error = reader.receive_within::<String>(FRAME_PATIENCE).await.unwrap_err();
    assert!(matches!(error, LinkError::Stalled), "{error}");
    peer.write_all(&frame(3, b"\x02hi")).await.unwrap();
    assert_eq!(reader.receive_within::<String>(FRAME_PATIENCE).await.unwrap(), "hi");
    drop(peer);
    let error = reader.receive_within::<String>(FRAME_PATIENCE).await.unwrap_err();
    assert!(matches!(error, LinkError::End), "{error}");
}

#[tokio::test]
async fn a_receive_that_is_dropped_loses_nothing() {
    let (mut peer, mut reader) = pipe();
    let bytes = [frame(3, b"\x02hi"), frame(6, b"\x05world")].concat();
    let mut received = Vec::new();
    for byte in bytes {
        peer.write_all(&[byte]).await.unwrap();
        tokio::select! {
            biased;
            message = reader.receive::<String>() => received.push(message.unwrap()),
            () = std::future::ready(()) => {}
        }
    }
    assert_eq!(received, ["hi", "world"]);
}

#[tokio::test]
async fn raw_bytes_follow_messages_and_say_where_they_were_cut() {
    let (mut peer, mut reader) = pipe();
    peer.write_all(&frame(3, b"\x02hi")).await.unwrap();
    peer.write_all(b"raw bytes").await.unwrap();
    peer.write_all(&frame(3, b"\x02ho")).await.unwrap();
    peer.write_all(b"cut").await.unwrap();
    drop(peer);
    let mut raw = [0; 9];
    assert_eq!(reader.receive::<String>().await.unwrap(), "hi");
    reader.receive_bytes(&mut raw).await.unwrap();
    assert_eq!(&raw, b"raw bytes");
    assert_eq!(reader.receive::<String>().await.unwrap(), "ho");
    let error = reader.receive_bytes(&mut raw).await.unwrap_err();
    assert!(matches!(error, LinkError::Cut { got: 3, wanted: 9 }), "{error}");
    assert_eq!(reader.receive_some(&mut raw).await.unwrap(), 0);
}

#[tokio::test]
async fn raw_bytes_cannot_be_taken_out_of_a_frame() {
    let (mut peer, mut reader) = pipe();
    peer.write_all(&frame(3, b"\x02h")).await.unwrap();
    tokio::select! {
        biased;
        _ = reader.receive::<String>() => unreachable!("the frame is not whole"),
        () = std::future::ready(()) => {}
    }
    let error = reader.receive_some(&mut [0]).await.unwrap_err();
    assert!(matches!(error, LinkError::InsideFrame), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_dripping_transfer_is_given_up() {
    let (mut peer, mut reader) = pipe();
    let drip = async {
        loop {
            peer.write_all(&[0]).await.unwrap();
            tokio::time::advance(span(Millis::from_seconds(1))).await;
        }
    };
    let mut raw = [0; 10_240];
    let begun = Instant::now();
    tokio::select! {
        error = reader.receive_bytes(&mut raw) => {
            assert!(matches!(error, Err(LinkError::Stalled)), "{error:?}");
        }
        () = drip => {}
    }
    let most = span(FRAME_PATIENCE) + span(Millis::from_seconds(10 + 2));
    assert!(begun.elapsed() <= most, "{:?}", begun.elapsed());
}

proptest! {
    /// Random bytes, cut anywhere, with heads that are often plausible.
    #[test]
    fn no_bytes_panic_or_take_memory(
        frames in prop::collection::vec((0u32..40, prop::collection::vec(any::<u8>(), 0..40)), 0..8),
        noise in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut bytes: Vec<u8> = frames.iter().flat_map(|(len, body)| frame(*len, body)).collect();
        bytes.extend(noise);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (mut peer, mut reader) = pipe();
            peer.write_all(&bytes).await.unwrap();
            drop(peer);
            while let Ok(Some(_)) = reader.receive_or_end::<Vec<Option<String>>>().await {}
            assert!(reader.frame.capacity() <= 3 * FRAME_STEP_BYTES);
        });
    }
}
