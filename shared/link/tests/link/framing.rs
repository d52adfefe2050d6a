//! Frames over a pipe and a Unix socket: what one side sends, the other receives.

use gleaner_link::{Framed, LinkError, Reader, Writer, unix_framed};
use gleaner_shared::limits::{FRAME_BYTES_MAX, FRAME_PATIENCE};
use tokio::io::{AsyncReadExt, duplex, split};
use tokio::net::UnixStream;

#[tokio::test]
async fn a_unix_socket_speaks_frames() {
    let (one, other) = UnixStream::pair().unwrap();
    let (mut one, mut other) = (unix_framed(one), unix_framed(other));
    one.send(&("question", 7u32)).await.unwrap();
    assert_eq!(other.receive::<(String, u32)>().await.unwrap(), ("question".into(), 7));
    let (mut reader, mut writer) = other.split();
    let answering = tokio::spawn(async move {
        writer.send(&"answer").await.unwrap();
        writer.send_bytes(&[1; 1_000]).await.unwrap();
        writer.finish().await.unwrap();
        writer
    });
    assert_eq!(one.receive::<String>().await.unwrap(), "answer");
    let mut raw = [0; 1_000];
    one.receive_bytes(&mut raw).await.unwrap();
    assert_eq!(raw, [1; 1_000]);
    assert_eq!(one.receive_or_end::<String>().await.unwrap(), None);
    one.send(&"after the other direction ended").await.unwrap();
    assert_eq!(reader.receive::<String>().await.unwrap(), "after the other direction ended");
    drop(one);
    assert!(matches!(reader.receive::<String>().await, Err(LinkError::End)));
    answering.await.unwrap();
}

#[tokio::test]
async fn the_frame_is_a_length_and_the_message() {
    let (one, mut other) = duplex(64);
    let mut writer = Writer::new(one);
    writer.send(&("hi", 300u32)).await.unwrap();
    writer.finish().await.unwrap();
    let mut bytes = Vec::new();
    other.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes, b"\x06\0\0\0\x02hi\xfb\x2c\x01");
}

#[tokio::test]
async fn a_message_over_the_limit_is_not_begun() {
    let (one, other) = duplex(1 << 20);
    let (mut writer, mut reader) = (Writer::new(one), Reader::new(other));
    let largest = "x".repeat(FRAME_BYTES_MAX - 3);
    let error = writer.send(&format!("{largest}x")).await.unwrap_err();
    assert!(matches!(error, LinkError::Message(_)), "{error}");
    writer.send(&largest).await.unwrap();
    assert_eq!(reader.receive::<String>().await.unwrap(), largest);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_is_given_up() {
    let (one, _other) = duplex(16);
    let mut writer = Writer::new(one);
    let begun = tokio::time::Instant::now();
    let error = writer.send(&"x".repeat(1_000)).await.unwrap_err();
    assert!(matches!(error, LinkError::Stalled), "{error}");
    assert!(begun.elapsed().as_millis() as u64 <= FRAME_PATIENCE.0 + 10);
    let error = writer.send(&"y").await.unwrap_err();
    assert!(matches!(error, LinkError::InsideFrame), "{error}");
}

#[tokio::test]
async fn one_side_can_send_while_it_receives() {
    let (one, other) = duplex(256);
    let mut echo = tokio::spawn(async move {
        let (source, target) = split(other);
        let mut framed = Framed::new(source, target);
        while let Some(number) = framed.receive_or_end::<u32>().await.unwrap() {
            framed.send(&(number + 1)).await.unwrap();
        }
    });
    let (source, target) = split(one);
    let mut framed = Framed::new(source, target);
    let (reader, writer) = framed.halves();
    let sending = async {
        for number in 0..1_000u32 {
            writer.send(&number).await.unwrap();
        }
        writer.finish().await.unwrap();
    };
    let receiving = async {
        for number in 0..1_000u32 {
            assert_eq!(reader.receive::<u32>().await.unwrap(), number + 1);
        }
    };
    tokio::join!(sending, receiving);
    (&mut echo).await.unwrap();
}
