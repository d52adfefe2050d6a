//! The disks of the proofs do to files what they say: else the proofs prove nothing.

use std::fs::{self, File};
use std::io::Write;

use gleaner_world::Disk;

#[test]
fn a_power_cut_loses_what_was_not_flushed_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = Disk::ext4(&folder.path().join("disk"), 32).expect("a mount");
    let Some(disk) = disk else { return };
    let (kept, lost) = (disk.path().join("kept"), disk.path().join("lost"));
    let mut file = File::create(&kept).expect("a file");
    file.write_all(b"flushed").expect("room");
    file.sync_all().expect("a flush");
    File::open(disk.path()).expect("the folder").sync_all().expect("a flush");
    fs::write(&lost, "not flushed").expect("room");
    disk.cut().expect("a power cut");
    assert!(fs::write(disk.path().join("late"), "x").is_err(), "it still writes");
    drop(file);
    disk.restore().expect("the disk again");
    assert_eq!(fs::read(&kept).expect("the flushed file"), b"flushed");
    assert!(fs::read(&lost).unwrap_or_default().is_empty(), "nothing was lost");
}

#[test]
fn a_full_disk_takes_nothing_until_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = Disk::small(&folder.path().join("disk"), 4).expect("a mount");
    let Some(disk) = disk else { return };
    let file = disk.path().join("file");
    let filler = disk.fill().expect("a full disk");
    assert!(fs::write(&file, [1; 8_192]).is_err(), "it is not full");
    drop(filler);
    fs::write(&file, [1; 8_192]).expect("room");
}
