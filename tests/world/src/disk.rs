//! Disks of a proof: one whose power can be cut, and one that is small. Both need root.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::checkout::skipped;
use crate::shutdown::shutdown;

/// A mounted file system, unmounted when it goes.
#[derive(Debug)]
pub struct Disk {
    mount: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// ext4 in a file.
    Image(PathBuf),
    /// In memory.
    Memory,
}

impl Disk {
    /// An ext4 file system of its own; none, said loudly, if this machine cannot have one.
    ///
    /// # Errors
    /// If the folder or the image cannot be made.
    pub fn ext4(mount: &Path, mebibytes: u64) -> Result<Option<Self>> {
        let image = mount.with_extension("img");
        fs::create_dir(mount)?;
        File::create(&image)?.set_len(mebibytes * 1024 * 1024)?;
        let made = tool("mkfs.ext4", &["-q", "-F"], &[&image]);
        let disk = Self { mount: mount.to_owned(), kind: Kind::Image(image) };
        Ok(usable(
            made.and_then(|()| disk.mount()),
            disk,
            "a power cut needs root and loop devices",
        ))
    }

    /// A small file system in memory; none, said loudly, if this machine cannot have one.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn small(mount: &Path, mebibytes: u64) -> Result<Option<Self>> {
        fs::create_dir(mount)?;
        let size = format!("size={mebibytes}m");
        let disk = Self { mount: mount.to_owned(), kind: Kind::Memory };
        let made = tool("mount", &["-t", "tmpfs", "-o", &size, "tmpfs"], &[&disk.mount]);
        Ok(usable(made, disk, "a full disk needs root and tmpfs"))
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.mount
    }

    fn mount(&self) -> Result<()> {
        match &self.kind {
            Kind::Image(image) => tool("mount", &["-o", "loop"], &[image, &self.mount]),
            Kind::Memory => bail!("what was in memory is gone"),
        }
    }

    /// Cuts the power: nothing more is written, what was not flushed is lost. Whoever uses the disk
    /// has to be killed before [`Self::restore`].
    ///
    /// # Errors
    /// If the kernel refuses.
    pub fn cut(&self) -> Result<()> {
        shutdown(&self.mount)
    }

    /// The power is back: the journal is replayed.
    ///
    /// # Errors
    /// If somebody still uses the disk, or it cannot be mounted again.
    pub fn restore(&self) -> Result<()> {
        tool("umount", &[], &[&self.mount])?;
        self.mount()
    }

    /// Fills it to the last block with a file; removing that makes room again.
    ///
    /// # Errors
    /// If the file cannot be written for another reason than a full disk.
    pub fn fill(&self) -> Result<Filler> {
        let path = self.mount.join("filler");
        let mut file = File::create(&path)?;
        let mut piece = 1 << 20;
        while piece > 0 {
            match std::io::Write::write_all(&mut file, &vec![1; piece]) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::StorageFull => piece /= 2,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Filler(path))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a process of a failed proof may still be dying.
        let _gone = tool("umount", &["-l"], &[&self.mount]);
    }
}

/// What fills a disk; it is free again when this goes.
#[derive(Debug)]
pub struct Filler(PathBuf);

impl Drop for Filler {
    fn drop(&mut self) {
        // Emptied first: a process that was forked just before the file was closed may hold it open.
        let _empty = File::create(&self.0);
        let _gone = fs::remove_file(&self.0);
    }
}

fn usable(made: Result<()>, disk: Disk, needs: &str) -> Option<Disk> {
    match made {
        Ok(()) => Some(disk),
        Err(error) => {
            skipped(&format!("{needs}: {error:#}"));
            None
        }
    }
}

fn tool(program: &str, words: &[&str], paths: &[&Path]) -> Result<()> {
    let output = Command::new(program)
        .args(words)
        .args(paths)
        .output()
        .with_context(|| format!("{program} cannot be started"))?;
    if !output.status.success() {
        bail!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
