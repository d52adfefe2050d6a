//! `--demo`: a small corpus, a job on it and an invite, by the commands that an admin would give.
//! Again on the same folder it adds nothing but another invite.

use anyhow::{Context as _, bail};
use gleaner_apps::dictionary::{Concept, Dictionary};
use gleaner_link::Framed;
use gleaner_readers::{OntologyFormat, Years, read_document, read_ontology};
use gleaner_shared::digest::digest;
use gleaner_shared::document::Kind;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::FRAME_BYTES_MAX;
use gleaner_shared::payload::document_encode;
use gleaner_shared::policy::Policy;
use gleaner_shared::wire::admin::corpus::{AddWish, IntakeReply, Offer, Step, Want};
use gleaner_shared::wire::admin::invite::InviteWish;
use gleaner_shared::wire::admin::job::JobWish;
use gleaner_shared::wire::admin::{ProblemKind, Reply, Request};
use gleaner_shared::wire::stream::Role;
use gleaner_shared::wire::work::Artefact;
use serde::Serialize;
use tokio::io::{DuplexStream, ReadHalf, WriteHalf};

use crate::command::Commands;

/// The corpus and the job.
pub(crate) const NAME: &str = "demo";
/// Some documents to a unit, so that there are several.
const SLICE_BYTES: u32 = 8 * 1024;
/// How long the invite lasts.
const INVITE_SECONDS: u64 = 24 * 60 * 60;
/// Machines that it lets in.
const INVITE_USES: u32 = 4;

/// An article of the sample corpus, with its id.
macro_rules! article {
    ($id:literal) => {
        (
            $id,
            include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../tests/world/sample/articles/document_parses/pmc_json/",
                $id,
                ".xml.json"
            ))
            .as_slice(),
        )
    };
}

const ARTICLES: &[(&str, &[u8])] = &[
    article!("SAMPLE003"),
    article!("SAMPLE007"),
    article!("SAMPLE013"),
    article!("SAMPLE015"),
    article!("SAMPLE018"),
    article!("SAMPLE019"),
    article!("SAMPLE029"),
    article!("SAMPLE037"),
    article!("SAMPLE040"),
    article!("SAMPLE046"),
];

const ONTOLOGY: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/world/sample/respiratory.obo"));

/// What there is to try.
#[derive(Debug, Serialize)]
pub(crate) struct Demo {
    pub(crate) corpus: &'static str,
    pub(crate) job: &'static str,
    /// For own machines; holds a secret.
    pub(crate) invite: String,
}

type Stream = Framed<ReadHalf<DuplexStream>, WriteHalf<DuplexStream>>;

/// Adds the corpus and the job, and makes an invite.
pub(crate) async fn add(commands: &Commands) -> anyhow::Result<Demo> {
    let (ours, theirs) = tokio::io::duplex(FRAME_BYTES_MAX);
    let framed = |end| {
        let (source, target) = tokio::io::split(end);
        Framed::new(source, target)
    };
    let (commands, mut served) = (commands.clone(), framed(theirs));
    let serving = tokio::spawn(async move { commands.serve(&mut served).await });
    let mut stream: Stream = framed(ours);
    corpus(&mut stream).await.context("the corpus of the demonstration")?;
    let data = ontology(&mut stream).await.context("its ontology")?;
    let invite = job_and_invite(&mut stream, data).await.context("its job")?;
    stream.finish().await?;
    serving.await.context("the commands panicked")??;
    Ok(Demo { corpus: NAME, job: NAME, invite })
}

async fn reply(stream: &mut Stream) -> anyhow::Result<Reply> {
    match stream.receive().await? {
        Reply::Failed(problem) => bail!("{}: {}", problem.what, problem.why),
        reply => Ok(reply),
    }
}

async fn corpus(stream: &mut Stream) -> anyhow::Result<()> {
    let wish = AddWish { name: NAME.into(), slice_bytes: SLICE_BYTES };
    stream.send(&Request::CorpusAdd(wish)).await?;
    match stream.receive().await? {
        Reply::Intake(IntakeReply::Ready) => {}
        // Its job fixes its documents, so it is as it was added before.
        Reply::Failed(problem) if problem.kind == ProblemKind::Conflict => return Ok(()),
        other => bail!("it cannot be added: {other:?}"),
    }
    let mut documents = Vec::new();
    for (id, bytes) in ARTICLES {
        let document = read_document(Kind::Cord19, (*id).into(), bytes, &Years::empty())
            .map_err(|broken| anyhow::anyhow!("article {id}: {broken}"))?;
        documents.push((*id, document_encode(&document)?));
    }
    let offer = |(id, bytes): &(&str, Vec<u8>)| Offer {
        id: (*id).into(),
        digest: digest(bytes),
        source: format!("{id}.xml.json"),
    };
    stream.send(&Step::Offer(documents.iter().map(offer).collect())).await?;
    let Reply::Intake(IntakeReply::Wanted(wants)) = reply(stream).await? else {
        bail!("another answer than which documents are wanted");
    };
    let wanted: Vec<&Vec<u8>> = documents
        .iter()
        .zip(wants)
        .filter(|(_, want)| *want == Want::Send)
        .map(|((_, bytes), _)| bytes)
        .collect();
    if !wanted.is_empty() {
        let lengths: Result<_, _> = wanted.iter().map(|bytes| u32::try_from(bytes.len())).collect();
        stream.send(&Step::Documents(lengths?)).await?;
        for bytes in wanted {
            stream.send_bytes(bytes).await?;
        }
        reply(stream).await?;
    }
    stream.send(&Step::End).await?;
    reply(stream).await?;
    Ok(())
}

async fn ontology(stream: &mut Stream) -> anyhow::Result<Digest> {
    let mut concepts = Vec::new();
    read_ontology(OntologyFormat::Obo, ONTOLOGY, &mut |concept| {
        let gleaner_readers::Concept { id, label, synonyms } = concept;
        concepts.push(Concept { id, label, synonyms });
    })
    .map_err(|broken| anyhow::anyhow!("{broken}"))?;
    let bytes = Dictionary::compile(concepts)?.encode();
    let artefact = Artefact { digest: digest(&bytes), len: bytes.len() as u64 };
    stream.send(&Request::ArtefactPut(artefact)).await?;
    if let Reply::Have(false) = reply(stream).await? {
        stream.send_bytes(&bytes).await?;
    }
    reply(stream).await?;
    Ok(artefact.digest)
}

async fn job_and_invite(stream: &mut Stream, data: Digest) -> anyhow::Result<String> {
    let wish = JobWish {
        name: NAME.into(),
        corpus: NAME.into(),
        app: "ontology-match".into(),
        params: Vec::new(),
        data: Some(data),
        policy: Policy::default(),
    };
    stream.send(&Request::JobSubmit(wish)).await?;
    reply(stream).await?;
    let wish = InviteWish {
        role: Role::Own,
        account: None,
        uses: INVITE_USES,
        expires_seconds: INVITE_SECONDS,
    };
    stream.send(&Request::InviteCreate(wish)).await?;
    match reply(stream).await? {
        Reply::InviteMade(made) => Ok(made.invite),
        _ => bail!("another answer than an invite"),
    }
}
