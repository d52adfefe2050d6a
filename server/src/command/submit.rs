//! Submitting a job: one row, whatever the corpus's size.

use gleaner_apps::App;
use gleaner_link::random_bytes;
use gleaner_shared::digest::Hasher;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::{
    COPIES_MAX, JOBS_OPEN_MAX, LEASE_RANGE, NAME_BYTES_MAX, PRIORITY_MAX,
};
use gleaner_shared::policy::Policy;
use gleaner_shared::wire::admin::corpus::CorpusRow;
use gleaner_shared::wire::admin::job::JobWish;
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::{JobInsert, JobRecord};

use super::{Commands, app, on_disk, problem, stopping, store_problem};
use crate::driver::{NewJob, Question, unix_seconds};
use crate::registry;

impl Commands {
    /// The same again changes nothing; another job under a name that is taken is refused.
    pub(super) async fn job_submit(&self, wish: JobWish) -> Result<Reply, Problem> {
        let what = format!("job {} cannot be submitted", wish.name);
        let refused = |kind, why: &str, next: &str| Err(problem(kind, &what, why, next));
        if let Some(why) = misfit(&wish) {
            return refused(ProblemKind::Usage, why, "gleaner-admin job submit --help");
        }
        let app = app::suited(&wish, &what)?;
        // One at a time: the number of a new job is taken by its commit.
        let _turn = self.submitting.lock().await;
        let found = self.store.job_find(&wish.name).await;
        if let Some(there) = found.map_err(|error| store_problem(&what, &error))? {
            if same(&there, &wish, &app.full_name()) {
                return self.job_status(&wish.name).await;
            }
            return refused(ProblemKind::Conflict, "another job has this name", "choose another");
        }
        let corpus = self.corpus_whole(&wish.corpus, &what).await?;
        let totals = self.driver.ask(Question::Totals).await.map_err(|_| stopping())?;
        if totals.jobs_open as usize >= JOBS_OPEN_MAX {
            let why = format!("{JOBS_OPEN_MAX} jobs are open");
            return refused(ProblemKind::Limit, &why, "wait for one to end, or cancel one");
        }
        self.data_check(&wish, &what).await?;
        let new = self.new_job(wish, app, &corpus, &what).await?;
        let name = new.insert.name.clone();
        on_disk(self.driver.job(new).await.map_err(|_| stopping())?, &what)?;
        self.job_status(&name).await
    }

    pub(super) async fn corpus_whole(&self, name: &str, what: &str) -> Result<CorpusRow, Problem> {
        let found = self.store.corpus_show(name).await;
        let Some(corpus) = found.map_err(|error| store_problem(what, &error))? else {
            let why = format!("there is no corpus {name:?}");
            return Err(problem(ProblemKind::NotFound, what, &why, "gleaner-admin corpus list"));
        };
        if !corpus.complete {
            let why = format!("the last intake into corpus {name:?} did not come to its end");
            return Err(problem(ProblemKind::Conflict, what, &why, "repeat the corpus add"));
        }
        Ok(corpus)
    }

    async fn new_job(
        &self,
        wish: JobWish,
        app: &dyn App,
        corpus: &CorpusRow,
        what: &str,
    ) -> Result<NewJob, Problem> {
        let failed = |error| store_problem(what, &error);
        let id = self.store.job_id_next().await.map_err(failed)?;
        let found = self.store.corpus_find(&wish.corpus).await.map_err(failed)?;
        let Some((corpus_id, _)) = found else {
            let why = "the corpus was removed meanwhile";
            return Err(problem(ProblemKind::NotFound, what, why, "gleaner-admin corpus list"));
        };
        let insert = JobInsert {
            job: id,
            digest: job_digest(&wish, &app.full_name(), &corpus.digest),
            name: wish.name,
            app: app.full_name(),
            params: wish.params,
            data: wish.data,
            corpus: corpus_id,
            submitted_at_unix_seconds: unix_seconds(),
            tables: app.tables(),
            derived: registry::derived_of(app),
        };
        Ok(NewJob { insert, policy: wish.policy, slices: corpus.slices, tables: app.tables() })
    }
}

/// Names a job in results. Random bytes make it differ from any other job, also from one in a
/// history of the store that a restore has undone.
fn job_digest(wish: &JobWish, app: &str, corpus: &str) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&random_bytes::<16>());
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    for text in [wish.name.as_str(), app, corpus] {
        part(text.as_bytes());
    }
    for (name, value) in &wish.params {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    part(wish.data.as_ref().map_or(&[], |data| &data.0));
    hasher.digest()
}

fn same(there: &JobRecord, wish: &JobWish, app: &str) -> bool {
    there.app == app
        && there.corpus_name == wish.corpus
        && there.data == wish.data
        && there.params == wish.params
}

/// What about the wish breaks a rule, if anything does.
fn misfit(wish: &JobWish) -> Option<&'static str> {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if wish.name.is_empty() || wish.name.len() > NAME_BYTES_MAX || !wish.name.bytes().all(plain) {
        return Some("its name must be 1 to 64 of a-z, 0-9, - and _");
    }
    let Policy { copies, own_copies, deadline, priority } = wish.policy;
    let copies_fit = |copies: u8| (1..=COPIES_MAX).contains(&copies);
    if !copies_fit(copies) || !copies_fit(own_copies) {
        return Some("its copies must be 1 to 5");
    }
    if !(1..=PRIORITY_MAX).contains(&priority) {
        return Some("its priority must be 1 to 100");
    }
    (deadline < LEASE_RANGE.0 || deadline > LEASE_RANGE.1)
        .then_some("its deadline must be 5 seconds to 7 days")
}
