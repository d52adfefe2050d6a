//! Every bound of the system, each with its reason. A queue, cache, batch or frame without a bound
//! here is a bug. `docs/limits.md` shows this list.

use crate::measure::Millis;

/// Bytes of one message frame. A message is small; bulk goes as raw bytes after it.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// Bytes of one document as encoded. The largest parse of CORD-19 is 6 MB; ten times that.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of a document's id: a file name is at most 255 bytes on common file systems.
pub const DOC_ID_BYTES_MAX: usize = 255;
/// Bytes of one text value of a record: what a database index still takes (PostgreSQL: 2,704).
pub const TEXT_BYTES_MAX: usize = 2_048;
/// Raw bytes of one slice by default: some seconds of work, a transfer of under a megabyte.
pub const SLICE_BYTES_DEFAULT: usize = 1024 * 1024;
/// Least and greatest `--slice-bytes`: one short document; memory of a client's thread.
pub const SLICE_BYTES_RANGE: (usize, usize) = (1_024, 64 * 1024 * 1024);
/// Raw bytes of one payload: a slice may pass its target by one document.
pub const PAYLOAD_BYTES_MAX: usize = 2 * DOCUMENT_BYTES_MAX;
/// Documents of one slice: keeps a unit's split tree and a payload's index small.
pub const SLICE_DOCS_MAX: usize = 65_536;
/// Raw bytes of a pack's slices before it is closed. Larger packs save objects, smaller ones keep
/// less in memory, and less is sent again when a server was killed (decision 24).
pub const PACK_BYTES_TARGET: usize = 8 * 1024 * 1024;
/// Age of the first document of a pack before it is closed, if a whole slice is in it: over a slow
/// line a killed server costs its admin seconds, not minutes.
pub const PACK_AGE_MAX: Millis = Millis::from_seconds(5);
/// Raw bytes of one result: what a server unpacks in memory for one host to check it.
pub const RESULT_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Rows of one result over all of its tables: they are checked and sorted in memory.
pub const RESULT_ROWS_MAX: usize = 8_000_000;
/// Result bytes kept in a row of the store; larger ones become objects (measured: a 4 KiB result
/// in a row costs ten times its digest).
pub const RESULT_INLINE_MAX: usize = 16 * 1024;
/// Bytes of a job's data artefact (a compiled dictionary): 1 million terms take about 60 MB.
pub const ARTEFACT_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Parameters of a job: they travel with every grant of it.
pub const PARAMS_MAX: usize = 32;
/// Bytes of a name (corpus, job, account, host): it fits a column of a list on 80 columns.
pub const NAME_BYTES_MAX: usize = 64;
/// Copies that a policy may ask for: more only delays.
pub const COPIES_MAX: u8 = 5;

/// Units in one grant: it is one message and one row, whose lease bits fit 64.
pub const GRANT_UNITS_MAX: usize = 64;
/// Leases that one host may hold: some minutes of work for 64 cores, and one frame to state them.
pub const HOST_LEASES_MAX: usize = 512;
/// Slices of a job that the engine holds ready to lease: never a whole corpus, and enough for 16
/// full grants between two reads of the store.
pub const WINDOW_SLICES: usize = 1_024;
/// Leases that the engine holds at all; a lease costs it about 200 bytes.
pub const LEASES_MAX: usize = 1_000_000;
/// Results that a unit may collect before it is given up for lack of a majority: five copies and
/// four that disagree.
pub const UNIT_RESULTS_MAX: usize = 9;
/// Times that a unit's lease may run out before it is given up: a unit that ends its hosts must not
/// go round for ever.
pub const UNIT_EXPIRIES_MAX: u8 = 10;
/// How long a lease lasts without a sign of life, if the job does not say: hosts renew twenty times
/// in it, and a laptop that was closed holds its units up no longer.
pub const LEASE_DEFAULT: Millis = Millis::from_seconds(600);
/// Least and greatest `--deadline`: some renewals over a slow line, and a week of work on one unit.
pub const LEASE_RANGE: (Millis, Millis) =
    (Millis::from_seconds(5), Millis::from_seconds(7 * 86_400));
/// How often a lease may be renewed: a host that computes for ever must lose its unit in the end.
pub const LEASE_RENEWALS_MAX: u16 = 1_000;
/// Jobs that are neither done nor cancelled: each holds its window in memory.
pub const JOBS_OPEN_MAX: usize = 1_000;
/// Units that one `job retry` opens again, in one commit; the rest by repeating it.
pub const RETRY_UNITS_MAX: usize = 100_000;

/// Events that one commit may gather: more of them make a commit later, hardly cheaper.
pub const BATCH_EVENTS_MAX: usize = 512;
/// Result bytes that one commit may gather: they wait for it in memory.
pub const BATCH_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Events that wait for the driver; beyond it their senders wait.
pub const DRIVER_QUEUE: usize = 1_024;

/// Items (payloads, results) of one transfer stream's head: as many as a grant has units.
pub const TRANSFER_ITEMS_MAX: usize = 64;
/// Documents offered or sent in one step of an intake: an offer of long names fits a frame.
pub const INTAKE_DOCS_MAX: usize = 128;
/// Connections at once: the goal for one box, which they take about 650 MB of.
pub const CONNECTIONS_MAX: usize = 10_000;
/// Bidirectional streams that a peer may open; quinn keeps state for each (measured: 31 KiB for 8).
pub const STREAMS_MAX: u32 = 8;
/// Time for the first frame of a stream, and for the rest of a frame that has begun: some losses on
/// a bad line, and no stream that is held open by saying nothing.
pub const FRAME_PATIENCE: Millis = Millis::from_seconds(30);
/// A client's sign of life on an idle connection. It is also how soon an idle client notices that
/// the server was restarted after a crash: the first packet is answered by a reset.
pub const KEEP_ALIVE: Millis = Millis(1_500);
/// Silence after which a connection is given up: a short loss of WLAN should not end it, and the
/// middle boxes that RFC 9308 section 3.2 describes forget a flow after 30 s.
pub const IDLE_PATIENCE: Millis = Millis::from_seconds(30);
/// How often a client renews the leases it holds: one small message, and several for each deadline.
pub const RENEW_EVERY: Millis = Millis::from_seconds(30);
/// The least time between two tries to reach a server, and the greatest: work goes on within 2 s of
/// its return, and 10,000 clients are spread over that.
pub const BACKOFF_RANGE: (Millis, Millis) = (Millis(250), Millis(1_500));

/// Documents set aside that an intake lists; the rest are counted. Nobody reads more of them.
pub const ASIDE_MAX: usize = 100_000;
/// Bytes of a reason, an error text or a host's message, cut beyond: some lines for people.
pub const MESSAGE_BYTES_MAX: usize = 1_024;
/// Rows that a query returns at most: what is more is an export.
pub const QUERY_ROWS_MAX: u32 = 10_000;

/// Paragraphs of one document: a thick book has ten thousand; each costs a reader about 50 bytes.
pub const PARAGRAPHS_MAX: usize = 1_000_000;
/// Elements inside each other in an XML file. Articles reach 40; libxml2 refuses more than 256.
pub const XML_DEPTH_MAX: usize = 1_024;
/// Bytes of one row of metadata.csv: CORD-19's longest abstracts and author lists are under 200 KB.
/// An unclosed quote makes one row of all that follows.
pub const METADATA_ROW_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Files that a metadata.csv may give a year: CORD-19's last release names 0.8 million.
pub const METADATA_FILES_MAX: usize = 8_000_000;
/// Bytes of one line or one class of an ontology: the largest classes of the NCBI taxonomy and of
/// ChEBI are under 100 KB.
pub const ONTOLOGY_ITEM_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of one id, label or synonym of a concept, and of all entities that an ontology declares.
pub const ONTOLOGY_TEXT_BYTES_MAX: usize = 64 * 1024;

/// Open units that the engine holds at all; one costs it about 250 bytes. Beyond it no slice is
/// leased for the first time: what is open must be decided first. Only splits go on.
pub const UNITS_OPEN_MAX: usize = 1_000_000;
/// Units that the engine passes over in one try to serve one request, because the host or its
/// account has a voice in them already. The rest are looked at in the next batch.
pub const PASSED_OVER_MAX: usize = 1_024;
/// Ranges of years in a query: one a decade covers a century twice.
pub const YEAR_RANGES_MAX: usize = 20;

/// Time to reach a server, over all addresses that its name has: six losses of the first packet.
pub const CONNECT_PATIENCE: Millis = Millis::from_seconds(10);
/// How long one address is tried alone before the next one is tried beside it (RFC 8305, 5).
pub const CONNECT_STAGGER: Millis = Millis(250);
/// Addresses of one name that are tried.
pub const ADDRESSES_MAX: usize = 8;
/// Bytes of a server's address as text: a DNS name has at most 253, a port 5.
pub const ADDRESS_BYTES_MAX: usize = 260;
/// Time for a peer to complete the handshake.
pub const HANDSHAKE_PATIENCE: Millis = Millis::from_seconds(10);
/// Handshakes at once with addresses that are not proven; beyond it a peer must answer a Retry
/// first, which costs the server no memory.
pub const UNPROVEN_HANDSHAKES_MAX: usize = 64;
/// Connections from one IPv4 address or one IPv6 /64, loopback excepted: 64 hosts behind one NAT,
/// each with the dying connections of three restarts.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 256;
/// Connection attempts that wait for the accept loop, which takes microseconds for each.
pub const INCOMING_MAX: usize = 1_024;
/// Bytes buffered for one waiting attempt, and for all: a hello with a hybrid key takes two packets.
pub const INCOMING_BYTES_MAX: (u64, u64) = (16 * 1024, 8 * 1024 * 1024);
/// The least time between two stateless resets: 10,000 clients learn of a restart within a second.
/// A reset is smaller than the packet that it answers, so that more of them amplify nothing.
pub const RESET_INTERVAL: core::time::Duration = core::time::Duration::from_micros(100);
/// Bytes of a connection's id: 64 random bits, as most implementations have.
pub const CONNECTION_ID_BYTES: usize = 8;
/// Bytes in flight toward us on one stream: 10 MB/s at 100 ms.
pub const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;
/// Unread bytes that all streams of a peer may have before the peer is known to us: 1,000 hostile
/// connections cost 250 MiB at most.
pub const STRANGER_WINDOW_BYTES: u32 = 256 * 1024;
/// The same for a known peer.
pub const PEER_WINDOW_BYTES: u32 = 4 * 1024 * 1024;
/// Bytes kept until a peer acknowledges them: 10 MB/s at 100 ms.
pub const SEND_WINDOW_BYTES: u64 = 1024 * 1024;
/// Time for peers to learn that a stopping process closes their connections.
pub const CLOSE_PATIENCE: Millis = Millis::from_seconds(1);
/// Bytes of the reason that a connection is closed with: it has to fit in one packet.
pub const CLOSE_REASON_BYTES_MAX: usize = 256;
/// Bytes per second that a transfer must make on top of [`FRAME_PATIENCE`], both ways.
pub const TRANSFER_RATE_MIN: u64 = 1_024;
/// Bytes by which the buffer of a frame grows, so that memory follows what arrived and not what a
/// peer announced.
pub const FRAME_STEP_BYTES: usize = 4 * 1024;
/// Bytes of an identity file: an Ed25519 key in PKCS#8 has 83.
pub const KEY_FILE_BYTES_MAX: usize = 4 * 1024;

/// How long an admin command waits for an answer that the server should have at once. A busy store
/// may take seconds; longer ones (verify, follow, the end of an intake) have no limit.
pub const REPLY_PATIENCE: Millis = Millis::from_seconds(120);
/// How long `job wait` without `--timeout` tries to reach a server that went away: an upgrade or a
/// reboot of its machine takes minutes.
pub const WAIT_RECONNECT_PATIENCE: Millis = Millis::from_seconds(600);
/// Document bytes that an intake sends in one step, unless one document has more: some of these
/// wait in memory while others travel.
pub const INTAKE_BYTES_TARGET: usize = 4 * 1024 * 1024;
/// Files set aside that an intake holds before it writes them: some megabytes at their longest.
pub const INTAKE_ASIDES_MAX: usize = 4_096;
/// How long an intake waits for the one before it into the same corpus, whose admin was killed and
/// which is writing what it holds.
pub const INTAKE_TURN_PATIENCE: Millis = Millis::from_seconds(3);
/// Bytes of the text of a search: a long abstract.
pub const SEARCH_TEXT_BYTES_MAX: usize = 4 * 1024;
/// Bytes of the file that keeps a login: an address, a key and their names.
pub const LOGIN_FILE_BYTES_MAX: usize = 4 * 1024;
/// Folders inside each other that an intake follows: a path of 4,096 bytes has at most 2,048.
pub const FOLDER_DEPTH_MAX: usize = 2_048;
/// Archives inside each other that an intake opens: CORD-19's releases are a tar of tars.
pub const ARCHIVE_DEPTH_MAX: usize = 2;
/// Bytes unpacked for each byte read of a file, over all packings inside each other; more is a bomb.
/// Text packs 3 to 10 times, machine-made tables 100 times.
pub const UNPACK_RATIO_MAX: u64 = 256;
/// Bytes that a file may unpack to whatever its size: the ratio means nothing for small files.
pub const UNPACK_FREE_BYTES: u64 = 64 * 1024 * 1024;
/// Greatest zstd window of a file, as a power of two: 128 MiB, what `zstd -d` takes unasked.
pub const UNPACK_WINDOW_LOG_MAX: u32 = 27;
/// Bytes of a long name or an extended header in a tar archive: a path has at most 4,096.
pub const TAR_EXTENSION_BYTES_MAX: usize = 64 * 1024;
/// Columns or fields of one row whose text an intake takes: they are looked for in each row.
pub const TEXT_COLUMNS_MAX: usize = 16;
/// Document ids that an intake remembers, to name both files that have one: some 50 bytes each.
/// Beyond it the server alone sees a second document of one id.
pub const IDS_KEPT_MAX: usize = 4_000_000;
/// Bytes of the folders' names that it remembers beside them.
pub const FOLDER_NAMES_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Messages that wait for one host; a host that lets more pile up loses its session.
pub const OUTBOX_MESSAGES: usize = 64;
/// Bytes of an artefact that the server reads at once to send them.
pub const ARTEFACT_PART_BYTES: u64 = 256 * 1024;
/// Bytes of results that were cut on their way and wait for their rest, over all hosts.
pub const PARTIAL_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Packed bytes of all results of one delivery but the largest.
pub const DELIVER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Longest life of an invite, in seconds: a year; a longer one is a password.
pub const INVITE_SECONDS_MAX: u64 = 366 * 86_400;
/// Invites in one list: what fits a frame with long account names.
pub const INVITES_LISTED_MAX: u32 = 400;

/// Threads that a client may compute with: one session states them as a `u16`, and no machine of
/// today has more cores.
pub const THREADS_MAX: usize = 1_024;
/// Work that a client keeps ahead, but never less than one unit: a few round trips of asking and
/// fetching over a slow line. What is more waits here while others have nothing to do.
pub const AHEAD_WORK: Millis = Millis(1_000);
/// Jobs of which a client remembers how long their units take.
pub const PACED_JOBS_MAX: usize = 16;
/// Units that a client keeps ahead at most: half of the leases that it may hold.
pub const AHEAD_UNITS_MAX: usize = 256;
/// Payload bytes of held units beyond which a client asks for no more: a guest's disk and line.
pub const AHEAD_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Times that processes may die with a unit in hand before it is reported as crashed. From the second
/// start on it has a process of its own, whose end is told at once, so that only the end of the whole
/// machine, or whoever kills the client from outside, comes as far as this.
pub const CRASHES_MAX: u32 = 100;
/// Processes of its own that a unit may end by a signal that others send, before it is reported as
/// crashed: the first may have been killed by somebody. One that ends by itself is enough.
pub const APART_TRIES: usize = 2;
/// How often it is looked whether a unit in hand is still wanted, and whether its document takes too
/// long: a tenth of what a person notices, and nothing beside the work of a thread.
pub const COMPUTE_LOOK: Millis = Millis(100);
/// Time for the other units of a process that has to end because a document takes too long: most
/// units take less, the others are done again.
pub const LATE_PATIENCE: Millis = Millis::from_seconds(5);
/// Part of a machine's memory that computing may take if its owner does not say: a quarter.
pub const MEMORY_PART: u64 = 4;
/// What that is at least, unless it would be more than half of the machine: a job with a dictionary
/// of a million terms, and documents of the largest size on some threads.
pub const MEMORY_BYTES_DEFAULT: u64 = 1024 * 1024 * 1024;
/// Least `--memory`: the program, a small dictionary and some slices, twice.
pub const MEMORY_BYTES_MIN: u64 = 256 * 1024 * 1024;
/// Jobs that a client remembers as too much for its machine; beyond it they are tried once more.
pub const UNABLE_JOBS_MAX: usize = 64;
/// Jobs that a client keeps prepared; a compiled dictionary takes about 100 MB of memory.
pub const PREPARED_JOBS_MAX: usize = 4;
/// How long a client without work keeps them prepared: the next job of a series comes sooner.
pub const REST_PAUSE: Millis = Millis::from_seconds(60);
/// Artefacts that a client keeps on disk, for jobs that come back.
pub const ARTEFACTS_KEPT_MAX: usize = 8;
/// Results that a client keeps in memory for each thread while its disk is full.
pub const KEPT_RESULTS_PER_THREAD: usize = 2;
/// Transfers of payloads at once: one more than needed to hide the way between two.
pub const FETCH_STREAMS: usize = 2;
/// Times that an item is fetched with damage before its units are handed back.
pub const FETCH_TRIES_MAX: u32 = 5;
/// How long a result waits for others to travel with.
pub const DELIVERY_GATHER: Millis = Millis(50);
/// Time for receipts: the commit of a busy server with a slow disk.
pub const RECEIPT_PATIENCE: Millis = Millis::from_seconds(60);
/// How soon a client tries again what its disk, or its server for now, refused.
pub const RETRY_PAUSE: Millis = Millis::from_seconds(1);
/// How long a client asks for nothing after it got work that it cannot do (an unknown app).
pub const UNABLE_PAUSE: Millis = Millis::from_seconds(30);
/// Time for a quick try to reach a server again, the least; the pause to the next runs beside it,
/// and so does a try with [`CONNECT_PATIENCE`], for slow lines.
pub const RECONNECT_TRY_PATIENCE: Millis = Millis(1_000);
/// Bytes of a file or a line that holds an invite: an invite and the white space around it.
pub const INVITE_TEXT_BYTES_MAX: usize = 4 * 1024;
/// Time for all of `join`: to connect, and one answer.
pub const JOIN_PATIENCE: Millis = Millis::from_seconds(12);
/// Time for the units in hand when a client is asked to stop, and for all of its stopping.
pub const STOP_PATIENCE: (Millis, Millis) = (Millis::from_seconds(3), Millis::from_seconds(4));
/// Time for a stopping client's last words to arrive, and for its connection to close.
pub const GOODBYE_PATIENCE: Millis = Millis(400);
/// How long a client waits for the lock of its folder: a process that it had started and that has
/// become another program lets go within milliseconds.
pub const LOCK_PATIENCE: Millis = Millis(500);
/// The time between two tries to take the lock.
pub const LOCK_PAUSE: Millis = Millis(10);
/// Time for the running client's answer to `status`.
pub const STATUS_PATIENCE: Millis = Millis::from_seconds(3);
/// Askers of `status` at once; more wait.
pub const STATUS_ASKERS_MAX: usize = 4;
/// Events that wait for the client's driver; beyond it their senders wait.
pub const CLIENT_QUEUE: usize = 256;
/// Bytes of a sealed file's head: one frame, as its message is.
pub const SEALED_HEAD_MAX: usize = FRAME_BYTES_MAX;

/// Connections of the store for questions: two cores answer two at a time, each costs some 2 MB.
pub const STORE_READERS: u32 = 2;
/// Connections of the store for exports, which last as long as their takers are slow. A further
/// export waits.
pub const STORE_STREAMS: u32 = 2;
/// How long a call of the store waits for a connection: the removal of a large corpus, or an export
/// before this one, takes minutes.
pub const STORE_PATIENCE: Millis = Millis::from_seconds(600);
/// How long a write waits for another process that holds the database (a backup, an SQL shell).
pub const STORE_BUSY: Millis = Millis::from_seconds(10);
/// Rows that a batch gathers before it writes them: some 100 MB at worst, mostly far less.
pub const MERGE_ROWS_MAX: usize = 262_144;
/// Age from which an object without a row is an orphan: objects come before their rows, and an
/// intake may take hours.
pub const ORPHAN_AGE: Millis = Millis::from_seconds(86_400);
/// Objects that one sweep looks at: some seconds of work, 8 TB of packs. The rest at the next one.
pub const SWEEP_OBJECTS_MAX: usize = 1_000_000;
/// Encoded bytes of a batch of rows: with its envelope it fits a frame.
pub const ROWS_BYTES_MAX: usize = 48 * 1024;
/// Concepts of one search: a text of 4 KiB has fewer words.
pub const SEARCH_CONCEPTS_MAX: usize = 2_048;
/// Document ids that a failed unit lists: enough to find the cause by hand.
pub const FAILURE_DOCS_MAX: u32 = 8;
/// Rows of a list that the server reads at once.
pub const PAGE_ROWS: u32 = 100;
/// How often a followed job is looked at: what a person can read.
pub const FOLLOW_EVERY: Millis = Millis(500);
/// Rows of a merged table that a finish step holds at once: some megabytes at worst.
pub const FINISH_PAGE_ROWS: u32 = 8_192;
/// Edges of 16 bytes that a finish step keeps: 32 MB. The rest is read again for each of 20 rounds
/// (measured, debug build: a million edges take 6 s if they are kept, else 68 s).
pub const FINISH_EDGES_KEPT_MAX: usize = 2_000_000;
/// The least time between two tries of a finish step that failed, and the greatest: a full disk is
/// looked at by a person, in minutes.
pub const FINISH_BACKOFF: (Millis, Millis) = (Millis(250), Millis::from_seconds(30));
/// Dictionaries that the server keeps ready for questions; one of a million terms takes 100 MB.
pub const DICTIONARIES_KEPT_MAX: usize = 2;
/// Batches of rows that an export reads ahead of its taker, each of at most a frame.
pub const ROWS_AHEAD: usize = 2;
/// Bytes of a sentence that is shown with an article: ten of them fit a frame, real ones have 200.
pub const SENTENCE_BYTES_MAX: usize = 4 * 1024;
/// Lines about damage that `corpus verify` tells, of half a kilobyte each: they fit one frame, and
/// after so many there is a backup to restore.
pub const VERIFY_WRONG_MAX: usize = 100;
/// Threads of the server that talk and wait: hashing, checking and SQLite have threads of their own,
/// and each costs an idle server memory.
pub const SERVER_WORKERS: usize = 2;
/// Time for what is under way when a server is asked to stop, and for closing after that: together
/// under 5 seconds.
pub const SERVER_STOP_PATIENCE: (Millis, Millis) = (Millis::from_seconds(3), Millis(1_500));

/// Greatest `--priority`: a job that gets a hundredth is as good as paused.
pub const PRIORITY_MAX: u8 = 100;
/// Priority of a job that does not say: all share alike.
pub const PRIORITY_DEFAULT: u8 = 1;
/// What a host may hold ahead, in time at its measured pace: it hides every way to the server and
/// short outages, and a host that vanishes takes no more with it.
pub const GRANT_SPAN: Millis = Millis::from_seconds(120);
/// Units for each thread of a host that has not returned anything yet: one to compute, one behind.
pub const START_ROUNDS: usize = 2;
/// A host is given more when this part of what it may hold is free: few grants, not single units.
pub const ROOM_SHARE: usize = 4;
/// A host holds this part of its threads' equal share of what is left: what is not given yet evens
/// out hosts of different speed at the end.
pub const TAIL_SHARE: usize = 2;
/// A copy is slow if it and its host's silence are so many times older than the job's units take:
/// units of one job differ by less, as slices are cut by bytes.
pub const SLOW_FACTOR: u64 = 3;
/// A younger copy is never slow: a lost packet or a busy disk take as long.
pub const SLOW_LEAST: Millis = Millis::from_seconds(2);
/// Further copies of slow ones are at most this part of a job's units: 4 % of the work, and 5 % is
/// what the end of a job may cost.
pub const SPARE_SHARE: usize = 25;
/// Further copies that a small job may have all the same: the last units of one host.
pub const SPARES_LEAST: usize = 4;
/// Oldest copies that one request is compared with: what is not slow ends the search mostly.
pub const SPARE_LOOKS_MAX: usize = 64;
/// How soon idle hosts are looked at again for copies that have become slow.
pub const SPARE_PAUSE: Millis = Millis(500);
/// Returned units over which a pace is the mean: some seconds of work of a host.
pub const PACE_WEIGHT: u64 = 8;
/// Times its mean that one returned unit counts for at most: a single straggler, which may have
/// taken a thousand times as long, makes no host and no job slow.
pub const PACE_JUMP_MAX: u64 = 4;

/// Raw bytes of documents that a plan computes: some 1,000 papers, seconds of work.
pub const PLAN_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Raw bytes of one piece of a sample: what a unit has by default. Keys that pieces share are counted
/// by pieces.
pub const PLAN_PIECE_BYTES: usize = 1024 * 1024;
/// Pieces of a sample: what is more says little more, and each is a request.
pub const PLAN_UNITS_MAX: usize = 256;
/// Rows of a sample: the server merges them for a trial, into some 50 MB that nobody keeps.
pub const PLAN_ROWS_MAX: u64 = 400_000;
/// Time for a sample, after which no further piece is begun; a person waits for it.
pub const PLAN_PATIENCE: Millis = Millis::from_seconds(10);

/// Rows of one row group of a Parquet export, which are in memory at once.
pub const PARQUET_GROUP_ROWS: usize = 131_072;
/// Bytes of text of one row group: rows of long texts take no more memory than others.
pub const PARQUET_GROUP_BYTES: usize = 32 * 1024 * 1024;
/// Rows of one Parquet file: some 10 MB, so that readers work in parallel.
pub const PARQUET_FILE_ROWS: u64 = 1_048_576;
/// Bytes of a manifest: 200,000 files of Parquet, 200 billion rows.
pub const MANIFEST_BYTES_MAX: u64 = 64 * 1024 * 1024;
