//! A batch to the server: offered, and what it wants of it sent.

use gleaner_shared::wire::admin::Reply;
use gleaner_shared::wire::admin::corpus::{IntakeReply, Step, Want};

use super::batch::Batch;
use crate::fault::Fault;
use crate::talk::{self, Talk};

/// What became of the documents so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Sent.
    pub(crate) sent: u64,
    /// The server had them.
    pub(crate) known: u64,
}

/// Offers a batch and sends what is wanted.
pub(crate) async fn send(talk: &mut Talk, batch: Batch, totals: &mut Totals) -> Result<(), Fault> {
    if !batch.documents.is_empty() {
        let (offers, bytes): (Vec<_>, Vec<_>) = batch.documents.into_iter().unzip();
        talk.send(&Step::Offer(offers)).await?;
        let IntakeReply::Wanted(wants) = reply(talk).await? else { return Err(talk::misfit()) };
        if wants.len() != bytes.len() {
            return Err(talk::misfit());
        }
        totals.known += wants.iter().filter(|want| **want == Want::Known).count() as u64;
        let wanted = bytes.iter().zip(&wants).filter(|(_, want)| **want == Want::Send);
        let wanted: Vec<&Vec<u8>> = wanted.map(|(bytes, _)| bytes).collect();
        documents(talk, &wanted).await?;
        totals.sent += wanted.len() as u64;
    }
    if !batch.asides.is_empty() {
        talk.send(&Step::Aside(batch.asides)).await?;
        ready(talk).await?;
    }
    Ok(())
}

async fn documents(talk: &mut Talk, wanted: &[&Vec<u8>]) -> Result<(), Fault> {
    if wanted.is_empty() {
        return Ok(());
    }
    let length = |bytes: &&Vec<u8>| u32::try_from(bytes.len()).expect("a document is below 4 GiB");
    talk.send(&Step::Documents(wanted.iter().map(length).collect())).await?;
    for bytes in wanted {
        talk.send_bytes(bytes).await?;
    }
    ready(talk).await
}

/// The server goes on with the next step.
pub(super) async fn ready(talk: &mut Talk) -> Result<(), Fault> {
    match reply(talk).await? {
        IntakeReply::Ready => Ok(()),
        _ => Err(talk::misfit()),
    }
}

async fn reply(talk: &mut Talk) -> Result<IntakeReply, Fault> {
    match talk.reply().await? {
        Reply::Intake(reply) => Ok(reply),
        _ => Err(talk::misfit()),
    }
}
