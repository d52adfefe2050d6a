//! A full disk: what is asked for is refused, the server says why, and goes on when there is space.

use std::path::Path;
use std::process::Command;

use gleaner_shared::wire::admin::job::Change;
use gleaner_shared::wire::admin::{ProblemKind, Reply, Request};
use tempfile::TempDir;

use super::scene::{Scene, document, wish};
use crate::finish::Steps;

/// A file system of its own, so small that it is soon full.
struct Small(TempDir);

impl Small {
    fn mount() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"])
            .arg(folder.path())
            .output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(folder)),
            other => {
                eprintln!("SKIPPED: a full disk needs a mount of its own, as root: {other:?}");
                None
            }
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _gone = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Takes all the space that there is.
fn fill(filler: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(filler).unwrap();
    while file.write_all(&[0; 4_096]).is_ok() {}
}

#[tokio::test]
async fn on_a_full_disk_the_server_says_so_and_goes_on_when_there_is_space() {
    let Some(disk) = Small::mount() else { return };
    let filler = disk.0.path().join("filler");
    let scene = Scene::over(TempDir::new_in(disk.0.path()).unwrap(), Steps::new).await;
    scene.corpus_add("texts", &[document("d1", 0, &["A fever."])], 1_024).await;
    scene.submit(wish("words", "word-count", None)).await;
    fill(&filler);
    let mut changes = [Change::Pause, Change::Resume].into_iter().cycle();
    // The log has some space of its own left.
    let refused = loop {
        let change = changes.next().unwrap();
        let replies = scene.replies(&Request::JobChange { name: "words".into(), change }).await;
        if let [Reply::Failed(problem)] = &replies[..] {
            break problem.clone();
        }
    };
    assert_eq!(refused.kind, ProblemKind::Limit, "{refused:?}");
    assert!(refused.why.contains("full"), "{refused:?}");
    let paused = async || match scene.reply(&Request::Server).await {
        Reply::Server(status) => status.paused,
        reply => panic!("{reply:?}"),
    };
    assert!(paused().await.is_some_and(|why| why.contains("full")));
    std::fs::remove_file(&filler).unwrap();
    for change in [Change::Pause, Change::Resume] {
        let changed = scene.reply(&Request::JobChange { name: "words".into(), change }).await;
        assert!(matches!(changed, Reply::Job(_)), "{changed:?}");
    }
    assert_eq!(paused().await, None);
}
