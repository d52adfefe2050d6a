//! A batch to the server: asked for if some of it may be there, offered, and what is wanted sent.
//!
//! A corpus that has all of a batch says so to one digest, and one that has some of it to ids and
//! digests; only the rest is offered. So an intake that was cut off is repeated for next to nothing.

use gleaner_shared::wire::admin::Reply;
use gleaner_shared::wire::admin::corpus::{IntakeReply, Name, Offer, Step, Want, stretch_digest};

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
    lately: Lately,
}

/// What the last batch was: the next one is probably the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lately {
    /// Some of it was there: it is cheaper to ask first.
    #[default]
    Known,
    /// All of it was new: asking would only cost a round trip.
    New,
}

type Document = (Offer, Vec<u8>);

/// Offers a batch and sends what is wanted.
pub(crate) async fn send(talk: &mut Talk, batch: Batch, totals: &mut Totals) -> Result<(), Fault> {
    let mut rest = batch.documents;
    if totals.lately == Lately::Known && !rest.is_empty() {
        rest = unknown(talk, rest, totals).await?;
    }
    if !rest.is_empty() {
        offer(talk, rest, totals).await?;
    }
    if !batch.asides.is_empty() {
        talk.send(&Step::Aside(batch.asides)).await?;
        ready(talk).await?;
    }
    Ok(())
}

/// Those that the server does not have.
async fn unknown(
    talk: &mut Talk,
    documents: Vec<Document>,
    totals: &mut Totals,
) -> Result<Vec<Document>, Fault> {
    let offers = || documents.iter().map(|(offer, _)| offer);
    let stretch = stretch_digest(offers().map(|offer| (offer.id.as_str(), offer.digest)));
    talk.send(&Step::Stretch(stretch)).await?;
    let IntakeReply::Known(known) = reply(talk).await? else { return Err(talk::misfit()) };
    if known {
        totals.known += documents.len() as u64;
        return Ok(Vec::new());
    }
    let name = |offer: &Offer| Name { id: offer.id.clone(), digest: offer.digest };
    talk.send(&Step::Ask(offers().map(name).collect())).await?;
    let wants = wanted(talk, documents.len()).await?;
    let all = documents.len();
    let rest = documents.into_iter().zip(wants).filter(|(_, want)| *want != Want::Known);
    let rest: Vec<Document> = rest.map(|(document, _)| document).collect();
    if rest.len() == all {
        totals.lately = Lately::New;
    }
    totals.known += (all - rest.len()) as u64;
    Ok(rest)
}

async fn offer(
    talk: &mut Talk,
    documents: Vec<Document>,
    totals: &mut Totals,
) -> Result<(), Fault> {
    let (offers, bytes): (Vec<_>, Vec<_>) = documents.into_iter().unzip();
    talk.send(&Step::Offer(offers)).await?;
    let wants = wanted(talk, bytes.len()).await?;
    let known = wants.iter().filter(|want| **want == Want::Known).count();
    if known > 0 {
        totals.lately = Lately::Known;
    }
    totals.known += known as u64;
    let wanted = bytes.iter().zip(&wants).filter(|(_, want)| **want == Want::Send);
    let wanted: Vec<&Vec<u8>> = wanted.map(|(bytes, _)| bytes).collect();
    self::documents(talk, &wanted).await?;
    totals.sent += wanted.len() as u64;
    Ok(())
}

/// What the server wants of so many documents.
async fn wanted(talk: &mut Talk, documents: usize) -> Result<Vec<Want>, Fault> {
    match reply(talk).await? {
        IntakeReply::Wanted(wants) if wants.len() == documents => Ok(wants),
        _ => Err(talk::misfit()),
    }
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
