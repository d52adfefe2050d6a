//! What tests tell of a walk through an archive: names, and what was read or refused.

use std::io::Read;
use std::ops::ControlFlow;

use super::{BrokenArchive, Each, Member, MemberKind};

/// Walks; gives each member's name with its text or why it has none, then how the walk ended.
pub(super) fn told(
    walk: impl FnOnce(&mut Each<'_>) -> Result<(), BrokenArchive>,
) -> (Vec<(String, String)>, String) {
    let mut members = Vec::new();
    let walked = walk(&mut |member: &Member<'_>, data: &mut dyn Read| {
        let mut text = String::new();
        let said = match &member.kind {
            MemberKind::Refused(refused) => refused.to_string(),
            MemberKind::Folder => "folder".to_owned(),
            MemberKind::File => match data.read_to_string(&mut text) {
                Ok(_) => text,
                Err(error) => error.to_string(),
            },
        };
        members.push((String::from_utf8_lossy(member.name).into_owned(), said));
        ControlFlow::Continue(())
    });
    (members, walked.map_or_else(|broken| broken.to_string(), |()| String::new()))
}
