//! A unit with which a process died is computed by a process of its own, which has nothing else to
//! do. If that dies too, the unit is to blame, and is reported; the client goes on. So whoever kills
//! clients from outside never makes a unit look bad.
//!
//! The parent writes the unit to the child's standard input and holds it open; when the parent is
//! gone, the input ends, and the child with it. The child writes a sealed file to standard output.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use gleaner_shared::limits::{APART_TRIES, FRAME_BYTES_MAX, RESULT_BYTES_MAX, SEALED_HEAD_MAX};
use gleaner_shared::payload::PayloadFacts;
use gleaner_shared::unit::DocRange;
use gleaner_shared::verdict::FailureClass;
use gleaner_shared::wire::codec;
use gleaner_shared::wire::work::JobBrief;
use serde::{Deserialize, Serialize};

use super::app::Failure;
use super::outcome::{Outcome, Told, failed};
use crate::disk::folder::Folder;
use crate::disk::sealed::{self, Mark};

const MARK: Mark = *b"GLNAPT01";
/// The command of the child.
pub(crate) const COMMAND: &str = "unit";

/// What the child must know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Errand {
    /// What to do.
    pub(crate) job: JobBrief,
    /// On what.
    pub(crate) payload: PayloadFacts,
    /// Which of its documents.
    pub(crate) docs: DocRange,
}

/// How children are started.
#[derive(Clone, Debug)]
pub(crate) struct Apart {
    program: PathBuf,
    folder: Folder,
}

impl Apart {
    /// With this process's own program, on a data folder.
    pub(crate) fn new(folder: &Folder) -> Self {
        // On Linux this is the program that runs, even if its file was replaced meanwhile.
        let own = PathBuf::from("/proc/self/exe");
        let own = if own.exists() { Ok(own) } else { std::env::current_exe() };
        Self::with(own.unwrap_or_default(), folder)
    }

    /// With that program.
    pub(crate) fn with(program: PathBuf, folder: &Folder) -> Self {
        Self { program, folder: folder.clone() }
    }

    /// Lets children do the unit until one has said what came of it, or too many died of it.
    ///
    /// # Errors
    /// No child could be started: nothing is known of the unit.
    pub(crate) fn perform(&self, errand: &Errand) -> io::Result<Outcome> {
        let mut ends = Vec::new();
        while ends.len() < APART_TRIES {
            match self.child(errand)? {
                Ok(outcome) => return Ok(outcome),
                Err(status) => ends.push(status),
            }
        }
        let end = ends.last().map(ToString::to_string).unwrap_or_default();
        let message = format!("it ends the process that computes it ({end})");
        Ok(Ok(failed(Failure { class: FailureClass::Crashed, message })))
    }

    /// One child: what it told, or how it ended without a word.
    fn child(&self, errand: &Errand) -> io::Result<Result<Outcome, ExitStatus>> {
        let mut child = Command::new(&self.program)
            .args([COMMAND, "--data"])
            .arg(self.folder.root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C is for the parent, which lets its units end in peace.
            .process_group(0)
            .spawn()?;
        let told = talk(&mut child, errand);
        // Dead or dumb: it is of no more use.
        let _dead = child.kill();
        let status = child.wait()?;
        Ok(told.map_err(|error| {
            tracing::debug!("a unit's own process told nothing: {error}");
            status
        }))
    }
}

fn talk(child: &mut Child, errand: &Errand) -> io::Result<Outcome> {
    let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
    let body = codec::encode(errand).map_err(io::Error::other)?;
    let len = u32::try_from(body.len()).map_err(io::Error::other)?;
    // Held open until the child has told all.
    let mut input = child.stdin.take().ok_or_else(broken)?;
    input.write_all(&len.to_le_bytes())?;
    input.write_all(&body)?;
    input.flush()?;
    let most = RESULT_BYTES_MAX + 2 * SEALED_HEAD_MAX;
    let mut bytes = Vec::new();
    child.stdout.take().ok_or_else(broken)?.take(most as u64).read_to_end(&mut bytes)?;
    drop(input);
    let (told, packed) = sealed::open::<Told>(MARK, &bytes).map_err(io::Error::other)?;
    Ok(told.outcome(packed.to_vec()))
}

/// The child's side: reads the errand, does it, and tells what came of it.
///
/// # Errors
/// The parent is gone.
pub(crate) fn serve(
    mut input: impl Read + Send + 'static,
    output: &mut impl Write,
    perform: impl FnOnce(Errand) -> Outcome,
) -> io::Result<()> {
    let mut len = [0; 4];
    input.read_exact(&mut len)?;
    let len = u32::from_le_bytes(len) as usize;
    if len > FRAME_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; len];
    input.read_exact(&mut body)?;
    let errand = codec::decode(&body).map_err(io::Error::other)?;
    std::thread::spawn(move || {
        // Nothing more comes but the end, and then nobody waits for this process any more.
        let _end = io::copy(&mut input, &mut io::sink());
        std::process::exit(1);
    });
    let (told, packed) = Told::of(perform(errand));
    let sealed = sealed::seal(MARK, &told, &packed).map_err(io::Error::other)?;
    output.write_all(&sealed.front)?;
    output.write_all(&packed)?;
    output.write_all(&sealed.seal)?;
    output.flush()
}
