//! Hostile tar archives.

use super::case::Case;
use super::tar::{Tar, header, octal, sealed};

pub(crate) fn cases() -> Vec<Case> {
    [names(), kinds(), sizes(), extensions(), ends()].concat()
}

/// An archive with one good document and, before it, what is hostile.
fn tar(name: &'static str, hostile: Tar) -> Case {
    Case::new(name, "x.tar", hostile.file("ok.txt", "good").end())
}

fn names() -> Vec<Case> {
    let outside = |name, member: &'static str| {
        let hostile = Tar::default().file(member, "evil");
        tar(name, hostile)
            .goes_in("ok")
            .aside(format!("x.tar!{member}"), "leads out of the archive")
    };
    let odd = |name, member: &[u8], source: &str, why| {
        let hostile = Tar::default().member(member, b'0', 4, b"evil");
        tar(name, hostile).goes_in("ok").aside(source, why)
    };
    vec![
        outside("tar: a name goes up", "../evil.txt"),
        outside("tar: a name goes down and up", "d/../../evil.txt"),
        outside("tar: an absolute name", "/tmp/gleaner-evil.txt"),
        outside("tar: a name goes up with backslashes", "..\\evil.txt"),
        outside("tar: a name has a drive", "C:\\evil.txt"),
        odd(
            "tar: a control character in a name",
            b"e\x1bvil.txt",
            "x.tar!e\u{1b}vil.txt",
            "control",
        ),
        odd("tar: a line break in a name", b"e\nvil.txt", "x.tar!e\nvil.txt", "control character"),
        odd(
            "tar: a name that is not UTF-8",
            b"e\xffvil.txt",
            "x.tar!e\u{fffd}vil.txt",
            "not UTF-8",
        ),
        odd("tar: a name without an id", b".txt", "x.tar!.txt", "leaves no document id"),
        tar("tar: two members of one name", Tar::default().file("a.txt", "1").file("a.txt", "2"))
            .goes_in("a")
            .goes_in("ok")
            .aside("x.tar!a.txt", "document id a is that of"),
        tar(
            "tar: one id in two folders",
            Tar::default().file("a/a.txt", "1").file("b/a.xml.txt", "2"),
        )
        .goes_in("a")
        .goes_in("ok")
        .aside("x.tar!b/a.xml.txt", "document id a is that of"),
        tar(
            "tar: a link to a folder, and a file behind it",
            Tar::default().member(b"d", b'2', 0, b"").file("d/behind.txt", "text"),
        )
        .goes_in("behind")
        .goes_in("ok"),
    ]
}

fn kinds() -> Vec<Case> {
    let kind = |name, kind, why| {
        let hostile = Tar::default().member(b"evil.txt", kind, 0, b"");
        tar(name, hostile).goes_in("ok").aside("x.tar!evil.txt", why)
    };
    let mut link = header(b"evil.txt", b'2', &octal(0));
    link[157..169].copy_from_slice(b"/etc/passwd\0");
    let mut sparse = header(b"evil.txt", b'S', &octal(4));
    sparse[257..265].copy_from_slice(b"ustar  \0");
    sparse[483..495].copy_from_slice(b"77777777777\0");
    vec![
        tar("tar: a symbolic link", Tar::default().raw(sealed(link), b""))
            .goes_in("ok")
            .aside("x.tar!evil.txt", "a symbolic link"),
        kind("tar: a hard link", b'1', "a hard link"),
        kind("tar: a character device", b'3', "a device"),
        kind("tar: a block device", b'4', "a device"),
        kind("tar: a pipe", b'6', "a pipe or a socket"),
        kind("tar: an unknown kind", b'Z', "unknown kind 'Z'"),
        tar("tar: a sparse file of 8 GiB", Tar::default().raw(sealed(sparse), b"hole"))
            .goes_in("ok")
            .aside("x.tar!evil.txt", "a sparse file"),
        tar(
            "tar: a sparse file by its extended header",
            Tar::default().pax(&[("GNU.sparse.realsize", b"999999999999")]).file("evil.txt", "e"),
        )
        .goes_in("ok")
        .aside("x.tar!evil.txt", "a sparse file"),
        tar("tar: a folder of 1 GiB", Tar::default().member(b"d/", b'5', 1 << 30, b""))
            .goes_in("ok"),
        tar(
            "tar: a metadata.csv that is a link",
            Tar::default().member(b"metadata.csv", b'2', 0, b""),
        )
        .goes_in("ok"),
    ]
}

fn sizes() -> Vec<Case> {
    let lie = |name, size: &[u8], why| {
        let header = header(b"evil.txt", b'0', size);
        Case::new(name, "x.tar", Tar::default().file("ok.txt", "good").raw(header, b"e").end())
            .goes_in("ok")
            .aside("x.tar", why)
    };
    let cut = |name, size: &[u8]| {
        let mut case = lie(name, size, "ends too early: it was cut");
        case.asides.insert(0, ("x.tar!evil.txt".to_owned(), "the archive ends inside this member"));
        case
    };
    let mut sum = header(b"evil.txt", b'0', &octal(4));
    sum[0] = b'E';
    vec![
        cut("tar: a size beyond the archive", &octal(1 << 32)),
        cut("tar: a size of 8 EiB", &[0x80, 0, 0, 0, 0x7f, 255, 255, 255, 255, 255, 255, 255]),
        cut("tar: a negative size", &[255; 12]),
        lie("tar: a size that is no number", b"xyzxyzxyzxy", "size is no number"),
        Case::new(
            "tar: a wrong checksum",
            "x.tar",
            Tar::default().file("ok.txt", "good").raw(sum, b"evil").end(),
        )
        .goes_in("ok")
        .aside("x.tar", "header's checksum is wrong"),
        Case::new(
            "tar: an extended header lies about the size",
            "x.tar",
            Tar::default()
                .file("ok.txt", "good")
                .pax(&[("size", b"99999999999")])
                .file("e.txt", "e")
                .end(),
        )
        .goes_in("ok")
        .aside("x.tar!e.txt", "the archive ends inside this member")
        .aside("x.tar", "ends too early: it was cut"),
    ]
}

fn extensions() -> Vec<Case> {
    let long = "x".repeat(300) + ".txt";
    let huge = vec![b'x'; 10 << 20];
    let refused = |name, hostile: Tar, why| {
        tar(name, hostile.file("evil.txt", "e")).goes_in("ok").aside("x.tar!evil.txt", why)
    };
    vec![
        tar(
            "tar: an extended header's name goes up",
            Tar::default().pax(&[("path", b"../e.txt")]).file("a", "e"),
        )
        .goes_in("ok")
        .aside("x.tar!../e.txt", "leads out of the archive"),
        tar(
            "tar: an extended header's name has a NUL",
            Tar::default().pax(&[("path", b"e\0.txt")]).file("a", "e"),
        )
        .goes_in("ok")
        .aside("x.tar!e\0.txt", "control character"),
        refused(
            "tar: an extended header is none",
            Tar::default().member(b"pax", b'x', 9, b"9 path=xx"),
            "malformed",
        ),
        refused(
            "tar: an extended header's size is none",
            Tar::default().pax(&[("size", b"-1")]),
            "malformed: size",
        ),
        refused(
            "tar: an extended header of 10 MiB",
            Tar::default().member(b"pax", b'x', huge.len() as u64, &huge),
            "more than 65536 bytes",
        ),
        refused(
            "tar: a long name of 10 MiB",
            Tar::default().long_name(&huge),
            "more than 65536 bytes",
        ),
        tar(
            "tar: a long name of 304 bytes",
            Tar::default().long_name(long.as_bytes()).file("a", "e"),
        )
        .goes_in("ok")
        .aside(format!("x.tar!{long}"), "is longer than 255"),
        tar(
            "tar: a long name has a NUL inside",
            Tar::default().long_name(b"e\0vil.txt\0").file("a", "e"),
        )
        .goes_in("ok")
        .aside("x.tar!e\0vil.txt", "control character"),
        tar("tar: a long name goes up", Tar::default().long_name(b"../../e.txt\0").file("a", "e"))
            .goes_in("ok")
            .aside("x.tar!../../e.txt", "leads out of the archive"),
    ]
}

fn ends() -> Vec<Case> {
    let good = || Tar::default().file("ok.txt", "good");
    let end = |name, bytes: Vec<u8>, why| Case::new(name, "x.tar", bytes).aside("x.tar", why);
    let mut nested = good().end();
    for _ in 0..10 {
        nested = Tar::default().file("x.tar", nested).end();
    }
    let two = [good().end(), good().end()].concat();
    vec![
        end("tar: cut in a header", [good().cut(), vec![b'x'; 100]].concat(), "it was cut")
            .goes_in("ok"),
        end("tar: without an end", good().cut(), "no end mark").goes_in("ok"),
        end("tar: two in one file", two, "follows behind the archive's end").goes_in("ok"),
        end("tar: other bytes", b"no archive ".repeat(100), "not a tar archive"),
        end("tar: few other bytes", b"no archive".to_vec(), "it was cut"),
        end("tar: empty", Vec::new(), "no end mark"),
        Case::new(
            "tar: cut in a member",
            "x.tar",
            &good().file("b.txt", [b'b'; 900]).cut()[..2_000],
        )
        .goes_in("ok")
        .aside("x.tar!b.txt", "the archive ends inside this member")
        .aside("x.tar", "it was cut"),
        Case::new("tar: ten archives inside each other", "x.tar", nested)
            .aside("x.tar!x.tar!x.tar", "an archive in an archive in an archive"),
        tar("tar: a zip archive inside", Tar::default().file("y.zip", "PK"))
            .goes_in("ok")
            .aside("x.tar!y.zip", "a zip archive is read only as a file of its own"),
        tar("tar: a member that is packed twice", Tar::default().file("a.txt.gz.gz", "a"))
            .goes_in("ok")
            .aside("x.tar!a.txt.gz.gz", "packed twice"),
        tar("tar: a member that is no gzip", Tar::default().file("a.txt.gz", "not gzip at all"))
            .goes_in("ok")
            .aside("x.tar!a.txt.gz", "gzip stream is damaged"),
        tar("tar: a member of another kind of bytes", Tar::default().file("a.json", "\x00\x01{"))
            .goes_in("ok")
            .aside("x.tar!a.json", "not a CORD-19 parse"),
    ]
}
