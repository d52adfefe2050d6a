//! A server that is played: it lets everybody in, leases its units in order, and keeps books.
//!
//! A unit is free again when a host hands its lease back, or does not state it on reconnect.

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use gleaner_link::{Close, Connection, Identity, Invite, QuicStream, Server, Token};
use gleaner_shared::digest::digest;
use gleaner_shared::id::{AccountId, Digest, GrantId, LeaseId};
use gleaner_shared::records;
use gleaner_shared::verdict::Receipt;
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::stream::{JoinReply, Open, Role};
use gleaner_shared::wire::work::{
    DeliverReply, Delivered, FetchItem, Fetched, FromHost, Grant, GrantUnit, Hello, ItemHead,
    JobBrief, ResultHead, Returned, ToHost,
};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::place::{PATIENCE, Place};
use crate::stage;

/// What the played server knows, and what it was told.
#[derive(Debug)]
pub(crate) struct Books {
    /// What who wants to join is told; nothing at all if there is none.
    pub(crate) reply: Option<JoinReply>,
    /// How sessions are refused, one each, before one is welcome.
    pub(crate) refusals: VecDeque<Refusal>,
    /// Leases that are to be cancelled.
    pub(crate) cancel: Vec<LeaseId>,
    /// What is to be done.
    pub(crate) job: JobBrief,
    /// Payloads and artefacts.
    pub(crate) bytes: BTreeMap<Digest, Vec<u8>>,
    /// Units that nobody has.
    pub(crate) free: VecDeque<GrantUnit>,
    /// Leases that are open.
    pub(crate) leased: BTreeMap<LeaseId, GrantUnit>,
    /// The leases that each hello has stated.
    pub(crate) hellos: Vec<Vec<LeaseId>>,
    /// Leases that were handed back.
    pub(crate) released: Vec<LeaseId>,
    /// What was delivered for each payload, as often as it came.
    pub(crate) results: BTreeMap<Digest, Vec<ResultHead>>,
    /// From which offsets each item was fetched.
    pub(crate) fetched: BTreeMap<Digest, Vec<u64>>,
    /// How many transfers end in the middle of their first item.
    pub(crate) cuts: u32,
    grants: u64,
}

impl Books {
    /// With `units` units of a job, with so many words each.
    pub(crate) fn new(job: JobBrief, units: usize, words: usize) -> Self {
        let (mut bytes, mut free) = (BTreeMap::new(), VecDeque::new());
        for number in 0..units {
            let (unit, payload) = stage::unit(number, words);
            bytes.insert(unit.payload.digest, payload);
            free.push_back(unit);
        }
        Self {
            reply: Some(joined(Role::Own)),
            refusals: VecDeque::new(),
            cancel: Vec::new(),
            job,
            bytes,
            free,
            leased: BTreeMap::new(),
            hellos: Vec::new(),
            released: Vec::new(),
            results: BTreeMap::new(),
            fetched: BTreeMap::new(),
            cuts: 0,
            grants: 0,
        }
    }

    /// Leases that are given back.
    fn free(&mut self, leases: impl IntoIterator<Item = LeaseId>) {
        for lease in leases {
            if let Some(unit) = self.leased.remove(&lease) {
                self.free.push_front(unit);
            }
        }
    }

    fn hello(&mut self, hello: Hello) {
        let gone: Vec<_> =
            self.leased.keys().filter(|lease| !hello.leases.contains(lease)).copied().collect();
        self.free(gone);
        self.hellos.push(hello.leases);
    }

    fn grant(&mut self, request: u32, most: u16) -> Grant {
        self.grants += 1;
        let grant = GrantId(self.grants);
        let count = self.free.len().min(most.into());
        let units: Vec<_> = self.free.drain(..count).collect();
        for (index, unit) in (0..).zip(&units) {
            self.leased.insert(LeaseId { grant, index }, *unit);
        }
        Grant { request, grant, job: self.job.clone(), units }
    }

    fn result(&mut self, head: ResultHead) {
        self.leased.retain(|_, unit| unit.payload.digest != head.payload);
        self.free.retain(|unit| unit.payload.digest != head.payload);
        self.results.entry(head.payload).or_default().push(head);
    }
}

/// The welcome of a role.
pub(crate) fn joined(role: Role) -> JoinReply {
    let (account_name, version) = ("operator".into(), "0.1.0".into());
    JoinReply::Joined { account: AccountId::OPERATOR, account_name, role, version }
}

/// A played server that listens.
#[derive(Debug)]
pub(crate) struct Play {
    identity: Identity,
    address: SocketAddr,
    server: Arc<Server>,
    books: Arc<Mutex<Books>>,
    changed: Arc<Notify>,
    serving: JoinHandle<()>,
}

impl Play {
    pub(crate) fn begin(books: Books) -> Self {
        let identity = Identity::generate();
        // A port that no system gives away by itself and no other test takes: it must be free when
        // the server is back, and nobody's while it is away.
        static STEP: AtomicU16 = AtomicU16::new(0);
        let first = u16::try_from(std::process::id() % 5_000).unwrap();
        let server = (0..5_000).find_map(|_| {
            let port = 20_000 + first + STEP.fetch_add(1, Ordering::Relaxed);
            Server::bind(&identity, (Ipv4Addr::LOCALHOST, port).into()).ok()
        });
        let server = server.unwrap();
        Self::serve(identity, server, Arc::new(Mutex::new(books)))
    }

    fn serve(identity: Identity, server: Server, books: Arc<Mutex<Books>>) -> Self {
        let (server, changed) = (Arc::new(server), Arc::new(Notify::new()));
        let serving = tokio::spawn(serve(server.clone(), books.clone(), changed.clone()));
        Self { identity, address: server.local_addr(), server, books, changed, serving }
    }

    /// Ends as a server does that is asked to stop.
    pub(crate) async fn end(self) -> Away {
        self.server.close(Close::Stopping, "the server stops").await;
        self.serving.abort();
        let _ended = self.serving.await;
        Away { identity: self.identity, address: self.address, books: self.books }
    }

    /// Its books.
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// An invite to it.
    pub(crate) fn invite(&self) -> String {
        let invite = Invite::new(self.identity.id(), &self.address.to_string(), Token([7; 16]));
        invite.unwrap().to_string()
    }

    /// A place whose client has joined.
    pub(crate) async fn member(&self) -> Place {
        let place = Place::new();
        let ran = place.ask(&["join", &self.invite(), "--name", "otter"]).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        place
    }

    /// Tells its sessions that the books were changed from outside.
    pub(crate) fn wake(&self) {
        self.changed.notify_waiters();
    }

    /// Waits until the books say so.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Books) -> bool) {
        let wait = async {
            loop {
                let changed = self.changed.notified();
                if holds(&self.books()) {
                    return;
                }
                changed.await;
            }
        };
        let waited = timeout(PATIENCE, wait).await;
        let books = self.books();
        let Books { leased, hellos, released, results, .. } = &*books;
        assert!(
            waited.is_ok(),
            "waited in vain for {what}: {leased:?} {hellos:?} {released:?} {results:?}"
        );
    }

    /// Waits until all results of so many units are here.
    pub(crate) async fn all(&self, units: usize) {
        self.until("all results", |books| books.results.len() == units).await;
    }
}

/// A played server that does not listen now.
#[derive(Debug)]
pub(crate) struct Away {
    identity: Identity,
    address: SocketAddr,
    pub(crate) books: Arc<Mutex<Books>>,
}

impl Away {
    /// Listens again, at the same address.
    pub(crate) async fn back(self) -> Play {
        let bind = async {
            loop {
                match Server::bind(&self.identity, self.address) {
                    Ok(server) => return server,
                    // The old one's last task may still have the socket.
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        };
        let server = timeout(PATIENCE, bind).await.unwrap();
        Play::serve(self.identity, server, self.books)
    }
}

async fn serve(server: Arc<Server>, books: Arc<Mutex<Books>>, changed: Arc<Notify>) {
    let mut tasks = tokio::task::JoinSet::new();
    while let Some(incoming) = server.accept().await {
        let (books, changed) = (books.clone(), changed.clone());
        tasks.spawn(async move {
            let Ok(connection) = incoming.establish().await else { return };
            let mut streams = tokio::task::JoinSet::new();
            while let Ok(stream) = connection.accept().await {
                let talk = Talk {
                    books: books.clone(),
                    changed: changed.clone(),
                    connection: connection.clone(),
                };
                streams.spawn(async move { talk.stream(stream).await });
            }
        });
    }
}

/// One stream.
struct Talk {
    books: Arc<Mutex<Books>>,
    changed: Arc<Notify>,
    connection: Connection,
}

impl Talk {
    fn note<T>(&self, act: impl FnOnce(&mut Books) -> T) -> T {
        let done = act(&mut self.books.lock().unwrap());
        self.changed.notify_waiters();
        done
    }

    /// A client that is killed breaks its streams; nothing is wrong with that.
    async fn stream(self, mut stream: QuicStream) -> Option<()> {
        match stream.receive().await.ok()? {
            Open::Join(join) => {
                assert_eq!(join.token, [7; 16]);
                let Some(reply) = self.note(|books| books.reply.clone()) else {
                    self.connection.closed().await;
                    return None;
                };
                stream.send(&reply).await.ok()?;
                stream.finish().await.ok()
            }
            Open::Session(hello) => self.session(hello, stream).await,
            Open::Fetch(items) => self.fetch(items, stream).await,
            Open::Deliver(heads) => self.deliver(heads, stream).await,
            Open::Admin => None,
        }
    }

    async fn session(self, hello: Hello, mut stream: QuicStream) -> Option<()> {
        if let Some(refusal) = self.note(|books| books.refusals.pop_front()) {
            stream.send(&ToHost::Refused(refusal)).await.ok()?;
            return stream.finish().await.ok();
        }
        self.note(|books| books.hello(hello));
        stream.send(&ToHost::Welcome { version: "0.1.0".into() }).await.ok()?;
        let (mut reader, mut writer) = stream.split();
        let mut want = None;
        loop {
            let changed = self.changed.notified();
            if let Some((request, units)) = want
                && !self.books.lock().unwrap().free.is_empty()
            {
                let grant = self.note(|books| books.grant(request, units));
                writer.send(&ToHost::Grant(grant)).await.ok()?;
                want = None;
            }
            let cancel = std::mem::take(&mut self.books.lock().unwrap().cancel);
            if !cancel.is_empty() {
                self.note(|books| books.leased.retain(|lease, _| !cancel.contains(lease)));
                writer.send(&ToHost::Cancel(cancel)).await.ok()?;
            }
            tokio::select! {
                () = changed => {}
                said = reader.receive::<FromHost>() => match said {
                    Ok(FromHost::Want { request, units }) => {
                        want = (units > 0).then_some((request, units));
                    }
                    Ok(FromHost::Release(leases)) => self.note(|books| {
                        books.released.extend(&leases);
                        books.free(leases);
                    }),
                    Ok(FromHost::Renew(_)) => {}
                    Err(_) => {
                        self.connection.close(Close::Done, "the session is over");
                        return Some(());
                    }
                },
            }
        }
    }

    async fn fetch(self, items: Vec<FetchItem>, mut stream: QuicStream) -> Option<()> {
        for FetchItem { what, offset } in items {
            let (Fetched::Payload(digest) | Fetched::Artefact(digest)) = what;
            let bytes = self.note(|books| {
                books.fetched.entry(digest).or_default().push(offset);
                let cut = books.cuts > 0;
                books.cuts = books.cuts.saturating_sub(1);
                books.bytes.get(&digest).map(|bytes| (bytes.clone(), cut))
            });
            let Some((bytes, cut)) = bytes else {
                stream.send(&ItemHead::Missing).await.ok()?;
                continue;
            };
            stream.send(&ItemHead::Found { len: bytes.len() as u64 }).await.ok()?;
            let rest = &bytes[usize::try_from(offset).unwrap()..];
            if cut {
                stream.send_bytes(&rest[..rest.len() / 2]).await.ok()?;
                return stream.finish().await.ok();
            }
            stream.send_bytes(rest).await.ok()?;
        }
        stream.finish().await.ok()
    }

    async fn deliver(self, heads: Vec<ResultHead>, mut stream: QuicStream) -> Option<()> {
        stream.send(&DeliverReply::Resume(vec![0; heads.len()])).await.ok()?;
        for head in &heads {
            let Returned::Records { digest: wanted, raw_len, len } = head.returned else {
                continue;
            };
            let mut packed = vec![0; len as usize];
            stream.receive_bytes(&mut packed).await.ok()?;
            let raw = records::unpack(&packed, raw_len).unwrap();
            assert_eq!(digest(&raw), wanted, "a result is not what its head says");
        }
        let receipts = vec![Delivered::Receipt(Receipt::Kept); heads.len()];
        self.note(|books| heads.into_iter().for_each(|head| books.result(head)));
        stream.send(&DeliverReply::Receipts(receipts)).await.ok()?;
        stream.finish().await.ok()
    }
}
