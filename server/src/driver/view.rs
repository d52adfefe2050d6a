//! Answers to questions about what the engine holds.

use gleaner_engine::view::LinkView;

use super::{Driver, Finisher, Question, View};
use crate::truth::Truth;

impl<F: Finisher, T: Truth> Driver<F, T> {
    pub(super) fn view(&self, question: Question) -> View {
        let mut view = View { paused: self.paused.clone(), ..View::default() };
        match question {
            Question::Job(job) => {
                view.job = self.engine.job(job);
                view.why = self.engine.why(job);
            }
            Question::Host(host) => view.host = self.engine.host(host),
            Question::Totals => {
                let connected = |link: LinkView| link != LinkView::Away;
                let hosts = self.engine.hosts().filter(|host| connected(host.link)).count();
                view.hosts_connected = u32::try_from(hosts).unwrap_or(u32::MAX);
                view.jobs_open = u32::try_from(self.engine.jobs().count()).unwrap_or(u32::MAX);
            }
        }
        view
    }
}
