//! Files are put in place whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Puts a file in place by renaming it: readers see all of it or nothing. Its
/// folder is made where it isn't there.
///
/// # Errors
/// The system refuses.
pub fn replace(file: &Path, text: &str) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut new = tempfile::Builder::new()
        .prefix(".crossfield-")
        .tempfile_in(folder)?;
    new.write_all(text.as_bytes())?;
    readable(new.as_file())?;
    new.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// Temporary files are for their owner alone; what is written is for everybody.
#[cfg(unix)]
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}
