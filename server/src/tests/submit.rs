//! What a wish for a job is refused for, before anything of it is kept.

use std::fs;

use gleaner_shared::id::Digest;
use gleaner_shared::limits::PARAMS_MAX;
use gleaner_shared::policy::Policy;
use gleaner_shared::wire::admin::job::JobWish;
use gleaner_shared::wire::admin::{ProblemKind, Reply, Request};

use super::scene::{Scene, dictionary, document, files, wish};

fn with(name: &str, app: &str, params: &[(&str, &str)], data: Option<Digest>) -> JobWish {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    JobWish { params: params.iter().map(own).collect(), ..wish(name, app, data) }
}

async fn scene() -> Scene {
    let scene = Scene::new().await;
    scene.corpus_add("texts", &[document("d1", 0, &["A fever."])], 1_024).await;
    scene
}

#[tokio::test]
async fn a_wish_that_does_not_suit_its_app_is_refused() {
    let scene = scene().await;
    let good = scene.data_put(&dictionary(&[("A:1", "fever")])).await;
    let bad = scene.data_put(b"no dictionary at all").await;
    let absent = Some(Digest([9; 32]));
    let weighing = |priority| JobWish {
        policy: Policy { priority, ..Policy::default() },
        ..with("j", "word-count", &[], None)
    };
    let many: Vec<String> = (0..=PARAMS_MAX).map(|number| format!("p{number}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "1")).collect();
    for (wish, kind, why) in [
        (with("j", "word-cuont", &[], None), ProblemKind::NotFound, "did you mean `word-count`?"),
        (with("j", "word-count@9", &[], None), ProblemKind::NotFound, "no app is called"),
        (with("j", "word-count", &[("fold", "no")], None), ProblemKind::Usage, "no parameter"),
        (with("j", "paced-match", &[("rounds", "x")], Some(good)), ProblemKind::Usage, "must be"),
        (
            with("j", "paced-match", &[("rounds", "1"), ("rounds", "2")], Some(good)),
            ProblemKind::Usage,
            "given twice",
        ),
        (weighing(0), ProblemKind::Usage, "its priority must be 1 to 100"),
        (weighing(101), ProblemKind::Usage, "its priority must be 1 to 100"),
        (with("j", "word-count", &many, None), ProblemKind::Usage, "more than 32 parameters"),
        (with("j", "word-count", &[], Some(good)), ProblemKind::Usage, "takes no data"),
        (with("j", "ontology-match", &[], None), ProblemKind::Usage, "needs an ontology"),
        (with("j", "ontology-match", &[], absent), ProblemKind::NotFound, "is not on this server"),
        (with("j", "ontology-match", &[], Some(bad)), ProblemKind::Usage, "is no dictionary"),
    ] {
        let problem = scene.problem(&Request::JobSubmit(wish)).await;
        assert_eq!(problem.kind, kind, "{problem:?}");
        assert!(problem.why.contains(why), "{problem:?}");
        assert!(!problem.next.is_empty(), "{problem:?}");
    }
    assert_eq!(scene.reply(&Request::JobList).await, Reply::Jobs(Vec::new()));
}

#[tokio::test]
async fn a_damaged_dictionary_is_found_before_hosts_fetch_it() {
    let scene = scene().await;
    let data = scene.data_put(&dictionary(&[("A:1", "fever")])).await;
    let mut bytes = fs::read(&files(&scene.folder, "artefact")[0]).unwrap();
    bytes[20] ^= 1;
    fs::write(&files(&scene.folder, "artefact")[0], bytes).unwrap();
    let wish = wish("j", "ontology-match", Some(data));
    let problem = scene.problem(&Request::JobSubmit(wish)).await;
    assert_eq!(problem.kind, ProblemKind::Checksum, "{problem:?}");
}

#[tokio::test]
async fn the_same_wish_again_changes_nothing() {
    let scene = scene().await;
    let data = scene.data_put(&dictionary(&[("A:1", "fever")])).await;
    let wish = |rounds| with("j", "paced-match", &[("rounds", rounds)], Some(data));
    let first = scene.reply(&Request::JobSubmit(wish("1"))).await;
    assert_eq!(scene.reply(&Request::JobSubmit(wish("1"))).await, first);
    let other = scene.problem(&Request::JobSubmit(wish("2"))).await;
    assert_eq!(other.kind, ProblemKind::Conflict);
}
